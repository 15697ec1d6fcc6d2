"""One conversation per customer: while passages of theirs through one flow run side by side, each of its mails goes once (`joining`).

Order mails are about one order each and never wait, nor does what may never happen to an order. Tips go order by order, for what is new to
a customer: a product of an order before needs none again.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from campaigns import joining
from campaigns.joining import Join, Side
from campaigns.models import FlowVersion, Step, StepRun
from messaging.models import Purpose
from orders.models import OrderLine

State = StepRun.State
_SIDE = (
    "customer_id", "enrollment__flow_id", "step_key", "pk", "enrollment_id", "order__number", "order__placed_at", "due_at", "state",
    "decided_at",
)  # fmt: skip


def joins(runs: Sequence[StepRun], *, now: datetime) -> dict[int, Join]:
    """Return which of these due runs (ids) another order's mail goes for; one query, and none where no run can be joined."""
    asking = [run for run in runs if _may_join(run)]
    if not asking:
        return {}
    found = StepRun.objects.filter(
        customer__in={run.customer_id for run in asking}, step_key__in={run.step_key for run in asking},
        state__in=[*StepRun.OPEN, State.HANDED_OVER], order__isnull=False, order__cancelled_at=None,
    ).order_by("order__placed_at", "pk")  # fmt: skip
    beside: dict[tuple[int, int, str], list[Side]] = defaultdict(list)
    for customer, flow, key, run, passage, number, placed_at, due_at, state, decided_at in found.values_list(*_SIDE):
        went_at = (decided_at or now) if state == State.HANDED_OVER else None
        beside[customer, flow, key].append(Side(run, passage, number, placed_at, due_at, went_at is None, went_at))
    judged = {run.pk: _judged(run, beside[run.customer_id, run.enrollment.flow_id, run.step_key], now) for run in asking}
    return {pk: join for pk, join in judged.items() if join}


def may_join(step: Step, version: FlowVersion) -> bool:
    """Say whether of a step one mail goes for several orders."""
    is_told_once = step.purpose != Purpose.TRANSACTIONAL and step.is_mail and not step.is_contingent
    return is_told_once and not step.shows("tips") and version.reentry == FlowVersion.Reentry.PER_ORDER


def _may_join(run: StepRun) -> bool:
    return bool(run.order_id) and run.facts.get("basis") != "staff" and may_join(run.step, run.enrollment.version)


def _judged(run: StepRun, beside: Sequence[Side], now: datetime) -> Join | None:
    assert run.order
    mine = Side(run.pk, run.enrollment_id, run.order.number, run.order.placed_at, run.due_at, is_open=True)
    return joining.join(mine, beside, entered_at=run.enrollment.entered_at, use_by=run.use_by, now=now)


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
    return {run.pk: joining.known(had[run.customer_id], placed_at=run.order.placed_at) for run in asking if run.order}
