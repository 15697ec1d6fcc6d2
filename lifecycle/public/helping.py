"""What the tracker says beside where the order is: what was asked of the shop, how to use what was bought, what goes with it.

By one statement, put together of what this page shows: the database plans each part anew for every reader.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from lifecycle.public import wishes
from lifecycle.public.wishes import Wish
from orders.models import Order
from orders.tracked import Tracked
from stores import gathering
from surveys import answers

_WISHED = """'wished', (
    SELECT json_agg(json_build_array(key, opened_at, closed_at) ORDER BY opened_at DESC)
    FROM customers_task WHERE store_id = %(store)s AND key = ANY(%(wishes)s))"""
_ANSWERED = """'answered', EXISTS (
    SELECT FROM surveys_response WHERE order_id = %(order)s AND score IS NOT NULL
    AND survey_id = (SELECT id FROM surveys_survey WHERE store_id = %(store)s AND key = %(survey)s))"""
_PRODUCTS = """'products', (
    SELECT json_agg(json_build_array(p.id, p.title, p.url, g.headline, g.tips, g.mistake, g.video_url))
    FROM catalog_product p LEFT JOIN catalog_productguide g ON g.product_id = p.id WHERE p.id = ANY(%(products)s))"""
_PAIRINGS = """'pairings', (
    SELECT json_agg(json_build_array(s.id, s.title, s.url, a.reason) ORDER BY a.rank)
    FROM catalog_pairing a JOIN catalog_product s ON s.id = a.suggested_id
    WHERE a.product_id = ANY(%(products)s) AND s.is_available AND s.url LIKE 'http%%'
        AND NOT EXISTS (SELECT FROM orders_orderline o WHERE o.customer_id = %(customer)s AND o.product_id = s.id))"""
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
class Beside:
    """What is known beside an order: what was asked of the shop, newest first, and whether the one question was answered;
    of its products where each can be bought again, the guides of the most costly, and what goes with them."""

    wished: list[Wish]
    has_answered: bool
    again: list[tuple[str, str]]
    guides: list[Guide]
    suggestions: list[Suggestion]


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


def beside(found: Tracked, *, asks: bool, suggests: bool) -> Beside:
    """Return what stands beside an order; where the question is asked, whether it was answered; where it is shown, what goes with it."""
    order, products = found.order, _products(found)
    wishing = wishes.keys(order)
    values = {
        "store": order.store_id, "order": order.pk, "customer": order.customer_id, "products": products, "wishes": list(wishing),
        "survey": answers.CHECK_IN,
    }  # fmt: skip
    shown = [(_WISHED, True), (_ANSWERED, asks), (_PRODUCTS, products), (_PAIRINGS, products and suggests)]
    known = gathering.ask(f"SELECT json_build_object({', '.join(part for part, is_shown in shown if is_shown)})::text", values)
    wished = wishes.read(wishing, known["wished"] or ())
    again, guides = _bought(products, known.get("products") or ())
    return Beside(wished, known.get("answered", False), again, guides, [] if wished else _suggestions(known.get("pairings") or ()))


def _products(found: Tracked) -> list[int]:
    """Return the products of an order that were not sent back, the most costly first."""
    kept = [line for line in found.lines if line.product_id and line.refunded_quantity < line.quantity]
    return list(dict.fromkeys(line.product_id for line in sorted(kept, key=lambda line: -line.unit_price_minor) if line.product_id))


def _bought(products: list[int], rows: Iterable[list[Any]]) -> tuple[list[tuple[str, str]], list[Guide]]:
    """Return title and address of what can be bought again, and the guides; two products of one name are one."""
    known = list({row[1]: row for row in sorted(rows, key=lambda row: products.index(row[0]))}.values())
    guides = [
        Guide(title, headline, _tips(tips), mistake, _web(video)) for _, title, _, headline, tips, mistake, video in known if _tips(tips)
    ]
    return [(title, url) for _, title, url, *_ in known if _web(url)], guides[:_MOST_GUIDES]


def _suggestions(rows: Iterable[list[Any]]) -> list[Suggestion]:
    """Return what goes with an order and its customer has not bought: in stock, with a page of its own, the best first."""
    best: dict[int, Suggestion] = {}
    for pk, title, url, reason in rows:
        best.setdefault(pk, Suggestion(title, url, reason))
    return list(best.values())[:_MOST_PAIRINGS]


def _tips(tips: Iterable[Any] | None) -> list[str]:
    return [str(tip) for tip in tips or () if tip]


def _web(address: str | None) -> str:
    return address if address and address.startswith(("https://", "http://")) else ""
