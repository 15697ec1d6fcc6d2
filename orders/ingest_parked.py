"""Keeps what came before its order, until that comes: platforms promise no order of their hooks."""

import hashlib
import logging
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from pydantic_core import to_json

from orders import ingest_merge, tracking
from orders.held import Held
from orders.incoming import RefundData, ScanData, ShipmentData, TrackingData, Unusable
from orders.models import Parked
from stores import rows
from stores.models import Store

log = logging.getLogger(__name__)

_KINDS = {ShipmentData: "shipment", RefundData: "refund", TrackingData: "tracking"}
_LATELY, _KEPT = timedelta(minutes=10), timedelta(days=45)
_MOMENTS = ("expected_at", "shipped_at", "delivered_at", "pickup_until", "updated_at")


def park(store_id: int, data: ShipmentData | RefundData | TrackingData, *, now: datetime) -> str:
    """Keep news for later; return "new", or "unchanged" if the same is kept already."""
    said = to_json(asdict(data)).decode()
    row = {
        "store_id": store_id,
        "order_external_id": "" if isinstance(data, TrackingData) else data.order_external_id,
        "tracking_number": tracking.bare(data.tracking_number) if isinstance(data, TrackingData) else "",
        "kind": _KINDS[type(data)],
        "data": asdict(data),
        "digest": hashlib.sha256(said.encode()).hexdigest(),
        "arrived_at": now,
    }
    made = rows.insert(Parked, [row], conflict="(store_id, order_external_id, digest) DO NOTHING", returning="id")
    return "new" if made else "unchanged"


def apply(held: Held, parked: Parked, *, now: datetime) -> None:
    """Merge parked news into its order. An amount that the order's money cannot have is dropped, and logged."""
    if parked.kind == "shipment":
        data = _shipment(parked.data)
        ingest_merge.take_shipment(held, data, now=now, moment=data.updated_at or parked.arrived_at)
    else:
        try:
            ingest_merge.take_refund(held, _refund(parked.data), moment=parked.arrived_at)
        except Unusable as error:
            log.warning("A refund that came before its order %s cannot be taken in: %s", parked.order_external_id, error)
    ingest_merge.settle(held)


def ready(*, limit: int) -> list[tuple[Store, str]]:
    """Return up to `limit` orders that have come, with parked news still waiting for them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT p.store_id, p.order_external_id FROM orders_parked p"
            " JOIN orders_order o ON o.store_id = p.store_id AND o.external_id = p.order_external_id LIMIT %s",
            [limit],
        )
        pairs = cursor.fetchall()
    stores = Store.objects.in_bulk({store_id for store_id, _ in pairs})
    return [(stores[store_id], name) for store_id, name in pairs]


def lately(*, now: datetime, limit: int) -> list[Parked]:
    """Return carriers' news of the last minutes whose parcel came at the same moment, so that neither saw the other."""
    parked = Parked.objects.filter(kind="tracking", arrived_at__gt=now - _LATELY).prefetch_related("store").order_by("pk")[:limit]
    return [each for each in parked if tracking.of_number(each.store_id, each.tracking_number).exists()]


def let_go(*, now: datetime) -> int:
    """Drop carriers' news of numbers that no parcel ever came for: an account with a carrier may serve more than this shop."""
    return Parked.objects.filter(kind="tracking", arrived_at__lt=now - _KEPT).delete()[0]


def carriers(parked: Parked) -> TrackingData:
    """Return what a carrier told as it was told."""
    values = parked.data
    scans = tuple(ScanData(**{**scan, "at": datetime.fromisoformat(scan["at"])}) for scan in values["scans"])
    expected, updated = (datetime.fromisoformat(values[name]) if values[name] else None for name in ("expected_at", "updated_at"))
    return TrackingData(**{**values, "scans": scans, "expected_at": expected, "updated_at": updated})


def _shipment(values: dict[str, Any]) -> ShipmentData:
    moments = {name: datetime.fromisoformat(values[name]) if values.get(name) else None for name in _MOMENTS}
    return ShipmentData(**{**values, **moments, "lines": tuple(values["lines"])})


def _refund(values: dict[str, Any]) -> RefundData:
    return RefundData(
        external_id=values["external_id"],
        order_external_id=values["order_external_id"],
        amount=Decimal(values["amount"]),
        at=datetime.fromisoformat(values["at"]) if values["at"] else None,
        shop_amount=Decimal(values["shop_amount"]) if values["shop_amount"] else None,
        lines=tuple((name, quantity) for name, quantity in values["lines"]),
    )
