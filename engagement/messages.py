"""Reads what Segment's libraries send: one message of a batch, or the body of one call. Whatever does not fit is left out, never refused.

The format is Segment's HTTP API: `type`, `userId`, `anonymousId`, `messageId`, `timestamp`, `sentAt`, `traits`, `properties`, `context`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

TYPES = frozenset({"page", "screen", "track", "identify", "alias", "group"})
#: The properties that are kept of an action: what it was about, and nothing that says who.
KEPT = ("product_id", "sku", "name", "category", "title", "topic", "order_id", "query")
_LONGEST = 200
_MOST_PRODUCTS = 20
#: A visit ends after so long without an action.
VISIT = timedelta(minutes=30)


@dataclass(frozen=True)
class Told:
    """One message, as far as it could be understood."""

    type: str
    at: datetime
    message_id: str = ""
    user_id: str = ""
    anonymous_id: str = ""
    previous_id: str = ""
    email: str = ""
    name: str = ""
    properties: dict[str, Any] = field(default_factory=dict)


def read(raw: object, *, sent_at: object, now: datetime, call: str = "") -> Told | None:
    """Return what a message says, or None if it says nothing; `call` is the type where the body has none."""
    if not isinstance(raw, Mapping):
        return None
    kind = call or _text(raw.get("type"))
    anonymous, user = _text(raw.get("anonymousId")), _text(raw.get("userId"))
    if kind not in TYPES or not (anonymous or user):
        return None
    properties = raw.get("properties")
    return Told(
        kind,
        _moment_of(raw, sent_at=raw.get("sentAt") or sent_at, now=now),
        message_id=_text(raw.get("messageId")),
        user_id=user,
        anonymous_id=anonymous,
        previous_id=_text(raw.get("previousId")),
        email=_email_of(raw),
        name=_text(raw.get("event") if kind == "track" else raw.get("name")),
        properties=_kept(properties) if isinstance(properties, Mapping) else {},
    )


def _text(value: object) -> str:
    """Return a text or a whole number as text without what no database keeps; "" for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    try:
        return str(value).replace("\0", "").encode("utf-8", "ignore").decode().strip()[:_LONGEST]
    except ValueError:  # a number of thousands of digits
        return ""


def _email_of(raw: Mapping[str, Any]) -> str:
    """Return the address that a message gives; an id that is one counts too."""
    context = raw.get("context")
    places = [raw.get("traits"), context.get("traits") if isinstance(context, Mapping) else None]
    for traits in places:
        if isinstance(traits, Mapping) and (found := _text(traits.get("email"))):
            return found
    user = _text(raw.get("userId"))
    return user if "@" in user else ""


def _moment_of(raw: Mapping[str, Any], *, sent_at: object, now: datetime) -> datetime:
    """Return when it was done by our clock: the device's own clock may be wrong, by as much as its `sentAt` is off now."""
    said = moment(raw.get("timestamp")) or moment(raw.get("originalTimestamp"))
    sent = moment(sent_at)
    if said is None:
        return now
    try:
        return min(now - (sent - said) if sent else said, now)
    except OverflowError:
        return now


def moment(value: object) -> datetime | None:
    """Return a time as the libraries write it, or None."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        found = datetime.fromisoformat(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _kept(properties: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {name: text for name in KEPT if (text := _text(properties.get(name)))}
    if address := _text(properties.get("url")):
        found["url"] = _without_query(address)
    if path := _text(properties.get("path")):
        found["path"] = path.partition("?")[0]
    products = properties.get("products")
    if isinstance(products, list):
        ids = [_text(each.get("product_id") or each.get("sku")) for each in products[:_MOST_PRODUCTS] if isinstance(each, Mapping)]
        found["products"] = [each for each in ids if each]
    return found


def _without_query(address: str) -> str:
    """Return an address without what follows the path: links out of mails carry names and tokens there."""
    try:
        parts = urlsplit(address)
        return f"{parts.scheme}://{parts.hostname or ''}{parts.path}" if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""
