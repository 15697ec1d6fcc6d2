"""Who gave presents last year, told to the wire in the last week of November: much and often in the first week of that December.

Often is two orders or more in that week; much is what they came to, against what an order of that week came to on average at the store.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

from campaigns.occasions import listening
from customers import events
from stores.models import Store

KIND = events.Kind.CUSTOMER_GIFT_SEASON
LEAST_ORDERS, LEAST_OF_AVERAGE = 2, 1.5
#: Time that carriers lose before Christmas, beside the store's usual days.
RESERVE_DAYS = 3
_MOST_PRODUCTS = 5

_GIVERS = """
WITH week AS (
    SELECT o.id, o.customer_id, o.shop_total_minor - o.shop_refunded_minor AS spent FROM orders_order o
    WHERE o.store_id = %(store)s AND o.placed_at >= %(first)s AND o.placed_at < %(end)s
      AND o.cancelled_at IS NULL AND NOT o.is_test AND o.financial_status NOT IN ('voided', 'refunded')
), givers AS (
    SELECT customer_id, count(*) AS orders, sum(spent) AS spent FROM week GROUP BY customer_id
    HAVING count(*) >= %(orders)s AND sum(spent) >= %(share)s * (SELECT avg(spent) FROM week)
)
SELECT g.customer_id, g.orders, (
    SELECT coalesce(array_agg(product_id ORDER BY price DESC, product_id), '{}') FROM (
        SELECT l.product_id, max(l.unit_price_minor) AS price FROM orders_orderline l JOIN week w ON w.id = l.order_id
        WHERE w.customer_id = g.customer_id AND l.product_id IS NOT NULL AND l.quantity > l.refunded_quantity GROUP BY l.product_id
    ) AS bought)
FROM givers g JOIN customers_customer c ON c.id = g.customer_id AND c.erased_at IS NULL ORDER BY g.customer_id
"""


def note(*, now: datetime) -> int:
    """Record last year's givers, once a year each, in the last week of November by the store's clock; return how many were new."""
    return sum(events.record_many(list(_of(store, now=now)), now=now) for store in listening.stores(KIND))


def _of(store: Store, *, now: datetime) -> Iterator[events.NewEvent]:
    zone = ZoneInfo(store.timezone)
    today = now.astimezone(zone).date()
    if today.month != 11 or today.day < 24:
        return
    first, end = (datetime(today.year - 1, 12, day, tzinfo=zone).astimezone(UTC) for day in (1, 8))
    christmas = datetime.combine(today.replace(month=12, day=24), time(12), tzinfo=zone)
    until = christmas - timedelta(days=store.usual_delivery_days + RESERVE_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(_GIVERS, {"store": store.pk, "first": first, "end": end, "orders": LEAST_ORDERS, "share": LEAST_OF_AVERAGE})
        found = cursor.fetchall()
    for customer, orders, products in found:
        data = {"orders": orders, "products": products[:_MOST_PRODUCTS], "until": until}
        yield events.NewEvent(store.pk, customer, KIND, now, f"{KIND}:{customer}:{today.year}", data)
