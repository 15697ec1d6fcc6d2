"""Asks a WooCommerce shop for the orders that changed within a time: GET wp-json/wc/v3/orders, consumer key and secret by Basic auth.

Documented (WooCommerce 5.8 and later): `modified_after` and `modified_before`, with `dates_are_gmt`; at most 100 a page, by number. The
shop's address is the merchant's word, so only public ones are called, without following redirects.
"""

import base64
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from integrations import payloads
from integrations.asking import CannotAsk
from stores import reachable

TOPIC = "order.updated"
PER_PAGE = 100
_PATH = "/wp-json/wc/v3/orders"
_PAIR = re.compile(r"ck_[0-9A-Za-z]{1,64}:cs_[0-9A-Za-z]{1,64}")
_TIMEOUT = 25.0  # seconds
_MOST = 64 * 1024 * 1024  # bytes of a page
_SAID = {
    401: "The shop refuses the key. It needs to be allowed to read; make a new one and enter it.",
    403: "The shop refuses the key. It needs to be allowed to read; make a new one and enter it.",
    404: "There is no WooCommerce at this address.",
    429: "The shop asks us to come back later; that is done by itself.",
}


def named(typed: str) -> str:
    shop = (typed if "://" in typed else f"https://{typed}").rstrip("/")
    parts = urlsplit(shop)
    schemes = ("https", "http") if settings.PRIVATE_MAIL_SERVERS else ("https",)
    if parts.scheme not in schemes or not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
        raise CannotAsk("Enter the shop’s address, such as https://shop.example.")
    return shop


def keyed(typed: str) -> str:
    if not _PAIR.fullmatch(typed):
        raise CannotAsk("Enter both parts of the REST key with a colon between them: ck_…:cs_….")
    return typed


def changed_at(order: Mapping[str, Any]) -> str:
    said = str(order.get("date_modified_gmt") or "")
    return f"{said}+00:00" if said else ""


def changed_orders(shop: str, token: str, *, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
    page, is_full = 1, True
    while is_full:
        values = {
            "modified_after": _utc(since), "modified_before": _utc(until), "dates_are_gmt": "true", "orderby": "modified", "order": "asc",
            "per_page": PER_PAGE, "page": page,
        }  # fmt: skip
        found = _get(f"{shop}{_PATH}?{urlencode(values)}", token)
        yield from (each for each in found if isinstance(each, dict))
        page, is_full = page + 1, len(found) >= PER_PAGE


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")


def _get(address: str, token: str) -> list[Any]:
    parts = urlsplit(address)
    sign = {"Authorization": f"Basic {base64.b64encode(token.encode()).decode()}", "Accept": "application/json"}
    try:
        line = reachable.line_to(parts.scheme, parts.hostname or "", parts.port, timeout=_TIMEOUT)
        try:
            line.request("GET", f"{parts.path}?{parts.query}", headers=sign)
            answer = line.getresponse()
            body = answer.read(_MOST)
        finally:
            line.close()
    except (OSError, HTTPException) as error:
        raise CannotAsk(f"{parts.hostname} could not be reached ({type(error).__name__}).") from error
    if answer.status != 200:
        raise CannotAsk(_SAID.get(answer.status, f"The shop answered {answer.status}."))
    try:
        found = payloads.read(body)
    except payloads.NotJson as error:
        raise CannotAsk("The shop’s answer could not be read.") from error
    if not isinstance(found, list):
        raise CannotAsk("The shop’s answer holds no orders.")
    return found
