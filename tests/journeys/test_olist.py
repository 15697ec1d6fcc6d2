"""A real marketplace's orders (Olist, 2016 to 2018): some lived through, each mail at its minute; the moments are worked out anew here."""

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Min

from campaigns import flows, recipes
from campaigns.models import StepRun
from campaigns.tasks import sweep_bulk, sweep_urgent
from catalog.models import Pairing, Product, ProductGuide
from integrations import inbox
from messaging.models import Message
from offers.models import Offer
from stores import clock
from stores.models import Store

DATA = Path(__file__).parents[3] / "shared/data/olist"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the shared sample data is not here")

BRASILIA = ZoneInfo("America/Sao_Paulo")
#: States whose clocks differ from the capital's.
ZONES = {
    "AM": "America/Manaus", "RR": "America/Boa_Vista", "RO": "America/Porto_Velho", "MT": "America/Cuiaba", "MS": "America/Campo_Grande",
    "AC": "America/Rio_Branco", "PE": "America/Recife", "CE": "America/Fortaleza", "BA": "America/Bahia", "PA": "America/Belem",
}  # fmt: skip
EVERYTHING = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Sale:
    """One order of the data with its people, items and moments (local time made UTC)."""

    id: str
    person: str
    city: str
    state: str
    status: str
    cents: int
    items: list[dict[str, str]]
    placed: datetime
    approved: datetime | None
    shipped: datetime | None
    delivered: datetime | None
    promised: datetime

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(ZONES.get(self.state, BRASILIA.key))

    def told(self, *, by: datetime = EVERYTHING) -> dict[str, Any]:
        """Return the order in the generic format, as a shop would have told it at a moment."""
        is_approved, is_shipped = (at is not None and at <= by for at in (self.approved, self.shipped))
        known = [at for at in (self.placed, self.approved, self.shipped, self.delivered) if at and at <= by]
        lines = [
            {"external_id": item["order_item_id"], "name": f"Item {item['product_id'][:6]}", "quantity": 1, "unit_price": item["price"],
             "product_external_id": item["product_id"]}
            for item in self.items
        ]  # fmt: skip
        return {
            "external_id": self.id, "number": self.id[:8], "placed_at": self.placed.isoformat(), "updated_at": max(known).isoformat(),
            "currency": "BRL", "total": f"{self.cents // 100}.{self.cents % 100:02}", "lines": lines,
            "financial_status": "paid" if is_approved else "pending", "fulfillment_status": "fulfilled" if is_shipped else "unfulfilled",
            "customer": {
                "external_id": self.person, "email": f"{self.person}@example.com", "marketing_consent": "subscribed",
                "marketing_consent_at": "2016-01-01T00:00:00Z", "timezone": ZONES.get(self.state, ""),
            },
            "shipping_address": {"city": self.city, "country": "BR"},
            "shipments": [self.parcel(by=by)] if is_shipped else [],
            "cancelled_at": (self.approved or self.placed).isoformat() if self.status == "canceled" else None,
        }  # fmt: skip

    def parcel(self, *, by: datetime = EVERYTHING) -> dict[str, Any]:
        assert self.shipped
        is_there = self.status == "delivered" or self.delivered is not None
        has_come = is_there and (self.delivered or by) <= by
        return {
            "external_id": f"{self.id}-1", "order_external_id": self.id, "shipped_at": self.shipped.isoformat(),
            "expected_at": self.promised.isoformat(), "status": "delivered" if has_come else "in_transit",
            "delivered_at": self.delivered.isoformat() if self.delivered and has_come else None,
        }  # fmt: skip


def rows(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(DATA / f"olist_{name}_dataset.csv.gz", "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=BRASILIA).astimezone(UTC) if text else None


def cents(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int((part + "00")[:2])


@pytest.fixture(scope="module")
def sales() -> list[Sale]:
    people = {row["customer_id"]: row for row in rows("customers")}
    items = defaultdict(list)
    for row in rows("order_items"):
        items[row["order_id"]].append(row)
    return [_sale(row, people[row["customer_id"]], items[row["order_id"]]) for row in rows("orders")]


def _sale(row: dict[str, str], person: dict[str, str], items: list[dict[str, str]]) -> Sale:
    placed, promised = moment(row["order_purchase_timestamp"]), moment(row["order_estimated_delivery_date"])
    assert placed and promised
    return Sale(
        id=row["order_id"], person=person["customer_unique_id"], city=person["customer_city"], state=person["customer_state"],
        status=row["order_status"], cents=sum(cents(item["price"]) + cents(item["freight_value"]) for item in items), items=items,
        placed=placed, approved=moment(row["order_approved_at"]), shipped=moment(row["order_delivered_carrier_date"]),
        delivered=moment(row["order_delivered_customer_date"]), promised=promised,
    )  # fmt: skip


@pytest.fixture
def brazil(db) -> Store:
    return Store.objects.create(
        slug="loja", name="Loja Azul", timezone="America/Sao_Paulo", currency="BRL", country="BR", sender_name="Rui at Loja Azul",
        sender_email="rui@loja.example", usual_delivery_days=10, created_at=datetime(2016, 1, 1, tzinfo=UTC),
    )  # fmt: skip


def chosen(sales: list[Sale]) -> list[Sale]:
    """Return twenty buyers of one order each, spread over two years: mostly delivered, late ones and far zones first."""
    count = Counter(sale.person for sale in sales)
    good = [
        sale
        for sale in sorted(sales, key=lambda sale: sale.placed)
        if sale.items and count[sale.person] == 1 and sale.shipped and sale.approved and sale.placed <= sale.approved <= sale.shipped
    ]
    there = [sale for sale in good if sale.status == "delivered" and sale.delivered and sale.shipped and sale.delivered >= sale.shipped]
    late = [sale for sale in there if sale.shipped and sale.promised < sale.shipped][:3]
    quick = [sale for sale in there if sale.shipped and sale.delivered and sale.delivered - sale.shipped < timedelta(hours=24)][:2]
    tight = [sale for sale in there if sale.shipped and timedelta(0) < sale.promised - sale.shipped < timedelta(hours=30)][:3]
    far = [sale for sale in there if sale.state in ("AC", "AM", "RR", "RO", "MT")][::6][:3]
    never = [sale for sale in good if sale.status == "shipped" and sale.delivered is None]
    picked = {sale.id: sale for sale in [*late, *quick, *tight, *far, *never[:: len(never) // 3][:3]]}
    rest = [sale for sale in there if sale.id not in picked]
    wanted = 20 - len(picked)
    return [*picked.values(), *rest[:: len(rest) // wanted][:wanted]]


def expected_mails(sale: Sale) -> dict[str, datetime]:
    """Return when each mail is to leave, by the rules as the merchant reads them; a mail that would come too late is not there."""
    assert sale.shipped
    day = timedelta(days=1)
    mails = {"confirmation": sale.placed}
    tips = min(sale.shipped + day, sale.promised - timedelta(hours=6))
    if sale.shipped < tips + 4 * day:  # still of use when the shipping is told
        tips = max(tips, sale.shipped)
        arrived_first = sale.delivered is not None and sale.delivered < tips
        mails["tips"] = sale.shipped + day if arrived_first else tips
    if sale.delivered is not None:
        local = sale.delivered.astimezone(sale.zone).date()
        mails["goes-well"] = datetime.combine(local + 4 * day, time(10), tzinfo=sale.zone).astimezone(UTC)
        mails["check-in"] = sale.delivered + timedelta(hours=168)
        mails["thanks"] = sale.delivered + timedelta(hours=336)
    return mails


def open_store(store: Store, bought: list[Sale]) -> None:
    flow = recipes.install(store, "post-purchase", now=clock.read())
    Offer.objects.filter(store=store).update(code="OBRIGADO10")
    flows.activate(flow, now=clock.read())
    cloth = Product.objects.create(store=store, external_id="cloth", title="Cleaning cloth")
    for name in sorted({item["product_id"] for sale in bought for item in sale.items}):
        product = Product.objects.create(store=store, external_id=name, title=f"Item {name[:6]}")
        ProductGuide.objects.create(store=store, product=product, headline="a good start", tips=["Unpack it.", "Keep the box."])
        Pairing.objects.create(store=store, product=product, suggested=cloth, reason="It keeps it clean")


def test_twenty_orders_lived_through_get_each_mail_at_its_minute_and_no_other(brazil, sales, mailoutbox):
    lives = chosen(sales)
    begin = min(sale.placed for sale in lives) - timedelta(days=1)
    clock.set_to(begin)
    open_store(brazil, lives)
    happenings = sorted({(at, sale.id) for sale in lives for at in (sale.placed, sale.shipped, sale.delivered) if at is not None})
    by_id = {sale.id: sale for sale in lives}
    for at, name in happenings:
        live_until(at)
        tell(brazil, by_id[name], at, begin)
    live_until(happenings[-1][0] + timedelta(days=40))

    expected = {(sale.id, step): at for sale in lives for step, at in expected_mails(sale).items()}
    sent = {(mail.order.external_id, mail.step): mail.sent_at for mail in Message.objects.select_related("order") if mail.order}
    assert sent.keys() == expected.keys()
    off = {name: (at, expected[name]) for name, at in sent.items() if at is None or not -SECOND <= at - expected[name] < MINUTE}
    assert off == {}
    assert (len(lives), len(mailoutbox), Message.objects.filter(state="sent").count()) == (20, len(expected), len(expected))
    never = {sale.id for sale in lives if sale.delivered is None}
    waiting = StepRun.objects.filter(state="waiting")
    assert set(waiting.values_list("order__external_id", "step_key")) == {
        (name, step) for name in never for step in ("goes-well", "check-in", "thanks")
    }
    assert (len(never), StepRun.objects.filter(state__in=["planned", "held"]).count()) == (3, 0)
    too_late = {sale.id for sale in lives if "tips" not in expected_mails(sale)}
    assert set(StepRun.objects.filter(state="skipped").values_list("order__external_id", "step_key", "reason")) == {
        (name, "tips", "too_late") for name in too_late
    }
    assert too_late


def live_until(moment: datetime) -> None:
    """Sweep what was told, and each due time before a moment; put the clock there."""
    sweep()
    while due := StepRun.objects.filter(state__in=["planned", "held"], wake_at__lt=moment).aggregate(at=Min("wake_at"))["at"]:
        clock.set_to(due)
        assert sweep()
    clock.set_to(moment)


def sweep() -> int:
    """Do what sends mails, until nothing is due: scores, segments and what only tidies up have no part in them."""
    total = 0
    while moved := sweep_urgent() or sweep_bulk():
        total += moved
    return total


SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def tell(store: Store, sale: Sale, at: datetime, since: datetime) -> None:
    """Tell what is known at a moment: orders as a whole, later news of the parcel by itself."""
    if sale.shipped is not None and at > sale.shipped:
        inbox.apply(store, "shipments/update", {**sale.parcel(by=at), "updated_at": at.isoformat()}, now=at, live_since=since)
    else:
        inbox.apply(store, "orders/update", sale.told(by=at), now=at, live_since=since)
