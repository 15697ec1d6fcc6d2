"""A day before or after a date of the customer's starts a flow."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from campaigns import step_words
from campaigns.models import Enrollment, Flow, FlowVersion, Step
from campaigns.occasions import dates
from campaigns.tasks import sweep_until_quiet
from customers.models import Event, Metrics
from stores import clock
from tests.factories.customers import CustomerFactory


@pytest.fixture
def started_by(store):
    """Make a live flow of one mail that an event of this kind starts."""

    def make(trigger: str, *, key: str = "made", days: int | None = None, date: str = "") -> Flow:
        flow = Flow.objects.create(store=store, key=key, name=key.title(), state="live")
        tests = [{"name": "date", "test": "is", "value": date}, {"name": "days", "test": "is", "value": days}] if date else []
        version = FlowVersion.objects.create(
            store=store, flow=flow, number=1, trigger=trigger, created_at=clock.read(), reentry="every_time", only_where=tests
        )
        Step.objects.create(store=store, version=version, key="mail", name="Mail", position=1, anchor="entered", use_by_hours=72)
        flow.version = version
        flow.save()
        return flow

    return make


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("date", "days", "first", "last"),
    [
        ("birthday", -7, "2026-02-21 00:00", "2026-02-21 23:59"),
        ("birthday", 1, "2026-03-01 00:00", "2026-03-01 23:59"),
        ("first_order", 365, "2026-10-25 00:00", "2026-10-25 23:59"),  # 25 hours long by that clock
        ("first_order", 0, "2025-10-25 00:00", "2025-10-25 23:59"),
    ],
)
def test_a_day_around_a_date_is_told_once_and_on_that_day_only(store, started_by, date, days, first, last):
    started_by("customer.date", date=date, days=days)
    customer = CustomerFactory(store=store, timezone="Europe/Berlin", birth_month=2, birth_day=29)
    Metrics.objects.create(store=store, customer=customer, first_order_at=berlin("2025-10-25 23:30"))
    moments = [berlin(first), berlin(last)]
    for away in (-60, 60):
        moment = moments[0 if away < 0 else 1].timestamp() + away
        assert dates.note(now=datetime.fromtimestamp(moment, tz=ZoneInfo("UTC"))) == 0
    assert [dates.note(now=moment) for moment in moments] == [1, 0]
    assert Event.objects.get(kind="customer.date").data == {"date": date, "days": days}


def test_a_flow_of_a_date_takes_those_in_whose_day_it_is(store, started_by):
    clock.set_to(berlin("2026-05-03 12:00"))
    flow = started_by("customer.date", date="joined", days=2)
    started_by("customer.date", key="other", date="joined", days=3)
    customer = CustomerFactory(store=store, timezone="Europe/Berlin", created_at=berlin("2026-05-01 08:00"))
    dates.note(now=clock.read())
    sweep_until_quiet()
    assert list(Enrollment.objects.values_list("flow", "customer")) == [(flow.pk, customer.pk)]
    assert flow.version and step_words.starts(flow.version) == "is 2 days after they became known"
