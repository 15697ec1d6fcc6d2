"""The providers a store may send through: what each must be told, how its backend is made, and how its news is proved. Pure.

Every field of a provider is handed to its backend, also the ones left empty: anymail would else take the installation's own setting
for a store's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Field:
    """One thing to enter. Secrets are sealed and never shown again; the rest is kept in the open."""

    name: str
    label: str
    help: str = ""
    is_secret: bool = True
    is_required: bool = True
    choices: tuple[tuple[str, str], ...] = ()
    default: str = ""


@dataclass(frozen=True)
class Hook:
    """How a provider proves that news is from it, and how its events are wrapped.

    `view` reads them (anymail), `setting` names the view's argument that takes the secret. Without a `field` the proof is a password
    of ours in the address that is pasted at the provider. `wrap`: the body is one event, a list, or an object with the list in `events`.
    """

    view: str
    setting: str = "webhook_secret"
    field: Field | None = None
    wrap: str = "one"
    where: str = ""


@dataclass(frozen=True)
class Provider:
    """A provider: `backend` is a dotted path; `regions` the API's addresses by the choice in the field `region`.

    `honours_keys`: how long a mail sent again under its key is sure to go only once (S7); None: not at all. `streams_in`: the field
    that parts streams.
    """

    key: str
    label: str
    backend: str
    fields: tuple[Field, ...]
    hook: Hook | None = None
    regions: Mapping[str, str] | None = None
    honours_keys: timedelta | None = None
    streams_in: str = ""
    own_headers: tuple[str, ...] = ()  # it writes these itself, and refuses ours

    @property
    def is_smtp(self) -> bool:
        return self.backend == SMTP_BACKEND

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)


SMTP_BACKEND = "messaging.roads.smtp.Backend"


def _region(**addresses: str) -> Field:
    labels = {"us": "United States", "eu": "European Union"}
    return Field("region", "Region", is_secret=False, choices=tuple((key, labels[key]) for key in addresses), default=next(iter(addresses)))


_ANYMAIL = "messaging.roads.providers.patient"
_VIEWS = "anymail.webhooks"
_API_KEY = Field("api_key", "API key")
_MAILGUN = {"us": "https://api.mailgun.net/v3", "eu": "https://api.eu.mailgun.net/v3"}
_SENDGRID = {"us": "https://api.sendgrid.com/v3/", "eu": "https://api.eu.sendgrid.com/v3/"}
_SPARKPOST = {"us": "https://api.sparkpost.com/api/v1/", "eu": "https://api.eu.sparkpost.com/api/v1/"}

PROVIDERS: dict[str, Provider] = {
    provider.key: provider
    for provider in (
        Provider(
            "smtp",
            "A mail server (SMTP)",
            SMTP_BACKEND,
            (
                Field("host", "Server", "Such as smtp.example.com.", is_secret=False),
                Field("port", "Port", "587 with STARTTLS, 465 with TLS.", is_secret=False, default="587"),
                Field(
                    "security", "Encryption", is_secret=False, default="starttls",
                    choices=(("starttls", "STARTTLS"), ("tls", "TLS from the first byte"), ("none", "None")),
                ),
                Field("username", "User name", is_secret=False, is_required=False),
                Field("password", "Password", is_required=False),
            ),
        ),
        Provider(
            "postmark",
            "Postmark",
            f"{_ANYMAIL}.Postmark",
            (
                Field("server_token", "Server API token"),
                Field(
                    "message_stream", "Message stream", "The stream’s ID, such as outbound or broadcast. Empty: the server’s default.",
                    is_secret=False, is_required=False,
                ),
            ),
            Hook(f"{_VIEWS}.postmark.PostmarkTrackingWebhookView", where="Servers → Message Streams → Webhooks; choose Delivery, Bounce, "
                 "Spam complaint and Subscription change."),
            streams_in="message_stream",
        ),
        Provider(
            "sendgrid",
            "SendGrid",
            f"{_ANYMAIL}.SendGrid",
            (_API_KEY, _region(**_SENDGRID)),
            Hook(
                f"{_VIEWS}.sendgrid.SendGridTrackingWebhookView", "tracking_webhook_verification_key",
                Field("key", "Verification key", "Settings → Mail Settings → Signed Event Webhook; the public key it shows."), "list",
                "Settings → Mail Settings → Event Webhook, with Signature Verification switched on.",
            ),
            _SENDGRID,
        ),
        Provider(
            "mailgun",
            "Mailgun",
            f"{_ANYMAIL}.Mailgun",
            (_API_KEY, Field("sender_domain", "Sending domain", "As it stands in Mailgun.", is_secret=False), _region(**_MAILGUN)),
            Hook(
                f"{_VIEWS}.mailgun.MailgunTrackingWebhookView", "webhook_signing_key",
                Field("key", "Webhook signing key", "Sending → Webhooks, at the top right."), "one",
                "Sending → Webhooks; add the address for each kind of event.",
            ),
            _MAILGUN,
            streams_in="sender_domain",
        ),
        Provider(
            "amazon_ses",
            "Amazon SES",
            SMTP_BACKEND,  # its SMTP side says more surely than its API what became of a mail
            (
                Field("region", "Region", "Such as eu-central-1.", is_secret=False),
                Field("username", "SMTP user name", "From SMTP settings → Create SMTP credentials; not an access key.", is_secret=False),
                Field("password", "SMTP password"),
                Field(
                    "configuration_set", "Configuration set", "It must publish its events to SNS, with the original headers.",
                    is_secret=False, is_required=False,
                ),
                Field(
                    "topics", "SNS topics", "The ARNs of the topics that may report here, one a line.", is_secret=False, is_required=False,
                ),
            ),
            Hook(f"{__name__}.sns.SesView", where="SNS → the topic → Create subscription → HTTPS. It confirms itself."),
            streams_in="configuration_set",
        ),
        Provider(
            "resend",
            "Resend",
            f"{__name__}.resend.EmailBackend",
            (_API_KEY,),
            Hook(
                f"{__name__}.resend.HookView", "signing_secret",
                Field("key", "Signing secret", "Webhooks → the webhook; begins with whsec_."),
                where="Webhooks → Add webhook; choose the email events.",
            ),
            honours_keys=timedelta(hours=24),
        ),
        Provider(
            "brevo",
            "Brevo",
            f"{_ANYMAIL}.Brevo",
            (_API_KEY,),
            Hook(f"{_VIEWS}.brevo.BrevoTrackingWebhookView", where="Transactional → Settings → Webhook."),
            honours_keys=timedelta(minutes=15),
        ),
        Provider(
            "mailjet",
            "Mailjet",
            f"{_ANYMAIL}.Mailjet",
            (_API_KEY, Field("secret_key", "Secret key")),
            Hook(f"{_VIEWS}.mailjet.MailjetTrackingWebhookView", wrap="list", where="Account settings → Event notifications."),
            own_headers=("Message-ID",),
        ),
        Provider(
            "mailtrap",
            "Mailtrap",
            f"{_ANYMAIL}.Mailtrap",
            (Field("api_token", "API token"),),
            Hook(
                f"{_VIEWS}.mailtrap.MailtrapTrackingWebhookView", "tracking_secret",
                Field("key", "Signature key", "Webhooks → the webhook → Signature."), "events", "Settings → Webhooks.",
            ),
        ),
        Provider(
            "sparkpost",
            "SparkPost",
            f"{_ANYMAIL}.SparkPost",
            (_API_KEY, _region(**_SPARKPOST)),
            Hook(f"{_VIEWS}.sparkpost.SparkPostTrackingWebhookView", wrap="list", where="Configuration → Webhooks, basic authentication."),
            _SPARKPOST,
        ),
    )
}  # fmt: skip
