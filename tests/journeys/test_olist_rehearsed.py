"""All of a real marketplace's orders imported, then a year of them rehearsed, both by the commands: every figure, and each step of each
order, is worked out anew by the rules as a merchant reads them.
"""

import gzip
import io
import json
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command

from campaigns import recipes
from catalog.models import Pairing, Product, ProductGuide
from customers.models import Event, Identity, Unread
from integrations import imports
from offers.models import Offer
from orders.models import Order
from stores import clock
from stores.models import Store
from tests.journeys.test_olist import BRASILIA, DATA, Sale, brazil, expected_mails, sales

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the shared sample data is not here")
__all__ = ["brazil", "sales"]
DAY = timedelta(days=1)
STEPS = ("confirmation", "tips", "goes-well", "check-in", "thanks")
Fate = tuple[str, str, datetime | None]
#: Orders, cents spent, first and last order.
Figures = tuple[int, int, datetime | None, datetime | None]


BAD = [
    (b'{"external_id": "half', "Invalid control character at: line 1 column 22"),
    (b'{"external_id": "x", "placed_at": "2018-01-01 10:00", "currency": "BRL", "total": "1"}', "placed_at: "),
    (b'{"external_id": "x", "placed_at": "2018-01-01T10:00:00-02:00", "currency": "REAL", "total": "1"}', "currency: 'REAL' is not"),
]


def test_all_orders_go_in_once_with_every_figure_right_and_a_rehearsal_times_every_step_as_the_rules_say(brazil, sales, tmp_path):
    fill(brazil, sales)
    lines = [json.dumps(sale.told()).encode() for sale in sales]
    for place, (line, _) in zip((0, 1500, len(lines) + 2), BAD, strict=True):
        lines.insert(place, line)
    path = tmp_path / "olist.jsonl.gz"
    path.write_bytes(gzip.compress(b"\n".join(lines), 1))
    out = io.StringIO()
    call_command("import_orders", str(path), "--store", "loja", "--json", stdout=out)
    report = json.loads(out.getvalue())
    assert {name: report[name] for name in ("read", "new", "changed", "unchanged")} == {
        "read": 3992, "new": 3989, "changed": 0, "unchanged": 0,
    }  # fmt: skip
    assert [bad["line"] for bad in report["bad"]] == [1, 1501, 3992]
    assert [bad["reason"][: len(reason)] for bad, (_, reason) in zip(report["bad"], BAD, strict=True)] == [reason for _, reason in BAD]
    kinds = Counter(Event.objects.values_list("kind", flat=True))
    is_there = [sale for sale in sales if sale.shipped and (sale.delivered or sale.status == "delivered")]
    assert kinds == {
        "order.placed": 3989, "order.cancelled": 311, "order.paid": sum(sale.approved is not None for sale in sales),
        "shipment.shipped": sum(sale.shipped is not None for sale in sales), "shipment.delivered": len(is_there),
        "order.received": len(is_there), "consent.granted": 3933,
    }  # fmt: skip
    assert (len(is_there), Unread.objects.count(), Order.objects.filter(is_history=False).count()) == (2498, 0, 0)
    assert _figures() == _expected_figures(sales)
    again = imports.take_in(brazil, lines, now=clock.read(), file_name="again")
    assert (again.read, again.new, again.changed, again.unchanged, len(again.bad)) == (3992, 0, 0, 3989, 3)
    assert (Event.objects.count(), _figures()) == (kinds.total(), _expected_figures(sales))
    _is_rehearsed(sales)


def _is_rehearsed(sales: list[Sale]) -> None:
    """Have a year rehearsed, and compare each step of each order of those to whom nothing happened out of order."""
    found = rehearsed("--from", "2017-09-01", "--to", "2018-08-31", "--orders")
    year = [sale for sale in sales if "2017-09-01" <= sale.placed.astimezone(BRASILIA).date().isoformat() <= "2018-08-31"]
    mine = defaultdict(list)
    for sale in sales:
        mine[sale.person].append(sale)
    expected = {sale.id: fates(sale, mine[sale.person]) for sale in year if all(is_orderly(its) for its in mine[sale.person])}
    told = {order["external_id"]: {step: told_of(its) for step, its in order["steps"].items()} for order in found["orders"]}
    assert told.keys() == {sale.id for sale in year}
    assert {name: (told[name], expected[name]) for name in expected if told[name] != expected[name]} == {}
    assert (found["begun"], found["customers"]) == (len(year), len({sale.person for sale in year}))
    assert (len(expected), found["begun"], found["mails"]) == (2642, 2882, 10840)
    for step in found["steps"]:
        fate = Counter(its[step["step"]][0] for its in told.values())
        reasons = Counter(its[step["step"]][1] for its in told.values())
        assert (step["would_send"], step["waiting"]) == (fate["would_send"], fate["waiting"])
        assert step["skipped"] == {reason: number for reason, number in reasons.items() if reason}
    assert sum(day["mails"] for day in found["days"].values()) == found["mails"] == sum(step["would_send"] for step in found["steps"])


def _figures() -> dict[str, Figures]:
    names = Identity.objects.select_related("customer__metrics")
    held = {name.external_id: name.customer.metrics for name in names}
    return {name: (m.orders_count, m.total_spent_minor, m.first_order_at, m.last_order_at) for name, m in held.items()}


def _expected_figures(sales: list[Sale]) -> dict[str, Figures]:
    kept: dict[str, list[Sale]] = defaultdict(list)
    for sale in sales:
        kept[sale.person] += [sale] if sale.status != "canceled" else []
    return {person: _figures_of(mine) for person, mine in kept.items()}


def _figures_of(mine: list[Sale]) -> Figures:
    days = [sale.placed for sale in mine]
    return len(mine), sum(sale.cents for sale in mine), min(days, default=None), max(days, default=None)


def rehearsed(*words: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("rehearse", "post-purchase", "--store", "loja", "--json", *words, stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


def is_orderly(sale: Sale) -> bool:
    """Say whether what happened to an order is told in the order in which it can happen."""
    moments = [sale.placed, *(at for at in (sale.shipped, sale.delivered) if at)]
    is_told = sale.status != "delivered" or (sale.delivered is not None and sale.shipped is not None)
    return bool(sale.items) and moments == sorted(moments) and is_told and not (sale.delivered and not sale.shipped)


def fill(store: Store, lives: list[Sale]) -> None:
    """Put the products with tips and something that goes well with each, and the draft, into the store."""
    recipes.install(store, "post-purchase", now=clock.read())
    Offer.objects.filter(store=store).update(code="OBRIGADO10")
    cloth = Product.objects.create(store=store, external_id="cloth", title="Cleaning cloth")
    names = sorted({item["product_id"] for sale in lives for item in sale.items})
    products = Product.objects.bulk_create(Product(store=store, external_id=name, title=f"Item {name[:6]}") for name in names)
    ProductGuide.objects.bulk_create(ProductGuide(store=store, product=product, tips=["Unpack it."]) for product in products)
    Pairing.objects.bulk_create(Pairing(store=store, product=product, suggested=cloth, reason="Clean") for product in products)


def told_of(its: dict[str, Any]) -> Fate:
    return its["fate"], its["reason"], datetime.fromisoformat(its["at"]) if its["fate"] == "would_send" else None


def due(sale: Sale) -> dict[str, datetime]:
    """Return when each of an order's mails is due, of those that ever are."""
    return expected_mails(sale) if sale.shipped else {"confirmation": sale.placed}


def fates(sale: Sale, mine: list[Sale]) -> dict[str, Fate]:
    """Return what becomes of each of the five mails of an order whose buyer placed `mine`."""
    mails = due(sale)
    if sale.shipped and "tips" not in mails:
        return {step: ("skipped", "too_late", None) if step == "tips" else fate_of(sale, mine, step, mails.get(step)) for step in STEPS}
    return {step: fate_of(sale, mine, step, mails.get(step)) for step in STEPS}


def fate_of(sale: Sale, mine: list[Sale], step: str, at: datetime | None) -> Fate:
    cancelled = (sale.approved or sale.placed) if sale.status == "canceled" else None
    if cancelled and (at is None or cancelled <= at):
        return "skipped", "cancelled", None
    if at is None:
        return "waiting", "", None
    others = [other for other in mine if other.id != sale.id]
    if step not in ("confirmation", "tips") and is_joined(sale, mine, step, at):
        return "skipped", "merged", None
    had = {product for o in others if o.placed < sale.placed and o.status != "canceled" for product in products(o)}
    if step == "tips" and products(sale) <= had:
        return "skipped", "knows", None
    if step not in ("goes-well", "thanks"):
        return "would_send", "", at
    end = max((until for other in others for since, until in [late(other)] if since and since <= at < until), default=at)
    if end >= at + 7 * DAY:
        return "skipped", "trouble", None
    if any(sale.placed < other.placed <= end and other.status != "canceled" for other in others):
        return "skipped", "bought_since", None
    return "would_send", "", end


def is_joined(sale: Sale, mine: list[Sale], step: str, at: datetime) -> bool:
    """Say whether another order's mail goes for this one's: it went since this was placed, or is still to come with a later order."""
    for other in mine:
        if other.id == sale.id or other.status == "canceled":
            continue
        its, is_later = due(other).get(step), (other.placed, mine.index(other)) > (sale.placed, mine.index(sale))
        if is_later and other.placed <= at and (its is None or its > at):
            return True
        is_first = its is not None and (its < at or (its == at and is_later))
        if is_first and its and its >= sale.placed and fate_of(other, mine, step, its)[0] == "would_send":
            return True
    return False


def products(sale: Sale) -> set[str]:
    return {item["product_id"] for item in sale.items}


def late(sale: Sale) -> tuple[datetime | None, datetime]:
    """Return from when until when an order that is late keeps its buyer from being sold to."""
    until = sale.placed + 60 * DAY
    since = sale.promised + DAY if sale.shipped and sale.status != "canceled" else None
    return since, min(sale.delivered or until, until)
