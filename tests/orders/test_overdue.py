"""Parcels that are late, or will be: told of once for each promise and each day that was missed."""

from datetime import timedelta

import pytest

from customers.models import Event
from orders import overdue
from orders.models import Order, Shipment
from tests.factories.orders import NOW, place

DAY = timedelta(days=1)


def parcel(expected, **fields):
    left = (NOW - 6 * DAY).isoformat()
    told = {"external_id": "s1", "status": "in_transit", "carrier": "DHL", "shipped_at": left, "expected_at": expected.isoformat()}
    return {**told, **fields}


def told() -> list[tuple[str, str]]:
    found = Event.objects.filter(kind__in=["shipment.late", "shipment.trending_late"]).order_by("id")
    return [(event.kind, event.data["number"]) for event in found]


@pytest.mark.django_db
def test_tells_once_that_a_parcel_will_be_late_and_once_for_each_day_it_misses(store):
    place(store, "a", number="a", shipments=[parcel(NOW + DAY)])
    assert overdue.note(now=NOW) == 0
    mine = Shipment.objects.filter(order__number="a")
    mine.update(expected_at=NOW + 3 * DAY)
    assert [overdue.note(now=NOW), overdue.note(now=NOW + DAY)] == [1, 0]
    assert [overdue.note(now=NOW + 4 * DAY), overdue.note(now=NOW + 5 * DAY)] == [1, 0]
    mine.update(expected_at=NOW + 6 * DAY)
    assert [overdue.note(now=NOW + 5 * DAY), overdue.note(now=NOW + 7 * DAY)] == [0, 1]
    assert told() == [("shipment.trending_late", "a"), ("shipment.late", "a"), ("shipment.late", "a")]
    first = Event.objects.get(kind="shipment.trending_late")
    assert (first.data["carrier"], first.data["promised_at"][:10]) == ("DHL", (NOW + DAY).date().isoformat())


@pytest.mark.django_db
def test_tells_nothing_of_what_is_there_called_off_unwatched_or_of_before_the_shop_came(store):
    gone = NOW - 3 * DAY
    for number, parcels in {
        "there": [parcel(gone, status="delivered", delivered_at=NOW.isoformat())],
        "to be picked up": [parcel(gone, status="ready")],
        "label only": [parcel(gone, status="pending")],
        "said to be there": [parcel(gone)],
        "cancelled": [parcel(gone)],
        "history": [parcel(gone)],
        "late": [parcel(gone), parcel(NOW, external_id="s2")],
    }.items():
        place(store, number, number=number, shipments=parcels)
    Order.objects.filter(number="said to be there").update(received_at=NOW)
    Order.objects.filter(number="cancelled").update(cancelled_at=NOW)
    Order.objects.filter(number="history").update(is_history=True)
    overdue.note(now=NOW)
    assert told() == [("shipment.late", "late")]
