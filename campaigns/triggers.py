"""The flows' reader of events: who enters, and whose steps are planned anew.

An event only says where to look; what is done follows from the facts as they stand now, so shuffled, doubled and late events
all end the same way.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from campaigns import enrollment
from campaigns.models import Flow
from customers import events
from customers.models import Customer, Event
from orders.models import Order
from segments import audience
from stores import rows

READER = "flows"

#: Kinds after which one order's plan may have changed; the event's data names the order.
MOVES_ORDER = frozenset(
    {
        events.Kind.ORDER_PAID, events.Kind.ORDER_CHANGED, events.Kind.ORDER_CANCELLED, events.Kind.ORDER_REFUNDED,
        events.Kind.ORDER_RECEIVED, events.Kind.SHIPMENT_SHIPPED, events.Kind.SHIPMENT_MOVED, events.Kind.SHIPMENT_OUT_FOR_DELIVERY,
        events.Kind.SHIPMENT_DELIVERED, events.Kind.SHIPMENT_FAILED, events.Kind.SHIPMENT_RETURNED, events.Kind.ANSWER_GIVEN,
        events.Kind.STAFF_ACTED,
    }
)  # fmt: skip

#: Kinds after which everything planned for the customer may have changed.
MOVES_CUSTOMER = frozenset({events.Kind.TASK_OPENED, events.Kind.TASK_CLOSED})


@transaction.atomic
def read(*, now: datetime, limit: int = 500) -> int:
    """Act on unread events; return how many were read. An event that cannot be acted on is set aside, the others go on."""
    unread = events.claim(READER, limit=limit)
    rows.in_halves(unread, lambda batch: _act(batch, now=now), lambda event, _: events.set_aside(READER, event, now=now))
    return len(unread)


def _act(batch: Sequence[Event], *, now: datetime) -> None:
    people = {event.customer_id for event in batch}
    list(Customer.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk").values_list("pk"))
    moved = {event.customer_id for event in batch if event.kind in MOVES_CUSTOMER}
    touched = {event.data["order"] for event in batch if event.kind in MOVES_ORDER and event.data.get("order")}
    if moved:
        touched |= set(Order.objects.filter(customer__in=moved, runs__isnull=False).values_list("pk", flat=True))
    _enter(batch, now=now)
    if touched:
        enrollment.replan(enrollment.orders_for_planning(touched), now=now)
    events.forget(READER, batch)


def _enter(batch: Sequence[Event], *, now: datetime) -> None:
    """Let the orders of trigger events into their stores' flows; a paused flow takes them too, and holds their mails."""
    triggers = {(event.store_id, event.kind, event.data["order"]) for event in batch if event.data.get("order")}
    flows = Flow.objects.filter(
        store__in={event.store_id for event in batch}, state__in=[Flow.State.LIVE, Flow.State.WATCHING, Flow.State.PAUSED],
        version__trigger__in={event.kind for event in batch},
    ).select_related("version__audience", "store").prefetch_related("version__steps")  # fmt: skip
    for flow in flows:
        assert flow.version is not None
        ids = {order for store, kind, order in triggers if store == flow.store_id and kind == flow.version.trigger}
        orders = enrollment.orders_for_planning(ids)
        if flow.version.audience:
            buyers = {order.customer_id for order in orders}
            inside = audience.among(flow.version.audience, buyers, store=flow.store, now=now)
            orders = [order for order in orders if order.customer_id in inside]
        enrollment.enroll(flow, orders, now=now)
