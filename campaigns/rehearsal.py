"""What a flow would have done with a store's latest orders, or with whatever else starts it: each step planned and decided by the live
flow's rules, nothing written.

It knows only how things stand now, so it takes today's permission, tips and codes, and of what has its moment on record (purchases,
answers, ends of orders) what was so when the step was due. Pauses, quiet hours and caps do not count, and
no mail is drawn.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Max, Prefetch, QuerySet

from campaigns import decisions, enrollment, filters, offers, situation, timing
from campaigns.decisions import Send, Situation
from campaigns.models import Flow, FlowVersion, Step, StepSwitch
from catalog.models import Pairing
from customers.models import Customer, Event, Task
from messaging import permission, standing
from messaging.models import Purpose
from messaging.permission import Standing
from messaging.reasons import Reason
from orders.facts import milestones_of
from orders.models import Order, OrderLine, Refund, Shipment
from orders.progress import Milestones
from segments import audience
from stores.models import Store
from surveys import answers
from surveys.models import Response

DAYS = 30
MOST = 2_000


@dataclass(frozen=True)
class StepCount:
    """One step's mails, and what became of the others: reasons with numbers, the most frequent first."""

    step: Step
    sent: int
    others: tuple[tuple[Reason, int], ...]

    @property
    def left_out(self) -> int:
        return sum(number for _, number in self.others)


@dataclass(frozen=True)
class Rehearsal:
    """The whole: how many orders or other beginnings, whether there were more than MOST, and each step's counts."""

    orders: int
    is_bounded: bool
    steps: tuple[StepCount, ...]

    @property
    def sent(self) -> int:
        return sum(count.sent for count in self.steps)

    @property
    def left_out(self) -> int:
        return sum(count.left_out for count in self.steps)


#: Who, with which order if any, and when.
_Begun = tuple[Customer, Order | None, datetime]


@dataclass(frozen=True)
class _Bought:
    """One line somebody bought; `counts` is false for orders that were cancelled or tests."""

    product_id: int | None
    at: datetime
    counts: bool


@dataclass(frozen=True)
class _Known:
    """One order or other beginning, and what is so of it whichever step is looked at."""

    order: Order | None
    began_at: datetime
    milestones: Milestones | None
    zone: ZoneInfo
    end: Reason | None
    ended_at: datetime | None
    happy_at: datetime | None
    answered_at: datetime | None
    standing: Standing
    bought: Sequence[_Bought]
    has_open_task: bool
    has_tips: bool
    has_return: bool


def rehearse(flow: Flow, version: FlowVersion, *, now: datetime) -> Rehearsal:
    """Return what the flow would have done with what would have started it in the last DAYS days, with the latest MOST; a dozen queries."""
    begun = _begun(flow.store, version, now=now)
    steps = list(version.steps.select_related("offer").filter(is_off=False))
    known = _know(begun[:MOST], flow.store)
    switches = dict(StepSwitch.objects.filter(flow=flow).values_list("step_key", "choice"))
    codes = offers.left({step.offer for step in steps if step.offer}, now=now)
    ends = version.trigger not in enrollment.ENDINGS
    counts = [_count(step, known, ends, switch=switches.get(step.key, ""), codes=codes.get(step.offer_id or 0, 0)) for step in steps]
    return Rehearsal(len(known), len(begun) > MOST, tuple(counts))


def _begun(store: Store, version: FlowVersion, *, now: datetime) -> list[_Begun]:
    """Return what would have started the flow, the latest first, one more than MOST if there is more."""
    if version.trigger == Event.Kind.ORDER_PLACED:
        placed = Order.objects.filter(placed_at__gt=now - timedelta(days=DAYS), placed_at__lte=now)
        return [(order.customer, order, order.placed_at) for order in _orders(store, version, placed, now=now)]
    told = Event.objects.filter(store=store, kind=version.trigger, occurred_at__gt=now - timedelta(days=DAYS), occurred_at__lte=now)
    meant = [event for event in told.order_by("-occurred_at", "-pk") if filters.holds(version.only_where, event.data)]
    orders = {order.pk: order for order in _orders(store, version, Order.objects.filter(pk__in=_order_ids(meant)), now=now)}
    people = Customer.objects.filter(store=store, pk__in={event.customer_id for event in meant}, erased_at=None)
    if version.audience:
        people = people.filter(pk__in=audience.everybody(version.audience, store=store, now=now))
    alone = people.in_bulk()
    begun, seen = [], set()
    for event in meant:
        order, customer = orders.get(event.data.get("order") or 0), alone.get(event.customer_id)
        key = _once(version, event, order)
        if customer is not None and key not in seen and (order is None) == (not event.data.get("order")):
            seen.add(key)
            begun.append((customer, order, event.occurred_at))
    return begun[: MOST + 1]


def _order_ids(told: Iterable[Event]) -> set[int]:
    return {event.data["order"] for event in told if event.data.get("order")}


def _once(version: FlowVersion, event: Event, order: Order | None) -> tuple[str, int]:
    """Return what may not start the flow twice within the days that are rehearsed."""
    if version.reentry == FlowVersion.Reentry.EVERY_TIME:
        return "event", event.pk
    return ("order", order.pk) if version.reentry == FlowVersion.Reentry.PER_ORDER and order else ("customer", event.customer_id)


def _orders(store: Store, version: FlowVersion, which: QuerySet[Order], *, now: datetime) -> list[Order]:
    """Return a store's real orders, of those, that the flow is for, one more than MOST if there are more."""
    pairings = Pairing.objects.select_related("suggested")
    lines = OrderLine.objects.select_related("product__guide").prefetch_related(Prefetch("product__pairings", queryset=pairings))
    found = which.filter(store=store, is_test=False)
    if version.audience:
        found = found.filter(customer__in=audience.everybody(version.audience, store=store, now=now))
    loaded = found.select_related("customer").prefetch_related(Prefetch("lines", queryset=lines), "shipments")
    orders = list(loaded.defer("versions").order_by("-placed_at", "-id")[: MOST + 1])
    for order in orders:
        order.store = store
    return orders


def _know(begun: Sequence[_Begun], store: Store) -> list[_Known]:
    orders = [order for _, order, _ in begun if order]
    people = {customer.pk for customer, _, _ in begun}
    given = Response.objects.filter(order__in=orders, answered_at__isnull=False).values_list("order_id", "score", "answered_at")
    answered = {order: (score or 0, at) for order, score, at in given}
    ended = Refund.objects.filter(order__in=orders).values("order_id").annotate(last=Max("at"))
    refunded_at = dict(ended.values_list("order_id", "last"))
    busy = set(Task.objects.filter(customer__in=people, state=Task.State.OPEN).values_list("customer_id", flat=True))
    standings, bought = standing.standings(people), _bought_by(people)
    known = []
    for customer, order, began_at in begun:
        score, answered_at = answered.get(order.pk if order else 0, (0, None))
        known.append(
            _Known(
                order=order,
                began_at=began_at,
                milestones=replace(milestones_of(order, store), refunded=refunded_at.get(order.pk)) if order else None,
                zone=enrollment.zone_for(customer, order, store),
                end=enrollment.end_of(order) if order else None,
                ended_at=(order.cancelled_at or refunded_at.get(order.pk)) if order else None,
                happy_at=answered_at if score >= answers.HIGH else None,
                answered_at=answered_at,
                standing=standings[customer.pk],
                bought=bought.get(customer.pk, ()),
                has_open_task=customer.pk in busy,
                has_tips=order is not None and situation.has_tips(order),
                has_return=order is not None and any(parcel.status == Shipment.Status.RETURNED for parcel in order.shipments.all()),
            )
        )
    return known


def _bought_by(people: Iterable[int]) -> dict[int, list[_Bought]]:
    found = defaultdict(list)
    lines = OrderLine.objects.filter(customer__in=people).values_list(
        "customer_id", "product_id", "placed_at", "order__cancelled_at", "order__is_test"
    )
    for customer, product, at, cancelled_at, is_test in lines:
        found[customer].append(_Bought(product, at, cancelled_at is None and not is_test))
    return found


def _count(step: Step, known: Sequence[_Known], ends: bool, *, switch: str, codes: int | None) -> StepCount:
    """Decide a step for each order; `codes` are those left for it, None is no limit. `ends`: an order's end stops the flow."""
    verdicts = [decisions.decide(_situation(step, one, ends, switch=switch, has_code=codes != 0)) for one in known]
    reasons = Counter(verdict.reason for verdict in verdicts if not isinstance(verdict, Send))
    sent = len(verdicts) - reasons.total()
    if step.offer_id and codes is not None and sent > codes:
        reasons[Reason.NO_CODE] += sent - codes
        sent = codes
    return StepCount(step, sent, tuple(reasons.most_common()))


def _situation(step: Step, known: _Known, ends: bool, *, switch: str, has_code: bool) -> Situation:
    """Return the situation in which a step would have been decided: when it was due, but not before its anchor was known."""
    if known.milestones is None or step.anchor == Step.Anchor.ENTERED:
        plan = timing.plan_entered(enrollment.rule_of(step), known.began_at, zone=known.zone)
    else:
        plan = enrollment.plan_by(step, known.milestones, zone=known.zone, happy_answer_at=known.happy_at)
    at = max(plan.due_at, plan.anchor_at)
    is_over = known.end if ends and step.anchor != Step.Anchor.REFUNDED else None
    end = None if known.ended_at and known.ended_at > at else is_over  # an end without a moment was always there
    since = known.order.placed_at if known.order else known.began_at
    return Situation(
        now=at,
        use_by=plan.use_by,
        is_selling=step.purpose == Purpose.MARKETING,
        conditions=tuple(step.conditions),
        refusal=permission.refusal(step.purpose, known.standing),
        is_paused=switch == StepSwitch.Choice.PAUSED,
        is_the_shops=switch == StepSwitch.Choice.SHOP,
        is_cancelled=end == Reason.CANCELLED,
        is_refunded=end == Reason.REFUNDED,
        is_returned=end == Reason.RETURNED,
        is_moot=step.is_contingent and not plan.is_known,
        has_open_task=known.has_open_task,
        has_tips=known.has_tips,
        has_pairings="has_pairings" in step.conditions and _has_pairings(known, at),
        has_code=has_code,
        has_bought_since=any(one.counts and since < one.at <= at for one in known.bought),
        has_ordered=any(one.counts and one.at <= at for one in known.bought),
        has_return=known.has_return,
        has_answered=known.answered_at is not None and known.answered_at <= at,
        has_arrived=known.milestones is not None and known.milestones.received is not None,
    )


def _has_pairings(known: _Known, at: datetime) -> bool:
    return known.order is not None and bool(
        situation.fitting(known.order, {one.product_id for one in known.bought if one.product_id and one.at <= at})
    )
