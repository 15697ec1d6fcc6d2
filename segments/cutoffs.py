"""The kept answers to "among the highest N % by spend": what one must have spent, so that a customer is looked up, not ranked."""

from datetime import datetime
from decimal import Decimal

from django.db import connection

from segments.rules.tree import Node, rows_of

#: Of N buyers the highest P % are ceil(N * P / 100) people, and whoever spent as much as the last of them.
_WORK_OUT = """
INSERT INTO segments_cutoff (store_id, percent, spent_minor, at)
SELECT %(store)s, percent, (
    SELECT total_spent_minor FROM customers_metrics WHERE store_id = %(store)s AND orders_count > 0
    ORDER BY total_spent_minor DESC LIMIT 1 OFFSET greatest(0, ceil(buyers.number * percent / 100)::bigint - 1)
), %(now)s
FROM unnest(%(percents)s::numeric[]) AS percent,
    (SELECT count(*) AS number FROM customers_metrics WHERE store_id = %(store)s AND orders_count > 0) AS buyers
ON CONFLICT (store_id, percent) DO UPDATE SET spent_minor = excluded.spent_minor, at = excluded.at
"""


def asked(node: Node) -> set[Decimal]:
    """Return the per cents of a rule's rows."""
    return {row.low for row in rows_of(node) if row.op == "top_percent" and row.low is not None}


def of(store_id: int, node: Node, *, now: datetime) -> dict[Decimal, int | None]:
    """Return what a rule's per cents have spent at least, None where nobody has bought; what is asked for the first time is worked out."""
    percents = asked(node)
    if not percents:
        return {}
    known = _held(store_id, percents)
    if missing := percents - known.keys():
        work_out(store_id, missing, now=now)
        known = _held(store_id, percents)
    return known


def _held(store_id: int, percents: set[Decimal]) -> dict[Decimal, int | None]:
    with connection.cursor() as cursor:  # asked for every customer that is looked at: plain SQL takes half as long as a queryset
        asked = "SELECT percent, spent_minor FROM segments_cutoff WHERE store_id = %s AND percent = ANY(%s::numeric[])"
        cursor.execute(asked, [store_id, list(percents)])
        return dict(cursor.fetchall())


def work_out(store_id: int, percents: set[Decimal], *, now: datetime) -> None:
    """Rank a store's buyers anew."""
    if percents:
        with connection.cursor() as cursor:
            cursor.execute(_WORK_OUT, {"store": store_id, "percents": sorted(percents), "now": now})
