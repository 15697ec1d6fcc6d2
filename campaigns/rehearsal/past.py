"""Loads what has been for some people at a time: a dozen queries of plain values, however many they are."""

from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from campaigns import filters, hearing, lots, planning, subjects
from campaigns.models import FlowVersion
from campaigns.rehearsal import records, trouble
from campaigns.rehearsal.passages import Passage, Person
from campaigns.rehearsal.records import Bought
from campaigns.rehearsal.script import Scene, Script
from campaigns.rehearsal.story import GONE, Story
from campaigns.rehearsal.trouble import Span
from customers.models import Event
from messaging import permission, standing
from messaging.models import Purpose
from messaging.permission import Standing
from messaging.reasons import Reason
from orders.models import Order
from segments import audience
from stores import walltime
from surveys import answers

Reentry = FlowVersion.Reentry
_PLACED = Event.Kind.ORDER_PLACED
_HOMES = """
SELECT c.id, c.timezone, c.country, c.declined_topics, c.wants_fewer_since IS NOT NULL, c.paused_until,
    CASE WHEN c.paused_until IS NOT NULL THEN (
        SELECT max(n.at) FROM customers_consent n WHERE n.customer_id = c.id AND n.topic = 'pause' AND NOT n.is_granted) END
FROM customers_customer c WHERE c.id = ANY(%s)
"""
_TASKS = "SELECT customer_id, opened_at, closed_at FROM customers_task WHERE customer_id = ANY(%s)"
_ANSWERS = """
SELECT r.order_id, r.score, r.answered_at FROM surveys_response r JOIN orders_order o ON o.id = r.order_id
WHERE o.customer_id = ANY(%s) AND r.answered_at IS NOT NULL AND r.score IS NOT NULL
"""


@dataclass(slots=True)
class _Begun:
    """Something that began a flow: its moment, the order if there is one, the event's number and what it said."""

    at: datetime
    order: Bought | None
    event: int = 0
    said: Mapping[str, Any] = field(default_factory=dict)


def people(script: Script) -> "array[int]":
    """Return everybody who would have begun one of the flows, by number; eight bytes each."""
    found: set[int] = set()
    for scene in script.scenes:
        found.update(_beginners(script, scene).values_list("customer_id", flat=True).distinct().iterator(chunk_size=10_000))
    return array("q", sorted(found))


def moments(script: Script) -> QuerySet[Any, datetime]:
    """Return when the flow that is rehearsed was begun, the latest first; re-entry and conditions are not asked."""
    column = "placed_at" if _is_by_orders(script.scenes[0].version) else "occurred_at"
    return _beginners(script, script.scenes[0]).order_by(f"-{column}").values_list(column, flat=True)


def _beginners(script: Script, scene: Scene) -> QuerySet[Any]:
    if _is_by_orders(scene.version):
        orders = Order.objects.filter(store=script.store, placed_at__gte=script.since, placed_at__lt=script.until, is_test=False)
        return orders.order_by()
    return _events(script, scene.version.trigger).order_by()


def _is_by_orders(version: FlowVersion) -> bool:
    """Say whether orders themselves tell who begins: they are many, and what begins with one asks nothing of its event."""
    return version.trigger == _PLACED and not version.only_where


def _events(script: Script, kind: str) -> QuerySet[Event]:
    return Event.objects.filter(store=script.store, kind=kind, occurred_at__gte=script.since, occurred_at__lt=script.until)


def load(script: Script, ids: Sequence[int]) -> list[list[Passage]]:
    """Return the passages of each of these people, those of one person together."""
    orders = records.orders(script.store, ids, has_news=script.is_told_by_carriers)
    persons, zones = _persons(script, ids, orders)
    by_order = _answers(ids)
    heard = hearing.of_orders(list(orders)) if script.asks(*hearing.ASK) else hearing.Heard()
    passages: dict[int, list[Passage]] = defaultdict(list)
    for scene in script.scenes:
        inside = _inside(script, scene.version, ids)
        percent = scene.flow.holdout_percent
        begun = _begun(script, scene, ids, orders)
        things = _things(script, scene, begun)
        for customer, all_begun in begun.items():
            if customer not in persons or (inside is not None and customer not in inside):
                continue
            for each in _entering(scene, all_begun):
                order = each.order
                passage = Passage(scene.play, persons[customer], each.at, zones(customer, order.country if order else ""))
                passage.is_held_out = bool(lots.is_held_out(scene.flow.pk, customer, percent=percent))
                if order is not None:
                    _tell(passage, order, by_order.get(order.pk, ()), script)
                    passage.is_asked_for_review = order.pk in heard.asked_for_review
                    passage.has_check_in = order.pk in heard.with_check_in
                else:
                    _tell_thing(passage, things.get(each.event))
                passages[customer].append(passage)
    return list(passages.values())


def _inside(script: Script, version: FlowVersion, ids: Collection[int]) -> set[int] | None:
    """Return whom the flow is for, None for everybody."""
    return audience.among(version.audience, ids, store=script.store, now=script.now) if version.audience else None


def _begun(script: Script, scene: Scene, ids: Sequence[int], orders: dict[int, Bought]) -> dict[int, list[_Begun]]:
    """Return what began a flow, by customer and in the order of time."""
    found: dict[int, list[_Begun]] = defaultdict(list)
    if _is_by_orders(scene.version):
        for order in orders.values():
            if not order.is_test and script.since <= order.facts.placed_at < script.until:
                found[order.customer].append(_Begun(order.facts.placed_at, order))
        return found
    told = _events(script, scene.version.trigger).filter(customer__in=ids).order_by("occurred_at", "pk")
    for pk, customer, at, data in told.values_list("pk", "customer_id", "occurred_at", "data"):
        order_id = data.get("order")
        about = orders.get(order_id or 0)
        if filters.holds(scene.version.only_where, data) and (about is None) == (not order_id) and not (about and about.is_test):
            found[about.customer if about else customer].append(_Begun(at, about, pk, data))
    return found


def _entering(scene: Scene, begun: Iterable[_Begun]) -> list[_Begun]:
    """Return those that the flow's rule of re-entry lets in. Who comes without an order stays out where steps follow one."""
    version = scene.version
    needs_order = version.reentry == Reentry.PER_ORDER or any(part.rule.anchor not in planning.NEEDS_NO_ORDER for part in scene.play.parts)
    entering: list[_Begun] = []
    seen: set[int] = set()
    for each in sorted(begun, key=lambda each: each.at):
        if each.order is None and needs_order:
            continue
        key = _key(version, each)
        is_again = (
            version.reentry == Reentry.AFTER_DAYS and entering and each.at >= entering[-1].at + timedelta(days=version.reentry_days or 0)
        )
        if key in seen and not is_again:
            continue
        seen.add(key)
        entering.append(each)
    return entering


def _key(version: FlowVersion, begun: _Begun) -> int:
    """Return what enters once: an order, an event, or the customer."""
    order = begun.order.pk if begun.order else 0
    if version.reentry == Reentry.PER_ORDER:
        return order
    return (begun.event or order) if version.reentry == Reentry.EVERY_TIME else 0


def _things(script: Script, scene: Scene, begun: Mapping[int, Sequence[_Begun]]) -> dict[int, subjects.Subject]:
    """Return what began about a product or a cart, by the number of its event."""
    if not scene.version.trigger.startswith(subjects.KINDS):
        return {}
    return subjects.of_events({each.event: (script.store.pk, each.said) for found in begun.values() for each in found})


def _tell_thing(passage: Passage, thing: subjects.Subject | None) -> None:
    """Put the thing into a passage that is about one."""
    if thing is not None:
        passage.about, passage.is_available = {product.pk for product in thing.products}, thing.is_available
        passage.is_about_cart, passage.completed_at = thing.cart is not None, thing.cart.completed_at if thing.cart else None


def _tell(passage: Passage, order: Bought, given: Sequence[tuple[int, datetime]], script: Script) -> None:
    """Put an order into a passage: its story, its end, and what its buyer answered."""
    passage.order, passage.worth = order.pk, order.worth
    if given:
        passage.happy_at = min((at for score, at in given if score >= answers.HIGH), default=None)
        passage.unhappy_at = min((at for score, at in given if score <= answers.LOW), default=None)
        passage.answered_at = min(at for _, at in given)
    passage.end, passage.ended_at = order.end, order.ended_at
    also = [at for at in (passage.happy_at, passage.ended_at) if at]
    passage.story = Story(order.facts, order.parcels, order.usual_days, order.refunds[0] if order.refunds else None, also)
    back = [told.parcel for told in order.parcels if told.parcel.status == GONE]
    if back:
        passage.returned_at = min(parcel.status_at or order.facts.placed_at for parcel in back)
    passage.guided = script.with_tips.intersection(order.kept)
    passage.lessons = next((script.lessons[product] for product in order.kept if product in script.lessons), 0)
    passage.has_call = not script.with_call.isdisjoint(order.kept)
    passage.pairs = {other for product in order.kept for other in script.pairs.get(product, ())} if script.pairs else ()


def _persons(script: Script, ids: Sequence[int], orders: dict[int, Bought]) -> tuple[dict[int, Person], Callable[[int, str], ZoneInfo]]:
    """Return the people as the decisions see them, and how to ask for the zone of one whose order goes to a country."""
    standings, tasks, told = standing.standings(ids), _tasks(ids), _told(script, ids)
    homes = {pk: told for pk, *told in records.ask(_HOMES, ids)}
    mine: dict[int, list[Bought]] = defaultdict(list)
    for order in orders.values():
        mine[order.customer].append(order)
    meant = {pk: audience.among(segment, ids, store=script.store, now=script.now) for pk, segment in script.segments.items()}
    is_asked = bool(script.pairs) or script.asks("got_it")
    refusals: dict[Standing, dict[str, Reason | None]] = {}
    persons = {}
    for pk, held in standings.items():
        if held not in refusals:
            refusals[held] = {purpose.value: permission.refusal(purpose.value, held) for purpose in Purpose}
        persons[pk] = Person(
            number=pk,
            refusals=refusals[held],
            is_unsubscribed=held.marketing == "unsubscribed",
            is_subscribed=held.marketing == "subscribed",
            **_wishes(*homes[pk][2:]),
            bought=[(order.facts.placed_at, product) for order in mine[pk] for product in order.products] if is_asked else (),
            had=_had(mine[pk]) if script.knows_tips and len(mine[pk]) > 1 else (),
            ordered=[order.facts.placed_at for order in mine[pk] if order.counts],
            tasks=tasks.get(pk, ()),
            troubles=[span for order in mine[pk] for span in _troubles(order)] if script.sells else (),
            segments={segment for segment, inside in meant.items() if pk in inside} if meant else (),
            told=told.get(pk, {}),
        )
    known: dict[tuple[str, str], ZoneInfo] = {}

    def zone_of(customer: int, country: str) -> ZoneInfo:
        timezone, home, *_ = homes[customer]
        key = (timezone, country or home)
        if key not in known:
            known[key] = walltime.zone_for(customer=timezone, country=key[1], store=script.store.timezone)
        return known[key]

    return persons, zone_of


def _wishes(
    declined: Collection[str] | None, wants_fewer: bool, paused_until: datetime | None, paused_at: datetime | None
) -> dict[str, Any]:
    """Return what a customer has chosen beyond yes and no, by field of Person."""
    breaks = [(paused_at, paused_until)] if paused_until and paused_at else ()
    return {"declined": declined or (), "wants_fewer": wants_fewer, "breaks": breaks}


def _had(mine: Iterable[Bought]) -> list[tuple[datetime, int]]:
    """Return the products a customer has bought with orders that count, and when."""
    return [(order.facts.placed_at, product) for order in mine if order.counts for product in order.products]


def _troubles(order: Bought) -> list[Span]:
    """Return when an order keeps its buyer from being sold to."""
    if order.is_test or (order.end == Reason.CANCELLED and order.cancelled_at is None):
        return []
    refunds = order.refunds if order.is_refunded else ()
    over = [at for at in (order.facts.said_received_at, order.cancelled_at, *refunds[-1:]) if at]
    return trouble.spans(order.facts.placed_at, order.parcels, over_at=min(over, default=None), refunds=refunds)


def _told(script: Script, ids: Sequence[int]) -> dict[int, dict[str, list[tuple[datetime, Mapping[str, Any]]]]]:
    """Return the events that steps wait for or that end a flow, by customer and kind."""
    found: dict[int, dict[str, list[tuple[datetime, Mapping[str, Any]]]]] = {}
    if kinds := script.heeds:
        events = Event.objects.filter(customer__in=ids, kind__in=kinds, occurred_at__gte=script.since).order_by("occurred_at", "pk")
        for customer, kind, at, data in events.values_list("customer_id", "kind", "occurred_at", "data"):
            found.setdefault(customer, {}).setdefault(kind, []).append((at, data))
    return found


def _tasks(ids: Sequence[int]) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = defaultdict(list)
    for customer, opened_at, closed_at in records.ask(_TASKS, ids):
        found[customer].append((opened_at, closed_at))
    return found


def _answers(ids: Sequence[int]) -> dict[int, list[tuple[int, datetime]]]:
    """Return scores and their moments by order."""
    found: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
    for order, score, at in records.ask(_ANSWERS, ids):
        found[order].append((score, at))
    return found
