"""Orders that were imported without telling anybody: their purchases count too, each by its age.

Everything is done by the database, some ten thousand orders a step, and again does nothing: what was taken in is found by its key.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from catalog.models import Product
from customers import touching
from customers.models import Touched
from engagement import actions, interests, kinds, recount
from stores import partitions, rows, ticks

TICK = "engagement-history"
EVERY = timedelta(minutes=30)
#: Orders are looked at again for so long, for a transaction may commit late.
OVERLAP = timedelta(days=1)
STEP = 20_000

_TAKE_IN = f"""
WITH fresh AS (
    INSERT INTO engagement_action (store_id, customer_id, kind, at, key, data)
    SELECT o.store_id, o.customer_id, '{kinds.PURCHASE}', o.placed_at, 'order:' || o.id, json_build_object('order', o.id)
    FROM orders_order o
    WHERE o.id >= %(first)s AND o.id < %(last)s AND o.created_at >= %(since)s AND o.placed_at >= %(kept_from)s AND o.placed_at <= %(now)s
      AND o.cancelled_at IS NULL AND o.financial_status <> 'voided' AND NOT o.is_test
      AND NOT EXISTS (SELECT 1 FROM engagement_action a WHERE a.store_id = o.store_id AND a.key = 'order:' || o.id AND a.at = o.placed_at)
    ON CONFLICT DO NOTHING
    RETURNING store_id, customer_id, (data ->> 'order')::bigint AS order_id
)
SELECT array_agg(DISTINCT customer_id), array_agg(order_id), array_agg(DISTINCT store_id) FROM fresh
"""

_INTERESTS = f"""
INSERT INTO engagement_interest AS held (store_id, customer_id, topic, weight, at)
SELECT store_id, customer_id, topic, sum(weight), %(now)s FROM (
    SELECT DISTINCT l.store_id, l.customer_id, l.order_id, topic,
           {interests.WEIGHTS[kinds.PURCHASE]}
               * power(2.0, -extract(epoch FROM %(now)s - l.placed_at) / 86400.0 / {interests.HALF_LIFE_DAYS}) AS weight
    FROM orders_orderline l JOIN json_to_recordset(%(topics)s::json) AS means(product_id bigint, topic text) USING (product_id)
    WHERE l.order_id = ANY(%(orders)s)
) bought GROUP BY store_id, customer_id, topic ORDER BY customer_id, topic
ON CONFLICT (customer_id, topic) DO UPDATE SET at = excluded.at,
    weight = excluded.weight + held.weight * power(2.0, -extract(epoch FROM excluded.at - held.at) / 86400.0 / {interests.HALF_LIFE_DAYS})
"""


def is_due(*, now: datetime) -> bool:
    last = ticks.last(TICK, now=now)
    return last is None or last.age >= EVERY


def take_in(*, now: datetime, kept_from: datetime, has_time: Callable[[], bool]) -> int:
    """Count the orders of all stores that no event told of; return how many. Without time to the end, the next run begins again."""
    last = ticks.last(TICK, now=now)
    since = last.ran_at - OVERLAP if last else datetime(1970, 1, 1, tzinfo=UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(id), max(id), array_agg(DISTINCT date_trunc('month', placed_at AT TIME ZONE 'UTC')) FILTER (WHERE placed_at >= %s)"
            " FROM orders_order WHERE created_at >= %s AND placed_at <= %s",
            [kept_from, since, now],
        )
        first, last_id, months = cursor.fetchone()
    parted = actions.parted()
    partitions.make_missing(parted, (parted.parts(month)[0] for month in months or ()))
    taken = 0
    for start in range(first, last_id + 1, STEP) if first else ():
        if not has_time():
            return taken
        taken += _step({"first": start, "last": start + STEP, "since": since, "kept_from": kept_from, "now": now}, now=now)
    ticks.passed(TICK, now=now)
    return taken


@transaction.atomic
def _step(values: dict[str, int | datetime], *, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_IN, values)
        customers, orders, stores = cursor.fetchone()
        if not customers:
            return 0
        recount.of_customers(customers, now=now)
        products = Product.objects.filter(lines__order__in=orders).exclude(category="", tags=[]).distinct()
        means = [{"product_id": product.pk, "topic": topic} for product in products for topic in interests.topics_of([product])]
        if means:
            cursor.execute(_INTERESTS, {"now": now, "orders": orders, "topics": rows.as_value(means)})
    for store in stores:
        touching.touch_all(store, Touched.What.HISTORY)
    return len(orders)
