import json

import pytest

from customers.models import Customer, Metrics
from integrations import imports
from integrations.models import ImportJob
from orders.models import Order
from tests.factories.orders import NOW, payload


def lines(*rows):
    return [json.dumps(row).encode() for row in rows]


@pytest.mark.django_db(transaction=True)
def test_lanes_side_by_side_take_every_order_once_and_share_customers(store):
    rows = [payload(f"{n}", customer={"external_id": f"c{n % 7}", "email": f"b{n % 7}@example.com"}) for n in range(60)]
    report = imports.take_in(store, lines(*rows, *rows[:20], payload("bad", currency="?")), now=NOW, file_name="a.jsonl")
    assert (report.read, report.new, report.changed, report.unchanged) == (81, 60, 0, 20)
    assert report.bad == [{"line": 81, "reason": "currency: '?' is not an ISO 4217 currency code"}]
    assert (Order.objects.count(), Customer.objects.count()) == (60, 7)
    assert sorted(Metrics.objects.values_list("orders_count", "total_spent_minor")) == [(8, 47920)] * 3 + [(9, 53910)] * 4
    assert (ImportJob.objects.get().new, ImportJob.objects.get().finished_at) == (60, NOW)


@pytest.mark.django_db(transaction=True)
def test_of_tellings_without_a_time_the_last_line_of_an_order_holds(store):
    rows = [payload(f"{n % 10}", updated_at=None, total=f"{n}.00") for n in range(40)]
    imports.take_in(store, lines(*rows), now=NOW, file_name="a.jsonl")
    assert sorted(Order.objects.values_list("external_id", "total_minor")) == [(f"{n}", (30 + n) * 100) for n in range(10)]


@pytest.mark.django_db(transaction=True)
def test_what_breaks_the_reading_is_raised_and_what_stood_before_is_in(store):
    def broken():
        yield from lines(*[payload(f"{n}") for n in range(2000)])
        yield from lines(payload("later"))
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        imports.take_in(store, broken(), now=NOW, file_name="a.jsonl")
    assert (Order.objects.count(), Order.objects.filter(external_id="later").exists()) == (2000, False)
    assert ImportJob.objects.get().finished_at is None
