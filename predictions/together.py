"""Keeps count of what is bought together, as orders come, change, move and go.

Whoever's orders change stands in a queue (orders.Uncounted), written with the change itself. `follow` takes some of it, finds of whom the
counts hold something else (Counted) than they bought, and brings the difference to the counts (Together), all in one transaction. So
repeats, shuffles and late news cost nothing and lose nothing, and a death in between leaves all of it as it was. One worker counts a store
at a time, by a lock on its Fit. `check` counts afresh, every night and where too much waits for single steps.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import chain

import numpy as np
from django.db import connection, transaction

from orders.models import Uncounted
from predictions.counting import Counting, Numbers, as_text, table_of
from predictions.models import Counted, Fit
from stores.models import Store

log = logging.getLogger(__name__)

#: Rows of the queue taken by one statement; where so many wait, counting all afresh is quicker.
BATCH, AFRESH = 500, 100_000
_ROWS = 500_000  # written by one COPY

_FEW = "buyer_id IN (SELECT buyer_id FROM claimed)"
_OF_STORE = "FROM orders_uncounted WHERE store_id = %(store)s"
_CLAIM_SOME = f"DELETE FROM orders_uncounted WHERE id = ANY(ARRAY(SELECT id {_OF_STORE} ORDER BY id LIMIT %(limit)s))"
_CLAIM_ALL = f"DELETE {_OF_STORE}"


def _moving(claim: str, some: str) -> str:
    """Return the head of a statement that brings what is counted of `some` customers up to their orders; `moved` are those who differed."""
    return f"""
WITH claimed AS ({claim} RETURNING buyer_id), bought AS (
    SELECT buyer_id, day, product_id FROM (
        SELECT l.customer_id AS buyer_id, (l.placed_at AT TIME ZONE 'UTC')::date - DATE '2000-01-01' AS day, l.product_id
        FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
        WHERE l.store_id = %(store)s AND l.product_id IS NOT NULL AND l.quantity > l.refunded_quantity
          AND o.cancelled_at IS NULL AND o.financial_status <> 'voided' AND NOT o.is_test
    ) lines WHERE {some} GROUP BY 1, 2, 3
), fresh AS (
    SELECT buyer_id, array_agg(day ORDER BY day, product_id) AS days, array_agg(product_id ORDER BY day, product_id) AS products
    FROM bought GROUP BY buyer_id
), held AS (
    SELECT buyer_id, days, products FROM predictions_counted WHERE store_id = %(store)s AND {some}
), moved AS MATERIALIZED (
    SELECT buyer_id, held.days AS old_days, held.products AS old_products, fresh.days, fresh.products
    FROM fresh FULL JOIN held USING (buyer_id) WHERE (fresh.days, fresh.products) IS DISTINCT FROM (held.days, held.products)
), gone AS (
    DELETE FROM predictions_counted c USING moved WHERE c.store_id = %(store)s AND c.buyer_id = moved.buyer_id AND moved.days IS NULL
), come AS (
    INSERT INTO predictions_counted (store_id, buyer_id, days, products)
    SELECT %(store)s, buyer_id, days, products FROM moved WHERE days IS NOT NULL ORDER BY buyer_id
    ON CONFLICT (store_id, buyer_id) DO UPDATE SET days = excluded.days, products = excluded.products
)"""


_BRING_SOME = f"""{_moving(_CLAIM_SOME, _FEW)}
SELECT (SELECT count(*) FROM claimed), buyer_id, old_days, old_products, days, products
FROM (VALUES (1)) one LEFT JOIN moved ON true ORDER BY buyer_id
"""
_CHANGE = """
INSERT INTO predictions_together AS kept (store_id, product_id, suggested_id, buyers)
SELECT %s, * FROM unnest(%s::bigint[], %s::bigint[], %s::integer[]) AS change(product, suggested, by) ORDER BY product, suggested
ON CONFLICT (store_id, product_id, suggested_id) DO UPDATE SET buyers = kept.buyers + excluded.buyers
"""
_BRING_ALL = f"""{_moving(_CLAIM_ALL, "true")}
SELECT (SELECT count(*) FROM claimed), count(*), count(*) FILTER (WHERE buyer_id NOT IN (SELECT buyer_id FROM claimed)) FROM moved
"""
_BOUGHT = """
COPY (
    SELECT buyer_id, day, product
    FROM predictions_counted CROSS JOIN LATERAL unnest(days, products) WITH ORDINALITY AS each(day, product, n)
    WHERE store_id = %s ORDER BY buyer_id, n
) TO STDOUT
"""
_KEPT = "COPY (SELECT product_id, suggested_id, buyers FROM predictions_together WHERE store_id = %s AND buyers >= %s) TO STDOUT"
_MEND = """
INSERT INTO predictions_together (store_id, product_id, suggested_id, buyers)
SELECT %s, product_id, suggested_id, buyers FROM right_ones ORDER BY 2, 3
ON CONFLICT (store_id, product_id, suggested_id) DO UPDATE SET buyers = excluded.buyers
"""


@dataclass(frozen=True)
class Found:
    """What counting afresh found: rows of the queue, customers who bought otherwise that nobody had told of, and pairs counted wrong."""

    taken: int
    missed: int
    pairs: int


def waiting() -> list[Store]:
    """Return the stores in which somebody's orders have changed."""
    return list(Store.objects.filter(pk__in=Uncounted.objects.values("store_id")).order_by("pk"))


@transaction.atomic
def follow(store: Store, *, now: datetime) -> int:
    """Count what some of those bought whose orders changed; return how many rows of the queue were taken, none where a worker is at it."""
    fit = _lock(store, waits=False)
    if fit is None:
        return 0
    if Uncounted.objects.filter(store_id=store.pk)[AFRESH : AFRESH + 1].exists():
        return _afresh(fit, now=now).taken
    with connection.cursor() as cursor:
        cursor.execute(_BRING_SOME, {"store": store.pk, "limit": BATCH})
        taken, *moved = zip(*cursor.fetchall(), strict=True)
        if moved[0] != (None,):
            cursor.execute(_CHANGE, [store.pk, *_change(*moved).T.tolist()])
            Fit.objects.filter(pk=fit.pk).update(counted_at=now)
    return int(taken[0])


@transaction.atomic
def check(store: Store, *, now: datetime) -> Found:
    """Count all of a store afresh and mend what is not so; what was wrong is logged, unless nothing was ever counted."""
    fit = _lock(store, waits=True)
    assert fit is not None
    while follow(store, now=now):
        pass
    found = _afresh(fit, now=now)
    if fit.counted_at and (found.missed or found.pairs):
        log.error("In store %s, %d customers and %d pairs were counted wrong, and are mended", store.slug, found.missed, found.pairs)
    return found


def people(store: Store) -> int:
    """Return how many customers are in the counts."""
    return Counted.objects.filter(store=store).count()


def kept(store_id: int, *, least: int = -(2**31)) -> Numbers:
    """Return the counts as rows of product, suggested, buyers, where so many took both."""
    with connection.cursor() as cursor:
        cursor.copy_expert(cursor.mogrify(_KEPT, [store_id, least]), text := BytesIO())
    return table_of(text.getvalue())


def _change(buyers: Sequence[int], *sides: Sequence[list[int] | None]) -> Numbers:
    """Return by how many the buyers of each pair change, from what these customers had and have: days and products of each."""
    had, have = (_table(buyers, *side) for side in (sides[:2], sides[2:]))
    products = np.unique(np.concatenate([had[:, 2], have[:, 2]]))
    before, after = Counting(products), Counting(products)
    for counting, bought in ((before, had), (after, have)):
        counting.add(bought)
        counting.end()
    return after.since(before)


def _table(buyers: Sequence[int], days: Sequence[list[int] | None], products: Sequence[list[int] | None]) -> Numbers:
    """Return rows of buyer, day, product; None is of who bought nothing."""
    sizes = [len(each or []) for each in days]
    return np.column_stack([np.repeat(buyers, sizes), *(np.array([*chain(*filter(None, side))], np.int64) for side in (days, products))])


def _lock(store: Store, *, waits: bool) -> Fit | None:
    Fit.objects.bulk_create([Fit(store=store, kind=Fit.Kind.BASKETS)], ignore_conflicts=True)
    return Fit.objects.select_for_update(no_key=True, skip_locked=not waits).filter(store=store, kind=Fit.Kind.BASKETS).first()


def _afresh(fit: Fit, *, now: datetime) -> Found:
    """Bring everybody's purchases up to date, count them in one pass and bounded memory, and write the counts that differ."""
    store_id = fit.store_id
    with connection.cursor() as cursor:
        cursor.execute(_BRING_ALL, {"store": store_id})
        taken, moved, missed = cursor.fetchone()
        cursor.execute("SELECT id FROM catalog_product WHERE store_id = %s ORDER BY id", [store_id])
        counting = Counting(np.array([pk for (pk,) in cursor.fetchall()], np.int64))
        cursor.copy_expert(cursor.mogrify(_BOUGHT, [store_id]), counting)
    counting.end()
    wrong = counting.differences(kept(store_id))
    _mend(store_id, wrong)
    if moved or len(wrong):
        Fit.objects.filter(pk=fit.pk).update(counted_at=now)
    return Found(taken, missed, len(wrong))


def _mend(store_id: int, wrong: Numbers) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE right_ones (product_id bigint, suggested_id bigint, buyers integer) ON COMMIT DROP")
        for start in range(0, len(wrong), _ROWS):
            cursor.copy_expert("COPY right_ones FROM STDIN", BytesIO(as_text(wrong[start : start + _ROWS])))
        cursor.execute(_MEND, [store_id])
        cursor.execute("DROP TABLE right_ones")
        cursor.execute("DELETE FROM predictions_together WHERE store_id = %s AND buyers = 0", [store_id])
