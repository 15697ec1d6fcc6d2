"""A provider's event in our words: which mail, which address, what happened, and how sure that is. Anymail knows their formats."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.http import HttpRequest
from django.utils.module_loading import import_string

from messaging.models import ProviderEvent
from messaging.returning import bounces
from messaging.returning.bounces import Class
from messaging.roads.providers import Provider

Kind = ProviderEvent.Kind


@dataclass(frozen=True)
class News:
    """One event: `token` is the message's ("" if it names none), `address` the recipient's, `at` the provider's time."""

    kind: str
    token: str
    address: str
    at: datetime | None
    detail: str


class Unreadable(Exception):
    """The event is not of the shape its provider sends."""


def view_of(provider: Provider, *, secret: str, topics: str, now: datetime) -> Any:
    """Return the view that checks and reads a provider's news; every setting is given, so that none of the installation's counts."""
    assert provider.hook is not None
    view = import_string(provider.hook.view)
    if provider.key == "amazon_ses":
        return view(topics=topics.split(), now=now)
    if provider.key == "resend":
        return view(signing_secret=secret, now=now)
    if provider.hook.setting == "webhook_secret":
        return view(webhook_secret=secret)
    return view(webhook_secret=[], **{provider.hook.setting: secret})


def split(provider: Provider, body: Any) -> list[Any]:
    """Return the events of a body."""
    wrap = provider.hook.wrap if provider.hook else "one"
    if wrap == "events" and isinstance(body, dict):
        body = body.get("events")
    return body if isinstance(body, list) else [body]


#: Where an event has its own name, the same each time it is told. Mailgun's are unique within a day only.
_IDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "sendgrid": (("sg_event_id",),),
    "mailgun": (("event-data", "id"), ("event-data", "timestamp")),
    "amazon_ses": (("MessageId",),),
    "mailtrap": (("event_id",),),
}


def id_of(provider: Provider, event: Any) -> str:
    """Return the provider's own name for an event; "" if it has none."""
    found = [_within(event, path) for path in _IDS.get(provider.key, ())]
    return ":".join(str(part) for part in found) if all(found) else ""


def _within(event: Any, path: Iterable[str]) -> Any:
    for name in path:
        event = event.get(name) if isinstance(event, Mapping) else None
    return event


def read(provider: Provider, view: Any, event: Any) -> News | None:
    """Return what an event says, None if it says nothing of a mail; raise Unreadable."""
    request = HttpRequest()
    request.content_type = "application/json"
    wrapped = {"list": [event], "events": {"events": [event]}}.get(provider.hook.wrap if provider.hook else "one", event)
    request._body = json.dumps(wrapped).encode()  # as a test client does: the body was read long ago
    try:
        told = view.parse_events(request)
    except Exception as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from error
    return _news(provider, told[0]) if told else None


def _news(provider: Provider, told: AnymailTrackingEvent) -> News:
    reply = " ".join(str(part) for part in (told.mta_response, told.description) if part)[:500]
    at = told.timestamp if told.timestamp is None or told.timestamp.tzinfo else told.timestamp.replace(tzinfo=UTC)
    return News(_kind(provider, told, reply), _token(told), told.recipient or "", at, reply)


def _token(told: AnymailTrackingEvent) -> str:
    """Return our name for the mail: from its metadata, else from the Message-ID we gave it."""
    if isinstance(told.metadata, Mapping) and told.metadata.get("message"):
        return str(told.metadata["message"])
    found = re.fullmatch(r"<?([\w-]{22})@[^@]+>?", str(told.message_id or ""))
    return found[1] if found else ""


_PLAIN = {
    EventType.DELIVERED: Kind.DELIVERED, EventType.COMPLAINED: Kind.COMPLAINED, EventType.UNSUBSCRIBED: Kind.UNSUBSCRIBED,
    EventType.OPENED: Kind.OPENED, EventType.CLICKED: Kind.CLICKED, EventType.SENT: Kind.TAKEN, EventType.QUEUED: Kind.TAKEN,
    EventType.DEFERRED: Kind.TAKEN,
}  # fmt: skip
#: Not tried at all, because of what the provider already knew.
_KNOWN = {
    RejectReason.BOUNCED: Kind.HARD, RejectReason.INVALID: Kind.INVALID, RejectReason.BLOCKED: Kind.BLOCK, RejectReason.SPAM: Kind.BLOCK,
    RejectReason.UNSUBSCRIBED: Kind.UNSUBSCRIBED, RejectReason.TIMED_OUT: Kind.SOFT,
}  # fmt: skip


def _kind(provider: Provider, told: AnymailTrackingEvent, reply: str) -> str:
    if told.event_type == EventType.BOUNCED:
        return Kind(bounces.combine(_hint(provider, told), reply))
    if told.event_type in (EventType.REJECTED, EventType.FAILED):
        return _KNOWN.get(told.reject_reason, Kind.BLOCK)
    return _PLAIN.get(told.event_type, Kind.OTHER)


#: Where each provider says how bad a bounce is, and its words for it.
_WHERE: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "postmark": (("Type",),),
    "sendgrid": (("type",), ("bounce_classification",)),
    "mailgun": (("event-data", "reason"), ("event-data", "severity")),
    "amazon_ses": (("bounce", "bounceSubType"), ("bounce", "bounceType")),
    "resend": (("data", "bounce", "subType"), ("data", "bounce", "type")),
    "brevo": (("event",),),
    "mailtrap": (("bounce_category",), ("event",)),
    "sparkpost": (("msys", "message_event", "bounce_class"),),
}
_HINTS = {
    "hardbounce": Class.HARD, "bademailaddress": Class.INVALID, "softbounce": Class.SOFT,
    "blocked": Class.BLOCK, "invalid_email": Class.INVALID, "hard_bounce": Class.HARD, "soft_bounce": Class.SOFT,
    "permanent": Class.HARD, "temporary": Class.SOFT, "transient": Class.SOFT, "undetermined": Class.SOFT,
    "mailboxfull": Class.SOFT, "messagetoolarge": Class.BLOCK, "contentrejected": Class.BLOCK, "attachmentrejected": Class.BLOCK,
    "noemail": Class.HARD, "suppressed": Class.HARD, "onaccountsuppressionlist": Class.HARD, "suppress-bounce": Class.HARD,
    "suppress-complaint": Class.BLOCK, "invalid address": Class.INVALID, "mailbox unavailable": Class.SOFT, "reputation": Class.BLOCK,
    "content": Class.BLOCK, "frequency or volume too high": Class.BLOCK, "virusnotification": Class.BLOCK,
    "10": Class.INVALID, "20": Class.SOFT, "21": Class.SOFT, "22": Class.SOFT, "23": Class.BLOCK, "24": Class.SOFT, "25": Class.BLOCK,
    "30": Class.HARD, "40": Class.SOFT, "50": Class.BLOCK, "51": Class.BLOCK, "52": Class.BLOCK, "53": Class.BLOCK, "54": Class.BLOCK,
    "70": Class.SOFT,
}  # fmt: skip


def _hint(provider: Provider, told: AnymailTrackingEvent) -> Class | None:
    """Return how bad the provider calls a bounce, None if it does not say."""
    if provider.key == "mailjet":
        return Class.HARD if told.esp_event.get("hard_bounce") else Class.BLOCK if told.esp_event.get("blocked") else Class.SOFT
    for path in _WHERE.get(provider.key, ()):
        if (hint := _HINTS.get(str(_within(told.esp_event, path)).lower())) is not None:
            return hint
    return None
