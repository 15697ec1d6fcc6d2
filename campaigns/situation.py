"""Loads what decisions and mails rest on, for many due steps at once: a handful of queries however many they are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Max, Prefetch, QuerySet

from campaigns import enrollment, offers
from campaigns.decisions import Situation
from campaigns.models import Flow, StepRun, StepSwitch
from catalog.models import Pairing
from customers.models import Task
from messaging import permission, standing
from messaging.models import Message, Purpose
from messaging.permission import Standing
from messaging.reasons import Reason
from messaging.sending import Refusal
from orders.models import Order, OrderLine, Shipment
from surveys.models import Response


@dataclass(frozen=True)
class Loaded:
    """A due step with its situation, and what its mail needs of the database."""

    run: StepRun
    situation: Situation
    standing: Standing
    pairings: tuple[Pairing, ...]


@dataclass(frozen=True)
class _Facts:
    """What was read for a whole batch."""

    standings: dict[int, Standing]
    busy: frozenset[int]
    answered: frozenset[int]
    latest_order: dict[int, datetime]
    owned: dict[int, set[int]]
    switches: dict[tuple[int, str], str]
    with_code: frozenset[int]


def runs_with_facts(runs: QuerySet[StepRun]) -> QuerySet[StepRun]:
    """Add to a query of runs everything that `load` and the mail read."""
    pairings = Pairing.objects.select_related("suggested")
    lines = OrderLine.objects.select_related("product__guide").prefetch_related(Prefetch("product__pairings", queryset=pairings))
    return runs.select_related("store", "customer", "order__store", "order__customer", "step__offer", "enrollment__flow").prefetch_related(
        Prefetch("order__lines", queryset=lines), "order__shipments"
    )


def load(runs: Sequence[StepRun], *, now: datetime) -> list[Loaded]:
    """Return each run with its situation."""
    facts = _read(runs, now=now)
    return [_loaded(run, facts, now) for run in runs]


def _read(runs: Sequence[StepRun], *, now: datetime) -> _Facts:
    by_store = defaultdict(list)
    for run in runs:
        by_store[run.store].append(run.customer)
    standings = {pk: held for store, people in by_store.items() for pk, held in standing.standings(people, store).items()}
    curious = {run.customer_id for run in runs if run.step.shows("pairings")}
    later = {run.customer_id for run in runs if "not_bought_since" in run.step.conditions}
    owned: dict[int, set[int]] = defaultdict(set)
    if curious:
        bought = OrderLine.objects.filter(customer__in=curious, product__isnull=False).values_list("customer_id", "product_id")
        for customer_id, product_id in bought:
            owned[customer_id].add(product_id or 0)
    bought_again = Order.objects.filter(customer__in=later, cancelled_at__isnull=True, is_test=False) if later else Order.objects.none()
    asking = [run.order_id for run in runs if "not_answered" in run.step.conditions]
    return _Facts(
        standings=standings,
        busy=_busy(run.customer_id for run in runs),
        answered=frozenset(
            pk for pk in Response.objects.filter(order__in=asking, score__isnull=False).values_list("order_id", flat=True) if pk
        ) if asking else frozenset(),
        latest_order=dict(bought_again.values("customer_id").annotate(last=Max("placed_at")).values_list("customer_id", "last")),
        owned=owned,
        switches=_switches(runs),
        with_code=offers.with_code({run.step.offer for run in runs if run.step.offer}, now=now),
    )  # fmt: skip


def _loaded(run: StepRun, facts: _Facts, now: datetime) -> Loaded:
    assert run.order is not None
    order, held = run.order, facts.standings[run.customer_id]
    pairings = fitting(order, facts.owned.get(run.customer_id, set()))
    stands = _standing_now(run, switches=facts.switches, busy=facts.busy, now=now)
    situation = replace(
        stands,
        conditions=tuple(run.step.conditions),
        refusal=permission.refusal(run.step.purpose, held),
        has_tips=any(line.product and _tips(line) for line in kept_lines(order)),
        has_pairings=bool(pairings),
        has_code=run.step.offer_id in facts.with_code,
        has_bought_since=facts.latest_order.get(run.customer_id, order.placed_at) > order.placed_at,
        has_return=any(parcel.status == Shipment.Status.RETURNED for parcel in order.shipments.all()),
        has_answered=order.pk in facts.answered,
    )
    return Loaded(run, situation, held, pairings)


def at_the_gate(messages: Sequence[Message], refused: Mapping[int, Refusal], *, now: datetime) -> list[tuple[StepRun, Situation]]:
    """Return the runs behind finished mails with what can still stop them: no conditions, which were met when the mails were drawn."""
    related = ("store", "order", "step", "enrollment__flow")
    runs = list(StepRun.objects.filter(message__in=messages).select_related(*related).prefetch_related("order__lines"))
    busy, switches = _busy({run.customer_id for run in runs}), _switches(runs)
    return [
        (
            run,
            replace(
                _standing_now(run, switches=switches, busy=busy, now=now), refusal=refused[message].reason if message in refused else None
            ),
        )
        for run in runs
        for message in [run.message_id or 0]
    ]


def _standing_now(run: StepRun, *, switches: Mapping[tuple[int, str], str], busy: frozenset[int], now: datetime) -> Situation:
    """Return the situation of a run as far as its order, flow and customer's tasks make it."""
    assert run.order is not None
    flow, switch, ended = run.enrollment.flow, switches.get((run.enrollment.flow_id, run.step_key)), enrollment.end_of(run.order)
    return Situation(
        now=now,
        use_by=run.use_by,
        is_selling=run.step.purpose == Purpose.MARKETING,
        is_paused=run.store.is_paused or flow.state != Flow.State.LIVE or switch == StepSwitch.Choice.PAUSED,
        is_the_shops=switch == StepSwitch.Choice.SHOP,
        is_cancelled=ended == Reason.CANCELLED,
        is_refunded=ended == Reason.REFUNDED,
        is_returned=ended == Reason.RETURNED,
        has_open_task=run.customer_id in busy,
    )


def _busy(customers: Iterable[int]) -> frozenset[int]:
    open_tasks = Task.objects.filter(customer__in=set(customers), state=Task.State.OPEN)
    return frozenset(open_tasks.values_list("customer_id", flat=True))


def _switches(runs: Sequence[StepRun]) -> dict[tuple[int, str], str]:
    held = StepSwitch.objects.filter(flow__in={run.enrollment.flow_id for run in runs})
    return {(switch.flow_id, switch.step_key): switch.choice for switch in held}


def kept_lines(order: Order) -> list[OrderLine]:
    """Return the lines that were not given back: a returned item leaves every later mail."""
    return [line for line in order.lines.all() if line.refunded_quantity < line.quantity]


def _tips(line: OrderLine) -> bool:
    guide = getattr(line.product, "guide", None)
    return bool(guide and guide.tips)


def fitting(order: Order, owned: set[int]) -> tuple[Pairing, ...]:
    """Return what goes well with an order: neither in it nor owned yet, in stock, each product once."""
    found: dict[int, Pairing] = {}
    owned = owned | {line.product_id or 0 for line in order.lines.all()}
    for line in kept_lines(order):
        for pairing in line.product.pairings.all() if line.product else ():
            if pairing.suggested_id not in owned and pairing.suggested.is_available:
                found.setdefault(pairing.suggested_id, pairing)
    return tuple(sorted(found.values(), key=lambda pairing: (pairing.rank, pairing.pk)))[:3]
