"""Works the scores, groups and stages of a store's customers out anew: the rules of `customers.rfm`, in a few statements for a million."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from customers import rfm, touching
from customers.models import Metrics, Rhythm, Touched
from stores.models import Store

#: By each store's own clock.
NIGHT = 3

_HOW_THEY_BUY = """
SELECT count(*) FILTER (WHERE orders_count > 0), count(days_between_orders),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY days_between_orders),
    count(second_order_at), percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM second_order_at - first_order_at) / 86400)
FROM customers_metrics WHERE store_id = %(store)s
"""
_SCORED = """
WITH scored AS (
    SELECT customer_id, orders_count, last_order_at,
        ceil(5 * cume_dist() OVER (ORDER BY last_order_at))::int AS recency,
        (1 + 5 * (rank() OVER (ORDER BY orders_count) - 1) / count(*) OVER ())::int AS frequency,
        (1 + 5 * (rank() OVER (ORDER BY total_spent_minor) - 1) / count(*) OVER ())::int AS monetary
    FROM customers_metrics WHERE store_id = %(store)s AND orders_count > 0
)
INSERT INTO customers_rfm AS held (store_id, customer_id, recency, frequency, monetary, "group", stage, last_month_group, changed_at)
SELECT c.store_id, c.id, s.recency, s.frequency, s.monetary,
    coalesce((%(groups)s::text[])[5 * (s.recency - 1) + (s.frequency + s.monetary + 1) / 2], ''),
    CASE WHEN s.orders_count IS NULL THEN 'prospect' WHEN s.last_order_at <= %(lost_since)s THEN 'lost'
        WHEN s.last_order_at <= %(lapsing_since)s THEN 'lapsing' WHEN s.orders_count = 1 THEN 'first_time' ELSE 'active' END,
    '', %(now)s
FROM customers_customer c LEFT JOIN scored s ON s.customer_id = c.id
WHERE c.store_id = %(store)s
ON CONFLICT (customer_id) DO UPDATE SET recency = excluded.recency, frequency = excluded.frequency, monetary = excluded.monetary,
    "group" = excluded."group", stage = excluded.stage,
    last_month_group = CASE WHEN %(is_new_month)s THEN held."group" ELSE held.last_month_group END,
    changed_at = CASE WHEN (held."group", held.stage) = (excluded."group", excluded.stage) THEN held.changed_at ELSE excluded.changed_at END
WHERE (held.recency, held.frequency, held.monetary, held."group", held.stage)
        IS DISTINCT FROM (excluded.recency, excluded.frequency, excluded.monetary, excluded."group", excluded.stage)
    OR %(is_new_month)s AND held.last_month_group <> held."group"
"""
_MOVED = """
WITH now AS (
    SELECT last_month_group, "group", count(*) AS customers FROM customers_rfm WHERE store_id = %(store)s GROUP BY 1, 2
), gone AS (
    DELETE FROM customers_rfmmovement WHERE store_id = %(store)s AND month = %(month)s
        AND (from_group, to_group) NOT IN (SELECT last_month_group, "group" FROM now)
)
INSERT INTO customers_rfmmovement (store_id, month, from_group, to_group, customers)
SELECT %(store)s, %(month)s, last_month_group, "group", customers FROM now
ON CONFLICT (store_id, month, from_group, to_group) DO UPDATE SET customers = excluded.customers
"""


def due(*, now: datetime) -> list[Store]:
    """Return the stores whose night has come since they were last refreshed, and those whose first buyers have."""
    buyers = Metrics.objects.filter(store=OuterRef("pk"), orders_count__gt=0)
    stores = Store.objects.select_related("rhythm").filter(Q(rhythm__isnull=False) | Exists(buyers)).annotate(has_buyers=Exists(buyers))
    return [store for store in stores.order_by("pk") if _is_due(store, now)]


def _is_due(store: Any, now: datetime) -> bool:
    held = getattr(store, "rhythm", None)
    if held is None or held.refreshed_at is None or (held.buyers_count == 0 and store.has_buyers):
        return True
    return bool(held.refreshed_at < last_night(store, now=now))


def last_night(store: Store, *, now: datetime) -> datetime:
    """Return the latest hour of NIGHT, by the store's clock, that has come."""
    there = now.astimezone(ZoneInfo(store.timezone))
    night = there.replace(hour=NIGHT, minute=0, second=0, microsecond=0)
    return night if night <= there else night - timedelta(days=1)


@transaction.atomic
def refresh(store: Store, *, now: datetime) -> bool:
    """Work everything out anew; return False where another process is at it."""
    Rhythm.objects.get_or_create(store=store)
    held = Rhythm.objects.select_for_update(skip_locked=True).filter(store=store).first()
    if held is None:
        return False
    month = _month(store, now)
    is_new_month = held.month is not None and month > held.month
    with connection.cursor() as cursor:
        # Of a store whose file has just come in the planner knows nothing yet: it would join everybody with everybody, row by row.
        cursor.execute("SET LOCAL work_mem = '64MB'; SET LOCAL enable_nestloop = off")
        cursor.execute(_HOW_THEY_BUY, {"store": store.pk})
        held.buyers_count, returning, gap, held.second_orders_count, held.second_order_days = cursor.fetchone()
        held.gap_days = gap if returning >= rfm.FEWEST else None
        held.lapsing_days = rfm.lapsing_days(held.gap_days)
        held.lost_days = rfm.lost_days(held.lapsing_days)
        values: dict[str, Any] = {
            "store": store.pk, "now": now, "month": month, "is_new_month": is_new_month, "groups": rfm.GROUPS,
            "lapsing_since": now - timedelta(days=held.lapsing_days), "lost_since": now - timedelta(days=held.lost_days),
        }  # fmt: skip
        cursor.execute(_SCORED, values)
        held.first_month = held.first_month or month
        if month > held.first_month:
            cursor.execute(_MOVED, values)
    held.refreshed_at, held.month = now, max(month, held.month or month)
    held.save()
    touching.touch_all(store.pk, Touched.What.RFM)
    return True


def _month(store: Store, now: datetime) -> date:
    return now.astimezone(ZoneInfo(store.timezone)).date().replace(day=1)
