"""Time as it is lived: random lives whose news moves about, and nights on which clocks jump."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Step, StepRun
from campaigns.tasks import sweep_until_quiet
from campaigns.travel import travel_to
from customers.models import Event
from integrations import inbox
from messaging.models import Message
from orders.models import Order
from stores import clock
from tests.journeys.conftest import open_shop, order, parcel
from tests.thoroughness import examples

STEPS = ["confirmation", "tips", "goes-well", "check-in", "thanks"]
CLOSED = {"handed_over", "skipped", "cancelled"}

news = st.one_of(
    st.tuples(st.just("estimate"), st.integers(-30, 200)),
    st.tuples(st.just("shipped"), st.integers(0, 48)),
    st.tuples(st.just("delivered"), st.integers(0, 48)),
    st.tuples(st.just("lost again"), st.just(0)),
    st.tuples(st.just("out"), st.just(0)),
    st.tuples(st.just("refund"), st.sampled_from([5, 79])),
    st.tuples(st.just("cancel"), st.just(0)),
    st.tuples(st.just("again"), st.integers(0, 9)),
    st.tuples(st.just("paid"), st.just(0)),
)
#: What is told, how many hours later, and whether it is swept before the next news.
lives = st.lists(st.tuples(news, st.integers(0, 90), st.booleans()), min_size=2, max_size=9)


#: What a parcel's news says, by a moment some hours ago and one some hours ahead.
PARCEL: dict[str, Callable[[str, str], dict[str, str]]] = {
    "estimate": lambda ago, ahead: {"expected_at": ahead},
    "shipped": lambda ago, ahead: {"shipped_at": ago},
    "delivered": lambda ago, ahead: {"status": "delivered", "delivered_at": ago},
    "lost again": lambda ago, ahead: {"status": "in_transit"},
    "out": lambda ago, ahead: {"status": "out_for_delivery"},
}


class Life:
    """One order whose news is told by the real verbs, and what must hold after each sweep."""

    def __init__(self, shop, begin: datetime) -> None:
        self.shop, self.begin = shop, begin
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.sent: dict[str, datetime | None] = {}
        self.ended_with: int | None = None
        self.is_swept = True

    def tell(self, topic: str, payload: dict[str, Any]) -> None:
        self.told.append((topic, payload))
        inbox.apply(self.shop.store, topic, payload, now=clock.read(), live_since=self.begin)
        self.is_swept = False

    def sweep(self) -> None:
        sweep_until_quiet()
        self.is_swept = True
        self.check()

    def hear(self, what: str, value: int) -> None:
        now = clock.read()
        ago, ahead = (now - timedelta(hours=value)).isoformat(), (now + timedelta(hours=value)).isoformat()
        if what == "again":
            self.tell(*self.told[value % len(self.told)])
        elif what == "refund":
            self.tell("refunds/create", {"external_id": f"r{value}", "order": "ext-1042", "amount": str(value), "at": now.isoformat()})
        elif what in ("paid", "cancel"):
            cancelled_at = now.isoformat() if what == "cancel" else self.cancelled_at
            self.tell("orders/update", order(at=self.begin, updated_at=now.isoformat(), cancelled_at=cancelled_at))
        else:
            self.tell("shipments/update", parcel(at=now, **PARCEL[what](ago, ahead)))

    @property
    def cancelled_at(self) -> str | None:
        held = Order.objects.get().cancelled_at
        return held.isoformat() if held else None

    def check(self) -> None:
        counts = Counter(Message.objects.values_list("step", flat=True))
        assert not counts or max(counts.values()) == 1, counts
        sent = dict(Message.objects.filter(state="sent").values_list("step", "sent_at"))
        assert len(mail.outbox) == len(sent) == Message.objects.count()
        assert sent.items() >= self.sent.items(), "a sent mail was taken back"
        self.sent = sent
        runs = {run.step_key: run for run in StepRun.objects.all()}
        assert sorted(runs) == sorted(STEPS)
        assert {step for step, run in runs.items() if run.state == "handed_over"} == sent.keys()
        now = clock.read()
        for run in runs.values():
            is_ahead = run.wake_at > now if run.wake_at else run.state == "waiting"
            assert run.state in CLOSED or is_ahead, (run.step_key, run.state)
        if self.ended_with is not None:
            assert len(mail.outbox) == self.ended_with, "something was sent after the end"
        elif ended(Order.objects.get()):
            self.ended_with = len(mail.outbox)
            assert {run.state for run in runs.values()} <= CLOSED


def ended(held: Order) -> bool:
    return held.cancelled_at is not None or held.financial_status == "refunded"


@settings(max_examples=examples(48), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(life=lives)
def test_whatever_happens_no_step_is_sent_twice_lost_or_taken_back(shop, life):
    begin = clock.read()
    with transaction.atomic():
        mail.outbox.clear()
        lived = Life(shop, begin)
        lived.tell("orders/create", order(at=begin))
        lived.sweep()
        for (what, value), hours, is_swept in life:
            lived.hear(what, value)
            if is_swept:
                lived.sweep()
            sent = len(mail.outbox)
            travel_to(clock.read() + timedelta(hours=hours))
            assert lived.ended_with is None or len(mail.outbox) == sent
            lived.check()
        travel_to(clock.read() + timedelta(days=120))
        lived.check()
        _is_whole(lived)
        transaction.set_rollback(True)
    clock.set_to(begin)


def _is_whole(lived: Life) -> None:
    """After four months: who got their parcel has five closed steps; who did not, waits for it; the timeline tells every mail once."""
    held = Order.objects.get()
    states = {run.step_key: run.state for run in StepRun.objects.all()}
    first = held.shipments.first()
    is_there = first is not None and first.delivered_at is not None
    is_left = first is not None and first.shipped_at is not None
    if is_there or ended(held):
        assert set(states.values()) <= CLOSED
    elif first is not None:  # seen by a carrier, so its arrival will be told: no mail but by that
        assert {states[step] for step in STEPS[2:]} <= {"waiting", *CLOSED}
        assert is_left and states["tips"] in CLOSED
    told = Event.objects.filter(kind="mail.sent").values_list("data__step", flat=True)
    assert sorted(told) == sorted(lived.sent)
    if not lived.told[1:]:
        assert list(lived.sent) == ["confirmation"]


def live_through(shop, *, placed: str, shipped: str, delivered: str, zone: str, expected: str = "") -> dict[str, str]:
    """Live one order (UTC times) of a customer in a zone; return the moment of each mail by UTC."""
    moments = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (placed, shipped, delivered)]
    customer = {"email": "ana@example.com", "name": "Ana Ribeiro", "marketing_consent": "subscribed", "timezone": zone}
    clock.set_to(moments[0])
    shop.tell("orders/create", order(at=moments[0], customer=customer))
    travel_to(moments[1])
    promise = {"expected_at": f"{expected}:00Z"} if expected else {}
    shop.tell("shipments/create", parcel(at=moments[1], shipped_at=moments[1].isoformat(), **promise))
    travel_to(moments[2])
    shop.tell("shipments/update", parcel(at=moments[2], status="delivered", delivered_at=moments[2].isoformat(), **promise))
    travel_to(moments[2] + timedelta(days=40))
    sent = Message.objects.filter(state="sent")
    return {message.step: f"{message.sent_at:%Y-%m-%dT%H:%M}" for message in sent}


@pytest.fixture
def early_shop(store, at):
    clock.set_to(at("2026-01-05 09:00"))
    return open_shop(store)


@pytest.mark.parametrize(
    ("zone", "news", "expected"),
    [
        (  # clocks go forward on 29 March at 02:00: ten o'clock is an hour earlier by UTC, elapsed hours stay hours
            "Europe/Berlin",
            {"placed": "2026-03-23T09:00", "shipped": "2026-03-24T09:00", "delivered": "2026-03-25T13:00"},
            {"goes-well": "2026-03-29T08:00", "check-in": "2026-04-01T13:00", "thanks": "2026-04-08T13:00", "tips": "2026-03-25T09:00"},
        ),
        (  # clocks go back on 25 October at 03:00
            "Europe/Berlin",
            {"placed": "2026-10-19T09:00", "shipped": "2026-10-20T09:00", "delivered": "2026-10-21T13:00"},
            {"goes-well": "2026-10-25T09:00", "check-in": "2026-10-28T13:00", "thanks": "2026-11-04T13:00", "tips": "2026-10-21T09:00"},
        ),
        (  # 2028 has a 29 February
            "Europe/Berlin",
            {"placed": "2028-02-22T09:00", "shipped": "2028-02-23T09:00", "delivered": "2028-02-25T13:00"},
            {"goes-well": "2028-02-29T09:00", "check-in": "2028-03-03T13:00", "thanks": "2028-03-10T13:00", "tips": "2028-02-24T09:00"},
        ),
        (  # delivered late on the 6th by UTC is the 7th in Auckland, whose clocks went forward on 27 September
            "Pacific/Auckland",
            {"placed": "2026-09-20T09:00", "shipped": "2026-09-21T09:00", "delivered": "2026-09-23T20:30"},
            {"goes-well": "2026-09-27T21:00", "check-in": "2026-09-30T20:30", "thanks": "2026-10-07T20:30", "tips": "2026-09-22T09:00"},
        ),
        (  # an estimate on the day after shipping: six hours ahead of it, over the night the clocks change
            "Europe/Berlin",
            {"placed": "2026-03-27T09:00", "shipped": "2026-03-28T09:00", "delivered": "2026-03-29T09:30", "expected": "2026-03-29T07:00"},
            {"tips": "2026-03-29T01:00", "goes-well": "2026-04-02T08:00", "check-in": "2026-04-05T09:30", "thanks": "2026-04-12T09:30"},
        ),
    ],
    ids=["spring", "autumn", "leap-day", "auckland", "promised"],
)  # fmt: skip
def test_days_are_the_customers_days_and_hours_are_hours(early_shop, zone, news, expected):
    sent = live_through(early_shop, zone=zone, **news)
    assert sent == {"confirmation": news["placed"], **expected}


@pytest.mark.parametrize(
    ("zone", "delivered", "expected"),
    [
        ("Europe/Berlin", "2026-03-25T13:00", "2026-03-29T01:00"),  # half past two does not exist: three o'clock is next
        ("Europe/Berlin", "2026-10-21T13:00", "2026-10-25T00:30"),  # half past two comes twice: the first
        ("America/New_York", "2026-03-04T13:00", "2026-03-08T07:00"),
        ("Australia/Lord_Howe", "2026-09-29T22:00", "2026-10-03T15:30"),  # a jump of half an hour at two: half past two is there
    ],
)
def test_a_mail_at_half_past_two_in_the_night_that_clocks_jump(early_shop, zone, delivered, expected):
    Step.objects.filter(key="goes-well").update(time_of_day=time(2, 30))
    came = datetime.fromisoformat(delivered)
    ago = [(came - timedelta(days=days)).isoformat(timespec="minutes") for days in (4, 3)]
    sent = live_through(early_shop, placed=ago[0], shipped=ago[1], delivered=delivered, zone=zone)
    assert sent["goes-well"] == expected
    local = datetime.fromisoformat(expected).replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    assert local.date() == came.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date() + timedelta(days=4)
