"""Entering a flow, and planning its steps anew whenever what they rest on has changed.

Everything here runs under the customers' row locks (`triggers.read` takes them), so that two workers never plan for one
person at once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns import timing
from campaigns.models import Enrollment, Flow, Step, StepRun
from customers import events
from customers.models import Task
from messaging.models import Purpose
from messaging.reasons import Reason
from orders.facts import milestones_of
from orders.models import Order
from orders.progress import Milestones
from stores import rows, walltime
from surveys import answers
from surveys.models import Response

State = StepRun.State
PLANNED_FIELDS = ["state", "reason", "facts", "due_at", "use_by", "wake_at"]


@dataclass(frozen=True)
class Around:
    """What planning needs beside the order itself: happy answers by order, and who has an open task."""

    happy_at: dict[int, datetime]
    has_open_task: frozenset[int]


def orders_for_planning(ids: Iterable[int]) -> list[Order]:
    """Load orders with everything `plan_step` reads of them."""
    return list(
        Order.objects.filter(pk__in=list(ids)).select_related("store", "customer").prefetch_related("lines", "shipments").order_by("pk")
    )


def look_around(orders: Sequence[Order]) -> Around:
    happy = Response.objects.filter(order__in=orders, score__gte=answers.HIGH)
    busy = Task.objects.filter(customer__in={order.customer_id for order in orders}, state=Task.State.OPEN)
    happy_at = {answer.order_id: answer.answered_at for answer in happy if answer.order_id and answer.answered_at}
    return Around(happy_at, frozenset(busy.values_list("customer_id", flat=True)))


def zone_of(order: Order) -> ZoneInfo:
    """Return the zone of the person who gets this order's mails."""
    country = order.shipping_address.get("country") or order.customer.country
    return walltime.zone_for(customer=order.customer.timezone, country=country, store=order.store.timezone)


def plan_step(step: Step, order: Order, around: Around) -> timing.Plan:
    """Return when a step is due for an order, as far as is known now."""
    return plan_by(step, milestones_of(order, order.store), zone=zone_of(order), happy_answer_at=around.happy_at.get(order.pk))


def plan_by(step: Step, milestones: Milestones, *, zone: ZoneInfo, happy_answer_at: datetime | None) -> timing.Plan:
    """Return the same by an order's milestones, for who plans many steps of it."""
    rule = timing.Rule(
        anchor=step.anchor,
        offset_hours=step.offset_hours,
        time_of_day=step.time_of_day,
        not_after_anchor=step.not_after_anchor,
        not_after_hours=step.not_after_hours,
        early_after_answer_hours=step.early_after_answer_hours,
        use_by_hours=step.use_by_hours,
    )
    return timing.plan(rule, milestones, zone=zone, happy_answer_at=happy_answer_at)


def end_of(order: Order) -> Reason | None:
    """Return why nothing more is to be sent about an order, or None."""
    lines = order.lines.all()
    is_back = bool(lines) and all(line.refunded_quantity >= line.quantity for line in lines)
    return ended(order.cancelled_at, order.financial_status, order.total_minor, order.refunded_minor, is_back)


def ended(
    cancelled_at: datetime | None, financial_status: str, total_minor: int, refunded_minor: int, is_back: bool | None
) -> Reason | None:
    """Return the same of the facts alone; `is_back`: there are items, and all were given back."""
    if cancelled_at or financial_status == Order.Financial.VOIDED:
        return Reason.CANCELLED
    if financial_status == Order.Financial.REFUNDED or 0 < total_minor <= refunded_minor:
        return Reason.REFUNDED
    return Reason.RETURNED if is_back else None


def enroll(flow: Flow, orders: Sequence[Order], *, now: datetime) -> int:
    """Let orders into a flow, once each, and plan every step; return how many entered.

    Test orders, history, ended orders, and orders so old that the first mail is past its use-by stay out.
    """
    assert flow.version is not None
    steps = list(flow.version.steps.all())
    held = set(Enrollment.objects.filter(flow=flow, order__in=orders).values_list("order_id", flat=True))
    around = look_around(orders)
    entering = [
        order
        for order in orders
        if order.pk not in held
        and not (order.is_test or order.is_history or end_of(order))
        and steps
        and plan_step(steps[0], order, around).use_by > now
    ]
    enrollments = Enrollment.objects.bulk_create(
        Enrollment(
            store_id=order.store_id, flow=flow, version=flow.version, customer_id=order.customer_id, order=order,
            entry_key=f"order:{order.pk}", entered_at=now,
        )
        for order in entering
    )  # fmt: skip
    StepRun.objects.bulk_create(_first_plan(enrollment, step, around, flow) for enrollment in enrollments for step in steps)
    events.record_many([_entered(enrollment, flow, now) for enrollment in enrollments], now=now)
    return len(enrollments)


def _first_plan(enrollment: Enrollment, step: Step, around: Around, flow: Flow) -> StepRun:
    assert enrollment.order is not None
    run = StepRun(
        store_id=enrollment.store_id,
        enrollment=enrollment,
        step=step,
        step_key=step.key,
        customer_id=enrollment.customer_id,
        order=enrollment.order,
        is_urgent=step.purpose == Purpose.TRANSACTIONAL,
    )
    settle(run, plan_step(step, enrollment.order, around), selling_waits=enrollment.customer_id in around.has_open_task)
    return run


def _entered(enrollment: Enrollment, flow: Flow, now: datetime) -> events.NewEvent:
    data = {"flow": flow.key, "name": flow.name, "order": enrollment.order_id, "number": str(enrollment.order or "")}
    return events.NewEvent(
        enrollment.store_id, enrollment.customer_id, events.Kind.FLOW_ENTERED, now, f"flow.entered:{enrollment.pk}", data
    )


def settle(run: StepRun, plan: timing.Plan, *, selling_waits: bool) -> None:
    """Put a plan on an open run. A person's hold outlasts new plans; a selling step waits while a task is open."""
    run.due_at, run.use_by, run.reason = plan.due_at, plan.use_by, ""
    until = held_until(run)
    run.facts = {"basis": plan.basis, "anchor": run.step.anchor, "anchor_at": plan.anchor_at.isoformat()}
    if until is not None:
        run.facts["held_until"] = until.isoformat()
        run.use_by = max(plan.use_by, until + timedelta(hours=run.step.use_by_hours))
    if not plan.is_known:
        run.state, run.reason, run.wake_at = State.WAITING, Reason.PAUSED if until else "", None
    elif selling_waits and run.step.purpose == Purpose.MARKETING:
        run.state, run.reason, run.wake_at = State.HELD, Reason.OPEN_TASK, run.use_by
    elif until is not None and until > plan.due_at:
        run.state, run.reason, run.wake_at = State.HELD, Reason.PAUSED, until
    else:
        run.state, run.wake_at = State.PLANNED, plan.due_at


def held_until(run: StepRun) -> datetime | None:
    """Return until when a person put this run on hold."""
    text = run.facts.get("held_until")
    return datetime.fromisoformat(text) if text else None


def replan(orders: Sequence[Order], *, now: datetime) -> None:
    """Plan the unsent steps of these orders anew; what was sent stays. An ended order's steps are cancelled and it leaves its flows."""
    runs = list(
        StepRun.objects.select_for_update(of=("self",), no_key=True)
        .filter(order__in=orders, state__in=StepRun.OPEN)
        .select_related("step", "enrollment")
        .order_by("pk")
    )
    if not runs:
        return
    around = look_around(orders)
    by_id = {order.pk: order for order in orders}
    leaving: dict[int, tuple[Enrollment, Reason]] = {}
    for run in runs:
        assert run.order_id is not None
        order = by_id[run.order_id]
        if reason := end_of(order):
            run.state, run.reason, run.wake_at = State.CANCELLED, reason, None
            leaving[run.enrollment_id] = (run.enrollment, reason)
        else:
            plan = _asked_for(run) or plan_step(run.step, order, around)
            settle(run, plan, selling_waits=order.customer_id in around.has_open_task)
    rows.update_many(runs, PLANNED_FIELDS)
    _leave([*leaving.values()], now=now)


def _asked_for(run: StepRun) -> timing.Plan | None:
    """Return the plan of a mail that staff asked to send at once: news does not take that back."""
    if run.facts.get("basis") != "staff":
        return None
    return timing.Plan(run.due_at, run.use_by, True, "staff", datetime.fromisoformat(run.facts["anchor_at"]))


def _leave(leaving: Sequence[tuple[Enrollment, Reason]], *, now: datetime) -> None:
    for enrollment, reason in leaving:
        enrollment.state, enrollment.left_reason = Enrollment.State.LEFT, reason
    rows.update_many([enrollment for enrollment, _ in leaving], ["state", "left_reason"])
    events.record_many(
        [
            events.NewEvent(
                enrollment.store_id, enrollment.customer_id, events.Kind.FLOW_LEFT, now, f"flow.left:{enrollment.pk}",
                {"reason": reason, "words": reason.label, "order": enrollment.order_id},
            )
            for enrollment, reason in leaving
        ],
        now=now,
    )  # fmt: skip


def finish(enrollment_ids: Iterable[int]) -> None:
    """Mark enrollments with nothing left to do as done."""
    ids = set(enrollment_ids)
    open_ids = StepRun.objects.filter(enrollment__in=ids, state__in=StepRun.OPEN).values_list("enrollment_id", flat=True)
    Enrollment.objects.filter(pk__in=ids - set(open_ids), state=Enrollment.State.ACTIVE).update(state=Enrollment.State.DONE)
