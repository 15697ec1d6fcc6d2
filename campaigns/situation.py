"""Loads what decisions and mails rest on, for many due steps at once: a handful of queries however many they are."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Max, Prefetch, QuerySet

from campaigns import conversations, hearing, learning, leaving, order_places, planning, rungs, stops, subjects, waits
from campaigns.decisions import Situation
from campaigns.joining import Join
from campaigns.models import Step, StepRun
from campaigns.planning import Around
from catalog.models import Pairing
from engagement.models import Action
from messaging import permission, standing
from messaging.models import Account
from messaging.permission import Standing
from messaging.reasons import Reason
from messaging.roads import accounts
from offers import giving
from orders.facts import milestones_of
from orders.models import Order, OrderLine, Shipment
from surveys.models import Response

#: Conditions that ask whether somebody has done something, and what.
_DEEDS = {"has_call": "call_booked", "is_guest": "signed_up"}
_ASK_OF_ORDERS = frozenset({"not_bought_since", "not_ordered", "agreed_or_bought"})


@dataclass(frozen=True)
class Loaded:
    """A due step with its situation, and what its mail needs of the database."""

    run: StepRun
    situation: Situation
    standing: Standing
    pairings: tuple[Pairing, ...]
    account: Account | None
    last_item: str = ""
    subject: subjects.Subject = subjects.NOTHING
    end: waits.End | None = None
    joins: str = ""
    known: frozenset[int] = frozenset()
    order_place: int = 0


@dataclass(frozen=True)
class _Facts:
    """What was read for a whole batch."""

    standings: dict[int, Standing]
    stops: dict[int, Situation]
    answered: frozenset[int]
    heard: hearing.Heard
    latest_order: dict[int, datetime]
    owned: dict[int, set[int]]
    with_code: frozenset[int]
    last_items: dict[int, str]
    subjects: dict[int, subjects.Subject]
    exits: dict[int, Reason]
    ends: dict[int, waits.End]
    done: dict[str, frozenset[int]]
    joins: dict[int, Join]
    known: dict[int, frozenset[int]]
    places: dict[int, int]
    not_taken: frozenset[int]
    not_meant: frozenset[int]
    accounts: dict[tuple[int, str], Account]


def runs_with_facts(runs: QuerySet[StepRun]) -> QuerySet[StepRun]:
    """Add to a query of runs everything that `load` and the mail read. What many runs share is loaded once, not joined to each."""
    return runs.select_related("customer", "order", "enrollment__version").prefetch_related(
        "store", Prefetch("step", Step.objects.select_related("offer", "only_if", "writer", "version__writer")), "enrollment__flow",
        "enrollment__version__audience", "order__shipments", "order__lines",
        "order__lines__product__guide", "order__lines__product__pairings__suggested",
    )  # fmt: skip


def load(runs: Sequence[StepRun], *, now: datetime) -> list[Loaded]:
    """Return each run with its situation."""
    for run in runs:
        if run.order:
            run.order.store, run.order.customer = run.store, run.customer
    facts = _read(runs, now=now)
    return [_loaded(run, facts, now) for run in runs]


def _read(runs: Sequence[StepRun], *, now: datetime) -> _Facts:
    standings = standing.standings({run.customer_id for run in runs})
    curious = {run.customer_id for run in runs if run.step.shows("pairings")}
    later = {run.customer_id for run in runs if not _ASK_OF_ORDERS.isdisjoint(run.step.conditions)}
    owned: dict[int, set[int]] = defaultdict(set)
    if curious:
        bought = OrderLine.objects.filter(customer__in=curious, product__isnull=False).values_list("customer_id", "product_id")
        for customer_id, product_id in bought:
            owned[customer_id].add(product_id or 0)
    bought_again = Order.objects.filter(customer__in=later, cancelled_at__isnull=True, is_test=False) if later else Order.objects.none()
    asking = [run.order_id for run in runs if "not_answered" in run.step.conditions]
    stopped = stops.of_runs([run.pk for run in runs], now=now)
    repeated = [run for run in runs if stopped[run.pk].has_other_orders]
    return _Facts(
        standings=standings,
        stops=stopped,
        answered=frozenset(
            pk for pk in Response.objects.filter(order__in=asking, score__isnull=False).values_list("order_id", flat=True) if pk
        ) if asking else frozenset(),
        heard=hearing.of_orders({run.order_id for run in runs if run.order_id and not hearing.ASK.isdisjoint(run.step.conditions)}),
        latest_order=dict(bought_again.values("customer_id").annotate(last=Max("placed_at")).values_list("customer_id", "last")),
        owned=owned,
        last_items=last_items({run.customer_id for run in runs if run.order_id is None}),
        subjects=subjects.of_passages(run.enrollment for run in runs),
        done={
            kind: _who_did(kind, {run.customer_id for run in runs if name in run.step.conditions}) for name, kind in _DEEDS.items()
        },
        exits=leaving.due([run.enrollment for run in runs], now=now),
        ends=waits.over(runs, now=now),
        joins=conversations.joins(repeated, now=now),
        known=conversations.known_products(repeated),
        places=order_places.of_runs(runs),
        not_taken=rungs.not_taken([run for run in runs if stopped[run.pk].has_pairs], now=now),
        not_meant=_not_meant(runs, now=now),
        with_code=giving.with_code({run.step.offer for run in runs if run.step.offer}, now=now),
        accounts=accounts.accounts_of({run.store_id for run in runs}),
    )  # fmt: skip


def _who_did(kind: str, people: Collection[int]) -> frozenset[int]:
    """Return who of these people has ever done a thing of that kind; no query where nobody is asked about."""
    done = Action.objects.filter(customer__in=people, kind=kind).values_list("customer_id", flat=True) if people else ()
    return frozenset(pk for pk in done if pk)


def _not_meant(runs: Sequence[StepRun], *, now: datetime) -> frozenset[int]:
    """Return the runs (ids) whose step is for a segment that does not mean their customer; of two on one rung `rungs` knows."""
    asking = [(run.step.only_if, run) for run in runs if run.step.only_if and not run.step.instead_of]
    meant = rungs.among(asking, now=now)
    return frozenset(run.pk for segment, run in asking if (segment.pk, run.customer_id) not in meant)


def _loaded(run: StepRun, facts: _Facts, now: datetime) -> Loaded:
    order, held = run.order, facts.standings[run.customer_id]
    pairings = fitting(order, facts.owned.get(run.customer_id, set())) if order else ()
    since = order.placed_at if order else run.enrollment.entered_at
    subject = facts.subjects.get(run.enrollment_id, subjects.NOTHING)
    join, known = facts.joins.get(run.pk), facts.known.get(run.pk, frozenset())
    tips = order is not None and has_tips(order)
    new_tips = order is not None and tips and has_tips(order, known)
    situation = replace(
        facts.stops[run.pk],
        conditions=tuple(run.step.conditions),
        refusal=permission.refusal(run.step.purpose, held),
        is_moot=order is not None and _is_moot(run, order, now),
        is_other=run.pk in facts.not_taken,
        is_among=run.pk not in facts.not_meant,
        is_held_out=bool(run.enrollment.is_held_out),
        has_happened={"waited": True, "timed_out": False}.get(run.facts.get("basis", "")),
        exit=facts.exits.get(run.enrollment_id),
        is_joined=join is not None and join.waits_until is None,
        joins_until=join.waits_until if join else None,
        has_tips=new_tips,
        has_known_tips=tips and not new_tips and "has_tips" in run.step.conditions,
        has_pairings=bool(pairings),
        has_code=run.step.offer_id in facts.with_code,
        has_bought_since=facts.latest_order.get(run.customer_id, since) > since,
        has_ordered=run.customer_id in facts.latest_order,
        has_return=order is not None and any(parcel.status == Shipment.Status.RETURNED for parcel in order.shipments.all()),
        has_answered=run.order_id in facts.answered,
        is_asked_for_review=run.order_id in facts.heard.asked_for_review,
        has_check_in=run.order_id in facts.heard.with_check_in,
        was_unhappy=run.order_id in facts.heard.unhappy,
        is_available=subject.is_available,
        lessons=learning.lessons_in(kept_lines(order)) if order else 0,
        has_call=order is not None and run.customer_id not in facts.done["call_booked"] and learning.has_call(kept_lines(order)),
        is_guest=bool(run.store.account_url) and run.customer_id not in facts.done["signed_up"],
        is_known=held.marketing == "subscribed" or run.customer_id in facts.latest_order,
        has_arrived=order is not None and "has_arrived" in run.step.conditions and has_arrived(order),
    )
    if not run.step.is_mail:
        situation = _of_deed(run, situation, held, is_over=run.pk in facts.ends, now=now)
    account = accounts.pick(facts.accounts, store_id=run.store_id, purpose=run.step.purpose)
    return Loaded(
        run, situation, held, pairings, account, facts.last_items.get(run.customer_id, ""), subject, facts.ends.get(run.pk),
        join.number if join else "", known, facts.places.get(run.pk, 0),
    )  # fmt: skip


def _of_deed(run: StepRun, situation: Situation, held: Standing, *, is_over: bool, now: datetime) -> Situation:
    """Return the situation of a step that is no mail: no permission, cap, break or quiet hour is about it; and a wait is never too late."""
    free = replace(
        situation, refusal=Reason.ERASED if held.is_erased else None, lacks_imprint=False, is_declined=False, capped_until=None,
        quiet_until=None, few_until=None, break_until=None,
    )  # fmt: skip
    if run.step.kind != run.step.Kind.WAIT:
        return free
    until = None if is_over else waits.limit(run)
    return replace(free, waits_until=until, use_by=now + timedelta(days=1), is_selling=False, is_watched=False)


def _is_moot(run: StepRun, order: Order, now: datetime) -> bool:
    """Say whether what a step tells of is not so by the facts as they stand now, which its plan may not know yet."""
    if not run.step.is_contingent or run.step.anchor == run.step.Anchor.REFUNDED or run.facts.get("basis") == "staff":
        return False
    plan = planning.plan_step(run.step, order, Around())
    return not plan.is_known or plan.due_at > now


def has_arrived(order: Order) -> bool:
    """Say whether it is known, and not only taken for granted, that all of an order is there."""
    return milestones_of(order, order.store).received is not None


def last_items(people: Collection[int]) -> dict[int, str]:
    """Return the name of the most costly thing in each customer's latest order."""
    if not people:
        return {}
    lines = OrderLine.objects.filter(customer__in=people, order__is_test=False, order__cancelled_at=None)
    latest = lines.order_by("customer_id", "-placed_at", "-unit_price_minor", "pk").distinct("customer_id")
    return dict(latest.values_list("customer_id", "name"))


def kept_lines(order: Order) -> list[OrderLine]:
    """Return the lines that were not given back: a returned item leaves every later mail."""
    return [line for line in order.lines.all() if line.refunded_quantity < line.quantity]


def has_tips(order: Order, known: frozenset[int] = frozenset()) -> bool:
    """Say whether any kept item of an order is of a product with tips, and not one of the `known`."""
    guides = [getattr(line.product, "guide", None) for line in kept_lines(order) if line.product_id not in known]
    return any(guide and guide.tips for guide in guides)


def fitting(order: Order, owned: set[int]) -> tuple[Pairing, ...]:
    """Return what goes well with an order: neither in it nor owned yet, in stock, not blocked, each product once."""
    found: dict[int, Pairing] = {}
    owned = owned | {line.product_id or 0 for line in order.lines.all()}
    for line in kept_lines(order):
        for pairing in line.product.pairings.all() if line.product else ():
            if pairing.suggested_id not in owned and pairing.suggested.is_available and not pairing.is_blocked:
                found.setdefault(pairing.suggested_id, pairing)
    return tuple(sorted(found.values(), key=lambda pairing: (pairing.rank, pairing.pk)))[:3]
