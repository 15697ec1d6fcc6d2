from functools import partial

import pytest

from customers.models import Customer, Event, Metrics
from integrations.generic import adapter
from orders import ingest
from orders.models import Order
from tests import side_by_side
from tests.factories.orders import NOW, payload, place, shipment

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_workers_on_one_new_order_make_one(store):
    side_by_side.run(*[lambda: place(store, customer={})] * 2, *[lambda: place(store)] * 2)
    assert Order.objects.count() == 1
    assert Event.objects.filter(kind="order.placed").count() == 1


def test_orders_of_the_same_people_in_opposite_order_do_not_block_each_other(store):
    batches = [[adapter.order(payload(f"{n}", customer={"email": f"b{n % 7}@example.com"})) for n in range(30)] for _ in range(3)]
    batches[1].reverse()
    side_by_side.run(*[lambda batch=batch: ingest.upsert_orders(store, batch, now=NOW) for batch in batches])
    assert (Order.objects.count(), Customer.objects.count()) == (30, 7)
    assert sum(Metrics.objects.values_list("orders_count", flat=True)) == 30


def test_a_parcel_and_its_order_at_the_same_time_find_each_other(store):
    for number in range(5):
        news = adapter.shipment(shipment(f"{number}", status="in_transit"))
        side_by_side.run(partial(place, store, f"{number}"), partial(ingest.upsert_shipment, store, news, now=NOW))
    ingest.adopt(now=NOW)
    assert Event.objects.filter(kind="shipment.shipped").count() == 5
