"""One conversation per customer: while passages of theirs through one flow run side by side, each of its mails goes once.

It goes with the latest order: what an earlier one has due waits for it, and is joined with it once it went; where that comes to nothing,
the earlier one's goes after all. Order mails are about one order each and never wait, nor does what may never happen to an order.
Tips are for what is new to a customer: a product of an order before needs none again.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.models import FlowVersion, StepRun
from messaging.models import Purpose
from orders.models import OrderLine

State = StepRun.State
_FACTS = ("pk", "enrollment_id", "state", "due_at", "decided_at", "order__number", "order__placed_at")


@dataclass(frozen=True)
class _Beside:
    """A run of the same step of one customer, with its order, by `_FACTS`."""

    run: int
    passage: int
    state: str
    due_at: datetime
    decided_at: datetime | None
    number: str
    placed_at: datetime


@dataclass(frozen=True)
class Join:
    """The order (its number) whose mail goes for this one too; `waits_until`: when to look whether it did, None once it has."""

    number: str
    waits_until: datetime | None


def joins(runs: Sequence[StepRun], *, now: datetime) -> dict[int, Join]:
    """Return which of these due runs (ids) another order's mail goes for; one query, and none where no run can be joined."""
    asking = [run for run in runs if _may_join(run)]
    if not asking:
        return {}
    found = StepRun.objects.filter(
        customer__in={run.customer_id for run in asking}, step_key__in={run.step_key for run in asking},
        state__in=[*StepRun.OPEN, State.HANDED_OVER], order__isnull=False, order__cancelled_at=None,
    ).order_by("order__placed_at", "pk")  # fmt: skip
    beside: dict[tuple[int, int, str], list[_Beside]] = defaultdict(list)
    for customer, flow, key, *rest in found.values_list("customer_id", "enrollment__flow_id", "step_key", *_FACTS):
        beside[customer, flow, key].append(_Beside(*rest))
    judged = {run.pk: _judged(run, beside[run.customer_id, run.enrollment.flow_id, run.step_key], now) for run in asking}
    return {pk: join for pk, join in judged.items() if join}


def _may_join(run: StepRun) -> bool:
    is_per_order = run.enrollment.version.reentry == FlowVersion.Reentry.PER_ORDER
    is_asked_for = run.facts.get("basis") == "staff"
    return bool(is_per_order and run.order_id and run.step.purpose != Purpose.TRANSACTIONAL and run.step.is_mail) and not (
        is_asked_for or run.step.is_contingent
    )


def _judged(run: StepRun, beside: Sequence[_Beside], now: datetime) -> Join | None:
    assert run.order
    others = [each for each in beside if each.passage != run.enrollment_id]
    went = [each for each in others if each.state == State.HANDED_OVER and (each.decided_at or now) >= run.enrollment.entered_at]
    if went:
        return Join(went[-1].number, None)
    later = [each for each in others if each.state in StepRun.OPEN and (each.placed_at, each.run) > (run.order.placed_at, run.pk)]
    if not later:
        return None
    last = later[-1]
    looks = last.due_at + timedelta(hours=1) if last.due_at > now else now + timedelta(days=1)
    return Join(last.number, looks if now < run.use_by else None)


def known_products(runs: Sequence[StepRun]) -> dict[int, frozenset[int]]:
    """Return the products (ids) that each run's customer had of an order before, where the run's mail shows tips."""
    asking = [run for run in runs if run.order and run.step.shows("tips")]
    if not asking:
        return {}
    bought = OrderLine.objects.filter(
        customer__in={run.customer_id for run in asking}, product__isnull=False, order__cancelled_at=None, order__is_test=False
    )
    had: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for customer, product, at in bought.values_list("customer_id", "product_id", "placed_at"):
        had[customer].append((at, product or 0))
    return {run.pk: frozenset(pk for at, pk in had[run.customer_id] if run.order and at < run.order.placed_at) for run in asking}
