"""The facts of an order for the pure rules of `orders.progress`, out of its loaded rows."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from orders import delivery, estimates
from orders.delivery import Usual
from orders.models import Order, OrderLine, Shipment
from orders.progress import LATE_AFTER, Milestones, OrderFacts, Parcel, milestones
from stores.models import Store


def facts_of(order: Order) -> OrderFacts:
    """Return the facts of an order; prefetch `lines` and `shipments` for many."""
    return facts_from(order, order.lines.all(), order.shipments.all())


def facts_from(order: Order, lines: Iterable[OrderLine], shipments: Iterable[Shipment]) -> OrderFacts:
    """Return the facts of an order with these lines and parcels; no query."""
    return OrderFacts(
        placed_at=order.placed_at,
        fulfillment_status=order.fulfillment_status,
        paid_at=order.paid_at,
        fulfilled_at=order.fulfilled_at,
        said_received_at=order.received_at,
        not_there_at=order.not_there_at,
        kinds=frozenset(line.kind for line in lines) or frozenset({"physical"}),
        parcels=tuple(
            Parcel(
                status=parcel.status,
                shipped_at=parcel.shipped_at,
                expected_at=parcel.expected_at,
                delivered_at=parcel.delivered_at,
                is_scanned=parcel.is_scanned,
                is_cancelled=parcel.is_cancelled,
                status_at=parcel.source_updated_at,
                promised_at=parcel.first_expected_at,
                moved_at=moved_at(estimates.counted(parcel.said)),
                silent_since=silent_since(parcel),
            )
            for parcel in shipments
        ),
    )


def milestones_of(order: Order, store: Store) -> Milestones:
    parcels = order.shipments.all()
    return milestones(facts_from(order, order.lines.all(), parcels), usual_days=usual_of(order, store, parcels).most)


def usual_of(order: Order, store: Store, parcels: Iterable[Shipment]) -> Usual:
    """Return how long an order's parcels usually take, by the first that left."""
    sent = [parcel for parcel in parcels if not parcel.is_cancelled]
    first = min((parcel for parcel in sent if parcel.shipped_at), key=lambda each: each.shipped_at or order.placed_at, default=None)
    country = str(order.shipping_address.get("country_code") or order.shipping_address.get("country") or "")
    return delivery.usual(
        store.delivery_times,
        said_days=store.usual_delivery_days,
        method=order.shipping_method,
        carrier=first.carrier if first else "",
        country=country.upper() if len(country) == 2 else "",
        left=first.shipped_at if first else None,
        zone=store.timezone,
    )


def moved_at(told: Sequence[Sequence[str]]) -> datetime | None:
    """Return since when all estimates (`estimates.counted`) lie so far behind the first that the parcel is late."""
    if len(told) < 2:
        return None
    first, since = datetime.fromisoformat(told[0][1]), None
    for at, value in reversed(told):
        if datetime.fromisoformat(value) < first + LATE_AFTER:
            break
        since = datetime.fromisoformat(at)
    return since


def silent_since(parcel: Shipment) -> datetime | None:
    """Return when a silence was noted, if no scan has come since."""
    last_scan, noted_at = parcel.said.get("stalled") or ("", "")
    return datetime.fromisoformat(noted_at) if parcel.scans and parcel.scans[-1][0] == last_scan else None
