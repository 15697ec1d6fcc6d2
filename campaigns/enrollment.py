"""Entering a flow, and planning its steps anew whenever what they rest on has changed.

Everything here runs under the customers' row locks (`triggers.read` takes them), so that two workers never plan for one
person at once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Q

from campaigns import lots, planning, timing, waits
from campaigns.models import Enrollment, Flow, FlowVersion, Step, StepRun
from campaigns.planning import Around
from customers import events
from customers.models import Customer
from messaging.models import Purpose
from messaging.reasons import Reason
from orders.models import Order
from stores import rows

State = StepRun.State
Reentry = FlowVersion.Reentry
PLANNED_FIELDS = ["state", "reason", "facts", "due_at", "use_by", "wake_at"]


@dataclass(frozen=True)
class Entrant:
    """Somebody at the door of a flow: with or without an order, by an event of this moment and number."""

    customer: Customer
    order: Order | None
    at: datetime
    event: int = 0


def enroll(flow: Flow, orders: Sequence[Order], *, now: datetime) -> int:
    """Let orders into a flow, once each, and plan every step; return how many entered."""
    return let_in(flow, [Entrant(order.customer, order, now) for order in orders], now=now)


def let_in(flow: Flow, entrants: Sequence[Entrant], *, now: datetime, around: Around | None = None) -> int:
    """Let people into a flow, as often as it allows, and plan every step; return how many entered. `around` is what was looked at before.

    Test orders, history, ended orders, erased people, and what began so long ago that the first mail is past its use-by stay out; so does
    who comes without an order to a flow whose steps follow one.
    """
    assert flow.version is not None
    steps, version = flow.version.active_steps(), flow.version
    if not steps:
        return 0
    needs_order = any(step.anchor not in planning.NEEDS_NO_ORDER for step in steps)
    if around is None:
        around = planning.look_around([each.order for each in entrants if each.order], {each.customer.pk for each in entrants})
    fitting = [
        each
        for each in entrants
        if not each.customer.erased_at
        and (_may_enter(each.order, version.trigger, around) if each.order else not (needs_order or version.reentry == Reentry.PER_ORDER))
    ]
    entering = {
        key: each
        for key, each in _by_key(flow, version, fitting, now=now).items()
        if planning.plan_for(steps[0], each.customer, each.order, each.at, around).use_by > now
    }
    enrollments = [
        Enrollment(
            store_id=flow.store_id, flow=flow, version=version, customer=each.customer, order=each.order, entry_key=key,
            entered_at=each.at, is_held_out=lots.is_held_out(flow.pk, each.customer.pk, percent=flow.holdout_percent),
        )
        for (_, key), each in entering.items()
    ]  # fmt: skip
    rows.copy(enrollments)
    rows.copy([first_plan(enrollment, step, around) for enrollment in enrollments for step in steps])
    events.record_many([_entered(enrollment, flow, now) for enrollment in enrollments], now=now)
    return len(enrollments)


def _may_enter(order: Order, trigger: str, around: Around) -> bool:
    return not (order.is_test or order.is_history) and (trigger in planning.ENDINGS or not around.of(order).end)


def _by_key(flow: Flow, version: FlowVersion, entrants: Sequence[Entrant], *, now: datetime) -> dict[tuple[int, str], Entrant]:
    """Return who may enter by the flow's rule of re-entry, each under the key that makes them enter once."""
    keyed = {(each.customer.pk, _entry_key(version.reentry, each)): each for each in entrants}
    held = Enrollment.objects.filter(flow=flow)
    if version.reentry == Reentry.PER_ORDER:  # an order that changed hands does not enter again
        there = set(held.filter(order__in=[each.order for each in entrants]).values_list("order_id", flat=True))
        return {key: each for key, each in keyed.items() if each.order is not None and each.order.pk not in there}
    people = {each.customer.pk for each in entrants}
    if version.reentry == Reentry.AFTER_DAYS:
        span = Q(entered_at__gt=now - timedelta(days=version.reentry_days or 0)) | Q(state=Enrollment.State.ACTIVE)
        waiting = set(held.filter(span, customer__in=people).values_list("customer_id", flat=True))
        first = {each.customer.pk: key for key, each in reversed(keyed.items())}
        return {key: each for key, each in keyed.items() if each.customer.pk not in waiting and first[each.customer.pk] == key}
    there_keys = set(held.filter(customer__in=people, entry_key__in=[key for _, key in keyed]).values_list("customer_id", "entry_key"))
    return {key: each for key, each in keyed.items() if key not in there_keys}


def _entry_key(reentry: str, entrant: Entrant) -> str:
    if reentry == Reentry.ONCE:
        return "once"
    return f"order:{entrant.order.pk}" if reentry == Reentry.PER_ORDER and entrant.order else f"event:{entrant.event}"


def first_plan(enrollment: Enrollment, step: Step, around: Around) -> StepRun:
    run = StepRun(
        store_id=enrollment.store_id,
        enrollment=enrollment,
        step=step,
        step_key=step.key,
        customer_id=enrollment.customer_id,
        order=enrollment.order,
        is_urgent=step.purpose == Purpose.TRANSACTIONAL,
    )
    plan = planning.plan_run(run, enrollment.customer, enrollment.order, around)
    settle(run, plan, selling_waits=enrollment.customer_id in around.has_open_task)
    if step.kind == Step.Kind.WAIT:
        around.waits[enrollment.pk, step.position] = run
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
    if not plan.may_come:
        run.state, run.reason, run.wake_at = State.CANCELLED, Reason.NOT_NEEDED, None
    elif not plan.is_known:
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


def replan(orders: Sequence[Order], *, now: datetime, people: Iterable[int] = (), around: Around | None = None) -> None:
    """Plan the unsent steps of these orders anew, and those that `people` have without an order; what was sent stays.

    An ended order's steps are cancelled and it leaves its flows. What was not needed comes back when it is: a parcel that was taken for
    delivered is late after all, or money is given back long after the order arrived.
    """
    loose = list(people)
    of_these = Q(order__in=orders) | Q(order=None, customer__in=loose) if loose else Q(order__in=orders)
    unsent = Q(state__in=StepRun.OPEN) | Q(state__in=[State.CANCELLED, State.SKIPPED], reason=Reason.NOT_NEEDED)
    runs = list(
        StepRun.objects.select_for_update(of=("self",), no_key=True)
        .filter(of_these, unsent)
        .exclude(state=State.PLANNED, wake_at=None)  # in the line of a campaign: it is looked at when it is called up
        .prefetch_related("step", "enrollment__version", *(["customer__store"] if loose else []))
        .order_by("pk")
    )
    if not runs:
        return
    around = replace(around or planning.look_around(orders, loose), waits=waits.known(runs))
    by_id = {order.pk: order for order in orders}
    planned, back, leaving = [], set(), {}
    for run in runs:
        was_open, before = run.state in StepRun.OPEN, _written(run)
        if not _plan_again(run, by_id.get(run.order_id or 0), around) or _written(run) == before:
            continue
        planned.append(run)
        if was_open and run.state == State.CANCELLED and run.reason != Reason.NOT_NEEDED:
            leaving[run.enrollment_id] = (run.enrollment, Reason(run.reason))
        elif not was_open:
            back.add(run.enrollment_id)
    rows.update_many(planned, PLANNED_FIELDS)
    _leave([(enrollment, reason) for enrollment, reason in leaving.values() if enrollment.state == Enrollment.State.ACTIVE], now=now)
    reopen(back)
    finish(run.enrollment_id for run in planned if run.reason == Reason.NOT_NEEDED)


def _written(run: StepRun) -> tuple[object, ...]:
    """Return what planning writes of a run."""
    return run.state, run.reason, run.facts, run.due_at, run.use_by, run.wake_at


def _plan_again(run: StepRun, order: Order | None, around: Around) -> bool:
    """Put a new plan on a run; return whether it has one. What was not needed stays so until it is sure to be."""
    end = around.of(order).end if order else None
    customer = order.customer if order else run.customer
    plan = _asked_for(run) or planning.plan_run(run, customer, order, around)
    if run.state not in StepRun.OPEN and not plan.is_known:
        return False
    if end and not planning.outlives(run.step.anchor, run.enrollment.version.trigger):
        if run.state not in StepRun.OPEN:
            return False
        run.state, run.reason, run.wake_at = State.CANCELLED, end, None
        return True
    settle(run, plan, selling_waits=run.customer_id in around.has_open_task)
    return True


def _asked_for(run: StepRun) -> timing.Plan | None:
    """Return the plan of a mail that staff asked to send at once: news does not take that back."""
    if run.facts.get("basis") != "staff":
        return None
    return timing.Plan(run.due_at, run.use_by, True, "staff", datetime.fromisoformat(run.facts["anchor_at"]))


def leave(leaving: Sequence[tuple[Enrollment, Reason]], *, now: datetime) -> None:
    """End passages through flows: what is not sent yet is cancelled for that reason."""
    for reason in {reason for _, reason in leaving}:
        going = [enrollment for enrollment, why in leaving if why == reason]
        unsent = StepRun.objects.filter(enrollment__in=going, state__in=StepRun.OPEN)
        unsent.update(state=State.CANCELLED, reason=reason, wake_at=None)
    _leave(leaving, now=now)


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


def reopen(enrollment_ids: Iterable[int]) -> None:
    """Have enrollments that were done go on: there is something left to do after all."""
    if ids := set(enrollment_ids):
        Enrollment.objects.filter(pk__in=ids, state=Enrollment.State.DONE).update(state=Enrollment.State.ACTIVE)


def finish(enrollment_ids: Iterable[int]) -> None:
    """Mark enrollments with nothing left to do as done. What may never happen keeps nobody in: it comes back if it does."""
    ids = set(enrollment_ids)
    if not ids:
        return
    left = StepRun.objects.filter(enrollment__in=ids, state__in=StepRun.OPEN).values_list("enrollment_id", "state", "step__anchor")
    waits = [(pk, state == State.WAITING and anchor in timing.CONTINGENT) for pk, state, anchor in left]
    over = ids - {pk for pk, may_never in waits if not may_never}
    if idle := over.intersection(pk for pk, _ in waits):
        StepRun.objects.filter(enrollment__in=idle, state=State.WAITING).update(state=State.CANCELLED, reason=Reason.NOT_NEEDED)
    Enrollment.objects.filter(pk__in=over, state=Enrollment.State.ACTIVE).update(state=Enrollment.State.DONE)
