"""The flows' reader of events: who enters, and whose steps are planned anew.

An event only says where to look; what is done follows from the facts as they stand now, so shuffled, doubled and late events
all end the same way.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from campaigns import again, enrollment, filters, leaving, planning, waits
from campaigns.enrollment import Entrant
from campaigns.models import Flow, StepRun
from campaigns.planning import Around
from customers import events
from customers.models import Customer, Event
from messaging.reasons import Reason
from orders.models import Order
from segments import audience
from stores import rows

READER = "flows"

#: Kinds after which one order's plan may have changed; the event's data names the order.
MOVES_ORDER = frozenset(
    {
        events.Kind.ORDER_PAID, events.Kind.ORDER_CHANGED, events.Kind.ORDER_CANCELLED, events.Kind.ORDER_REFUNDED,
        events.Kind.ORDER_FULFILLED,
        events.Kind.ORDER_RECEIVED, events.Kind.ORDER_AWAITED, events.Kind.SHIPMENT_SHIPPED, events.Kind.SHIPMENT_MOVED,
        events.Kind.SHIPMENT_TRENDING_LATE, events.Kind.SHIPMENT_LATE, events.Kind.SHIPMENT_STALLED, events.Kind.SHIPMENT_OUT_FOR_DELIVERY,
        events.Kind.SHIPMENT_READY, events.Kind.SHIPMENT_DELIVERED, events.Kind.SHIPMENT_FAILED, events.Kind.SHIPMENT_RETURNED,
        events.Kind.ANSWER_GIVEN, events.Kind.STAFF_ACTED, events.Kind.FLOW_WAITED,
    }
)  # fmt: skip

#: Kinds after which everything planned for the customer may have changed.
MOVES_CUSTOMER = frozenset({events.Kind.TASK_OPENED, events.Kind.TASK_CLOSED})

#: The same where they name no order: what they are about followed none.
MOVES_CUSTOMER_ALONE = frozenset({events.Kind.STAFF_ACTED, events.Kind.FLOW_WAITED})

#: Kinds after which an order's trouble may be over, which held what all of the customer's flows sell.
ENDS_TROUBLE = frozenset(
    {
        events.Kind.ORDER_RECEIVED, events.Kind.ORDER_CANCELLED, events.Kind.SHIPMENT_MOVED, events.Kind.SHIPMENT_OUT_FOR_DELIVERY,
        events.Kind.SHIPMENT_READY,
        events.Kind.SHIPMENT_DELIVERED, events.Kind.SHIPMENT_RETURNED,
    }
)  # fmt: skip


def may_start(kind: str) -> bool:
    """Say whether flows are told of this kind of event, so that one of them can be started by it."""
    return kind in Event.Kind.values and kind.startswith(tuple(settings.EVENT_READERS[READER]))


@transaction.atomic
def read(*, now: datetime, limit: int = 500) -> int:
    """Act on unread events; return how many were read. An event that cannot be acted on is set aside, the others go on."""
    unread = events.claim(READER, limit=limit)
    rows.in_halves(unread, lambda batch: _act(batch, now=now), lambda event, _: events.set_aside(READER, event, now=now))
    return len(unread)


def _act(batch: Sequence[Event], *, now: datetime) -> None:
    people = {event.customer_id for event in batch}
    list(Customer.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk").values_list("pk"))
    moved = {event.customer_id for event in batch if _moves_customer(event)} | _out_of_trouble(batch)
    touched = {event.data["order"] for event in batch if event.kind in MOVES_ORDER and event.data.get("order")}
    if moved:
        touched |= set(Order.objects.filter(customer__in=moved, runs__isnull=False).values_list("pk", flat=True))
    meant = _meant(batch)
    named = {event.data["order"] for _, news in meant for event in news if event.data.get("order")}
    orders = {order.pk: order for order in planning.orders_for_planning(touched | named)}
    around = planning.look_around(list(orders.values()), people if meant or moved else ())
    for flow, news in meant:
        _enter(flow, news, orders, around, now=now)
    waits.wake(batch, now=now)
    if touched or moved:
        known = [order for order in orders.values() if order.pk in touched]
        enrollment.replan(known, now=now, people=moved, around=around)
        again.refunds(known, now=now)
    _go_on({event.customer_id for event in batch if event.kind == events.Kind.CONSENT_GRANTED}, now=now)
    leaving.end_those_over(batch, now=now)
    events.forget(READER, batch)


def _moves_customer(event: Event) -> bool:
    return event.kind in MOVES_CUSTOMER or (event.kind in MOVES_CUSTOMER_ALONE and not event.data.get("order"))


def _go_on(people: set[int], *, now: datetime) -> None:
    """Look again at the mails of those who may have ended a break, or want more mails again."""
    waiting = StepRun.objects.filter(customer__in=people, state=StepRun.State.HELD, reason__in=[Reason.BREAK, Reason.FEWER])
    waiting.update(wake_at=now)


def _out_of_trouble(batch: Sequence[Event]) -> set[int]:
    """Return those of whose mails some wait for trouble that may have ended now, or for the mail of an order that is none any more."""
    people = {event.customer_id for event in batch if event.kind in ENDS_TROUBLE}
    if not people:
        return set()
    alone = {event.customer_id for event in batch if event.kind == events.Kind.ORDER_CANCELLED}
    ended = Q(customer__in=people, reason=Reason.TROUBLE) | Q(customer__in=alone, reason=Reason.MERGED)
    waiting = StepRun.objects.filter(ended, state=StepRun.State.HELD)
    return set(waiting.values_list("customer_id", flat=True))


def _meant(batch: Sequence[Event]) -> list[tuple[Flow, list[Event]]]:
    """Return the flows that these events start, each with its events; a paused one takes people too, and holds their mails."""
    flows = Flow.objects.filter(
        store__in={event.store_id for event in batch}, state__in=[Flow.State.LIVE, Flow.State.WATCHING, Flow.State.PAUSED],
        version__trigger__in={event.kind for event in batch},
    ).select_related("version__audience", "store").prefetch_related("version__steps")  # fmt: skip
    found = [(flow, [event for event in batch if _starts(event, flow)]) for flow in flows]
    return [(flow, news) for flow, news in found if news]


def _starts(event: Event, flow: Flow) -> bool:
    assert flow.version is not None
    is_its_kind = event.store_id == flow.store_id and event.kind == flow.version.trigger
    return is_its_kind and filters.holds(flow.version.only_where, event.data)


def _enter(flow: Flow, batch: Sequence[Event], orders: Mapping[int, Order], around: Around, *, now: datetime) -> None:
    """Let those into a flow whom its events are about, and its audience names."""
    assert flow.version is not None
    entrants = _entrants(flow, batch, orders)
    if flow.version.audience and entrants:
        people = {each.customer.pk for each in entrants}
        inside = audience.among(flow.version.audience, people, store=flow.store, now=now)
        entrants = [each for each in entrants if each.customer.pk in inside]
    enrollment.let_in(flow, entrants, now=now, around=around)


def _entrants(flow: Flow, batch: Sequence[Event], orders: Mapping[int, Order]) -> list[Entrant]:
    """Return who stands behind events: the buyer of their order as it is now, or the customer. What is gone does not enter."""
    alone = {event.customer_id for event in batch if not event.data.get("order")}
    people = {person.pk: person for person in Customer.objects.filter(pk__in=alone, store=flow.store)} if alone else {}
    for person in people.values():
        person.store = flow.store
    found = []
    for event in batch:
        order = orders.get(event.data.get("order") or 0)
        customer = order.customer if order else people.get(event.customer_id)
        if customer is not None and (order is None or order.store_id == flow.store_id):
            found.append(Entrant(customer, order, min(event.occurred_at, event.recorded_at), event.pk))
    return found
