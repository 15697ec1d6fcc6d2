import random
from datetime import UTC, datetime

import pytest

from customers.models import Customer, Event, Identity, Metrics, Unread
from integrations.generic import adapter
from orders import ingest
from orders.incoming import Unusable
from orders.models import Order, OrderLine, Parked, Refund, Shipment
from tests.factories import orders as given
from tests.factories.orders import NOW, payload, place, shipment

pytestmark = pytest.mark.django_db


def kinds(store):
    return sorted(Event.objects.filter(store=store).values_list("kind", flat=True))


def ship(store, **fields):
    return ingest.upsert_shipment(store, adapter.shipment(shipment(**fields)), now=NOW)


def test_a_new_order_is_written_whole_and_told_once(store):
    order = place(store)
    assert (order.total_minor, order.currency, order.number, order.email) == (5990, "EUR", "#1001", "ada@example.com")
    assert order.paid_at == datetime(2026, 3, 1, 11, tzinfo=UTC)
    line = order.lines.get()
    assert (line.name, line.quantity, line.unit_price_minor, line.product and line.product.external_id) == ("Kettle", 1, 5990, "p1")
    assert kinds(store) == ["order.paid", "order.placed"]
    placed = Event.objects.get(kind="order.placed")
    assert placed.key == f"order.placed:{order.pk}"
    assert placed.data == {"order": order.pk, "number": "#1001", "amount": 5990, "currency": "EUR", "items": "Kettle"}
    assert Unread.objects.filter(reader="flows").count() == 2
    figures = Metrics.objects.get(customer=order.customer)
    assert (figures.orders_count, figures.total_spent_minor) == (1, 5990)


def test_the_same_order_again_changes_nothing(store):
    place(store)
    before = Event.objects.count()
    assert ingest.upsert_order(store, adapter.order(payload()), now=NOW).result == "unchanged"
    assert (Order.objects.count(), OrderLine.objects.count(), Event.objects.count()) == (1, 1, before)


def test_older_news_is_ignored_and_newer_applies(store):
    place(store, updated_at="2026-03-01T11:30:00Z", total="70.00")
    older = ingest.upsert_order(store, adapter.order(payload(total="10.00")), now=NOW)
    assert (older.result, Order.objects.get().total_minor) == ("unchanged", 7000)
    newer = ingest.upsert_order(store, adapter.order(payload(total="80.00", updated_at="2026-03-01T11:40:00Z")), now=NOW)
    assert (newer.result, Order.objects.get().total_minor) == ("changed", 8000)
    assert Metrics.objects.get().total_spent_minor == 8000


def test_an_order_before_the_shop_went_live_is_history_and_tells_nobody(store):
    order = place(store, live_since=NOW)
    assert order.is_history
    assert Event.objects.count() == 2
    assert not Unread.objects.exists()


def test_a_test_order_tells_nobody_and_counts_for_nothing(store):
    order = place(store, test=True)
    assert order.is_test
    assert not Unread.objects.exists()
    assert (Metrics.objects.get().orders_count, Customer.objects.get().has_ordered) == (0, False)


@pytest.mark.parametrize("moment", ["2026-03-04T12:00:00Z", "2999-01-01T00:00:00Z", "1970-01-01T00:00:00Z"])
def test_an_order_of_an_unbelievable_date_is_refused_in_words(store, moment):
    with pytest.raises(Unusable, match="placed_at"):
        place(store, placed_at=moment)
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("currency", "total", "minor"), [("JPY", "1200", 1200), ("KWD", "1.234", 1234), ("JPY", "1200.00", 1200), ("EUR", 12.5, 1250)]
)
def test_amounts_keep_the_decimals_of_their_currency(store, currency, total, minor):
    order = place(store, currency=currency, total=total, lines=[])
    assert order.total_minor == minor


def test_half_a_yen_is_refused_in_words(store):
    with pytest.raises(Unusable, match=r"total: .*more decimals than JPY has"):
        place(store, currency="JPY", total="10.5", lines=[])


def test_lines_that_are_gone_go_and_others_keep_their_row(store):
    two = [*payload()["lines"], {"external_id": "l2", "name": "Cup", "quantity": 2, "unit_price": "5"}]
    order = place(store, lines=two)
    kept = order.lines.get(external_id="l2").pk
    place(store, lines=two[1:], updated_at="2026-03-01T11:10:00Z")
    assert list(order.lines.values_list("pk", "external_id")) == [(kept, "l2")]
    assert "order.changed" in kinds(store)


def test_an_order_of_five_hundred_lines_goes_in_and_again_unchanged(store):
    part = {"quantity": 1, "unit_price": "1.00"}
    lines = [{"external_id": str(n), "name": f"Part {n}", "product_external_id": f"p{n}", **part} for n in range(500)]
    order = place(store, lines=lines)
    assert order.lines.count() == 500
    assert ingest.upsert_order(store, adapter.order(payload(lines=lines)), now=NOW).result == "unchanged"


def test_two_stores_may_have_the_same_order_id(store, other):
    first, second = place(store), place(other)
    assert first.pk != second.pk
    assert (first.customer.store_id, second.customer.store_id) == (store.pk, other.pk)
    assert Customer.objects.count() == 2


def test_a_guest_with_another_case_of_the_address_is_the_same_customer(store):
    place(store, "1", customer={"email": "Ada@Example.com"})
    place(store, "2", customer={"email": "ada@EXAMPLE.com "})
    assert Customer.objects.get().metrics.orders_count == 2


def test_two_ids_with_one_address_are_one_customer_with_two_names(store):
    place(store, "1", customer={"external_id": "a", "email": "ada@example.com"})
    place(store, "2", customer={"external_id": "b", "email": "ada@example.com"})
    assert sorted(Identity.objects.values_list("external_id", flat=True)) == ["a", "b"]
    assert Customer.objects.count() == 1


def test_a_known_person_may_move_to_a_new_address_and_old_news_moves_nobody_back(store):
    place(store, "1", customer={"external_id": "a", "email": "old@example.com"})
    place(store, "2", customer={"external_id": "a", "email": "new@example.com"}, updated_at="2026-03-01T11:30:00Z")
    place(store, "3", customer={"external_id": "a", "email": "old@example.com"}, updated_at="2026-03-01T10:00:00Z")
    customer = Customer.objects.get()
    assert (customer.email, customer.email_key) == ("new@example.com", "new@example.com")


def test_a_buyer_without_address_and_id_is_a_customer_of_their_own_and_one_only(store):
    place(store, "1", customer={})
    place(store, "1", customer={}, updated_at="2026-03-01T11:30:00Z", total="60")
    place(store, "2", customer={})
    assert Customer.objects.count() == 2
    assert not Customer.objects.filter(email_key__isnull=False).exists()


def test_an_unusable_address_keeps_the_order_and_is_never_written_to(store):
    order = place(store, customer={"email": "not an address"})
    assert (order.customer.email, order.customer.email_key) == ("not an address", None)


def test_permission_given_at_the_checkout_is_noted(store):
    order = place(store, customer={"email": "ada@example.com", "marketing_consent": "subscribed"})
    assert order.customer.marketing == "subscribed"
    assert order.customer.consents.count() == 1
    place(store, customer={"email": "ada@example.com", "marketing_consent": "subscribed"})
    assert order.customer.consents.count() == 1


def test_a_parcel_that_comes_before_its_order_waits_for_it(store):
    assert ship(store, status="in_transit", updated_at="2026-03-01T11:20:00Z").order_id is None
    assert Parked.objects.count() == 1
    order = place(store)
    assert order.shipments.get().status == "in_transit"
    assert not Parked.objects.exists()
    assert kinds(store) == ["order.paid", "order.placed", "shipment.shipped"]


def test_parked_news_missed_by_its_order_is_taken_up_by_the_sweep(store):
    order = place(store)
    given_refund = adapter.refund({"external_id": "r", "order": "1001", "amount": "9.90"})
    from orders import ingest_parked

    ingest_parked.park(store.pk, given_refund, now=NOW)
    assert ingest.adopt(now=NOW) == 1
    assert ingest.adopt(now=NOW) == 0
    order.refresh_from_db()
    assert (order.refunded_minor, order.financial_status) == (990, "partially_refunded")


def test_a_late_scan_does_not_undo_a_delivery_but_is_told(store):
    place(store)
    ship(store, status="delivered", delivered_at="2026-03-01T11:50:00Z", updated_at="2026-03-01T11:50:00Z")
    ship(store, status="out_for_delivery", updated_at="2026-03-01T11:45:00Z")
    parcel = Shipment.objects.get()
    assert (parcel.status, parcel.delivered_at, parcel.is_scanned) == ("delivered", datetime(2026, 3, 1, 11, 50, tzinfo=UTC), True)
    assert kinds(store) == [
        "order.paid", "order.placed", "order.received", "shipment.delivered", "shipment.out_for_delivery", "shipment.shipped",
    ]  # fmt: skip


def test_a_label_with_a_shipping_date_is_shipped_but_not_scanned(store):
    place(store)
    ship(store, status="pending", shipped_at="2026-03-01T11:30:00Z")
    parcel = Shipment.objects.get()
    assert (parcel.status, parcel.is_scanned) == ("pending", False)
    assert parcel.shipped_at == datetime(2026, 3, 1, 11, 30, tzinfo=UTC)


def test_a_moved_estimate_is_told_with_both_dates_and_the_first_promise_is_kept(store):
    place(store)
    ship(store, expected_at="2026-03-04T12:00:00Z", updated_at="2026-03-01T11:10:00Z")
    ship(store, expected_at="2026-03-06T12:00:00Z", updated_at="2026-03-01T11:20:00Z")
    moved = Event.objects.get(kind="shipment.moved")
    assert (moved.data["from"], moved.data["to"]) == ("2026-03-04T12:00:00+00:00", "2026-03-06T12:00:00+00:00")
    parcel = Shipment.objects.get()
    assert (parcel.first_expected_at, parcel.expected_at) == (datetime(2026, 3, 4, 12, tzinfo=UTC), datetime(2026, 3, 6, 12, tzinfo=UTC))


def test_an_order_is_received_when_its_last_parcel_is(store):
    place(store)
    ship(store, external_id="s1", status="in_transit")
    ship(store, external_id="s2", status="in_transit")
    ship(store, external_id="s1", status="delivered", delivered_at="2026-03-01T11:50:00Z")
    assert "order.received" not in kinds(store)
    ship(store, external_id="s2", status="delivered", delivered_at="2026-03-01T11:55:00Z")
    assert Event.objects.get(kind="order.received").occurred_at.isoformat() == "2026-03-01T11:55:00+00:00"


def test_refunds_add_up_until_nothing_is_left(store):
    order = place(store)
    refund = {"order": "1001", "amount": "30.00", "lines": [{"external_id": "l1", "quantity": 1}]}
    for name, status in [("r1", "partially_refunded"), ("r1", "partially_refunded"), ("r2", "refunded")]:
        amount = "30.00" if name == "r1" else "29.90"
        ingest.upsert_refund(store, adapter.refund({**refund, "external_id": name, "amount": amount}), now=NOW)
        order.refresh_from_db()
        assert order.financial_status == status
    assert (order.refunded_minor, Refund.objects.count(), order.lines.get().refunded_quantity) == (5990, 2, 1)
    assert Metrics.objects.get().total_spent_minor == 0
    assert kinds(store).count("order.refunded") == 2


def test_a_cancelled_order_leaves_the_figures(store):
    order = place(store)
    place(store, cancelled_at="2026-03-01T11:30:00Z", updated_at="2026-03-01T11:30:00Z")
    assert Metrics.objects.get(customer=order.customer).orders_count == 0
    assert "order.cancelled" in kinds(store)


def life():
    """Return the twelve tellings of one order's life, as (verb, data)."""
    hour = "2026-03-01T{:02d}:00:00Z".format
    base = {"placed_at": hour(0)}
    address = {"name": "Ada", "country_code": "GB", "city": "Bath"}
    parcel = {"carrier": "DHL Express", "tracking_number": "T1"}
    first = {"carrier": "DHL", "tracking_number": "T1"}
    order = [
        payload(**base, updated_at=hour(0), financial_status="pending"),
        payload(**base, updated_at=hour(1), financial_status="paid"),
        payload(**base, updated_at=hour(2), shipping_address=address),
        payload(**base, updated_at=hour(5), fulfillment_status="fulfilled", shipping_address=address),
        payload(**base, updated_at=hour(11), fulfillment_status="fulfilled", shipping_address=address,
                financial_status="partially_refunded", refunds=[{"external_id": "r1", "amount": "9.90", "at": hour(10)}]),
    ]  # fmt: skip
    scans = [
        shipment(updated_at=hour(4), status="pending", shipped_at=hour(4), **first),
        shipment(updated_at=hour(6), status="in_transit", expected_at="2026-03-03T12:00:00Z", **first),
        shipment(updated_at=hour(7), status="in_transit", expected_at="2026-03-04T12:00:00Z", **parcel),
        shipment(updated_at=hour(8), status="out_for_delivery", expected_at="2026-03-03T12:00:00Z", **parcel),
        shipment(updated_at=hour(9), status="delivered", delivered_at=hour(9), **parcel),
    ]
    refunds = [{"order": "1001", "external_id": "r1", "amount": "9.90", "at": hour(10)}]
    late = [shipment(updated_at=hour(3), status="pending", carrier="", tracking_number="")]
    return [*order, *scans, *refunds, *late]


def tell(store, body):
    if "amount" in body:
        return ingest.upsert_refund(store, adapter.refund(body), now=NOW)
    if "order_external_id" in body:
        return ingest.upsert_shipment(store, adapter.shipment(body), now=NOW)
    return ingest.upsert_order(store, adapter.order(body), now=NOW)


def picture(store):
    """Return what is held of a store's one order, without row numbers; of events the keys, for what was told is not redated."""
    order = Order.objects.get(store=store)
    hidden = {"id", "store_id", "customer_id", "order_id", "token", "product_id", "versions", "said"}
    rows = [order, *order.lines.all(), *order.refunds.all(), *order.shipments.all()]
    shown = [{name: value for name, value in row.__dict__.items() if name not in hidden and not name.startswith("_")} for row in rows]
    told = sorted(event.key.replace(f":{order.pk}", "", 1) for event in Event.objects.filter(store=store))
    return shown, told, list(Metrics.objects.filter(store=store).values_list("orders_count", "total_spent_minor"))


@pytest.mark.parametrize("seed", range(12))
def test_a_life_shuffled_and_repeated_ends_like_one_in_order(store, other, seed):
    for body in life():
        tell(store, body)
    shuffled = life() + random.Random(seed).sample(life(), 5)
    random.Random(seed).shuffle(shuffled)
    for body in shuffled:
        tell(other, body)
    assert picture(other) == picture(store)
    assert not Parked.objects.exists()


def test_factories_place_orders_by_the_real_verb(store):
    assert given.place(store).store == store
