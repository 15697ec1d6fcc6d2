"""A shop of very many customers for segments: five orders and twenty events a customer, computed by the database from their numbers."""

from datetime import datetime

from bench import big_shop, shop
from bench.big_shop import Table
from catalog.models import Product
from customers import rfm_refresh
from customers.models import Customer, Event, Metrics
from orders.models import Order, OrderLine
from stores.models import Store

PRODUCTS = 2000
_LONG_AGO = "%(now)s::timestamptz - interval '730 days'"
_PLACED = f"{_LONG_AGO} + mod(n * 7919, %(orders)s) * (interval '730 days' / %(orders)s)"
#: A fifth of the orders is everybody's first, the rest is mostly by few people.
_BUYER = (
    "CASE WHEN n <= %(people)s THEN n ELSE 1 + floor(%(people)s * power(mod(n * 48271, 2147483647)::float8 / 2147483647, 2)) END::bigint"
)
_EVENT_KINDS = "(ARRAY['mail.sent', 'mail.sent', 'mail.sent', 'mail.clicked', 'cart.abandoned', 'mail.delivered', 'order.received'])"

TABLES: tuple[Table, ...] = (
    (
        Product,
        {
            "id": "n", "external_id": "'p' || n", "title": "'Stoneware ' || n", "sku": "'SKU-' || n",
            "category": "'Category ' || mod(n, 40)",
            "tags": "CASE WHEN mod(n, 10) = 3 THEN ARRAY['gift'] ELSE ARRAY[]::text[] END",
        },
        "generate_series(1, %(products)s) AS n",
    ),
    (
        Customer,
        {
            "id": "n", "email": "'c' || n || '@home.example'", "email_key": "'c' || n || '@home.example'", "name": "'Ana ' || n",
            "country": "(ARRAY['DE', 'DE', 'AT', 'FR', 'GB'])[1 + mod(n, 5)]", "language": "'de'", "city": "'City ' || mod(n, 200)",
            "marketing": "(ARRAY['subscribed', 'never', 'unsubscribed'])[1 + mod(n, 3)]", "token": "md5('c' || n)", "has_ordered": "true",
            "birth_month": "1 + mod(n, 12)", "birth_day": "1 + mod(n / 12, 28)",
            "tags": "CASE WHEN mod(n, 50) = 7 THEN ARRAY['vip'] ELSE ARRAY[]::text[] END",
            "created_at": f"{_LONG_AGO} + n * (interval '730 days' / %(people)s)",
        },
        "generate_series(1, %(people)s) AS n",
    ),
    (
        Order,
        {
            "id": "n", "customer_id": _BUYER, "external_id": "'w' || n", "number": "'#' || n", "placed_at": _PLACED, "created_at": _PLACED,
            "currency": "'EUR'", "total_minor": "2000 + mod(n * 37, 20000)", "shop_currency": "'EUR'",
            "shop_total_minor": "2000 + mod(n * 37, 20000)", "financial_status": "'paid'", "fulfillment_status": "'fulfilled'",
            "cancelled_at": f"CASE WHEN mod(n, 100) = 7 THEN {_PLACED} END", "token": "md5('o' || n)",
        },
        "generate_series(1, %(orders)s::bigint) AS n",
    ),
    (
        OrderLine,
        {
            "order_id": "o.id", "customer_id": "customer_id", "placed_at": "placed_at", "external_id": "'1'", "quantity": "1",
            "position": "1", "name": "'Stoneware'", "product_id": "1 + mod(o.id * 7, %(products)s)", "unit_price_minor": "total_minor",
        },
        "orders_order o",
    ),
    (
        Metrics,
        {
            "customer_id": "customer_id", "orders_count": "count(*)", "total_spent_minor": "sum(total_minor)",
            "first_order_at": "min(placed_at)", "last_order_at": "max(placed_at)", "items_count": "count(*)",
            "second_order_at": "(array_agg(placed_at ORDER BY placed_at))[2]",
            "latest_orders_at": "(array_agg(placed_at ORDER BY placed_at DESC))[:5]",
        },
        "orders_order WHERE cancelled_at IS NULL GROUP BY customer_id",
    ),
    (
        Event,
        {
            "customer_id": "1 + mod(n * 48271, %(people)s)", "kind": f"{_EVENT_KINDS}[1 + mod(n, 7)]", "key": "'e' || n",
            "occurred_at": f"{_LONG_AGO} + n * (interval '730 days' / %(events)s)",
            "recorded_at": f"{_LONG_AGO} + n * (interval '730 days' / %(events)s)", "data": "'{}'",
        },
        "generate_series(1, %(events)s::bigint) AS n",
    ),
)  # fmt: skip


def open_filled(people: int, *, now: datetime) -> Store:
    """Open a shop in an empty database with so many customers, their orders, lines, figures, scores and events."""
    store = shop.open_shop("many", now=now)
    values = {"now": now, "store": store.pk, "people": people, "orders": 5 * people, "events": 20 * people, "products": PRODUCTS}
    big_shop.fill(TABLES, values)
    Customer.objects.exclude(metrics__orders_count__gt=0).update(has_ordered=False)
    rfm_refresh.refresh(store, now=now)
    return store
