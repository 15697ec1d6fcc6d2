"""Bulk work costs as many queries for twenty rows as for ten."""

import json
from collections.abc import Callable

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import gate, steps, triggers
from campaigns.models import StepRun
from customers import tasks_for_staff
from customers.models import Customer
from integrations import imports, inbox
from messaging import sending
from stores import clock
from tests.factories.stores import bearer
from tests.journeys.conftest import open_shop, order, parcel

SHIPPED = "2026-11-03 12:00"


def count(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as seen:
        act()
    return len(seen)


@pytest.fixture
def sell(store, at):
    """Take in so many new orders, each of a person of its own; return the next free number."""
    clock.set_to(at("2026-11-02 09:00"))
    shop = open_shop(store)
    since = clock.read()
    sold = iter(range(10_000))

    def make(number: int, *, shipped: bool = False) -> None:
        for _ in range(number):
            name = str(next(sold))
            person = {"email": f"p{name}@example.com", "name": f"Ana {name}", "marketing_consent": "subscribed"}
            inbox.apply(shop.store, "orders", order(name, at=clock.read(), customer=person), now=clock.read(), live_since=since)
            if shipped:
                left = parcel(name, at=clock.read(), shipped_at=clock.read().isoformat())
                inbox.apply(shop.store, "shipments", left, now=clock.read(), live_since=since)

    return make


def test_reading_events_costs_the_same_for_twenty_as_for_ten(sell):
    def read() -> int:
        return count(lambda: triggers.read(now=clock.read()))

    sell(10)
    ten = read()
    while triggers.read(now=clock.read()):
        pass
    sell(20)
    assert read() == ten
    assert (StepRun.objects.count(), ten <= 30) == (150, True)


@pytest.mark.parametrize("step", ["confirmation", "tips"])
def test_handing_over_costs_the_same_for_twenty_as_for_ten(sell, at, step):
    is_urgent = step == "confirmation"

    def hand_over(number: int) -> int:
        sell(number, shipped=not is_urgent)
        while triggers.read(now=clock.read()):
            pass
        StepRun.objects.filter(step_key=step, state="planned").update(wake_at=clock.read())
        return count(lambda: steps.hand_over(now=clock.read(), is_urgent=is_urgent))

    ten = hand_over(10)
    assert hand_over(20) == ten
    assert StepRun.objects.filter(step_key=step, state="handed_over").count() == 30
    assert ten <= 26


def test_a_window_of_bulk_mails_costs_the_same_however_many_windows_there_are(sell):
    def drain(number: int) -> int:
        sell(number, shipped=True)
        while triggers.read(now=clock.read()):
            pass
        StepRun.objects.filter(step_key="tips", state="planned").update(wake_at=clock.read())
        steps.hand_over(now=clock.read(), is_urgent=False)
        return count(lambda: sending.drain(gate=gate.check, is_urgent=False, now=clock.read()))

    drain(1)
    one_window, two_windows, three_windows, half = drain(10), drain(20), drain(30), drain(5)
    assert three_windows - two_windows == two_windows - one_window
    assert half == one_window
    assert len(mail.outbox) == 66
    assert two_windows - one_window <= 10
    assert one_window <= 24


@pytest.mark.parametrize("path", ["orders", "customers", "messages", "tasks"])
def test_lists_of_the_api_cost_the_same_for_twenty_rows_as_for_ten(sell, store, client, path):
    headers = bearer(store)

    def rows(number: int) -> int:
        sell(number, shipped=True)
        while triggers.read(now=clock.read()) or steps.hand_over(now=clock.read(), is_urgent=True):
            pass
        now = clock.read()
        for customer in Customer.objects.all():
            key = f"call:{customer.pk}"
            tasks_for_staff.open_task(
                customer, kind="call", key=key, title="Call", due_at=now, now=now, order_number=customer.orders.get().number
            )
        return len(client.get(f"/api/v1/{path}?limit=500", headers=headers).json()["items"])

    assert rows(10) == 10
    ten = count(lambda: client.get(f"/api/v1/{path}", headers=headers))
    assert rows(10) == 20
    assert count(lambda: client.get(f"/api/v1/{path}", headers=headers)) == ten
    assert ten <= 8


def test_importing_costs_the_same_for_twenty_orders_as_for_ten(store):
    def take_in(first: int, last: int) -> int:
        now = clock.read()
        lines = [json.dumps(order(str(n), at=now, customer={"email": f"p{n}@example.com"})).encode() for n in range(first, last)]
        return count(lambda: imports.take_in(store, lines, now=now, file_name="x"))

    take_in(0, 1)
    ten = take_in(10, 20)
    assert take_in(20, 40) == ten
    assert ten <= 30
