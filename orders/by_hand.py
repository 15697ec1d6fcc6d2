"""What staff say of an order themselves: it has left, it has arrived. By the same road as a shop's word, and beside it.

A shop's later telling never takes a person's word away: a parcel marked here becomes the shop's own once the shop tells of it, and
`received_at` is no field that any shop can say.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from customers import events
from customers.models import Event
from orders import facts, ingest, ingest_merge, ingest_parcels
from orders.held import Held, News, ShipmentRow
from orders.models import Order, Shipment
from stores.models import User


class NotPossible(Exception):
    """The order is past that; the text says so to a person."""


def mark_shipped(order: Order, *, carrier: str, tracking_number: str, by: User, now: datetime) -> None:
    """Say that the order's next parcel has left: one the shop has made a label for, else a new one. Raises NotPossible."""

    def apply(held: Held) -> None:
        if held.row.cancelled_at:
            raise NotPossible("The order was cancelled, so nothing was changed.")
        if not may_be_shipped(held.row.fulfillment_status, list(held.shipments.values())):
            raise NotPossible("Every parcel of it has left already, so nothing was changed.")
        parcel = next((each for each in held.shipments.values() if is_waiting(each)), None)
        parcel = parcel or ingest_merge.new_shipment(held, f"{ingest_merge.BY_HAND}{now.isoformat()}")
        held.news += ingest_parcels.mark(parcel, carrier=carrier, tracking_number=tracking_number, by=str(by), now=now)
        held.touch(parcel)

    ingest.amend(order, apply, now=now)


def mark_received(order: Order, *, by: User, now: datetime) -> None:
    """Say that all of the order has arrived. Raises NotPossible."""

    def apply(held: Held) -> None:
        if held.row.cancelled_at:
            raise NotPossible("The order was cancelled, so nothing was changed.")
        if ingest_merge.milestones(held).received:
            raise NotPossible("It has arrived already, so nothing was changed.")
        held.row.received_at, held.row.received_by = now, str(by)

    ingest.amend(order, apply, now=now)


def mark_out_of_stock(order: Order, *, title: str, until: date | None, by: User, now: datetime) -> None:
    """Say that something of an order is not there, and by when it is. Raises NotPossible."""
    if order.cancelled_at or facts.milestones_of(order, order.store).received:
        raise NotPossible("The order is over, so nothing was said.")
    if until and until <= now.astimezone(ZoneInfo(order.store.timezone)).date():
        raise NotPossible("That day is not ahead. Nothing was said.")
    data = {"order": order.pk, "number": str(order), "title": title[:300], "by": str(by)}
    if until:
        data["until"] = datetime.combine(until, time(12), tzinfo=ZoneInfo(order.store.timezone)).isoformat()
    kind = Event.Kind.ORDER_OUT_OF_STOCK
    events.record(order.customer, kind, at=now, key=f"{kind}:{order.pk}:{now.isoformat()}", now=now, data=data)


def take_back_received(order: Order, *, by: User, now: datetime) -> None:
    """Take "received" back; the parcels speak for themselves again. Raises NotPossible."""

    def apply(held: Held) -> None:
        if held.row.received_at is None:
            raise NotPossible("Nobody marked it as received, so nothing was changed.")
        held.row.received_at, held.row.received_by = None, ""
        held.news.append(_taken_back("received", held, by=by, now=now))

    ingest.amend(order, apply, now=now)


def take_back_shipped(order: Order, *, by: User, now: datetime) -> None:
    """Take a parcel back that only staff know of. Raises NotPossible once the shop has told of it."""

    def apply(held: Held) -> None:
        name = next((name for name, parcel in held.shipments.items() if is_only_ours(parcel)), None)
        if name is None:
            raise NotPossible("The shop itself tells of this parcel now, so nothing was changed.")
        held.gone_shipments.append(held.shipments.pop(name).id)
        held.news.append(_taken_back("shipped", held, by=by, now=now))

    ingest.amend(order, apply, now=now)


def may_be_shipped(fulfillment_status: str, parcels: Sequence[ShipmentRow | Shipment]) -> bool:
    """Say whether anything of an order may still be at the shop; works on rows in the hand and on Shipment objects."""
    sent = [parcel for parcel in parcels if not parcel.is_cancelled]
    return not sent or fulfillment_status == Order.Fulfillment.PARTIAL or any(map(is_waiting, sent))


def is_waiting(parcel: ShipmentRow | Shipment) -> bool:
    return not parcel.is_cancelled and parcel.shipped_at is None and parcel.delivered_at is None


def is_only_ours(parcel: ShipmentRow | Shipment) -> bool:
    """Say whether only staff know of a parcel: then it can be taken back."""
    return parcel.external_id.startswith(ingest_merge.BY_HAND)


def _taken_back(what: str, held: Held, *, by: User, now: datetime) -> News:
    number = held.row.number or held.row.external_id
    return News(Event.Kind.STAFF_ACTED, now, {"text": f"Order {number}: “{what}” taken back", "by": str(by)}, f"{what}:{now.isoformat()}")
