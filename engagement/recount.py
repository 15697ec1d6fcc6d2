"""Scores made anew from the actions, and all scores of a store brought to one moment; both by the database, whatever their number.

A step of `actions.count` is as exact; this is for what comes in bulk (history, a merge), for changed kinds, and for the passing of time.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Avg, Q

from customers import touching
from customers.models import Touched
from engagement import kinds
from engagement.models import Engagement, Upkeep
from engagement.scoring import LEAST, UNKNOWN_HALF_LIFE_DAYS, Kind
from stores import rows

BATCH = 20_000
LEASE = timedelta(minutes=5)
EVERY = timedelta(days=1)

_KINDS = "json_to_recordset(%(kinds)s::json) AS kind(store_id bigint, key text, value float, impact float, half_life_days float)"
_SUMS = f"""
SELECT customer_id, store_id,
       round(coalesce(sum(n * value), 0)::numeric, 3) AS value, round(coalesce(sum(n * impact), 0)::numeric, 3) AS impact,
       coalesce(jsonb_object_agg(key, round(n::numeric, 4)) FILTER (WHERE abs(n) >= {LEAST}), '{{}}') AS parts
FROM counted GROUP BY customer_id, store_id
"""
_LEFT = "power(2.0, -greatest(extract(epoch FROM %(now)s - {since}), 0) / 86400.0 / coalesce(kind.half_life_days, " + (
    str(UNKNOWN_HALF_LIFE_DAYS) + "))"
)

_RECOUNT = f"""
WITH counted AS (
    SELECT a.customer_id, a.store_id, a.kind AS key, kind.value, kind.impact, sum({_LEFT.format(since="a.at")}) AS n
    FROM engagement_action a LEFT JOIN {_KINDS} ON kind.store_id = a.store_id AND kind.key = a.kind
    WHERE a.customer_id = ANY(%(customers)s) GROUP BY 1, 2, 3, 4, 5
)
INSERT INTO engagement_engagement (customer_id, store_id, value, impact, parts, as_of)
SELECT customer_id, store_id, value, impact, parts, %(now)s FROM ({_SUMS}) sums ORDER BY customer_id
ON CONFLICT (customer_id) DO UPDATE SET value = excluded.value, impact = excluded.impact, parts = excluded.parts, as_of = excluded.as_of
"""

_REFRESH = f"""
WITH counted AS (
    SELECT e.customer_id, e.store_id, part.key, kind.value, kind.impact, part.value::float * {_LEFT.format(since="e.as_of")} AS n
    FROM engagement_engagement e CROSS JOIN LATERAL jsonb_each_text(e.parts) part
    LEFT JOIN {_KINDS} ON kind.store_id = e.store_id AND kind.key = part.key
    WHERE e.store_id = %(store)s AND e.customer_id > %(after)s AND e.customer_id <= %(to)s
)
UPDATE engagement_engagement AS held SET value = sums.value, impact = sums.impact, parts = sums.parts, as_of = greatest(held.as_of, %(now)s)
FROM ({_SUMS}) sums WHERE held.customer_id = sums.customer_id
"""


def of_customers(customers: Iterable[int], *, now: datetime) -> None:
    """Make the scores of customers (ids) anew from their actions, within a transaction."""
    ids = sorted(set(customers))
    # Locked first: the statement after it sees whatever was added meanwhile.
    stores = dict(Engagement.objects.select_for_update().filter(customer__in=ids).order_by("customer").values_list("customer", "store"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT store_id FROM customers_customer WHERE id = ANY(%s)", [ids])
        every = {row[0] for row in cursor.fetchall()} | set(stores.values())
        Engagement.objects.filter(customer__in=ids).update(value=0, impact=0, parts={}, as_of=now)
        cursor.execute(_RECOUNT, {"kinds": _as_value(kinds.of_all(every)), "now": now, "customers": ids})


def next_store(*, now: datetime) -> int | None:
    """Lease a store whose scores are a day old or whose kinds were changed; return its id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO engagement_upkeep (store_id, done_to) SELECT DISTINCT store_id, 0 FROM"
            " (SELECT id AS store_id FROM stores_store s"
            " WHERE EXISTS (SELECT 1 FROM engagement_engagement e WHERE e.store_id = s.id)) found"
            " ON CONFLICT DO NOTHING"
        )
        cursor.execute(
            "UPDATE engagement_upkeep SET lease_until = %(until)s WHERE store_id = (SELECT store_id FROM engagement_upkeep"
            " WHERE (refreshed_at IS NULL OR refreshed_at < %(old)s) AND (lease_until IS NULL OR lease_until < %(now)s)"
            " ORDER BY refreshed_at NULLS FIRST LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING store_id",
            {"until": now + LEASE, "old": now - EVERY, "now": now},
        )
        found = cursor.fetchone()
    return found[0] if found else None


def refresh_batch(store_id: int, *, now: datetime) -> bool:
    """Bring the next customers of a store to `now`; return whether there may be more. A refresh that is cut off goes on where it was."""
    with transaction.atomic(), connection.cursor() as cursor:
        after = Upkeep.objects.select_for_update().get(store=store_id).done_to
        cursor.execute(
            "SELECT max(customer_id), count(*) FROM (SELECT customer_id FROM engagement_engagement WHERE store_id = %s AND customer_id > %s"
            " ORDER BY customer_id LIMIT %s FOR UPDATE) batch",
            [store_id, after, BATCH],
        )
        to, number = cursor.fetchone()
        is_more = bool(number == BATCH)
        if number:
            values = {"kinds": _as_value(kinds.of_all([store_id])), "now": now, "store": store_id, "after": after, "to": to}
            cursor.execute(_REFRESH, values)
        done = {"done_to": to} if is_more else {"done_to": 0, "refreshed_at": now, "lease_until": None, **_splits(store_id)}
        Upkeep.objects.filter(store=store_id).update(**done)
        if not is_more:
            touching.touch_all(store_id, Touched.What.ENGAGEMENT)
    return is_more


def let_go(store_id: int) -> None:
    """Give a store back, its refresh unfinished: the next run goes on with it."""
    Upkeep.objects.filter(store=store_id).update(lease_until=None)


def _splits(store_id: int) -> dict[str, float | None]:
    scores = Engagement.objects.filter(store=store_id)
    return scores.aggregate(value_split=Avg("value", filter=Q(value__gt=0)), impact_split=Avg("impact", filter=Q(impact__gt=0)))


def ask_for_refresh(store_id: int) -> None:
    """Have a store's scores made with its new kinds soon."""
    Upkeep.objects.filter(store=store_id).update(refreshed_at=None, done_to=0)


def _as_value(tables: Mapping[int, Mapping[str, Kind]]) -> str:
    return rows.as_value(
        [
            {"store_id": store, "key": kind.key, "value": kind.value, "impact": kind.impact, "half_life_days": kind.half_life_days}
            for store, table in tables.items()
            for kind in table.values()
        ]
    )
