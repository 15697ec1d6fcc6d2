"""Two years of the demo shop's history in the generic format: seasons, regulars, many countries and moneys, and what goes wrong.

One seed tells one history. All people are made up; their addresses are at example.com.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from babel.numbers import get_currency_precision

from lifecycle.demo import traits
from lifecycle.demo.goods import BY_SKU, GOODS, Good
from lifecycle.demo.people import PEOPLE

CUSTOMERS = 2400
DAYS = 700
#: How much is bought in a month, the year's mean being about 1.
SEASON = {1: 0.7, 2: 0.8, 3: 0.9, 4: 0.95, 5: 0.95, 6: 0.85, 7: 0.75, 8: 0.8, 9: 1.0, 10: 1.1, 11: 1.6, 12: 2.2}


#: What three in ten take with it, beside chance: there is something to learn of what goes well together.
TAKES_TOO = {"filters": "beans", "mug": "beans", "oil": "mug"}


@dataclass(frozen=True)
class Land:
    """Where people live, how they are called, in which money they pay (`rate` to one euro); `weight` of the shop's buyers."""

    country: str
    city: str
    language: str
    currency: str
    rate: str
    weight: int
    first: tuple[str, ...]
    last: tuple[str, ...]


LANDS = (
    Land("DE", "Leipzig", "de", "EUR", "1", 40, ("Lena", "Jonas", "Mia", "Ben", "Heike", "Jürgen", "Anke", "Malte"),
         ("Schröder", "Brandt", "Vogel", "Lüders", "Kaya", "Wójcik-Braun")),
    Land("FR", "Rennes", "fr", "EUR", "1", 12, ("Chloé", "Lucas", "Inès", "Hugo", "Maëlle"), ("Lefèvre", "Garnier", "Benali", "Le Goff")),
    Land("GB", "Leeds", "en", "GBP", "0.86", 12, ("Olivia", "Amir", "Freya", "Tom", "Siobhán"),
         ("Hughes", "Patel", "O'Neill", "Smith-Jones")),
    Land("ES", "Valencia", "es", "EUR", "1", 8, ("Lucía", "Mateo", "Íñigo", "Carmen"), ("Núñez", "de la Fuente", "Ibáñez")),
    Land("DK", "Odense", "da", "DKK", "7.46", 6, ("Freja", "Søren", "Åse"), ("Østergaard", "Kjær")),
    Land("PL", "Poznań", "pl", "PLN", "4.3", 6, ("Zofia", "Michał", "Łucja"), ("Wiśniewska", "Żak", "Dąbrowski")),
    Land("CH", "Basel", "de", "CHF", "0.96", 5, ("Urs", "Seraina", "Noémie"), ("Bürgi", "Favre")),
    Land("US", "Portland", "en", "USD", "1.08", 5, ("Grace", "Diego", "Hana"), ("Nguyen", "Miller", "Washington")),
    Land("JP", "Kobe", "ja", "JPY", "163", 3, ("さくら", "Haruto"), ("佐藤", "Tanaka")),
    Land("KW", "Kuwait City", "ar", "KWD", "0.33", 1, ("نورة", "Yousef"), ("العنزي", "Al-Sabah")),
)  # fmt: skip


def orders(*, until: datetime) -> list[dict[str, Any]]:
    """Return every order placed in the two years before `until`, oldest first."""
    dice = random.Random(2026)
    told: list[dict[str, Any]] = []
    for index in range(CUSTOMERS):
        told += _life(index, until, dice)
    told.sort(key=lambda order: str(order["placed_at"]))
    for number, order in enumerate(told, start=1):
        order["external_id"], order["number"] = f"h-{number}", f"H{number:05d}"
        order.update(traits.of_order(order["external_id"]))
    return told


def _life(index: int, until: datetime, dice: random.Random) -> Iterator[dict[str, Any]]:
    """Yield one person's orders: most buy once or twice, a few come again and again."""
    land = dice.choices(LANDS, weights=[land.weight for land in LANDS])[0]
    person = _person(index, land, dice)
    moment = until - timedelta(days=dice.uniform(2, DAYS))
    loyalty = dice.choices((0.12, 0.45, 0.85), weights=(70, 24, 6))[0]
    while moment < until - timedelta(days=12):
        if dice.random() < SEASON[moment.month] / max(SEASON.values()):
            yield _order(moment.replace(microsecond=0), person, land, dice)
            if dice.random() > loyalty:
                return
            moment += timedelta(days=dice.expovariate(1 / 75) + 5)
        else:
            moment += timedelta(days=dice.uniform(5, 40))


def _person(index: int, land: Land, dice: random.Random) -> dict[str, Any]:
    if index < len(PEOPLE):
        name, email, _, _, language, consent = PEOPLE[index]
        return {"email": email, "name": name, "locale": language, "marketing_consent": consent, **traits.of_person(email)}
    name = "" if dice.random() < 0.04 else f"{dice.choice(land.first)} {dice.choice(land.last)}"
    consent = dice.choices(("subscribed", "never", "unsubscribed"), weights=(55, 38, 7))[0]
    email = f"buyer.{index}@example.com"
    if index in traits.SECOND_ADDRESSES:
        whose, email = traits.SECOND_ADDRESSES[index]
        name = PEOPLE[whose][0]
    return {"email": email, "name": name, "locale": land.language, "marketing_consent": consent, **traits.of_person(email)}


def _order(placed: datetime, person: dict[str, Any], land: Land, dice: random.Random) -> dict[str, Any]:
    goods = dice.sample(GOODS, dice.choices((1, 2, 3, 4), weights=(50, 30, 15, 5))[0])
    goods += [BY_SKU[TAKES_TOO[good.sku]] for good in goods if good.sku in TAKES_TOO and dice.random() < 0.3]
    goods = list(dict.fromkeys(goods))
    prices = [_price(good, land) for good in goods]
    quantities = [dice.choices((1, 2, 3), weights=(85, 12, 3))[0] for _ in goods]
    total = sum((price * quantity for price, quantity in zip(prices, quantities, strict=True)), Decimal(0))
    euros = sum((Decimal(good.price) * quantity for good, quantity in zip(goods, quantities, strict=True)), Decimal(0))
    order: dict[str, Any] = {
        "placed_at": placed.isoformat(), "updated_at": placed.isoformat(), "currency": land.currency, "total": str(total),
        "shop_currency": "EUR", "shop_total": str(euros), "financial_status": "paid", "fulfillment_status": "fulfilled", "customer": person,
        "shipping_address": {"name": person["name"], "address1": f"Example street {dice.randint(1, 99)}",
                             "country": land.country, **traits.place(land.country, land.city, person["email"])},
        "lines": [
            {"external_id": str(position), "sku": good.sku, "name": good.title, "quantity": quantity, "unit_price": str(price),
             "product_external_id": good.sku, "kind": good.kind}
            for position, (good, quantity, price) in enumerate(zip(goods, quantities, prices, strict=True), start=1)
        ],
    }  # fmt: skip
    order["shipping_method"] = traits.method(f"{person['email']} {placed}")
    return {**order, **_fate(order, placed, dice)}


def _price(good: Good, land: Land) -> Decimal:
    step = Decimal(1).scaleb(-get_currency_precision(land.currency))
    return (Decimal(good.price) * Decimal(land.rate)).quantize(step, ROUND_HALF_UP)


def _fate(order: dict[str, Any], placed: datetime, dice: random.Random) -> dict[str, Any]:
    """Return what became of an order: cancelled, or delivered (some late), and of some an item came back."""
    if dice.random() < 0.015:
        at = (placed + timedelta(hours=3)).isoformat()
        return {"cancelled_at": at, "updated_at": at, "financial_status": "voided", "fulfillment_status": "unfulfilled"}
    shipped = placed + timedelta(hours=dice.uniform(10, 40))
    days = dice.choice((2, 3, 3, 4))
    expected = shipped + timedelta(days=traits.FAST_DAYS if order["shipping_method"] == traits.FAST else days)
    delivered = expected + timedelta(days=dice.choice((2, 4, 7)) if dice.random() < 0.08 else 0, hours=dice.uniform(-20, 2))
    fate: dict[str, Any] = {"updated_at": delivered.isoformat()}
    if any(line["kind"] == "physical" for line in order["lines"]):
        fate["shipments"] = [{
            "external_id": "1", "carrier": dice.choice(("DHL", "DPD", "Post")), "tracking_number": f"{dice.randrange(10**12):012d}",
            "status": "delivered", "shipped_at": shipped.isoformat(), "expected_at": expected.isoformat(),
            "delivered_at": delivered.isoformat(), "updated_at": delivered.isoformat(),
        }]  # fmt: skip
    if dice.random() < 0.03:
        line = order["lines"][0]
        at = (delivered + timedelta(days=dice.uniform(1, 9))).isoformat()
        back = [{"external_id": line["external_id"], "quantity": 1}]
        fate["refunds"] = [{"external_id": "1", "amount": line["unit_price"], "at": at, "lines": back}]
        fate["financial_status"] = "partially_refunded"
    return fate
