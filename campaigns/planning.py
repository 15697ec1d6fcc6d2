"""When the steps of a passage are due, as far as is known now: an order's facts are worked out once, however many steps hang from them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Max, Prefetch

from campaigns import timing, waits
from campaigns.models import Step, StepRun
from customers import events
from customers.models import Customer, Task
from messaging.reasons import Reason
from orders.facts import milestones_of
from orders.models import Order, OrderLine, Refund
from orders.progress import Milestones
from stores import walltime
from stores.models import Store
from surveys import answers
from surveys.models import Response

Anchor = Step.Anchor

#: Flows that an order's end begins go on after it.
ENDINGS = frozenset({events.Kind.ORDER_CANCELLED, events.Kind.ORDER_REFUNDED, events.Kind.SHIPMENT_RETURNED})

#: A step at one of these follows no order.
NEEDS_NO_ORDER = frozenset({Anchor.ENTERED, Anchor.WAITED})


@dataclass(frozen=True)
class Seen:
    """An order as its steps are planned by: its moments, whose clock counts, and why it is over, if it is."""

    milestones: Milestones
    zone: ZoneInfo
    end: Reason | None


@dataclass(frozen=True)
class Around:
    """What planning needs beside the order itself: happy answers and refunds by order, who has an open task, and waits (`waits.known`).

    `seen` are orders by id as they were worked out for this batch.
    """

    happy_at: dict[int, datetime] = field(default_factory=dict)
    has_open_task: frozenset[int] = frozenset()
    refunded_at: dict[int, datetime] = field(default_factory=dict)
    waits: dict[tuple[int, int], StepRun] = field(default_factory=dict)
    seen: dict[int, Seen] = field(default_factory=dict)

    def of(self, order: Order) -> Seen:
        """Return how an order stands."""
        found = self.seen.get(order.pk)
        if found is None:
            known = milestones_of(order, order.store)._replace(refunded=self.refunded_at.get(order.pk))
            found = self.seen[order.pk] = Seen(known, zone_of(order), end_of(order))
        return found


def orders_for_planning(ids: Iterable[int]) -> list[Order]:
    """Load orders with everything planning reads of them. What many share is loaded once, not joined to each."""
    lines = OrderLine.objects.only("order_id", "kind", "quantity", "refunded_quantity")
    orders = Order.objects.filter(pk__in=list(ids)).select_related("customer")
    return list(orders.prefetch_related("store", Prefetch("lines", lines), "shipments").order_by("pk"))


def look_around(orders: Sequence[Order], people: Iterable[int] = ()) -> Around:
    """Read what planning needs beside these orders, and beside people without one."""
    happy = Response.objects.filter(order__in=orders, score__gte=answers.HIGH) if orders else ()
    busy = Task.objects.filter(customer__in={order.customer_id for order in orders}.union(people), state=Task.State.OPEN)
    happy_at = {answer.order_id: answer.answered_at for answer in happy if answer.order_id and answer.answered_at}
    return Around(happy_at, frozenset(busy.values_list("customer_id", flat=True)), refunded_at(orders))


def refunded_at(orders: Sequence[Order]) -> dict[int, datetime]:
    """Return when money was last given back, by order; where only the order's state says so, when the shop said it."""
    given = [order for order in orders if order.refunded_minor or order.financial_status == Order.Financial.REFUNDED]
    if not given:
        return {}
    last = dict(Refund.objects.filter(order__in=given).values("order_id").annotate(last=Max("at")).values_list("order_id", "last"))
    moments = {order.pk: last.get(order.pk) or order.source_updated_at for order in given}
    return {pk: at for pk, at in moments.items() if at}


def zone_of(order: Order) -> ZoneInfo:
    """Return the zone of the person who gets this order's mails."""
    return zone_for(order.customer, order, order.store)


def zone_for(customer: Customer, order: Order | None, store: Store) -> ZoneInfo:
    """Return a customer's zone; an order says where they are now."""
    country = (order.shipping_address.get("country") if order else "") or customer.country
    return walltime.zone_for(customer=customer.timezone, country=country, store=store.timezone)


def plan_step(step: Step, order: Order, around: Around) -> timing.Plan:
    """Return when a step is due for an order, as far as is known now."""
    seen = around.of(order)
    return timing.plan(
        rule_of(step), seen.milestones, zone=seen.zone, happy_answer_at=around.happy_at.get(order.pk), is_over=seen.end is not None
    )


def plan_for(step: Step, customer: Customer, order: Order | None, entered_at: datetime, around: Around) -> timing.Plan:
    """Return when a step is due for somebody who entered at that moment."""
    if step.anchor in NEEDS_NO_ORDER or order is None:
        return timing.plan_entered(rule_of(step), entered_at, zone=_zone(customer, order, around))
    return plan_step(step, order, around)


def plan_run(run: StepRun, customer: Customer, order: Order | None, around: Around) -> timing.Plan:
    """Return when the step of a run is due: as `plan_for`, and by the end of a wait if it hangs from one."""
    if run.step.anchor == Anchor.WAITED:
        plan = waits.plan(run, rule_of(run.step), around.waits, zone=_zone(customer, order, around))
        if plan is not None:
            return plan
    return plan_for(run.step, customer, order, run.enrollment.entered_at, around)


def _zone(customer: Customer, order: Order | None, around: Around) -> ZoneInfo:
    return around.of(order).zone if order else zone_for(customer, None, customer.store)


def rule_of(step: Step) -> timing.Rule:
    return timing.Rule(
        step.anchor, step.offset_hours, step.time_of_day, step.not_after_anchor, step.not_after_hours, step.early_after_answer_hours,
        step.use_by_hours,
    )  # fmt: skip


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


def outlives(anchor: str, trigger: str) -> bool:
    """Say whether a step goes on when its order has ended: it tells of the end."""
    return anchor == Anchor.REFUNDED or trigger in ENDINGS
