"""Writes to the wire what a customer is about to run out of, by how long it lasts: as its guide says, else as others show
(predictions.replenishment).

So early that an order of that day is there in time, once for each purchase, and not for what ran out long before anybody looked.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection

from campaigns.occasions import listening
from customers import events
from stores.models import Store

KIND = events.Kind.PRODUCT_RUNS_OUT
#: Time to read the mail and to order, beside the store's usual days of delivery.
TO_DECIDE = timedelta(days=3)
#: What should have run out before that is news to nobody.
STALE = timedelta(days=7)

#: The last purchase of each product by each customer, and when it is used up; one bought since stands in its place.
_RUNNING_OUT = """
SELECT customer_id, product_id, title, order_id, days, placed_at + days * interval '24 hours' AS empty_at FROM (
    SELECT DISTINCT ON (l.customer_id, l.product_id) l.customer_id, l.product_id, supply.title, l.order_id, l.placed_at,
        supply.lasts * sum(l.quantity - l.refunded_quantity) OVER (PARTITION BY l.customer_id, l.product_id, l.order_id) AS days
    FROM (
        SELECT p.id, p.title, coalesce(g.replenish_days, r.interval_days) AS lasts
        FROM catalog_product p
        LEFT JOIN catalog_productguide g ON g.product_id = p.id
        LEFT JOIN predictions_replenishment r ON r.product_id = p.id
        WHERE p.store_id = %(store)s AND p.is_available AND coalesce(g.replenish_days, r.interval_days) > 0
    ) AS supply
    JOIN orders_orderline l ON l.product_id = supply.id AND l.quantity > l.refunded_quantity
    JOIN orders_order o ON o.id = l.order_id AND o.cancelled_at IS NULL AND NOT o.is_test
        AND o.financial_status NOT IN ('voided', 'refunded')
    JOIN customers_customer c ON c.id = l.customer_id AND c.erased_at IS NULL
    WHERE l.placed_at <= %(now)s
    ORDER BY l.customer_id, l.product_id, l.placed_at DESC, l.id DESC
) AS latest
WHERE placed_at + days * interval '24 hours' BETWEEN %(first)s AND %(last)s
ORDER BY customer_id, empty_at, product_id
"""


def note(*, now: datetime) -> int:
    """Record what runs out soon, each purchase once; return how many were new."""
    return sum(events.record_many(list(_of(store, now=now)), now=now) for store in listening.stores(KIND))


def _of(store: Store, *, now: datetime) -> Iterator[events.NewEvent]:
    last = now + timedelta(days=store.usual_delivery_days) + TO_DECIDE
    with connection.cursor() as cursor:
        cursor.execute(_RUNNING_OUT, {"store": store.pk, "now": now, "first": last - STALE, "last": last})
        found = cursor.fetchall()
    for customer, product, title, order, days, empty_at in found:
        data = {"product": product, "title": title, "days": int(days), "until": empty_at}
        yield events.NewEvent(store.pk, customer, KIND, now, f"{KIND}:{customer}:{product}:{order}", data)
