"""Hands a customer's figures down to customers.Metrics: in shop money, net of refunds, without cancelled, voided and test orders.

Orders in a money other than the store's count, but cannot be added up with the rest.
"""

from collections.abc import Iterable

from django.db import connection

_RECOMPUTE = """
INSERT INTO customers_metrics AS held (customer_id, store_id, orders_count, total_spent_minor, first_order_at, last_order_at)
SELECT c.id, c.store_id, count(o.id),
       coalesce(sum(o.shop_total_minor - o.shop_refunded_minor) FILTER (WHERE o.shop_currency = s.currency), 0),
       min(o.placed_at), max(o.placed_at)
FROM customers_customer c
JOIN stores_store s ON s.id = c.store_id
LEFT JOIN orders_order o ON o.customer_id = c.id AND o.cancelled_at IS NULL AND o.financial_status <> 'voided' AND NOT o.is_test
WHERE c.id = ANY(%s)
GROUP BY c.id, c.store_id
ORDER BY c.id
ON CONFLICT (customer_id) DO UPDATE SET orders_count = excluded.orders_count, total_spent_minor = excluded.total_spent_minor,
    first_order_at = excluded.first_order_at, last_order_at = excluded.last_order_at
WHERE (held.orders_count, held.total_spent_minor, held.first_order_at, held.last_order_at)
    IS DISTINCT FROM (excluded.orders_count, excluded.total_spent_minor, excluded.first_order_at, excluded.last_order_at)
"""


def recompute(customers: Iterable[int]) -> None:
    """Bring the figures of these customers (ids) up to date, in one statement however many they are."""
    ids = sorted(set(customers))
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_RECOMPUTE, [ids])
