"""The one table of platforms: how each signs and labels its deliveries, and who reads them."""

import base64
import binascii
import hashlib
import hmac
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from integrations.feeds import aftership, easypost, seventeentrack
from integrations.generic import adapter as generic
from integrations.models import Connection
from integrations.shopify import adapter as shopify
from integrations.woocommerce import adapter as woocommerce
from orders.incoming import Incoming


class Adapter(Protocol):
    """What reads one platform's words."""

    def knows(self, topic: str) -> bool: ...

    def read(self, topic: str, payload: dict[str, Any], *, shop_currency: str) -> Incoming: ...


def _hmac(secret: str, body: bytes) -> bytes:
    return hmac.new(secret.encode(), body, hashlib.sha256).digest()


def _easyposts(secret: str, body: bytes) -> bytes:
    """EasyPost's clients bring the secret into normal form NFKD first."""
    return _hmac(unicodedata.normalize("NFKD", secret), body)


def _woocommerces(secret: str, body: bytes) -> bytes:
    """WooCommerce undoes WordPress's escaping of a secret before it signs with it."""
    for written, meant in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#039;", "'"), ("&amp;", "&")):
        secret = secret.replace(written, meant)
    return _hmac(secret, body)


def _seventeentracks(secret: str, body: bytes) -> bytes:
    """17TRACK hashes the body, a slash and the key: no HMAC."""
    return hashlib.sha256(body + b"/" + secret.encode()).digest()


@dataclass(frozen=True)
class Platform:
    """A platform's adapter, the headers of its deliveries, and how a signature is made and written.

    `is_labelled_inside`: topic and delivery id are fields of the body instead.
    """

    adapter: Adapter
    topic: str
    delivery_id: str
    triggered_at: str
    signature: str
    unsign: Callable[[str], bytes]
    sign: Callable[[str, bytes], bytes] = _hmac
    is_labelled_inside: bool = False


@dataclass(frozen=True)
class Label:
    """What a delivery says of itself; the id may be empty."""

    topic: str
    delivery_id: str
    triggered_at: datetime | None


def _from_hex(text: str) -> bytes:
    return bytes.fromhex(text.rpartition("=")[2])


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
    # Whatever happens within a second shares X-WC-Webhook-Delivery-ID: the body itself names the delivery.
    Connection.Platform.WOOCOMMERCE: Platform(
        woocommerce, "X-WC-Webhook-Topic", "", "", "X-WC-Webhook-Signature", _from_base64, sign=_woocommerces
    ),
    Connection.Platform.EASYPOST: Platform(
        easypost, "description", "id", "", "X-Hmac-Signature", _from_hex, sign=_easyposts, is_labelled_inside=True
    ),
    Connection.Platform.AFTERSHIP: Platform(
        aftership, "event", "event_id", "", "Aftership-Hmac-Sha256", _from_base64, is_labelled_inside=True
    ),
    # It names no delivery: the body itself does.
    Connection.Platform.SEVENTEENTRACK: Platform(
        seventeentrack, "event", "", "", "Sign", _from_hex, sign=_seventeentracks, is_labelled_inside=True
    ),
}


def of(name: str) -> Platform:
    return PLATFORMS[Connection.Platform(name)]


def label(platform: Platform, headers: Mapping[str, str], payload: object) -> Label:
    """Return what the headers say, or the payload where it does; a time that cannot be read is left out."""
    if platform.is_labelled_inside:
        told = payload if isinstance(payload, dict) else {}
        return Label(_clean(str(told.get(platform.topic) or ""), 80), _clean(str(told.get(platform.delivery_id) or ""), 200), None)
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
    matches = [hmac.compare_digest(platform.sign(secret, body), given) for secret in secrets if secret]
    return any(matches)
