"""People who are in a flow come over to its new version, or go back once that was taken back: by `Step.key`, so nobody gets a step twice.

A few hundred at a time, each batch in its own transaction, so that a flow with a hundred thousand inside locks nobody out. Customers' rows
are taken first and runs next, in the order of all planners (`triggers.read`, `enrollment.replan`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from campaigns import enrollment, planning
from campaigns.models import Enrollment, FlowVersion, Step, StepRun
from customers.models import Customer
from messaging.reasons import Reason
from stores import rows

State = StepRun.State
#: Who entered by the old version while the new one was being published has come in by then.
_STRAGGLERS = timedelta(minutes=1)


def sweep(*, now: datetime, limit: int = 500) -> int:
    """Move one batch of those who are to be moved; return how many were."""
    return sum(move_some(version, now=now, limit=limit) for version in FlowVersion.objects.filter(is_moving_people=True).order_by("pk"))


@transaction.atomic
def move_some(version: FlowVersion, *, now: datetime, limit: int = 500) -> int:
    """Move up to `limit` people to a version that was published, or away from one that was taken back; return how many were."""
    people = _concerned(version).order_by("customer_id").values_list("customer_id", flat=True)[:limit]
    list(Customer.objects.select_for_update(no_key=True).filter(pk__in=set(people)).order_by("pk").values_list("pk"))
    concerned = _concerned(version).filter(customer__in=set(people)).select_related("customer").prefetch_related("customer__store")
    found = list(concerned.order_by("pk"))
    if found:
        _move(version, found, now=now)
    elif version.published_at is None or now > max(version.published_at, version.undone_at or version.published_at) + _STRAGGLERS:
        FlowVersion.objects.filter(pk=version.pk).update(is_moving_people=False)
    return len(found)


def _concerned(version: FlowVersion) -> QuerySet[Enrollment]:
    """Return the passages that are where they should not be."""
    inside = Enrollment.objects.filter(flow=version.flow_id)
    if version.undone_at is not None:
        return inside.filter(version=version, state__in=[Enrollment.State.ACTIVE, Enrollment.State.DONE])
    earlier = FlowVersion.objects.filter(flow=version.flow_id, number__lt=version.number)
    return inside.filter(version__in=earlier, state=Enrollment.State.ACTIVE)


def _move(version: FlowVersion, found: Sequence[Enrollment], *, now: datetime) -> None:
    held = StepRun.objects.select_for_update(of=("self",), no_key=True).filter(enrollment__in=found)
    runs = list(held.prefetch_related("step").order_by("pk"))
    orders = {order.pk: order for order in planning.orders_for_planning(each.order_id for each in found if each.order_id)}
    is_undone, live = version.undone_at is not None, version.flow.version_id
    for each in found:
        assert live is not None
        each.order = orders.get(each.order_id or 0)
        target = each.moved_from_id or live if is_undone else version.pk
        each.moved_from_id, each.version_id = None if is_undone else each.version_id, target
        each.state = Enrollment.State.ACTIVE
    rows.update_many(found, ["version", "moved_from", "state"])
    for target in {each.version_id for each in found}:
        mine = {each.pk: each for each in found if each.version_id == target}
        steps = {step.key: step for step in Step.objects.filter(version=target, is_off=False)}
        _by_key([run for run in runs if run.enrollment_id in mine], steps, is_undone=is_undone)
        _plan_missing(list(mine.values()), steps, runs)
    loose = {each.customer_id for each in found if each.order_id is None}
    enrollment.replan(list(orders.values()), now=now, people=loose)
    enrollment.finish(each.pk for each in found)


def _by_key(runs: Sequence[StepRun], steps: dict[str, Step], *, is_undone: bool) -> None:
    """Hang what is not decided yet from the other version's steps. What that one lacks is cancelled, and comes back with its step; where
    publishing is taken back, it goes as it came."""
    kept: list[StepRun] = []
    gone: list[StepRun] = []
    for run in runs:
        is_open = run.state in StepRun.OPEN or run.reason == Reason.NOT_NEEDED
        if run.step_key in steps and (is_open or run.reason == Reason.STEP_REMOVED):
            run.step = steps[run.step_key]
            if run.reason == Reason.STEP_REMOVED:
                run.state, run.reason = State.WAITING, ""
            kept.append(run)
        elif run.step_key not in steps and is_open and is_undone:
            gone.append(run)
        elif run.step_key not in steps and is_open:
            run.state, run.reason, run.wake_at = State.CANCELLED, Reason.STEP_REMOVED, None
            kept.append(run)
    rows.update_many(kept, ["step", "state", "reason", "wake_at"])
    StepRun.objects.filter(pk__in=[run.pk for run in gone]).delete()


def _plan_missing(found: Sequence[Enrollment], steps: dict[str, Step], runs: Sequence[StepRun]) -> None:
    """Plan the steps that somebody has never had a run of."""
    had = {(run.enrollment_id, run.step_key) for run in runs}
    lacking = [(each, step) for each in found for step in steps.values() if (each.pk, step.key) not in had]
    if not lacking:
        return
    around = planning.look_around([each.order for each in found if each.order], {each.customer_id for each in found})
    rows.copy([enrollment.first_plan(each, step, around) for each, step in lacking])
