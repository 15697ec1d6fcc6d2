"""The lists of orders that staff work through: each order in those it belongs in, once."""

from datetime import timedelta

import pytest

from orders import stalling, states
from orders.models import Order, Shipment
from tests.factories.orders import NOW, place


def parcel(**fields):
    return {"external_id": "s1", "status": "in_transit", "carrier": "DHL", "shipped_at": "2026-02-20T11:00:00Z", **fields}


@pytest.fixture
def sold(store):
    """Orders of every kind; the number says which."""
    there = {"status": "delivered", "delivered_at": "2026-02-25T10:00:00Z"}
    for number, parcels in {
        "new": [],
        "on time": [parcel(expected_at="2026-03-02T10:00:00Z")],
        "past its day": [parcel(expected_at="2026-02-25T10:00:00Z")],
        "came late": [parcel(expected_at="2026-02-22T10:00:00Z", **there)],
        "failed": [parcel(status="failure")],
        "silent": [parcel(), {**parcel(), "external_id": "s2"}],
        "missed": [parcel()],
        "found": [parcel(**there)],
    }.items():
        place(store, number, number=number, shipments=parcels)
    Shipment.objects.filter(order__number="silent").update(scans=[["2026-02-21T10:00:00+00:00", "in_transit", "Sorted", "Leipzig"]])
    said = {"missed": NOW, "found": NOW - timedelta(days=8)}
    for number, at in said.items():
        Order.objects.filter(number=number).update(not_there_at=at)
    stalling.note(now=NOW)
    moved = place(store, "moved", number="moved", shipments=[parcel(expected_at="2026-03-02T10:00:00Z")])
    Shipment.objects.filter(order=moved).update(expected_at=NOW + timedelta(days=4))
    place(store, "off", number="off", cancelled_at="2026-03-01T11:30:00Z")


def test_each_order_stands_in_the_lists_it_belongs_in(sold, store, other):
    def numbers(state, whose):
        found = states.found(Order.objects.filter(store=whose), state, store=whose, now=NOW)
        return sorted(order.number for order in found)

    assert {state: numbers(state, store) for state in states.STATES if state} == {
        "to-ship": ["new"],
        "under-way": ["missed", "moved", "on time", "past its day", "silent"],
        "late": ["moved", "past its day"],
        "stuck": ["silent"],
        "trouble": ["failed"],
        "missed": ["missed"],
        "cancelled": ["off"],
    }
    assert not any(numbers(state, other) for state in states.STATES)
