"""Which orders stand in which list of the staff: what is to be shipped, what is late, what is stuck, what the customer misses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from orders.models import Order, Shipment
from orders.progress import LATE_AFTER
from stores.models import Store

_OPEN = Q(cancelled_at=None, received_at=None, is_test=False)
_OF_IT = Shipment.objects.filter(order=OuterRef("pk"))
_COMING = Q(delivered_at=None, is_cancelled=False) & ~Q(status=Shipment.Status.RETURNED)


@dataclass(frozen=True)
class State:
    """A list: what it is called, whose orders stand in it, and which parcels one of theirs must be among; None asks for none."""

    label: str
    order: Callable[[datetime], Q]
    parcel: Callable[[datetime], Q] | None = None


def found(orders: QuerySet[Order], name: str, *, store: Store, now: datetime) -> QuerySet[Order]:
    """Return those of a store's orders that stand in a list; an order once, however many parcels it has."""
    state = STATES[name]
    orders = orders.filter(state.order(now))
    return orders.filter(pk__in=Shipment.objects.filter(state.parcel(now), store=store).values("order")) if state.parcel else orders


def _to_ship(now: datetime) -> Q:
    return _OPEN & Q(fulfillment_status=Order.Fulfillment.UNFULFILLED) & Q(~Exists(_OF_IT.filter(shipped_at__isnull=False)))


def _under_way(now: datetime) -> Q:
    return Q(status__in=[Shipment.Status.IN_TRANSIT, Shipment.Status.OUT_FOR_DELIVERY, Shipment.Status.READY])


def _late(now: datetime) -> Q:
    """As `orders.progress` has it: past its day, or its day has moved a day or more behind what was promised."""
    is_past = Q(expected_at__lte=now - LATE_AFTER) | Q(expected_at__gte=F("first_expected_at") + LATE_AFTER)
    return _COMING & ~Q(status=Shipment.Status.READY) & Q(is_scanned=True) & is_past


def _silent(now: datetime) -> Q:
    """Of which nothing is heard any more (`orders.stalling`)."""
    return _COMING & Q(said__has_key="stalled", said__stalled__0=F("scans__-1__0"))


def _missed(now: datetime) -> Q:
    """Of which the customer said that it is not there yet, and no parcel has come since."""
    return _OPEN & Q(not_there_at__isnull=False) & Q(~Exists(_OF_IT.filter(delivered_at__gt=OuterRef("not_there_at"))))


STATES: Mapping[str, State] = {
    "": State("All", lambda now: Q()),
    "to-ship": State("Not shipped", _to_ship),
    "under-way": State("On the way", lambda now: Q(cancelled_at=None), _under_way),
    "late": State("Late", lambda now: _OPEN & Q(is_history=False), _late),
    "stuck": State("Stuck", lambda now: _OPEN, _silent),
    "trouble": State("Parcel in trouble", lambda now: Q(), lambda now: Q(status__in=[Shipment.Status.FAILURE, Shipment.Status.RETURNED])),
    "missed": State("Missed by the customer", _missed),
    "cancelled": State("Cancelled", lambda now: Q(cancelled_at__isnull=False)),
}
