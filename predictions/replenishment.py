"""How long a product lasts, learned from those who bought it again.

A gap between two purchases counts by the piece: two bags that lasted 60 days make 30. Of each buyer the median gap is taken, and the median
of those: neither a hoarder nor one long holiday moves it. What only few of its buyers buy again is no supply, and gets no interval.
"""

from datetime import datetime

from django.db import connection, transaction

from predictions.models import Replenishment
from stores.models import Store

LEAST_BUYERS = 10
#: So many of all its buyers must have come back for it.
LEAST_SHARE = 0.05

_LEARN = """
WITH bought AS MATERIALIZED (
    SELECT l.product_id, l.customer_id, (l.placed_at AT TIME ZONE 'UTC')::date AS day, sum(l.quantity - l.refunded_quantity) AS pieces
    FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
    WHERE l.store_id = %(store)s AND l.product_id IS NOT NULL AND l.quantity > l.refunded_quantity AND l.placed_at <= %(now)s
      AND o.cancelled_at IS NULL AND o.financial_status <> 'voided' AND NOT o.is_test
    GROUP BY 1, 2, 3
), gaps AS (
    SELECT product_id, customer_id, (lead(day) OVER (PARTITION BY product_id, customer_id ORDER BY day) - day)::float / pieces AS days
    FROM bought
), buyers AS (
    SELECT product_id, customer_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY days) AS days FROM gaps GROUP BY 1, 2
)
INSERT INTO predictions_replenishment (product_id, store_id, interval_days, basis, computed_at)
SELECT product_id, %(store)s, greatest(1, round(percentile_cont(0.5) WITHIN GROUP (ORDER BY days))), count(days), %(now)s
FROM buyers GROUP BY product_id
HAVING count(days) >= %(buyers)s AND count(days) >= %(share)s * count(*)
ORDER BY product_id
ON CONFLICT (product_id) DO UPDATE SET interval_days = excluded.interval_days, basis = excluded.basis, computed_at = excluded.computed_at
"""


@transaction.atomic
def learn(store: Store, *, now: datetime) -> None:
    """Learn the intervals of a store's products anew; one that no longer has enough repeat buyers loses its own."""
    with connection.cursor() as cursor:
        cursor.execute(_LEARN, {"store": store.pk, "now": now, "buyers": LEAST_BUYERS, "share": LEAST_SHARE})
    Replenishment.objects.filter(store=store, computed_at__lt=now).delete()
