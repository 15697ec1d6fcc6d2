"""Every setting of the site, read from the environment (README, "Settings"). A secret `X` may also come from the file named by `X_FILE`.

`LIFECYCLE_MODE` is `local` (default: this machine only, plain http, mails are caught) or `production`, which refuses to start
without its secrets. The file loads without any service or secret, so that tools can import it.
"""

from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from lifecycle import mail

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()

MODE = env.str("LIFECYCLE_MODE", default="local")
if MODE not in ("local", "production"):
    raise ImproperlyConfigured(f"LIFECYCLE_MODE is {MODE!r}; it must be local or production.")
PRODUCTION = MODE == "production"
DEBUG = False
DATA_DIR = Path(env.str("LIFECYCLE_DATA", default=str(BASE_DIR / ".data")))


def _needed(name: str, local: str) -> str:
    """Return the environment's value; in production a missing one stops the start."""
    value: str = env.str(name, default="" if PRODUCTION else local)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. Production needs it: set {name} or {name}_FILE.")
    return value


def _limit(name: str) -> int | None:
    """Return a limit of the environment; none where it is not set, and 0, which would let nothing through, is refused."""
    found: int | None = env.int(name, default=None)
    if found is not None and found < 1:
        raise ImproperlyConfigured(f"{name} is {found}; it must be at least 1. Leave it out for no limit.")
    return found


SECRET_KEY = _needed("SECRET_KEY", "local-only-" + "0123456789abcdef" * 4)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
PUBLIC_URL = _needed("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
if PRODUCTION and urlsplit(PUBLIC_URL).scheme != "https":
    raise ImproperlyConfigured("PUBLIC_URL must begin with https:// in production: it stands in every mail.")
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=[urlsplit(PUBLIC_URL).hostname or "", *(() if PRODUCTION else ("localhost", "127.0.0.1", "[::1]"))]
)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "anymail",
    "csp",
    "django_htmx",
    "ninja",
    "stores",
    "customers",
    "catalog",
    "orders",
    "predictions",
    "messaging",
    "surveys",
    "integrations",
    "engagement",
    "enquiries",
    "offers",
    "segments",
    "campaigns",
    "campaigns.one_off",
    "campaigns.writing",
    "lifecycle",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "integrations.views.hooks_first",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "lifecycle.nul.WithoutNul",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "stores.access.DenyByDefault",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "lifecycle.views.fragments_vary",
]

ROOT_URLCONF = "lifecycle.urls"
WSGI_APPLICATION = "lifecycle.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["stores.templatetags.words"],
        },
    }
]

# One connection per process: sweeps are short, and PgBouncer in transaction mode must work (no session state, no server-side cursors).
DATABASES = {
    "default": {
        **env.db_url("DATABASE_URL", default="postgres://lifecycle@127.0.0.1:5432/lifecycle"),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if PRODUCTION and not env.str("DATABASE_URL", default=""):
    raise ImproperlyConfigured("DATABASE_URL is not set. Production needs a PostgreSQL of its own (15 or newer).")

REDIS_URL = _needed("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "TIMEOUT": 300,
        "KEY_PREFIX": "doorstep",
    }
}

# Sign-in: allauth, by e-mail and password; nobody can sign up by themselves (stores.access.AccountAdapter).
AUTH_USER_MODEL = "stores.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "stores.access.AccountAdapter"
ACCOUNT_FORMS = {"login": "lifecycle.sign_in.SignIn"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/login/"
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/stores/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

#: What the page that makes the first account asks for; production makes none there without it.
SETUP_TOKEN = env.str("SETUP_TOKEN", default="")
if PRODUCTION and 0 < len(SETUP_TOKEN) < 16:
    raise ImproperlyConfigured("SETUP_TOKEN has fewer than 16 characters: it could be guessed.")

#: How many proxies stand in front and name the client in X-Forwarded-For; sign-in and public forms count tries by it.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=1 if PRODUCTION else 0)

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "lifecycle.stylesheets.JoinedFinder",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not PRODUCTION
MEDIA_ROOT = DATA_DIR / "media"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 14 * 24 * 3600
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024  # a large order's webhook is over Django's 2.5 MB
HOOKS_PER_SECOND = _limit("HOOKS_PER_SECOND") or 100  # deliveries of one store that a web process takes, a minute's worth at once

# Mail. EMAIL_URL chooses the road (lifecycle/mail.py says which values there are).
EMAIL_URL = env.str("EMAIL_URL", default=f"file://{DATA_DIR}/mail")
EMAIL_TIMEOUT = 30  # Django's default is none at all: one silent server would hang a worker for good
DNS_ASKING = "messaging.domains.dns_lookup.asking"  # makes what reads a sending domain's records
MAIL_LINES = env.int("MAIL_LINES", default=10)  # connections a worker opens to a road that answers slowly
#: Whether a store's own mail server may have an address that is not public; the installation's own (EMAIL_URL) always may.
PRIVATE_MAIL_SERVERS = env.bool("PRIVATE_MAIL_SERVERS", default=not PRODUCTION)
#: The pace of the installation's own road (messaging.roads.pacing): mails a minute, mails a minute to one domain, first day of its warm-up.
MAIL_PER_MINUTE, MAIL_PER_DOMAIN_MINUTE = _limit("MAIL_PER_MINUTE"), _limit("MAIL_PER_DOMAIN_MINUTE")
try:
    MAIL_WARM_UP_FROM = date.fromisoformat(day) if (day := env.str("MAIL_WARM_UP_FROM", default="")) else None
except ValueError as error:
    raise ImproperlyConfigured(f"MAIL_WARM_UP_FROM is {day!r}; write it like 2026-12-24.") from error
EMAIL_FILE_PATH = ""  # named by the next line where mails become files
globals().update(mail.settings_from(EMAIL_URL))
#: Whether the installation's mails reach anybody: where they do not, marketing needs no postal address (messaging.imprint).
MAIL_LEAVES = mail.scheme(EMAIL_URL) not in mail.CAUGHT
if PRODUCTION and mail.scheme(EMAIL_URL) in mail.CAUGHT:
    raise ImproperlyConfigured("EMAIL_URL keeps mails on this machine; production needs smtp://, smtps:// or anymail://provider.")

CELERY_BROKER_URL = REDIS_URL
#: Edges may ask for a pulse before the next beat (integrations.tasks); off in tests.
#: Where a Shopify shop is asked for its orders (integrations.shopify.admin_api).
SHOPIFY_ADMIN_URL = "https://{shop}/admin/api/2026-01/"
NUDGE = env.bool("NUDGE", default=True)

#: Who is told of which events, by the starts of their kinds (customers.events); every reader has a sweep that reads. A flow starts with
#: what a customer or a shop does: that a mail was sent moves none, and a row less for each mail is worth having.
#: Segments are looked at anew after what a rule may ask about; who was sent a mail waits for the night.
EVENT_READERS = {
    "flows": [
        "order.", "shipment.shipped", "shipment.moved", "shipment.stalled", "shipment.out_for_delivery", "shipment.ready",
        "shipment.delivered",
        "shipment.trending_late", "shipment.late", "shipment.failed", "shipment.returned", "flow.waited", "mail.clicked",
        "answer.", "task.", "cart.", "segment.", "customer.", "consent.", "product.", "reply.", "review.", "staff.",
        "referral.credited",
    ],
    "segments": [
        "order.", "shipment.delivered", "shipment.failed", "shipment.returned", "answer.", "task.opened", "cart.", "customer.", "reply.",
        "review.", "consent.", "flow.entered", "mail.clicked", "mail.bounced", "mail.complained", "referral.credited",
    ],
    "engagement": [
        "order.placed", "order.changed", "order.cancelled", "mail.clicked", "answer.", "reply.", "review.", "consent.granted",
        "customer.merged", "referral.credited", "referral.revoked",
    ],
    "forgetting": ["customer.erased"],
    "offers": ["order.placed", "order.paid", "order.changed", "order.cancelled", "order.refunded"],
}  # fmt: skip


def _kept(name: str, *, default: int) -> int:
    """Return a number of whole months or days, at least one."""
    kept: int = env.int(name, default=default)
    if kept < 1:
        raise ImproperlyConfigured(f"{name} is {kept}; it must be at least 1.")
    return kept


#: The tables that are parted (stores.partitions): by which column, into what, and how many whole ones are kept before this one.
#: An older action was worth little by then. What a shop delivered names people and was taken in long ago: this day is one of the thirty.
PARTED = {
    "engagement_action": ("at", "month", _kept("ACTIONS_KEPT_MONTHS", default=24)),
    "messaging_click": ("at", "month", _kept("ACTIONS_KEPT_MONTHS", default=24)),
    "integrations_payload": ("received_at", "day", _kept("PAYLOADS_KEPT_DAYS", default=30) - 1),
}

#: The exact copy of a mail, for support and for who wants to see it in a browser.
MAIL_COPIES_KEPT_DAYS = _kept("MAIL_COPIES_KEPT_DAYS", default=730)

#: What puts the numbers beside the sidebar's links on the membership that a page reads (stores.access).
STAFF_COUNTS = "lifecycle.console.counts.beside"

#: What rooms do of their own when two customers become one (customers.merging).
MERGE_BEFORE = ["campaigns.merged.make_room", "offers.merged.make_room", "orders.figures.before_merge"]
MERGE_AFTER = ["orders.figures.recompute"]

#: What rooms do of their own before orders that only a file made are taken back (orders.taking_back).
BEFORE_ORDERS_GO = ["engagement.reader.forget_orders"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
