"""Learns every night how long a store's parcels take, in one statement (`orders.delivery` says how it is used)."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from orders import delivery
from orders.by_customer import SAID_BY
from stores.models import Store

#: Older parcels went other ways; a share of the newest year is enough.
_LOOKED_BACK = timedelta(days=365)
#: Fewer parcels teach nothing: of one weekday, of anything coarser.
_FEWEST_OF_A_DAY, _FEWEST = 20, 10
_MOST_KEPT = 200

_BARE = "left(regexp_replace(lower({name}), '[^[:alnum:]]', '', 'g'), 40)"
#: Each parcel counts twice: for its method, marked as `delivery.method_key` marks it, and for its carrier.
_LEARN = f"""
SELECT grouping(is_carrier) = 0, way, country, weekday, count(*),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY hours), percentile_cont(0.8) WITHIN GROUP (ORDER BY hours)
FROM (
    SELECT {_BARE.format(name="p.carrier")} AS carrier, {_BARE.format(name="o.shipping_method")} AS method,
        CASE WHEN length(place.country) = 2 THEN upper(place.country) ELSE '' END AS country,
        extract(isodow FROM p.shipped_at AT TIME ZONE %(zone)s)::int AS weekday,
        extract(epoch FROM coalesce(p.delivered_at, o.received_at) - p.shipped_at) / 3600 AS hours
    FROM orders_shipment p JOIN orders_order o ON o.id = p.order_id
    CROSS JOIN LATERAL (SELECT coalesce(o.shipping_address ->> 'country_code', o.shipping_address ->> 'country', '') AS country) place
    WHERE p.store_id = %(store)s AND p.shipped_at > %(since)s AND NOT p.is_cancelled AND NOT o.is_test AND p.status <> 'returned'
        AND (p.delivered_at IS NOT NULL OR o.received_by = %(customer)s)
) AS parcels
CROSS JOIN LATERAL (VALUES (carrier, true), ('=' || nullif(method, ''), false)) AS ways (way, is_carrier)
WHERE hours BETWEEN 1 AND 60 * 24
GROUP BY GROUPING SETS ((way, country, weekday), (way, country), (way), (is_carrier))
HAVING count(*) >= CASE WHEN grouping(weekday) = 0 THEN %(fewest_of_a_day)s ELSE %(fewest)s END AND (grouping(is_carrier) = 1 OR is_carrier)
ORDER BY count(*) DESC LIMIT %(most)s
"""


def learn(store: Store, *, now: datetime) -> dict[str, list[float]]:
    """Work out and keep a store's delivery times; return them."""
    values: dict[str, Any] = {
        "store": store.pk, "zone": store.timezone, "since": now - _LOOKED_BACK, "customer": SAID_BY,
        "fewest": _FEWEST, "fewest_of_a_day": _FEWEST_OF_A_DAY, "most": _MOST_KEPT,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_LEARN, values)
        found = cursor.fetchall()
    learned = {
        delivery.key(way or "", country or "", weekday or 0): [round(float(middle), 1), round(float(most), 1), count]
        for is_whole, way, country, weekday, count, middle, most in found
        if way or is_whole  # a parcel that went an unnamed way counts for the store as a whole alone
    }
    Store.objects.filter(pk=store.pk).update(delivery_times=learned)
    return learned
