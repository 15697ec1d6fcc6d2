"""A real marketplace's orders rehearsed by the command: each step of each order, worked out anew by the rules as a merchant reads them."""

import io
import json
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command

from campaigns import recipes
from catalog.models import Pairing, Product, ProductGuide
from integrations import imports
from offers.models import Offer
from stores import clock
from stores.models import Store
from tests.journeys.test_olist import BRASILIA, DATA, Sale, brazil, expected_mails, sales

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the shared sample data is not here")
__all__ = ["brazil", "sales"]
DAY = timedelta(days=1)
STEPS = ("confirmation", "tips", "goes-well", "check-in", "thanks")
Fate = tuple[str, str, datetime | None]


def test_every_step_of_every_order_of_a_year_goes_when_the_rules_say(brazil, sales):
    lives = [sale for sale in sales if is_orderly(sale)]
    clock.set_to(datetime(2018, 11, 1, tzinfo=UTC))
    fill(brazil, lives)
    report = imports.take_in(brazil, [json.dumps(sale.told()).encode() for sale in lives], now=clock.read(), file_name="olist")
    assert (report.new, report.bad) == (len(lives), [])
    found = rehearsed("--from", "2017-09-01", "--to", "2018-08-31", "--orders")
    year = [sale for sale in lives if "2017-09-01" <= sale.placed.astimezone(BRASILIA).date().isoformat() <= "2018-08-31"]
    mine = defaultdict(list)
    for sale in lives:
        mine[sale.person].append(sale)
    expected = {sale.id: fates(sale, mine[sale.person]) for sale in year}
    told = {order["external_id"]: {step: told_of(its) for step, its in order["steps"].items()} for order in found["orders"]}
    assert told.keys() == expected.keys()
    assert {name: (told[name], expected[name]) for name in expected if told[name] != expected[name]} == {}
    assert (found["begun"], found["customers"]) == (len(year), len({sale.person for sale in year}))
    assert (found["begun"], found["mails"]) == (2645, 10630)
    for step in found["steps"]:
        fate = Counter(expected[name][step["step"]][0] for name in expected)
        reasons = Counter(expected[name][step["step"]][1] for name in expected)
        assert (step["would_send"], step["waiting"]) == (fate["would_send"], fate["waiting"])
        assert step["skipped"] == {reason: number for reason, number in reasons.items() if reason}
    assert sum(day["mails"] for day in found["days"].values()) == found["mails"] == sum(step["would_send"] for step in found["steps"])


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
