from datetime import time

import pytest
from django.db import models

from customers.models import Customer
from orders import tracked
from orders.models import Order, Shipment
from stores import gathering
from stores.models import ClockShift, Store
from tests.public.conftest import PLACED, add_parcel

FIELDS = {
    "shipping_address": {"name": 'Ana "Bo" \\ 木', "lines": [1, None, {"deep": True}]}, "discount_codes": ["A,B", "{}", ""],
    "not_there_at": PLACED.replace(microsecond=7), "is_test": True, "versions": [["2026-11-01T08:00:00Z", "x"]],
}  # fmt: skip


def columns(row: models.Model) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_what_comes_in_one_statement_is_what_each_table_holds(order):
    Order.objects.filter(pk=order.pk).update(**FIELDS)
    Store.objects.filter(pk=order.store_id).update(quiet_from=time(21, 30), quiet_until=time(7), delivery_times={"": [24.5, 48.0, 7]})
    Customer.objects.filter(pk=order.customer_id).update(tags=["vip"], name="Ana\u2028\u0001")
    add_parcel(order, status="in_transit", expected_at=PLACED, scans=[["2026-11-02T08:00:00+00:00", "in_transit", "Leipzig", ""]])
    found = tracked.by_token(order.token)
    assert found
    held = [Order.objects.get(), Store.objects.get(), Customer.objects.get(), order.lines.get(), Shipment.objects.get()]
    got = [found.order, found.order.store, found.order.customer, *found.lines, *found.parcels]
    assert [columns(row) for row in got] == [columns(row) for row in held]
    assert not any(row._state.adding for row in got)


def test_a_row_that_json_would_change_is_refused():
    with pytest.raises(TypeError, match="ClockShift cannot come as JSON: shift"):
        gathering.row(ClockShift, {"id": 1, "shift": "01:00:00"})
