"""Parcels that a carrier has and nobody yet, and those of which nothing is heard any more."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from orders.models import Shipment
from stores.models import Store

Status = Shipment.Status

_LATELY = timedelta(days=30)


def parcels(store: Store, *, now: datetime) -> QuerySet[Shipment]:
    """Return a store's parcels that left within a month and are still with a carrier who reports on them."""
    return Shipment.objects.filter(
        store=store, status__in=(Status.IN_TRANSIT, Status.OUT_FOR_DELIVERY), is_scanned=True, is_cancelled=False, delivered_at=None,
        shipped_at__gt=now - _LATELY, order__cancelled_at=None, order__received_at=None, order__is_test=False,
    )  # fmt: skip
