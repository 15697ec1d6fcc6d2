"""Asks Shopify's Admin API (REST, X-Shopify-Access-Token) for the orders that changed within a time.

Pages follow the Link header's rel="next", which must lead to the same shop. Documented: at most 250 a page, 429 with Retry-After.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import requests
from django.conf import settings

from integrations import payloads
from integrations.asking import CannotAsk

TOPIC = "orders/updated"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,58}\.myshopify\.com")
PER_PAGE = 250
_TIMEOUT = (5, 25)  # seconds to connect, and between two bytes
_NEXT = re.compile(r'<([^<>]+)>;\s*rel="?next"?')


def named(typed: str) -> str:
    shop = typed.lower().removeprefix("https://").rstrip("/")
    if not NAME.fullmatch(shop):
        raise CannotAsk("Enter the name as Shopify shows it, such as my-shop.myshopify.com.")
    return shop


def keyed(typed: str) -> str:
    if not typed:
        raise CannotAsk("Enter the Admin API access token of the app that you made in Shopify.")
    return typed


def changed_at(order: Mapping[str, Any]) -> str:
    return str(order.get("updated_at", ""))


def changed_orders(shop: str, token: str, *, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
    base = settings.SHOPIFY_ADMIN_URL.format(shop=shop)
    values: dict[str, str] | None = {
        "status": "any", "limit": str(PER_PAGE), "updated_at_min": since.isoformat(), "updated_at_max": until.isoformat(),
    }  # fmt: skip
    address: str | None = f"{base}orders.json"
    with requests.Session() as line:
        line.headers["X-Shopify-Access-Token"] = token
        while address:
            answer = _get(line, address, values)
            yield from _orders(answer)
            found = _NEXT.search(answer.headers.get("Link", ""))
            address, values = (found[1] if found else None), None
            if address and not address.startswith(base):
                raise CannotAsk("Its next page is not the shop’s own.")


def _get(line: requests.Session, address: str, values: dict[str, str] | None) -> requests.Response:
    try:
        answer = line.get(address, params=values, timeout=_TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        raise CannotAsk(f"Shopify could not be reached ({type(error).__name__}).") from error
    if answer.status_code in (401, 403):
        raise CannotAsk("Shopify refuses the token. It needs the scope read_orders; make a new one and enter it.")
    if answer.status_code == 404:
        raise CannotAsk("Shopify knows no shop of this name.")
    if answer.status_code == 429:
        raise CannotAsk("Shopify asks us to come back later; that is done by itself.")
    if answer.status_code != 200:
        raise CannotAsk(f"Shopify answered {answer.status_code}.")
    return answer


def _orders(answer: requests.Response) -> list[dict[str, Any]]:
    try:
        found = payloads.read_object(answer.content).get("orders")
    except payloads.NotJson as error:
        raise CannotAsk("Shopify’s answer could not be read.") from error
    if not isinstance(found, list):
        raise CannotAsk("Shopify’s answer holds no orders.")
    return [each for each in found if isinstance(each, dict)]
