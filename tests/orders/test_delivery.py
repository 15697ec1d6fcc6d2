"""How long parcels usually take: learned from the store's own, by the finest figures that enough of them give."""

from datetime import UTC, datetime, timedelta

import pytest

from orders import delivery, facts, learning
from orders.delivery import Usual
from orders.models import Order, Shipment
from tests.factories.orders import place

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MONDAY = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)
LEARNED = {"": [96.0, 120.0, 500], "dhl": [48.0, 72.0, 100], "dhl|DE": [24.0, 40.0, 60], "dhl|DE|1": [20.0, 24.0, 30],
    "=express": [12.0, 24.0, 40], "=express|DE": [12.0, 18.0, 20]}  # fmt: skip


@pytest.mark.parametrize(
    ("carrier", "country", "left", "expected"),
    [
        ("DHL", "DE", MONDAY, Usual(20 / 24, 1.0, 30)),
        ("D.H.L", "DE", MONDAY + timedelta(days=1), Usual(1.0, 40 / 24, 60)),
        ("DHL", "AT", MONDAY, Usual(2.0, 3.0, 100)),
        ("UPS", "DE", MONDAY, Usual(4.0, 5.0, 500)),
        ("", "DE", None, Usual(4.0, 5.0, 500)),
    ],
)
def test_the_finest_figures_count(carrier, country, left, expected):
    assert delivery.usual(LEARNED, said_days=9, carrier=carrier, country=country, left=left, zone="Europe/Berlin") == expected


@pytest.mark.parametrize(
    ("method", "country", "expected"),
    [("Express!", "DE", Usual(0.5, 0.75, 20)), ("Express", "AT", Usual(0.5, 1.0, 40)), ("Standard", "DE", Usual(1.0, 40 / 24, 60))],
)
def test_the_method_of_the_checkout_counts_before_the_carrier(method, country, expected):
    assert delivery.usual(LEARNED, said_days=9, method=method, carrier="DHL", country=country) == expected


def test_without_figures_the_store_itself_says_it():
    assert delivery.usual({}, said_days=5, carrier="DHL") == Usual(5, 5)


def shipped(store, number, *, days, carrier="DHL", left=MONDAY, country="DE", **fields):
    order = place(store, number, shipping_address={"country_code": country})
    there = {"status": "delivered", "delivered_at": left + timedelta(days=days)} | fields
    return Shipment.objects.create(store=store, order=order, external_id="s", carrier=carrier, shipped_at=left, **there)


@pytest.mark.django_db
def test_learns_from_enough_parcels_of_this_store_alone(store, other):
    for number in range(10):
        shipped(store, f"a{number}", days=1 + number % 5)
        shipped(other, f"a{number}", days=30)
    shipped(store, "back", days=9, status="returned")
    shipped(store, "test", days=9, carrier="UPS")
    assert learning.learn(store, now=NOW) == {
        "": [72.0, 120.0, 11], "dhl": [72.0, 100.8, 10], "dhl|DE": [72.0, 100.8, 10],
    }  # fmt: skip
    store.refresh_from_db()
    order = place(store, "new", shipping_address={"country_code": "DE"})
    parcel = Shipment.objects.create(store=store, order=order, external_id="s", carrier="dhl", shipped_at=MONDAY, status="pending")
    known = facts.milestones_of(Order.objects.get(pk=order.pk), store)
    assert known.assumed == MONDAY + timedelta(hours=100.8)
    assert facts.usual_of(order, store, [parcel]) == Usual(3.0, 4.2, 10)


@pytest.mark.django_db
def test_learns_each_method_apart_whoever_carries_it(store):
    for number in range(20):
        method, carrier = ("Express", "DHL") if number % 2 else ("Standard (free)", "UPS" if number < 10 else "")
        parcel = shipped(store, f"{number}", days=1 if method == "Express" else 4, carrier=carrier)
        Order.objects.filter(pk=parcel.order_id).update(shipping_method=method)
    assert learning.learn(store, now=NOW) == {
        "": [60.0, 96.0, 20], "=express": [24.0, 24.0, 10], "=express|DE": [24.0, 24.0, 10], "=standardfree": [96.0, 96.0, 10],
        "=standardfree|DE": [96.0, 96.0, 10], "dhl": [24.0, 24.0, 10], "dhl|DE": [24.0, 24.0, 10],
    }  # fmt: skip
    store.refresh_from_db()
    order = Order(store=store, placed_at=NOW, shipping_method="express", shipping_address={"country_code": "DE"})
    assert facts.usual_of(order, store, []) == Usual(1.0, 1.0, 10)


@pytest.mark.django_db
def test_a_customers_word_teaches_where_no_carrier_reports(store):
    for number in range(10):
        parcel = shipped(store, f"{number}", days=0, status="in_transit", delivered_at=None, carrier="Post")
        Order.objects.filter(pk=parcel.order_id).update(received_at=MONDAY + timedelta(days=2), received_by="the customer")
    assert learning.learn(store, now=NOW)["post"] == [48.0, 48.0, 10]


@pytest.mark.django_db
def test_of_too_few_nothing_is_learned(store):
    for number in range(9):
        shipped(store, f"{number}", days=2)
    assert learning.learn(store, now=NOW) == {}
