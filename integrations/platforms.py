"""The one table of platforms: how each signs and labels its deliveries, and who reads them."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from integrations.generic import adapter as generic
from integrations.models import Connection
from integrations.shopify import adapter as shopify
from orders.incoming import Incoming


class Adapter(Protocol):
    """What reads one platform's words."""

    def knows(self, topic: str) -> bool: ...

    def read(self, topic: str, payload: dict[str, Any], *, shop_currency: str) -> Incoming: ...


@dataclass(frozen=True)
class Platform:
    """A platform's adapter, the headers of its deliveries, and how a signature is written."""

    adapter: Adapter
    topic: str
    delivery_id: str
    triggered_at: str
    signature: str
    unsign: Callable[[str], bytes]


@dataclass(frozen=True)
class Label:
    """What the headers of a delivery say of it; the id may be empty."""

    topic: str
    delivery_id: str
    triggered_at: datetime | None


def _from_hex(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("sha256="))


def _from_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


PLATFORMS = {
    Connection.Platform.GENERIC: Platform(
        generic, "X-Doorstep-Topic", "X-Doorstep-Delivery", "X-Doorstep-Triggered-At", "X-Doorstep-Signature", _from_hex
    ),
    # X-Shopify-Event-Id is left alone on purpose: it links deliveries of several topics, and must never make one of them a repeat.
    Connection.Platform.SHOPIFY: Platform(
        shopify, "X-Shopify-Topic", "X-Shopify-Webhook-Id", "X-Shopify-Triggered-At", "X-Shopify-Hmac-Sha256", _from_base64
    ),
}


def of(name: str) -> Platform:
    return PLATFORMS[Connection.Platform(name)]


def label(platform: Platform, headers: Mapping[str, str]) -> Label:
    """Return what the headers say; a time that cannot be read is left out."""
    try:
        triggered_at = datetime.fromisoformat(headers.get(platform.triggered_at, ""))
    except ValueError:
        triggered_at = None
    if triggered_at is not None and triggered_at.tzinfo is None:
        triggered_at = None
    return Label(_clean(headers.get(platform.topic, ""), 80), _clean(headers.get(platform.delivery_id, ""), 200), triggered_at)


def _clean(text: str, longest: int) -> str:
    return text.replace("\0", "").strip()[:longest]


def is_signed(platform: Platform, headers: Mapping[str, str], body: bytes, secrets: Iterable[str]) -> bool:
    """Say whether one of the secrets signed exactly these bytes; takes the same time whichever it is, or none."""
    try:
        given = platform.unsign(headers.get(platform.signature, "").strip())
    except (ValueError, binascii.Error):
        given = b""
    matches = [hmac.compare_digest(hmac.new(secret.encode(), body, hashlib.sha256).digest(), given) for secret in secrets if secret]
    return any(matches)
