"""Planning and planning anew: whatever is heard of an order, however often and in whatever order, its plan is that of the facts."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import enrollment, planning
from campaigns.models import Enrollment, Step, StepRun
from orders.models import Order, Shipment
from stores import clock
from tests.thoroughness import examples

STEPS = ["check-in", "confirmation", "goes-well", "thanks", "tips"]
#: What is heard of a parcel or of its order, by so many hours after the order.
HEARD: dict[str, Any] = {
    "shipped": lambda at: {"shipped_at": at, "status": "in_transit"},
    "scanned": lambda at: {"is_scanned": True},
    "expected": lambda at: {"expected_at": at},
    "there": lambda at: {"status": "delivered", "delivered_at": at},
    "not there": lambda at: {"status": "in_transit", "delivered_at": None},
    "failed": lambda at: {"status": "failure", "source_updated_at": at},
    "back": lambda at: {"status": "returned", "source_updated_at": at},
    "lost": lambda at: {"is_cancelled": True},
}
OF_ORDER: dict[str, Any] = {
    "received": lambda at: {"received_at": at},
    "awaited": lambda at: {"not_there_at": at, "received_at": None},
    "whole": lambda at: {"fulfillment_status": "fulfilled", "fulfilled_at": at},
    "cancelled": lambda at: {"cancelled_at": at},
}
news = st.tuples(st.sampled_from([*HEARD, *OF_ORDER]), st.integers(0, 400), st.integers(0, 1))


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(heard=st.lists(news, min_size=1, max_size=6), anchors=st.tuples(*[st.sampled_from(["expected", "received", "late", "problem"])] * 2))
def test_no_step_twice_none_lost_and_the_same_plan_as_if_all_had_been_known_at_once(live_flow, placed, heard, anchors):
    with transaction.atomic():
        for key, anchor in zip(("goes-well", "check-in"), anchors, strict=True):
            Step.objects.filter(key=key).update(anchor=anchor, time_of_day=None)
        order, now = placed(), clock.read()
        for name in "12":
            Shipment.objects.create(store=order.store, order=order, external_id=name)
        enter(live_flow, order)
        StepRun.objects.filter(step_key="confirmation").update(state="handed_over", wake_at=None)
        gone = StepRun.objects.values().get(step_key="confirmation")
        for what, hours, parcel in heard:
            tell(order, what, now + timedelta(hours=hours), parcel)
            replan(order)
            plan = planned()
            assert list(plan) == STEPS
            replan(order)
            assert planned() == plan
        assert StepRun.objects.values().get(step_key="confirmation") == gone
        if planning.end_of(*planning.orders_for_planning([order.pk])):
            assert not StepRun.objects.filter(state__in=StepRun.OPEN).exists()
        else:
            Enrollment.objects.all().delete()
            enter(live_flow, order)
            assert {**planned(), "confirmation": None} == {**plan, "confirmation": None}
        transaction.set_rollback(True)


def enter(flow, order: Order) -> None:
    flow.version = type(flow.version).objects.get(pk=flow.version.pk)
    assert enrollment.enroll(flow, planning.orders_for_planning([order.pk]), now=clock.read()) == 1


def tell(order: Order, what: str, at, parcel: int) -> None:
    if what in HEARD:
        Shipment.objects.filter(order=order, external_id="12"[parcel]).update(**HEARD[what](at))
    else:
        Order.objects.filter(pk=order.pk).update(**OF_ORDER[what](at))


def replan(order: Order) -> None:
    enrollment.replan(planning.orders_for_planning([order.pk]), now=clock.read())


def planned() -> dict[str, tuple[Any, ...]]:
    """Return how each step stands with its moments; what may never happen, and what is not needed as things stand, has none."""
    return {run.step_key: _stands(run) for run in StepRun.objects.select_related("step").order_by("step_key")}


def _stands(run: StepRun) -> tuple[Any, ...]:
    if run.reason == "not_needed" or (run.state == "waiting" and run.step.is_contingent):
        return ("may never come",)
    return run.state, run.reason, run.due_at, run.use_by, run.wake_at, run.facts
