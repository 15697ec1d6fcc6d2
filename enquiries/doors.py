"""Who may hand us a store's mail: how each proves itself, and how its deliveries are read. Anymail knows their formats."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.inbound import AnymailInboundMessage
from anymail.utils import get_request_basic_auth
from cryptography.fernet import InvalidToken
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.module_loading import import_string

from enquiries import letters
from enquiries.models import Arrival, Desk
from stores import tokens
from stores.models import Store

#: The name beside the password that stands in the address.
NAME = "doorstep"


@dataclass(frozen=True)
class Provider:
    """`setting`: the argument of the anymail `view` that takes the secret; `pasted`: what that secret is called, if it is the provider's.

    Without a view, the body is the mail itself (RFC 5322), as a mail server of one's own pipes it.
    """

    label: str
    where: str
    view: str = ""
    setting: str = "webhook_secret"
    pasted: str = ""


PROVIDERS: Mapping[str, Provider] = {
    "postmark": Provider("Postmark", "Servers → Inbound stream → Webhook", "anymail.webhooks.postmark.PostmarkInboundWebhookView"),
    "mailgun": Provider(
        "Mailgun", "Receiving → Create route → Forward", "anymail.webhooks.mailgun.MailgunInboundWebhookView", "webhook_signing_key",
        "HTTP webhook signing key",
    ),
    "mailjet": Provider("Mailjet", "Parse API → the route’s address", "anymail.webhooks.mailjet.MailjetInboundWebhookView"),
    "sparkpost": Provider("SparkPost", "Relay webhooks → target", "anymail.webhooks.sparkpost.SparkPostInboundWebhookView"),
    "mime": Provider("A mail server of your own", "pipe each mail as it is: curl --data-binary @- -H 'Content-Type: message/rfc822'"),
}  # fmt: skip


class Unreadable(Exception):
    """The delivery is not of the shape its provider sends; the text says so to a person."""


def of(store: Store) -> Desk:
    """Return a store's desk; unsaved where it has none yet."""
    return Desk.objects.filter(store=store).first() or Desk(store=store)


def put(desk: Desk, *, provider: str, secret: str = "") -> None:
    """Let a provider hand over mail, unsaved: its own secret is pasted (empty keeps the one held), any other is made here."""
    is_same = provider == desk.provider
    held = password_of(desk) if is_same else ""
    wanted = (secret or held) if provider and PROVIDERS[provider].pasted else (held or tokens.public_token())
    desk.provider, desk.sealed_secret = provider, tokens.seal(wanted) if provider and wanted else ""


def password_of(desk: Desk) -> str:
    """Return the secret of a desk; nothing where it cannot be read any more."""
    try:
        return tokens.unseal(desk.sealed_secret) if desk.sealed_secret else ""
    except InvalidToken:
        return ""


def is_proved(request: HttpRequest, desk: Desk) -> bool:
    """Say whether the desk's own secret proves a delivery; without a secret nothing is proved."""
    secret = password_of(desk)
    if not secret or desk.provider not in PROVIDERS:
        return False
    try:
        _view(desk.provider, secret).run_validators(request)
    except (AnymailWebhookValidationFailure, ValueError):
        return False
    return True


def read(arrival: Arrival) -> list[letters.Letter]:
    """Return the letters of a delivery; raise Unreadable."""
    body = bytes(arrival.raw or b"")
    try:
        if not PROVIDERS[arrival.provider].view:
            return [letters.of_mail(AnymailInboundMessage.parse_raw_mime_bytes(body))]
        told = _view(arrival.provider, "unused").parse_events(_request(body, arrival.content_type))
        return [letters.of_mail(event.message) for event in told if event.message is not None]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, json.JSONDecodeError) as error:
        raise Unreadable(f"This is no mail as {PROVIDERS[arrival.provider].label} hands it over: {error}") from error


class _Piped:
    """Proves a delivery that no provider makes: the password alone."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def run_validators(self, request: HttpRequest) -> None:
        if not constant_time_compare(get_request_basic_auth(request) or "", self.secret):
            raise AnymailWebhookValidationFailure


def _view(provider: str, secret: str) -> Any:
    """Return the view that checks and reads a delivery; every setting is given, so that none of the installation's counts."""
    known = PROVIDERS[provider]
    if not known.view:
        return _Piped(f"{NAME}:{secret}")
    view = import_string(known.view)
    if known.pasted:
        return view(webhook_secret=[], **{known.setting: secret})
    return view(webhook_secret=f"{NAME}:{secret}")


def _request(body: bytes, content_type: str) -> HttpRequest:
    """Return a kept delivery as the request it was."""
    return WSGIRequest({
        "REQUEST_METHOD": "POST", "CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body)), "PATH_INFO": "/",
        "wsgi.input": io.BytesIO(body), "wsgi.url_scheme": "https", "SERVER_NAME": "door", "SERVER_PORT": "443",
    })  # fmt: skip
