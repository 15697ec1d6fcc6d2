"""What is bought together, learned from many baskets, beside the same count as one statement that joins the lines with themselves."""

from collections.abc import Iterator
from time import perf_counter

from django.db import connection

from bench import big_shop, many_customers, scratch, shop
from bench.big_shop import Table
from bench.figures import Figure
from catalog.models import Pairing
from orders.models import OrderLine
from predictions import baskets
from stores import clock

_LINES: Table = (
    OrderLine,
    {
        "order_id": "o.id", "customer_id": "customer_id", "placed_at": "placed_at", "external_id": "line", "quantity": "1",
        "position": "line", "name": "'Stoneware'", "unit_price_minor": "1000",
        # Few products sell much; the third of a basket is the neighbour of its first.
        "product_id": "CASE line WHEN 3 THEN 1 + mod(first, %(products)s) WHEN 2 THEN 1 + mod(o.id * 31, %(products)s) ELSE first END",
    },
    "orders_order o CROSS JOIN generate_series(1, 3) AS line"
    " CROSS JOIN LATERAL (SELECT 1 + floor(%(products)s * power(mod(o.id * 69621, 2147483647)::float8 / 2147483647, 3))::bigint) f(first)",
)  # fmt: skip
_SELF_JOIN = """
WITH bought AS MATERIALIZED (
    SELECT DISTINCT l.customer_id, l.placed_at::date AS day, l.product_id FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
    WHERE o.cancelled_at IS NULL
)
SELECT count(*) FROM (
    SELECT a.product_id, b.product_id, count(DISTINCT a.customer_id)
    FROM bought a JOIN bought b ON b.customer_id = a.customer_id AND b.day BETWEEN a.day AND a.day + 60 AND b.product_id <> a.product_id
    GROUP BY 1, 2
) pairs
"""


def measure() -> Iterator[Figure]:
    orders, now = scratch.size("BASKETS", 200_000), clock.read()
    store = shop.open_shop("baskets", now=now)
    values = {"now": now, "store": store.pk, "people": orders // 5, "orders": orders, "products": many_customers.PRODUCTS}
    big_shop.fill([*many_customers.TABLES[:3], _LINES], values)
    began = perf_counter()
    baskets.learn(store, now=now)
    ours = perf_counter() - began
    began = perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(_SELF_JOIN)
    found = Pairing.objects.filter(store=store).count()
    yield Figure(f"pairs of {orders:,} baskets ({found:,} kept)", "s", ours, perf_counter() - began, "a self-join of the lines, in SQL")
