"""Staff say that an order has left, or has arrived; the shop goes on telling."""

from datetime import timedelta

import pytest

from campaigns import flows, recipes, triggers
from campaigns.models import StepRun
from customers.models import Event
from integrations.generic import adapter
from orders import by_hand, facts, ingest
from orders.incoming import ShipmentData
from orders.models import Order, Shipment
from tests.factories.orders import NOW, payload, place, shipment

LATER = NOW + timedelta(hours=2)


@pytest.fixture
def order(store) -> Order:
    return place(store)


def sent(order, by, *, carrier="", number="", now=NOW):
    by_hand.mark_shipped(order, carrier=carrier, tracking_number=number, by=by, now=now)


def told(store, **fields):
    return ingest.upsert_shipment(store, adapter.shipment(shipment(**fields)), now=LATER)


def milestones(order):
    return facts.milestones_of(Order.objects.get(pk=order.pk), order.store)


def test_an_order_marked_as_shipped_has_a_parcel_that_says_by_whom(order, bob):
    sent(order, bob, carrier="DHL", number="JD01")
    parcel = order.shipments.get()
    assert (parcel.carrier, parcel.tracking_number, parcel.status, parcel.shipped_at) == ("DHL", "JD01", "in_transit", NOW)
    assert (parcel.marked_by, parcel.is_scanned) == ("Bob", False)
    event = Event.objects.get(kind="shipment.shipped")
    assert (event.occurred_at, event.data["by"], event.data["number"]) == (NOW, "Bob", "#1001")


def test_a_parcel_that_only_staff_know_of_counts_as_received_after_the_usual_days(order, bob):
    sent(order, bob)
    assert milestones(order).assumed == NOW + timedelta(days=order.store.usual_delivery_days)


def test_it_is_marked_once(order, bob):
    sent(order, bob)
    with pytest.raises(by_hand.NotPossible, match="has left already"):
        sent(order, bob, now=LATER)
    assert order.shipments.count() == 1


def test_a_label_that_the_shop_has_made_is_the_parcel_that_left(order, store, bob):
    told(store, carrier="UPS", updated_at="2026-03-01T11:30:00Z")
    sent(order, bob, carrier="DHL", number="JD01")
    parcel = order.shipments.get()
    assert (parcel.external_id, parcel.carrier, parcel.tracking_number, parcel.shipped_at) == ("s1", "UPS", "JD01", NOW)


def test_a_parcel_that_the_shop_tells_of_later_is_the_same_one(order, store, bob):
    sent(order, bob, carrier="DHL")
    told(store, tracking_number="JD77", status="out_for_delivery", updated_at="2026-03-01T13:00:00Z")
    parcel = order.shipments.get()
    assert (parcel.external_id, parcel.status, parcel.tracking_number) == ("s1", "out_for_delivery", "JD77")
    assert (parcel.shipped_at, parcel.marked_by, parcel.carrier) == (NOW, "Bob", "DHL")
    assert Event.objects.filter(kind="shipment.shipped").count() == 1


def test_an_older_word_of_the_shop_still_counts_beside_the_mark(order, store, bob):
    sent(order, bob)
    told(store, status="in_transit", shipped_at="2026-03-01T11:20:00Z", updated_at="2026-03-01T11:20:00Z")
    assert order.shipments.get().shipped_at.isoformat() == "2026-03-01T11:20:00+00:00"


def test_a_second_parcel_of_the_shop_is_a_second_parcel(order, store, bob):
    sent(order, bob)
    told(store, external_id="s1", status="in_transit")
    told(store, external_id="s2", status="in_transit")
    assert sorted(Shipment.objects.values_list("external_id", flat=True)) == ["s1", "s2"]


def test_a_called_off_parcel_does_not_take_the_marked_one_along(order, store, bob):
    sent(order, bob)
    ingest.upsert_shipment(store, ShipmentData("s1", "1001", is_cancelled=True), now=LATER)
    assert order.shipments.filter(is_cancelled=False).count() == 1


def test_an_order_marked_as_received_stays_so_whatever_the_shop_tells_next(order, store, bob):
    told(store, status="in_transit", updated_at="2026-03-01T11:30:00Z")
    by_hand.mark_received(order, by=bob, now=NOW)
    told(store, status="out_for_delivery", updated_at="2026-03-01T13:30:00Z")
    ingest.upsert_order(store, adapter.order(payload(updated_at="2026-03-01T13:40:00Z", total="61.00")), now=LATER)
    order.refresh_from_db()
    assert (order.received_at, order.received_by, order.total_minor) == (NOW, "Bob", 6100)
    assert milestones(order).received == NOW
    event = Event.objects.get(kind="order.received")
    assert (event.occurred_at, event.data["by"]) == (NOW, "Bob")


def test_what_has_arrived_is_not_marked_again(order, store, bob):
    told(store, status="delivered", delivered_at="2026-03-01T11:50:00Z")
    with pytest.raises(by_hand.NotPossible, match="arrived already"):
        by_hand.mark_received(order, by=bob, now=NOW)
    order.refresh_from_db()
    assert order.received_at is None


@pytest.mark.parametrize("mark", [sent, lambda order, by: by_hand.mark_received(order, by=by, now=NOW)])
def test_a_cancelled_order_is_not_marked(store, bob, mark):
    order = place(store, cancelled_at="2026-03-01T11:30:00Z")
    with pytest.raises(by_hand.NotPossible, match="cancelled"):
        mark(order, bob)
    assert not order.shipments.exists()


def test_both_marks_can_be_taken_back_and_made_again(order, store, bob):
    for moment in (NOW, LATER):
        sent(order, bob, now=moment)
        by_hand.mark_received(order, by=bob, now=moment)
        by_hand.take_back_received(order, by=bob, now=moment)
        by_hand.take_back_shipped(order, by=bob, now=moment)
        assert (milestones(order).received, milestones(order).shipped, order.shipments.count()) == (None, None, 0)
    counts = {kind: Event.objects.filter(kind=kind).count() for kind in ("shipment.shipped", "order.received", "staff.acted")}
    assert counts == {"shipment.shipped": 2, "order.received": 2, "staff.acted": 4}
    words = Event.objects.filter(kind="staff.acted").earliest("id").data
    assert (words["text"], words["by"]) == ("Order #1001: “received” taken back", "Bob")


def test_what_the_shop_tells_of_is_not_taken_back(order, store, bob):
    sent(order, bob)
    told(store, status="in_transit")
    with pytest.raises(by_hand.NotPossible, match="shop itself"):
        by_hand.take_back_shipped(order, by=bob, now=LATER)
    with pytest.raises(by_hand.NotPossible, match="Nobody marked"):
        by_hand.take_back_received(order, by=bob, now=LATER)
    assert order.shipments.count() == 1


def test_the_mails_are_planned_anew_by_each_mark_and_each_taking_back(store, bob):
    flows.activate(recipes.install(store, "post-purchase", now=NOW), now=NOW)
    order = place(store)

    def states():
        while triggers.read(now=LATER):
            pass
        return dict(StepRun.objects.values_list("step_key", "state"))

    assert (states()["tips"], states()["check-in"]) == ("waiting", "waiting")
    sent(order, bob)
    assert (states()["tips"], states()["check-in"]) == ("planned", "planned")  # nobody scans it: after the usual days
    by_hand.mark_received(order, by=bob, now=NOW)
    states()
    assert StepRun.objects.get(step_key="check-in").facts["anchor_at"] == NOW.isoformat()
    by_hand.take_back_received(order, by=bob, now=LATER)
    by_hand.take_back_shipped(order, by=bob, now=LATER)
    assert (states()["tips"], states()["check-in"]) == ("waiting", "waiting")
