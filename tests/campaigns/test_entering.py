"""Who enters a flow by which event, how often, and with or without an order."""

from datetime import timedelta

import pytest

from campaigns import leaving, triggers
from campaigns.models import Enrollment, Flow, FlowVersion, Step, StepRun
from campaigns.occasions import listening
from campaigns.rehearsal import script, staging
from campaigns.tasks import sweep_until_quiet
from campaigns.writing import blank
from customers import events
from messaging.models import Message
from stores import clock

HAPPY = [{"name": "score", "test": "at_least", "value": 4}]


@pytest.fixture
def flow_by(store, live_flow):
    """Make a live flow of one mail a day after whatever starts it."""

    def make(trigger: str, **fields) -> Flow:
        flow = Flow.objects.create(store=store, key="own", name="Own", state="live", activated_at=clock.read())
        version = FlowVersion.objects.create(store=store, flow=flow, number=1, trigger=trigger, created_at=clock.read(), **fields)
        content = {
            "subject": "Hello",
            "blocks": [{"kind": "text", "text": "You bought {{ bought_words }}."}, {"kind": "text", "text": "Hi"}],
        }
        Step.objects.create(
            store=store, version=version, key="own-mail", name="Own", position=1, anchor="entered", offset_hours=24, use_by_hours=72,
            purpose="service", content=content,
        )  # fmt: skip
        flow.version = version
        flow.save()
        return flow

    return make


def happens(customer, kind: str, **data) -> None:
    now = clock.read()
    events.record(customer, kind, at=now, key=f"{kind}:{customer.pk}:{now.isoformat()}", now=now, data=data)
    triggers.read(now=now)


def passages() -> list[tuple[str, str]]:
    return [(str(each.order or ""), each.state) for each in Enrollment.objects.filter(flow__key="own").order_by("pk")]


def test_an_answer_starts_a_flow_about_its_order_if_it_is_good_enough(flow_by, placed):
    flow_by("answer.given", only_where=HAPPY)
    order = placed()
    happens(order.customer, "answer.given", order=order.pk, score=3)
    assert passages() == []
    happens(order.customer, "answer.given", order=order.pk, score=5)
    clock.set_to(clock.read() + timedelta(hours=1))
    happens(order.customer, "answer.given", order=order.pk, score=4)
    assert passages() == [("1042", "active")]
    clock.set_to(clock.read() + timedelta(hours=24))
    sweep_until_quiet()
    assert "You bought Pour-over kettle." in Message.objects.get(step="own-mail").text


def test_an_order_that_was_cancelled_starts_nothing_but_what_its_end_starts(flow_by, placed, tell):
    flow_by("order.cancelled")
    order = placed()
    tell(order, "order.cancelled", cancelled_at=clock.read())
    sweep_until_quiet()
    assert passages() == [("1042", "active")]
    clock.set_to(clock.read() + timedelta(hours=24))
    sweep_until_quiet()
    assert StepRun.objects.get(step_key="own-mail").state == "handed_over"


def test_again_only_after_so_many_days_and_never_twice_at_once(flow_by, placed):
    flow_by("cart.abandoned", reentry="after_days", reentry_days=30)
    customer = placed().customer
    for days, count in ((0, 1), (0.5, 1), (10, 1), (20, 2)):
        clock.set_to(clock.read() + timedelta(days=days))
        sweep_until_quiet()
        happens(customer, "cart.abandoned", cart=1)
        assert len(passages()) == count, days


def test_every_time_is_every_time_and_once_is_once(flow_by, placed):
    flow = flow_by("cart.abandoned", reentry="every_time")
    customer = placed().customer
    for _ in range(3):
        clock.set_to(clock.read() + timedelta(hours=1))
        happens(customer, "cart.abandoned", cart=1)
    assert len(passages()) == 3
    FlowVersion.objects.filter(flow=flow).update(reentry="once")
    for _ in range(2):
        clock.set_to(clock.read() + timedelta(hours=1))
        happens(customer, "cart.abandoned", cart=1)
    assert len(passages()) == 4


def test_what_is_about_no_order_does_not_enter_a_flow_that_follows_one(flow_by, placed):
    flow = flow_by("cart.abandoned", reentry="every_time")
    customer = placed().customer
    Step.objects.filter(version__flow=flow).update(anchor="received")
    happens(customer, "cart.abandoned", cart=1)
    assert passages() == []


def test_what_is_read_too_late_to_be_of_use_lets_nobody_in(flow_by, placed):
    flow_by("cart.abandoned", reentry="every_time")
    customer = placed().customer
    long_ago = clock.read() - timedelta(days=5)
    events.record(customer, "cart.abandoned", at=long_ago, key="old", now=clock.read(), data={})
    triggers.read(now=clock.read())
    assert passages() == []


def test_a_flow_can_be_started_by_what_its_reader_is_told_of_only():
    assert [kind for kind in ("order.placed", "consent.granted", "segment.left", "mail.sent", "moon.rose") if triggers.may_start(kind)] == [
        "order.placed", "consent.granted", "segment.left",
    ]  # fmt: skip


def test_an_event_that_ends_a_flow_ends_it_at_any_moment_lived_and_rehearsed(flow_by, placed):
    flow = flow_by("cart.started", reentry="every_time", exits=[{"event": "review.given", "where": HAPPY}])
    order = placed()
    sweep_until_quiet()
    customer = order.customer
    happens(customer, "review.given", order=order.pk, score=5)
    happens(customer, "cart.started", cart=1)
    [inside] = Enrollment.objects.filter(flow=flow).select_related("version__audience")
    clock.set_to(clock.read() + timedelta(hours=3))
    happens(customer, "review.given", order=order.pk, score=2)
    assert (passages(), leaving.due([inside], now=clock.read())) == ([("", "active")], {})
    clock.set_to(clock.read() + timedelta(hours=3))
    happens(customer, "review.given", order=order.pk, score=4)
    assert leaving.due([inside], now=clock.read()) == {inside.pk: "ended"}
    assert passages() == [("", "left")]
    assert StepRun.objects.values_list("state", "reason").get(enrollment=inside) == ("cancelled", "ended")
    now = clock.read() + timedelta(days=9)
    played = script.write(flow, flow.version, since=inside.entered_at - timedelta(days=1), until=now, now=now)
    [[outcome]] = staging.played(played, [customer.pk])
    assert (outcome.fate, outcome.reason) == ("skipped", "ended")
    assert listening.stores("review.given").count() == 1


def test_whatever_is_offered_as_a_start_lets_its_customer_in(flow_by, placed):
    flow, order = flow_by("order.placed", reentry="every_time"), placed()
    sweep_until_quiet()
    kinds = [kind for kind, _ in blank.starting_points()]
    assert len(kinds) > 25
    for kind in kinds:
        FlowVersion.objects.filter(flow=flow).update(trigger=kind)
        Enrollment.objects.filter(flow=flow).delete()
        is_about_order = kind.startswith(("order.", "shipment.", "answer.", "review."))
        happens(order.customer, kind, **({"order": order.pk} if is_about_order else {}))
        entered = list(Enrollment.objects.filter(flow=flow).values_list("order_id", flat=True))
        assert entered == [order.pk if is_about_order else None], kind
        clock.set_to(clock.read() + timedelta(seconds=1))
