"""Four weeks in the demo shop, as deliveries in the generic format with their times; the same seed tells the same story."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from lifecycle.demo import traits
from lifecycle.demo.goods import BY_SKU, Good
from lifecycle.demo.people import FRIEND, FRIENDS_CODE, PEOPLE, Person

ORDERS = 36
#: What becomes of the orders, by turns: most arrive, some are late, a few go wrong.
FATES = ("arrives", "arrives", "late", "arrives", "unscanned", "arrives", "refund", "arrives", "cancelled", "arrives")
LARGE = ("kettle", "grinder", "board", "kettle")
SHIPPING, FREE_FROM = Decimal("4.90"), Decimal(120)
VAT = 19  # per cent, in the prices
SMALL = ("filters", "beans", "oil", "mug", "course", "scale")


@dataclass(frozen=True)
class Delivery:
    """What the shop tells at a moment: a topic and its payload."""

    at: datetime
    topic: str
    payload: dict[str, Any]


def deliveries(*, now: datetime) -> list[Delivery]:
    """Return everything the shop tells in the four weeks before `now`, in order of time."""
    dice = random.Random(1042)
    told: list[Delivery] = []
    for index in range(ORDERS):
        placed = now - timedelta(days=28) + timedelta(days=28) * index / ORDERS + timedelta(minutes=dice.randint(0, 600))
        number = 1001 + index
        told += _order(number, min(placed, now - timedelta(minutes=20)), dice, PEOPLE[number % len(PEOPLE)])
    told += _order(1001 + ORDERS, now - timedelta(days=26), dice, FRIEND)
    return sorted((delivery for delivery in told if delivery.at <= now), key=lambda delivery: delivery.at)


def _order(number: int, placed: datetime, dice: random.Random, buyer: Person) -> Iterator[Delivery]:
    fate = FATES[number % len(FATES)]
    order = new_order(number, placed, dice, buyer)
    if buyer is FRIEND:
        order |= {"discount_codes": [FRIENDS_CODE], "discount_total": "10.00", "total": str(Decimal(order["total"]) - 10)}
    yield Delivery(placed, "orders/create", order)
    if fate == "cancelled":
        at = placed + timedelta(hours=5)
        yield Delivery(
            at, "orders/update", {**order, "cancelled_at": at.isoformat(), "updated_at": at.isoformat(), "financial_status": "voided"}
        )
        return
    shipped = placed + timedelta(hours=dice.randint(18, 30))
    days = dice.randint(2, 4)
    expected = (shipped + timedelta(days=traits.FAST_DAYS if order["shipping_method"] == traits.FAST else days)).replace(hour=15, minute=0)
    yield from _parcel(number, shipped, expected, fate, order["shipping_method"])
    if fate == "refund":
        at = expected + timedelta(days=3)
        refund = {"external_id": f"r{number}", "order_external_id": order["external_id"], "amount": order["lines"][-1]["unit_price"],
                  "at": at.isoformat(), "lines": [{"external_id": order["lines"][-1]["external_id"], "quantity": 1}]}  # fmt: skip
        yield Delivery(at, "refunds/create", refund)


def new_order(number: int, placed: datetime, dice: random.Random, buyer: Person) -> dict[str, Any]:
    """Return somebody's order in the generic format."""
    name, email, country, city, language, consent = buyer
    chosen = [BY_SKU[dice.choice(LARGE)], *(BY_SKU[sku] for sku in dice.sample(SMALL, dice.randint(0, 2)))]
    lines = [_line(position, good) for position, good in enumerate(chosen, start=1)]
    items = sum((Decimal(good.price) for good in chosen), Decimal(0))
    total = items + (shipping := SHIPPING if items < FREE_FROM else Decimal(0))
    return {
        "external_id": f"mf-{number}",
        "number": str(number),
        "placed_at": placed.isoformat(),
        "updated_at": placed.isoformat(),
        "currency": "EUR",
        "total": str(total),
        "shipping_total": str(shipping),
        "tax_total": str((total * VAT / (100 + VAT)).quantize(Decimal("0.01"))),
        "financial_status": "paid",
        "fulfillment_status": "unfulfilled",
        "shipping_method": traits.method(f"mf-{number}"),
        **traits.of_order(f"mf-{number}"),
        "customer": {"email": email, "name": name, "locale": language, "marketing_consent": consent, **traits.of_person(email)},
        "shipping_address": {"name": name, "address1": f"Example street {number % 80 + 1}", "city": city, "country": country},
        "lines": lines,
    }


def _line(position: int, good: Good) -> dict[str, Any]:
    return {
        "external_id": str(position), "sku": good.sku, "name": good.title, "quantity": 1, "unit_price": good.price,
        "product_external_id": good.sku, "kind": good.kind,
    }  # fmt: skip


def _parcel(number: int, shipped: datetime, expected: datetime, fate: str, way: str) -> Iterator[Delivery]:
    """Yield a parcel's news: shipped, an estimate that moves if it is late, out for delivery or at its pick-up point, delivered."""
    parcel = {
        "external_id": f"p{number}", "order_external_id": f"mf-{number}", "carrier": "DHL", "tracking_number": f"0034{number:012d}",
        "shipped_at": shipped.isoformat(), "expected_at": expected.isoformat(),
    }  # fmt: skip
    if fate == "unscanned":
        without = {**parcel, "expected_at": None, "tracking_number": "", "carrier": "Post", "status": "pending"}
        yield Delivery(shipped, "shipments/create", {**without, "updated_at": shipped.isoformat()})
        return
    yield Delivery(shipped, "shipments/create", {**parcel, "status": "in_transit", "updated_at": shipped.isoformat()})
    if fate == "late":
        moved, expected = expected - timedelta(hours=8), expected + timedelta(days=3)
        parcel["expected_at"] = expected.isoformat()
        yield Delivery(moved, "shipments/update", {**parcel, "status": "in_transit", "updated_at": moved.isoformat()})
    out = expected.replace(hour=8)
    near = "ready" if way == traits.FETCHED else "out_for_delivery"
    yield Delivery(out, "shipments/update", {**parcel, "status": near, "updated_at": out.isoformat()})
    here = expected - timedelta(hours=1)
    delivered = {**parcel, "status": "delivered", "delivered_at": here.isoformat(), "updated_at": here.isoformat()}
    yield Delivery(here, "shipments/update", delivered)
