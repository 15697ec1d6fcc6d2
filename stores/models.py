"""Users, stores, who belongs to which, and the two rows the clock needs."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from stores import tokens


class Users(BaseUserManager["User"]):
    """Users by e-mail address; the address is kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in; roles are per store (Membership)."""

    class Theme(models.TextChoices):
        SYSTEM = "system", "As the system"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    class Toast(models.IntegerChoices):
        """How long what was done stays on the page, in seconds (WCAG 2.2.1)."""

        FIVE = 5, "5 seconds"
        TEN = 10, "10 seconds"
        TWENTY = 20, "20 seconds"
        STAYS = 0, "Until I close it"

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120, blank=True)
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.SYSTEM)
    shortcuts = models.BooleanField(default=True, help_text="Single keys do things on a store's pages.")
    toast_seconds = models.PositiveSmallIntegerField(choices=Toast, default=Toast.TEN)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = Users()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lower_case")]

    def __str__(self) -> str:
        return self.name or self.email


#: Where help mails need permission too: a new store there starts with `strict_service`.
STRICT_COUNTRIES = frozenset({"DE"})


class Capped(models.Model):
    """What lets a customer get only so many help and marketing mails within so many days: any days, not those of a calendar."""

    cap_mails = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Null: any number.")
    cap_days = models.PositiveSmallIntegerField(default=7)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(cap_mails__isnull=True) | models.Q(cap_mails__gte=1), name="%(class)s_cap_is_off_or_lets_some_through"
            ),
            models.CheckConstraint(condition=models.Q(cap_days__gte=1), name="%(class)s_cap_has_days"),
        ]


class Store(Capped):
    """One shop: its zone, money, voice and the rules its mails obey."""

    class TrackClicks(models.TextChoices):
        """In which mails links lead by way of us, so that clicks can be counted."""

        NONE = "none", "In no mail"
        BULK = "bulk", "In help and marketing mails"
        ALL = "all", "In order mails too"

    class Typeface(models.TextChoices):
        """How mails are set, each in typefaces that computers and phones bring along (`messaging.rendering.paint`)."""

        PLAIN = "plain", "Plain, as the reader’s device writes"
        ROUND = "round", "Round (Trebuchet)"
        WIDE = "wide", "Wide (Verdana)"
        BOOK = "book", "Like a book (Georgia)"
        PEN = "pen", "Like a pen (Palatino)"

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    timezone = models.CharField(max_length=64, default="UTC")
    currency = models.CharField(max_length=3, default="EUR")
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=10, default="en")
    languages = models.JSONField(default=list, help_text="Those its mails are offered in beside its own (stores.languages).")
    website = models.URLField(blank=True)
    sender_name = models.CharField(max_length=120, blank=True, help_text="The person who signs the mails, such as Jo at Marlow & Finch.")
    sender_email = models.EmailField(blank=True)
    reply_to = models.EmailField(blank=True)
    postal_address = models.CharField(max_length=250, blank=True)
    brand_color = models.CharField(max_length=7, default="#2451a9")
    typeface = models.CharField(max_length=5, choices=Typeface, default=Typeface.PLAIN)
    logo_digest = models.CharField(max_length=32, blank=True, help_text="Names the row of Logo; empty means that the shop's name stands.")
    logo_width = models.PositiveSmallIntegerField(default=0, help_text="In CSS pixels, as the height.")
    logo_height = models.PositiveSmallIntegerField(default=0)
    return_days = models.PositiveSmallIntegerField(default=30)
    warranty_months = models.PositiveSmallIntegerField(default=24)
    thanks_key = models.CharField(max_length=32, default=tokens.public_token, help_text="Signs orders on the thank-you page.")
    topics = models.JSONField(default=dict, help_text="Its own words for the kinds of mail customers choose (customers.topics).")
    delivery_times = models.JSONField(default=dict, help_text="What was learned of the time on the way (orders.delivery).")
    usual_delivery_days = models.PositiveSmallIntegerField(default=5, help_text="From shipping to the door, for parcels nobody scans.")
    soft_opt_in = models.BooleanField(default=False, help_text="Buyers who were never asked may get marketing where the law allows it.")
    strict_service = models.BooleanField(default=False, help_text="Service mails go to subscribers only, as German law wants.")
    account_url = models.URLField(max_length=500, blank=True, help_text="Where a customer of the shop makes an account.")
    reorder_url = models.URLField(
        max_length=500, blank=True, help_text="Where a customer orders the same again; {number} becomes the order's."
    )
    describes_orders = models.BooleanField(default=False, help_text="Order mails tell mail programs of orders and parcels (JSON-LD).")
    asks_for_reviews = models.BooleanField(default=True, help_text="A happy check-in leads to a review.")
    consent_months = models.PositiveSmallIntegerField(
        null=True, blank=True, default=24, help_text="After so long without a sign permission is asked for again; null: never."
    )
    cart_quiet_hours = models.PositiveSmallIntegerField(default=1, help_text="How long a cart is left alone until it counts as abandoned.")
    track_clicks = models.CharField(max_length=4, choices=TrackClicks, default=TrackClicks.BULK)
    quiet_from = models.TimeField(null=True, blank=True, help_text="By each customer's wall clock; null: mails may go at any hour.")
    quiet_until = models.TimeField(null=True, blank=True, help_text="Before `quiet_from`, it is of the next day.")
    marketing_days = models.CharField(max_length=7, default="1234567", help_text="The ISO weekdays on which offers go; Monday is 1.")
    is_paused = models.BooleanField(default=False)
    marketing_paused_at = models.DateTimeField(null=True, help_text="When the guard rails stopped marketing by themselves.")
    marketing_paused_why = models.CharField(max_length=250, blank=True)
    marketing_judged_since = models.DateTimeField(null=True, help_text="Mails sent before it no longer count against the store.")
    resend_unknown_confirmations_after_hours = models.PositiveSmallIntegerField(null=True, help_text="Null: never.")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            *Capped.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~models.Q(quiet_from=models.F("quiet_until")),
                name="store_quiet_hours_have_two_ends",
            ),
            models.CheckConstraint(condition=models.Q(marketing_days__regex="^(?=.)1?2?3?4?5?6?7?$"), name="store_has_marketing_days"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def logo_path(self) -> str:
        """Return the address of the logo's picture on this site, "" where there is none."""
        return f"/l/{self.logo_digest}.png" if self.logo_digest else ""


class StoreOwned(models.Model):
    """A row that belongs to one store. Every query of a page or a task starts from the store."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True


class Logo(StoreOwned):
    """The picture of a logo (PNG, see `stores.logos`) that a store's mails show or have shown."""

    digest = models.CharField(max_length=32)
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest", "store"], name="logo_once")]


class Picture(StoreOwned):
    """A picture that a store put into a mail (see `stores.pictures`). Mails that were sent show it for good."""

    digest = models.CharField(max_length=32)
    kind = models.CharField(max_length=3, choices=[("jpg", "JPEG"), ("png", "PNG")])
    content = models.BinaryField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest", "store"], name="picture_once")]

    def __str__(self) -> str:
        return self.path

    @property
    def path(self) -> str:
        """Return its address on this site, which names its size."""
        return f"/g/{self.digest}-{self.width}x{self.height}.{self.kind}"


class Membership(StoreOwned):
    """What one person may do in one store."""

    class Role(models.TextChoices):
        OWNER = "owner", "Owner"
        MARKETER = "marketer", "Marketer"
        SUPPORT = "support", "Support"
        VIEWER = "viewer", "Viewer"

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"


class Invitation(StoreOwned):
    """A link by which somebody joins a store; only the digest of its token is kept. Joining, or a newer invitation, uses it up."""

    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=10, choices=Membership.Role)
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "email"], name="invitation_once")]

    def __str__(self) -> str:
        return f"{self.email} ({self.role})"


class ApiKey(StoreOwned):
    """A machine's key to one store's API; only its SHA-256 is kept."""

    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.prefix}…"

    @classmethod
    def issue(cls, store: Store, *, name: str, now: Any) -> str:
        """Create a key and return it; it cannot be read again."""
        key = tokens.api_key()
        cls.objects.create(store=store, name=name, prefix=key[:8], digest=tokens.digest(key), created_at=now)
        return key


class SettingChange(StoreOwned):
    """One setting of a store that somebody changed, in words: never a secret, nor anything of a customer."""

    what = models.CharField(max_length=200)
    before = models.TextField()
    after = models.TextField()
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=254, help_text="Who that was, for when they have left.")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["store", "-id"], name="setting_change_newest")]

    def __str__(self) -> str:
        return self.what


class ClockShift(models.Model):
    """The one row by which a demo or a test moves the clock away from the database's own time."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    shift = models.DurationField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="clock_shift_is_one_row")]


class Tick(models.Model):
    """One kind of periodic work: when it last passed (`stores.ticks`), and the row to lock for what must not run twice at once."""

    name = models.CharField(max_length=40, primary_key=True)
    ran_at = models.DateTimeField(null=True)
    behind_seconds = models.FloatField(default=0, help_text="How long the oldest thing due was left waiting then.")


class SendingStop(models.Model):
    """The one row that stands while no mail of any store may go out: the stop switch of the whole installation."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField()
    why = models.CharField(max_length=250, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="sending_stop_is_one_row")]

    def __str__(self) -> str:
        return self.why
