"""Hands a customer's figures down to customers.Metrics: in shop money, net of refunds, without cancelled, voided and test orders.

Orders in a money other than the store's count, but cannot be added up with the rest. The place of the latest order's address goes to
the customer's own row, and whether they ever ordered. Whoever's figures are worked out stands in a queue, too, to have what they bought
counted (Uncounted).
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from customers.models import Metrics

#: What is handed down, by column; `o` is an order that counts, `content` its lines.
COLUMNS = {
    "orders_count": "count(o.id)",
    "total_spent_minor": "coalesce(sum(o.shop_total_minor - o.shop_refunded_minor) FILTER (WHERE o.shop_currency = s.currency), 0)",
    "refunded_minor": "coalesce(sum(o.shop_refunded_minor) FILTER (WHERE o.shop_currency = s.currency), 0)",
    "items_count": "coalesce(sum(content.items), 0)",
    "returns_count": "count(*) FILTER (WHERE content.is_returned)",
    "coupon_orders_count": "count(*) FILTER (WHERE o.discount_codes <> '{}')",
    "first_order_at": "min(o.placed_at)",
    "second_order_at": "(array_agg(o.placed_at ORDER BY o.placed_at, o.id))[2]",
    "last_order_at": "max(o.placed_at)",
    "latest_orders_at": f"coalesce((array_agg(o.placed_at ORDER BY o.placed_at DESC) FILTER (WHERE o.id > 0))[:{Metrics.LATEST}], '{{}}')",
    "days_between_orders": "(max(o.day) - min(o.day))::float / nullif(count(DISTINCT o.day) - 1, 0)",
    "first_product_id": "(array_agg(content.product_id ORDER BY o.placed_at, o.id))[1]",
    "first_source": "coalesce((array_agg(o.source ORDER BY o.placed_at, o.id))[1], '')",
    "last_source": "coalesce((array_agg(o.source ORDER BY o.placed_at DESC, o.id DESC))[1], '')",
}
#: The place in an address, under the names that platforms give its parts.
_PLACE = {
    "city": "left(btrim(coalesce(fresh.address->>'city', '')), 120)",
    "region": "left(btrim(coalesce(fresh.address->>'region', fresh.address->>'province', fresh.address->>'state', '')), 120)",
    "postal_code": "left(btrim(coalesce(fresh.address->>'zip', fresh.address->>'postal_code', fresh.address->>'postcode', '')), 20)",
}
_NAMES = ", ".join(COLUMNS)
_FRESH = f"""
SELECT c.id AS customer_id, c.store_id, {", ".join(f"{expression} AS {name}" for name, expression in COLUMNS.items())},
    (array_agg(o.shipping_address ORDER BY o.placed_at DESC, o.id DESC)
        FILTER (WHERE o.shipping_address ?| '{{city,zip,postal_code,postcode}}'))[1] AS address
FROM customers_customer c
JOIN stores_store s ON s.id = c.store_id
LEFT JOIN LATERAL (
    SELECT id, placed_at, (placed_at AT TIME ZONE 'UTC')::date AS day, shop_currency, shop_total_minor, shop_refunded_minor, source,
        discount_codes, shipping_address
    FROM orders_order WHERE customer_id = c.id AND cancelled_at IS NULL AND financial_status <> 'voided' AND NOT is_test
) o ON true
LEFT JOIN LATERAL (
    SELECT sum(quantity - refunded_quantity) AS items, bool_or(refunded_quantity > 0) AS is_returned,
        (array_agg(product_id ORDER BY position, id) FILTER (WHERE product_id IS NOT NULL))[1] AS product_id
    FROM orders_orderline WHERE order_id = o.id
) content ON true
WHERE c.id = ANY(%s)
GROUP BY c.id, c.store_id
"""
_IS_STALE = f"({', '.join(f'held.{name}' for name in COLUMNS)}) IS DISTINCT FROM ({', '.join(f'fresh.{name}' for name in COLUMNS)})"
_IS_ELSEWHERE = (
    f"fresh.address IS NOT NULL AND ({', '.join(f'c.{name}' for name in _PLACE)}) IS DISTINCT FROM ({', '.join(_PLACE.values())})"
)
_IS_NEWS = f"(c.has_ordered <> (fresh.orders_count > 0) OR {_IS_ELSEWHERE})"
_RECOMPUTE = f"""
WITH fresh AS MATERIALIZED ({_FRESH}), moved AS (
    UPDATE customers_customer c SET has_ordered = fresh.orders_count > 0,
        {", ".join(f"{name} = CASE WHEN fresh.address IS NULL THEN c.{name} ELSE {place} END" for name, place in _PLACE.items())}
    FROM fresh WHERE c.id = fresh.customer_id AND {_IS_NEWS}
), uncounted AS (
    INSERT INTO orders_uncounted (store_id, buyer_id)
    SELECT fresh.store_id, customer_id FROM fresh LEFT JOIN customers_metrics held USING (customer_id)
    WHERE fresh.orders_count > 0 OR held.orders_count > 0
)
INSERT INTO customers_metrics AS held (customer_id, store_id, {_NAMES})
SELECT customer_id, store_id, {_NAMES} FROM fresh ORDER BY customer_id
ON CONFLICT (customer_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in COLUMNS)}
WHERE {_IS_STALE.replace("fresh.", "excluded.")}
"""
_WRONG = f"""
WITH fresh AS ({_FRESH})
SELECT c.id FROM fresh JOIN customers_customer c ON c.id = fresh.customer_id LEFT JOIN customers_metrics held ON held.customer_id = c.id
WHERE {_IS_STALE} OR {_IS_NEWS}
ORDER BY c.id
"""


def recompute(customers: Iterable[int]) -> None:
    """Bring the figures of these customers (ids) up to date, in one statement however many they are."""
    ids = sorted(set(customers))
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_RECOMPUTE, [ids])


def before_merge(kept: int, gone: int, *, now: datetime) -> None:
    """Have what somebody bought taken out of the counts: they are about to become part of another, who is counted after that."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO orders_uncounted (store_id, buyer_id) SELECT store_id, id FROM customers_customer WHERE id = %s", [gone]
        )


def wrong(customers: Iterable[int]) -> list[int]:
    """Return those of these customers whose figures are not what their orders say."""
    with connection.cursor() as cursor:
        cursor.execute(_WRONG, [sorted(set(customers))])
        return [pk for (pk,) in cursor.fetchall()]
