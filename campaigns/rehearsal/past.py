"""Loads what has been for some people at a time: a dozen queries of plain values, however many they are."""

from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from campaigns import enrollment, filters, hearing, lots, subjects
from campaigns.models import FlowVersion
from campaigns.rehearsal.playing import Passage, Person, Span
from campaigns.rehearsal.script import Scene, Script
from campaigns.rehearsal.story import Story, Told, estimates_of
from customers.models import Customer, Event, Task
from messaging import permission, standing
from messaging.models import Purpose
from messaging.reasons import Reason
from orders import estimates, facts
from orders.models import Order, OrderLine, Refund, Shipment
from orders.progress import LATE_AFTER, OrderFacts, Parcel
from segments import audience
from stores import walltime
from surveys import answers
from surveys.models import Response

Reentry = FlowVersion.Reentry
_PLACED = Event.Kind.ORDER_PLACED
_NEWS = {Event.Kind.SHIPMENT_OUT_FOR_DELIVERY: "out_for_delivery", Event.Kind.SHIPMENT_FAILED: "failure"}
#: As `campaigns.stops` has it: how long an order may be late and count, and how long a refund does.
_LATE_COUNTS, _REFUND_COUNTS = timedelta(days=60), timedelta(days=14)


@dataclass(slots=True)
class _Bought:
    """One order as it stands, with what hangs from it. `country` is where it goes."""

    pk: int
    customer: int
    facts: OrderFacts
    is_test: bool
    cancelled_at: datetime | None
    end: Reason | None
    refunds: Sequence[datetime]
    country: str
    worth: int
    parcels: Sequence[Told]
    kept: Sequence[int]


@dataclass(slots=True)
class _Begun:
    """Something that began a flow: its moment, the order if there is one, the event's number and what it said."""

    at: datetime
    order: _Bought | None
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
    orders = _orders(script, ids)
    persons, zones = _persons(script, ids, orders)
    by_order = _answers(orders)
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


def _begun(script: Script, scene: Scene, ids: Sequence[int], orders: dict[int, _Bought]) -> dict[int, list[_Begun]]:
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
    needs_order = version.reentry == Reentry.PER_ORDER or any(
        part.rule.anchor not in enrollment.NEEDS_NO_ORDER for part in scene.play.parts
    )
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


def _tell(passage: Passage, order: _Bought, given: Sequence[tuple[int, datetime]], script: Script) -> None:
    """Put an order into a passage: its story, its end, and what its buyer answered."""
    passage.order, passage.worth = order.pk, order.worth
    passage.happy_at = min((at for score, at in given if score >= answers.HIGH), default=None)
    passage.unhappy_at = min((at for score, at in given if score <= answers.LOW), default=None)
    passage.answered_at = min((at for _, at in given), default=None)
    passage.end = order.end
    passage.ended_at = order.cancelled_at if order.end == Reason.CANCELLED else order.refunds[-1] if order.refunds and order.end else None
    also = [at for at in (passage.happy_at, passage.ended_at) if at]
    refunded_at = order.refunds[0] if order.refunds else None
    passage.story = Story(order.facts, order.parcels, script.store.usual_delivery_days, refunded_at, also)
    back = [told.parcel for told in order.parcels if told.parcel.status == Shipment.Status.RETURNED]
    if back:
        passage.returned_at = min(parcel.status_at or order.facts.placed_at for parcel in back)
    passage.has_tips = not script.with_tips.isdisjoint(order.kept)
    passage.lessons = next((script.lessons[product] for product in order.kept if product in script.lessons), 0)
    passage.has_call = not script.with_call.isdisjoint(order.kept)
    passage.pairs = tuple({other for product in order.kept for other in script.pairs.get(product, ())})


def _persons(script: Script, ids: Sequence[int], orders: dict[int, _Bought]) -> tuple[dict[int, Person], Callable[[int, str], ZoneInfo]]:
    """Return the people as the decisions see them, and how to ask for the zone of one whose order goes to a country."""
    standings = standing.standings(ids)
    homes = {pk: home for pk, *home in Customer.objects.filter(pk__in=ids).values_list("pk", "timezone", "country")}
    tasks, mine = _tasks(ids), defaultdict(list)
    for order in orders.values():
        mine[order.customer].append(order)
    meant = {pk: audience.among(segment, ids, store=script.store, now=script.now) for pk, segment in script.segments.items()}
    bought = _bought(ids) if script.pairs or script.asks("got_it") else {}
    told = _told(script, ids)
    persons = {}
    for pk, held in standings.items():
        persons[pk] = Person(
            number=pk,
            refusals={purpose.value: permission.refusal(purpose.value, held) for purpose in Purpose},
            is_unsubscribed=held.marketing == Customer.Marketing.UNSUBSCRIBED,
            is_subscribed=held.marketing == Customer.Marketing.SUBSCRIBED,
            bought=bought.get(pk, ()),
            ordered=[order.facts.placed_at for order in mine[pk] if order.cancelled_at is None and not order.is_test],
            tasks=tasks.get(pk, ()),
            troubles=[span for order in mine[pk] for span in _troubles(order)],
            segments={segment for segment, inside in meant.items() if pk in inside},
            told=told.get(pk, {}),
        )
    known: dict[tuple[str, str], ZoneInfo] = {}

    def zone_of(customer: int, country: str) -> ZoneInfo:
        timezone, home = homes[customer]
        key = (timezone, country or home)
        if key not in known:
            known[key] = walltime.zone_for(customer=timezone, country=key[1], store=script.store.timezone)
        return known[key]

    return persons, zone_of


def _told(script: Script, ids: Sequence[int]) -> dict[int, dict[str, list[tuple[datetime, int, Mapping[str, Any]]]]]:
    """Return the events that steps wait for, by customer and kind."""
    found: dict[int, dict[str, list[tuple[datetime, int, Mapping[str, Any]]]]] = {}
    if kinds := script.waited_for:
        events = Event.objects.filter(customer__in=ids, kind__in=kinds, occurred_at__gte=script.since).order_by("occurred_at", "pk")
        for customer, kind, at, data in events.values_list("customer_id", "kind", "occurred_at", "data"):
            found.setdefault(customer, {}).setdefault(kind, []).append((at, data.get("order") or 0, data))
    return found


def _tasks(ids: Sequence[int]) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = defaultdict(list)
    for customer, opened_at, closed_at in Task.objects.filter(customer__in=ids).values_list("customer_id", "opened_at", "closed_at"):
        found[customer].append((opened_at, closed_at))
    return found


def _bought(ids: Sequence[int]) -> dict[int, list[tuple[int, datetime]]]:
    found: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
    lines = OrderLine.objects.order_by().filter(customer__in=ids, product__isnull=False)
    for customer, product, at in lines.values_list("customer_id", "product_id", "placed_at"):
        found[customer].append((product or 0, at))
    return found


def _answers(orders: Collection[int]) -> dict[int, list[tuple[int, datetime]]]:
    """Return scores and their moments by order."""
    found: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
    given = Response.objects.filter(order__in=orders, answered_at__isnull=False, score__isnull=False)
    for order, score, at in given.values_list("order_id", "score", "answered_at"):
        if order and score and at:
            found[order].append((score, at))
    return found


def _troubles(order: _Bought) -> list[Span]:
    """Return when an order keeps its buyer from being sold to (as `campaigns.stops` has it)."""
    found: list[Span] = []
    if order.is_test or order.end == Reason.CANCELLED:
        return found
    if order.end == Reason.REFUNDED:
        return [(at, at + _REFUND_COUNTS) for at in order.refunds]
    until = order.facts.placed_at + _LATE_COUNTS
    for told in order.parcels:
        parcel = told.parcel
        late_at = parcel.moved_at or (parcel.expected_at + LATE_AFTER if parcel.expected_at and parcel.is_scanned else None)
        since = parcel.status_at if parcel.status == Shipment.Status.FAILURE else late_at
        end = min(at for at in (parcel.delivered_at, order.facts.said_received_at, until) if at)
        if since is not None and since < end and parcel.status != Shipment.Status.RETURNED and not parcel.is_cancelled:
            found.append((since, end))
    return found


_ORDER = (
    "pk", "customer_id", "placed_at", "fulfillment_status", "paid_at", "fulfilled_at", "received_at", "not_there_at", "is_test",
    "cancelled_at", "financial_status", "total_minor", "refunded_minor", "shop_total_minor", "source_updated_at",
    "shipping_address__country",
)  # fmt: skip


def _orders(script: Script, ids: Sequence[int]) -> dict[int, _Bought]:
    """Return all orders of these people with lines, parcels and refunds."""
    rows = list(Order.objects.order_by().filter(customer__in=ids).values_list(*_ORDER))
    lines, refunds, parcels = _lines(ids), _refunds(ids), _parcels(script, ids)
    found = {}
    for (pk, customer, placed_at, fulfilled, paid_at, fulfilled_at, received_at, not_there_at, is_test, cancelled_at,
         status, total, refunded, worth, told_at, country) in rows:  # fmt: skip
        kinds, is_back, kept = lines.get(pk, (frozenset({"physical"}), None, ()))
        given = sorted(refunds.get(pk, ()))
        if not given and status == Order.Financial.REFUNDED and told_at:
            given = [told_at]
        found[pk] = _Bought(
            pk, customer,
            OrderFacts(placed_at, fulfilled, paid_at, fulfilled_at, received_at, not_there_at, kinds),
            is_test, cancelled_at, enrollment.ended(cancelled_at, status, total, refunded, is_back),
            given, country or "", worth, parcels.get(pk, ()), kept,
        )  # fmt: skip
    return found


def _lines(ids: Sequence[int]) -> dict[int, tuple[frozenset[str], bool, list[int]]]:
    """Return of each order the kinds in it, whether everything was given back, and the products that were kept."""
    by_order: dict[int, list[tuple[int | None, str, int, int]]] = defaultdict(list)
    lines = OrderLine.objects.order_by().filter(customer__in=ids)
    for order, product, kind, quantity, back in lines.values_list("order_id", "product_id", "kind", "quantity", "refunded_quantity"):
        by_order[order].append((product, kind, quantity, back))
    return {
        order: (
            frozenset(kind for _, kind, _, _ in found),
            all(back >= quantity for _, _, quantity, back in found),
            [product for product, _, quantity, back in found if product and back < quantity],
        )
        for order, found in by_order.items()
    }


def _refunds(ids: Sequence[int]) -> dict[int, list[datetime]]:
    found: dict[int, list[datetime]] = defaultdict(list)
    for order, at in Refund.objects.filter(order__customer__in=ids).values_list("order_id", "at"):
        found[order].append(at)
    return found


_PARCEL = (
    "order_id", "status", "shipped_at", "expected_at", "delivered_at", "is_scanned", "is_cancelled", "source_updated_at",
    "first_expected_at", "said",
)  # fmt: skip


def _parcels(script: Script, ids: Sequence[int]) -> dict[int, list[Told]]:
    news: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    if script.is_told_by_carriers:
        told = Event.objects.filter(customer__in=ids, kind__in=_NEWS).order_by("occurred_at")
        for kind, at, order in told.values_list("kind", "occurred_at", "data__order"):
            news[order].append((at, _NEWS[Event.Kind(kind)]))
    found: dict[int, list[Told]] = defaultdict(list)
    for order, status, shipped, expected, delivered, is_scanned, is_cancelled, status_at, promised, said in (
        Shipment.objects.order_by("pk").filter(order__customer__in=ids).values_list(*_PARCEL)
    ):
        told_days = estimates.counted(said)
        moved_at = facts.moved_at(told_days)
        parcel = Parcel(status, shipped, expected, delivered, is_scanned, is_cancelled, status_at, promised, moved_at)
        found[order].append(Told(parcel, estimates_of(told_days), news.get(order, ())))
    return found
