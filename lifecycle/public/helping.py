"""What the tracker says beside where the order is: how to use what was bought, and what goes with it. By written-out statements."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from django.db import connection

from orders.models import Order

_LINES = """
SELECT p.title, p.url, g.headline, g.tips, g.mistake, g.video_url
FROM orders_orderline l JOIN catalog_product p ON p.id = l.product_id LEFT JOIN catalog_productguide g ON g.product_id = p.id
WHERE l.order_id = %s AND l.refunded_quantity < l.quantity ORDER BY l.unit_price_minor DESC, l.position
"""
_PAIRINGS = """
SELECT DISTINCT ON (s.id) s.title, s.url, a.reason, a.rank
FROM orders_orderline l JOIN catalog_pairing a ON a.product_id = l.product_id JOIN catalog_product s ON s.id = a.suggested_id
WHERE l.order_id = %s AND l.refunded_quantity < l.quantity AND s.is_available AND s.url LIKE 'http%%'
    AND NOT EXISTS (SELECT 1 FROM orders_orderline o WHERE o.customer_id = l.customer_id AND o.product_id = s.id)
ORDER BY s.id, a.rank
"""
_MOST_GUIDES, _MOST_PAIRINGS = 2, 3


@dataclass(frozen=True)
class Guide:
    """How to use one product."""

    title: str
    headline: str
    tips: list[str]
    mistake: str
    video_url: str


@dataclass(frozen=True)
class Suggestion:
    """A product that goes with what was bought, and why."""

    title: str
    url: str
    reason: str


@dataclass(frozen=True)
class Bought:
    """What is known of an order's products: where each can be bought again, and the guides of the most costly."""

    again: list[tuple[str, str]]
    guides: list[Guide]


@dataclass(frozen=True)
class AtTheShop:
    """Where the shop itself shows an order's invoice, and lets it be placed again; each "" where it does not."""

    invoice: str
    again: str


def at_the_shop(order: Order, *, is_private: bool) -> AtTheShop:
    """Return the shop's own pages of an order. A page opened by a key in its address is for its owner alone: a tracker may be passed on."""
    invoice = _web(order.invoice_url)
    again = order.reorder_url or order.store.reorder_url.replace("{number}", quote(str(order), safe=""))
    return AtTheShop(invoice if is_private or "key=" not in urlsplit(invoice).query else "", _web(again))


def of_products(order_id: int) -> Bought:
    rows = list({row[0]: row for row in _read(_LINES, order_id)}.values())
    guides = [Guide(title, headline, _tips(tips), mistake, _web(video)) for title, _, headline, tips, mistake, video in rows if _tips(tips)]
    return Bought([(title, url) for title, url, *_ in rows if _web(url)], guides[:_MOST_GUIDES])


def suggestions(order_id: int) -> list[Suggestion]:
    """Return what goes with an order and its customer has not bought: in stock, with a page of its own, the best first."""
    rows = sorted(_read(_PAIRINGS, order_id), key=lambda row: row[3])
    return [Suggestion(title, url, reason) for title, url, reason, _ in rows[:_MOST_PAIRINGS]]


def _read(statement: str, order_id: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [order_id])
        return list(cursor.fetchall())


def _tips(value: Any) -> list[str]:
    found = json.loads(value) if isinstance(value, str) else value
    return [str(tip) for tip in found or () if tip]


def _web(address: str | None) -> str:
    return address if address and address.startswith(("https://", "http://")) else ""
