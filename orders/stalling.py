"""Notices parcels that a carrier reported on and of which nothing is heard any more, and tells the wire, once for each silence."""

from datetime import datetime

from django.db import connection, transaction

from customers import events

#: A weekend and a day more pass without a scan.
STALLED_DAYS = 5

#: Parcels whose last scan is so old, and that were not noted for it: `said.stalled` is [last scan, when it was noted].
_STALLED = f"""
UPDATE orders_shipment p SET said = jsonb_set(p.said, '{{stalled}}', jsonb_build_array(p.scans -> -1 ->> 0, %(at)s::text))
FROM orders_order o
WHERE o.id = p.order_id AND p.id IN (
    SELECT p.id FROM orders_shipment p JOIN orders_order o ON o.id = p.order_id
    WHERE p.status IN ('in_transit', 'out_for_delivery') AND p.delivered_at IS NULL AND NOT p.is_cancelled AND p.scans <> '[]'
        AND p.shipped_at > %(now)s - interval '60 days' AND (p.scans -> -1 ->> 0)::timestamptz < %(now)s - interval '{STALLED_DAYS} days'
        AND p.said -> 'stalled' ->> 0 IS DISTINCT FROM p.scans -> -1 ->> 0
        AND o.cancelled_at IS NULL AND o.received_at IS NULL AND NOT o.is_test AND NOT o.is_history
    ORDER BY p.id LIMIT %(limit)s FOR UPDATE OF p SKIP LOCKED)
RETURNING p.store_id, o.customer_id, o.id, coalesce(nullif(o.number, ''), o.external_id), p.external_id, p.carrier, p.tracking_number,
    p.tracking_url, (p.scans -> -1 ->> 0)::timestamptz
"""


@transaction.atomic
def note(*, now: datetime, limit: int = 500) -> int:
    """Note parcels that have gone silent; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(_STALLED, {"now": now, "at": now.isoformat(), "limit": limit})
        found = cursor.fetchall()
    told = [
        events.NewEvent(
            store, customer, events.Kind.SHIPMENT_STALLED, now, f"shipment.stalled:{order}:{parcel}:{heard_at.isoformat()}",
            {"order": order, "number": number, "shipment": parcel, "carrier": carrier, "tracking_number": tracking_number,
             "tracking_url": url, "days": (now - heard_at).days},
        )
        for store, customer, order, number, parcel, carrier, tracking_number, url, heard_at in found
    ]  # fmt: skip
    events.record_many(told, now=now)
    return len(told)
