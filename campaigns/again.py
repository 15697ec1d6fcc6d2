"""A step that tells of something that can happen to an order more than once: each refund gets its own mail, about its own amount."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from campaigns.models import Enrollment, Step, StepRun
from orders.models import Order

State = StepRun.State


def refunds(orders: Sequence[Order], *, now: datetime) -> int:
    """Plan the mail of a further refund for orders whose last one was told already; return how many. The customers' rows are locked."""
    given = {order.pk: order for order in orders if order.refunded_minor}
    if not given:
        return 0
    told = StepRun.objects.filter(order__in=given, step__anchor=Step.Anchor.REFUNDED).select_related("step", "enrollment")
    by_step: dict[tuple[int, str], list[StepRun]] = {}
    for run in told.order_by("occurrence"):
        by_step.setdefault((run.enrollment_id, run.step_key), []).append(run)
    fresh = [_next(runs, given[runs[-1].order_id or 0], now=now) for runs in by_step.values()]
    planned = [run for run in fresh if run is not None]
    StepRun.objects.bulk_create(planned, ignore_conflicts=True)
    inside = {run.enrollment_id for run in planned}
    Enrollment.objects.filter(pk__in=inside, state=Enrollment.State.DONE).update(state=Enrollment.State.ACTIVE)
    return len(planned)


def _next(runs: list[StepRun], order: Order, *, now: datetime) -> StepRun | None:
    """Return one more run of a step, if its last was handed over and more was given back since."""
    last = runs[-1]
    if last.state != State.HANDED_OVER or order.refunded_minor <= already_told(runs):
        return None
    due_at = now + timedelta(hours=last.step.offset_hours)
    return StepRun(
        store_id=last.store_id, enrollment=last.enrollment, step=last.step, step_key=last.step_key, occurrence=last.occurrence + 1,
        customer_id=last.customer_id, order=order, is_urgent=last.is_urgent, state=State.PLANNED, due_at=due_at, wake_at=due_at,
        use_by=due_at + timedelta(hours=last.step.use_by_hours),
        facts={"basis": "refunded", "anchor": last.step.anchor, "anchor_at": now.isoformat()},
    )  # fmt: skip


def already_told(runs: Sequence[StepRun]) -> int:
    """Return how much of the money given back these runs' mails have told of, in minor units."""
    return sum(int(run.facts.get("told_minor", 0)) for run in runs)


def still_to_tell(run: StepRun, order: Order) -> int:
    """Return what a refund's mail is about: what was given back and not told of yet."""
    others = StepRun.objects.filter(enrollment=run.enrollment_id, step_key=run.step_key).exclude(pk=run.pk)
    return order.refunded_minor - already_told(list(others))
