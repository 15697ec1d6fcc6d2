"""Which parcels a carrier's feed speaks of: it knows a number and a carrier, and neither order nor shop."""

import re
from datetime import datetime, timedelta

from django.db.models import QuerySet, Value
from django.db.models.functions import Replace, Upper

from orders.incoming import TrackingData
from orders.models import Shipment

#: Carriers give a number out again after some months: it means no parcel of an older order.
_MEANT = timedelta(days=200)


def bare(number: str) -> str:
    """Return a number as it is compared: people and shops write it in groups."""
    return number.replace(" ", "").upper()


def of_number(store_id: int, number: str) -> QuerySet[Shipment]:
    """Return the parcels of a store under this number; one query by `shipment_by_bare_number`."""
    written = Upper(Replace("tracking_number", Value(" "), Value("")))
    found = Shipment.objects.filter(store=store_id).exclude(tracking_number="")
    return found.alias(bare=written).filter(bare=bare(number))


def meant(store_id: int, data: TrackingData, *, now: datetime) -> list[Shipment]:
    """Return the parcels that news of a number is about, their orders loaded; two orders may lie in one parcel."""
    as_of = max((scan.at for scan in data.scans), default=now)
    found = of_number(store_id, data.tracking_number).filter(is_cancelled=False, order__placed_at__gt=as_of - _MEANT)
    parcels = list(found.select_related("order").order_by("order__external_id", "pk"))
    return [parcel for parcel in parcels if _are_alike(parcel.carrier, data.carrier)] or parcels


def _are_alike(one: str, two: str) -> bool:
    """Say whether two names may be of one carrier: "DHL" and "dhl-germany"."""
    first, second = sorted((re.sub(r"[^a-z0-9]", "", name.lower()) for name in (one, two)), key=len)
    return bool(first) and second.startswith(first)
