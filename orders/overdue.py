"""Notices parcels that missed their day, or whose day moved behind what was promised, and tells the wire; `orders.progress` has the rule.

Each promise is told of once as slipping, and each estimate once as missed, so a parcel that is put off again and again is told of again.
"""

from datetime import datetime

from django.db import connection, transaction

from customers import events
from orders.progress import LATE_AFTER

Kind = events.Kind

#: `said.missed` is the estimate that was told as missed, `said.slipping` the promise that was told as slipping: seconds since 1970.
_OVERDUE = """
UPDATE orders_shipment p
SET said = jsonb_set(p.said, ARRAY[CASE WHEN found.is_missed THEN 'missed' ELSE 'slipping' END], to_jsonb(found.told))
FROM orders_order o, (
    SELECT p.id, day.is_missed, day.told FROM orders_shipment p JOIN orders_order o ON o.id = p.order_id
    CROSS JOIN LATERAL (SELECT p.expected_at <= %(past)s AS is_missed) AS how
    CROSS JOIN LATERAL (
        SELECT how.is_missed, extract(epoch FROM CASE WHEN how.is_missed THEN p.expected_at ELSE p.first_expected_at END)::bigint AS told
    ) AS day
    WHERE p.delivered_at IS NULL AND NOT p.is_cancelled AND p.status NOT IN ('ready', 'returned') AND p.is_scanned
        AND p.expected_at > %(now)s - interval '60 days'
        AND (day.is_missed OR p.expected_at >= p.first_expected_at + make_interval(secs => %(after)s))
        AND to_jsonb(day.told) IS DISTINCT FROM p.said -> CASE WHEN day.is_missed THEN 'missed' ELSE 'slipping' END
        AND o.cancelled_at IS NULL AND o.received_at IS NULL AND NOT o.is_test AND NOT o.is_history
    ORDER BY p.id LIMIT %(limit)s FOR UPDATE OF p SKIP LOCKED) AS found
WHERE found.id = p.id AND o.id = p.order_id
RETURNING found.is_missed, found.told, p.store_id, o.customer_id, o.id, coalesce(nullif(o.number, ''), o.external_id), p.external_id,
    p.carrier, p.tracking_number, p.tracking_url, p.expected_at, p.first_expected_at
"""


@transaction.atomic
def note(*, now: datetime, limit: int = 500) -> int:
    """Tell of parcels that are late, or will be; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(_OVERDUE, {"now": now, "past": now - LATE_AFTER, "after": LATE_AFTER.total_seconds(), "limit": limit})
        found = cursor.fetchall()
    told = []
    for is_missed, day, store, customer, order, number, parcel, carrier, tracking_number, url, expected_at, promised_at in found:
        kind = Kind.SHIPMENT_LATE if is_missed else Kind.SHIPMENT_TRENDING_LATE
        data = {
            "order": order, "number": number, "shipment": parcel, "carrier": carrier, "tracking_number": tracking_number,
            "tracking_url": url, "expected_at": expected_at, "promised_at": promised_at,
        }  # fmt: skip
        told.append(events.NewEvent(store, customer, kind, now, f"{kind}:{order}:{parcel}:{day}", data))
    events.record_many(told, now=now)
    return len(told)
