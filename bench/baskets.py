"""What is bought together: counted for the first time, afresh, and as one order changes; beside a self-join of the lines in SQL and, where
it is installed, mlxtend's fpgrowth and association_rules (Raschka, JOSS 2018) over the same baskets in memory.

All in processor time, of this process and of the database's that works for it.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from io import BytesIO
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
from django.db import connection
from scipy.sparse import csr_matrix

from bench import big_shop, many_customers, scratch, shop
from bench.big_shop import Table
from bench.figures import Figure
from catalog.models import Pairing
from orders.models import Order, OrderLine, Uncounted
from predictions import baskets, together
from predictions.counting import Counting, Numbers, table_of
from stores import clock
from stores.models import Store

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
#: A basket each, as if by a buyer of its own: what mlxtend counts.
_BASKETS = "COPY (SELECT DISTINCT order_id, 0, product_id FROM orders_orderline WHERE order_id <= %s ORDER BY 1, 3) TO STDOUT"
#: Milliseconds of one order (the same as its customer's figures), and baskets given to fpgrowth, which takes some 10 KB of memory for each.
_ORDER, _FOR_MLXTEND = 10, 100_000
_ROUNDS, _BATCHES = 300, 4


def measure() -> Iterator[Figure]:
    orders, now = scratch.size("BASKETS", 200_000), clock.read()
    store = shop.open_shop("baskets", now=now)
    values = {"now": now, "store": store.pk, "people": orders // 5, "orders": orders, "products": scratch.size("PRODUCTS", 10_000)}
    big_shop.fill([*many_customers.TABLES[:3], _LINES], values)
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")  # what helpers spend is not seen
    first = _spent(lambda: together.check(store, now=now))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE predictions_counted, predictions_together")
    again = _spent(lambda: together.check(store, now=now))
    joined = _spent(lambda: connection.cursor().execute(_SELF_JOIN))
    beside = "a self-join of the lines, in SQL, that keeps nothing"
    yield Figure(f"{len(together.kept(store.pk)):,} pairs of {orders:,} baskets, first time", "s", first, joined, beside)
    yield Figure("the same counted afresh, nothing to mend", "s", again, joined, beside)
    learned = _spent(lambda: baskets.learn(store, now=now))
    pairings = Pairing.objects.filter(store=store).count()
    yield Figure(f"what is learned of them, {pairings:,} pairings", "s", learned, again, "counting afresh")
    yield _followed(store, "one order", [[pk] for pk in range(1, orders, orders // _ROUNDS)])
    each = orders // together.BATCH
    yield _followed(store, f"an order among {together.BATCH}", [list(range(2 + start, orders, each)) for start in range(_BATCHES)])
    if together.check(store, now=now) != together.Found(0, 0, 0):
        raise AssertionError("the counts are not what the orders say")
    yield from _in_memory(orders)


def _followed(store: Store, name: str, batches: Sequence[Sequence[int]]) -> Figure:
    """Cancel orders, so many at a time, and have the counts follow."""
    spent, now = 0.0, clock.read()
    for batch in batches:
        found = Order.objects.filter(pk__in=batch)
        found.update(cancelled_at=now)
        waiting = (Uncounted(store_id=store.pk, buyer_id=pk) for pk in found.values_list("customer_id", flat=True))
        Uncounted.objects.bulk_create(waiting)
        spent += _spent(lambda: together.follow(store, now=now))
    return Figure(f"{name} followed", "ms", 1000 * spent / sum(map(len, batches)), _ORDER, "the promise")


def _in_memory(orders: int) -> Iterator[Figure]:
    """Count baskets alone, each by itself, in processor time; no more of them than fpgrowth has the memory for, beside it."""
    yield Figure(
        f"pairs within {orders:,} baskets, in memory", "s", _counted(orders)[0], orders / 1_000_000, "the promise: 0.5 s for 500,000"
    )
    few = min(orders, _FOR_MLXTEND)
    counted, learned, counting, text = _counted(few)
    theirs, beside = _mlxtend(counting, table_of(text), few)
    yield Figure(f"the same of {few:,}, with what goes with what", "s", counted + learned, theirs, beside)


def _counted(orders: int) -> tuple[float, float, Counting, bytes]:
    with connection.cursor() as cursor:
        cursor.copy_expert(cursor.mogrify(_BASKETS, [orders]), held := BytesIO())
        cursor.execute("SELECT id FROM catalog_product ORDER BY id")
        counting = Counting(np.array([pk for (pk,) in cursor.fetchall()], np.int64))
    text, piece = held.getvalue(), 1 << 16
    began = _processor()
    for start in range(0, len(text), piece):  # as COPY hands it over
        counting.write(text[start : start + piece])
    counting.end()
    counted = _processor()
    list(baskets.strongest(counting.differences(np.empty((0, 3), np.int64)), orders))
    return counted - began, _processor() - counted, counting, text


def _mlxtend(counting: Counting, bought: Numbers, baskets_: int) -> tuple[float, str]:
    """Return the processor seconds it takes and its name; the pairs must be those that we counted."""
    try:
        frequent, pandas = import_module("mlxtend.frequent_patterns"), import_module("pandas")
    except ImportError:
        return 0, "mlxtend is not installed"
    what = np.searchsorted(counting.products, bought[:, 2])
    matrix = csr_matrix((np.ones(len(what), bool), (bought[:, 0] - 1, what)), shape=(baskets_, len(counting.products)))
    table = pandas.DataFrame.sparse.from_spmatrix(matrix)
    began = process_time()
    found = frequent.fpgrowth(table, min_support=baskets.LEAST_BUYERS / baskets_, max_len=2)
    rules = frequent.association_rules(found, metric="lift", min_threshold=1)
    spent = process_time() - began
    size = len(counting.products)
    both = (counting.codes // size != counting.codes % size) & (counting.buyers >= baskets.LEAST_BUYERS)
    if 2 * int((found.itemsets.map(len) == 2).sum()) != int(both.sum()):
        raise AssertionError("mlxtend counts other pairs")
    return spent, f"mlxtend: fpgrowth, association_rules ({len(rules):,})"


def _spent(act: Callable[[], object]) -> float:
    began = _processor()
    act()
    return _processor() - began


def _processor() -> float:
    """Return the processor seconds so far, with those of the database's process, which is on this machine; elsewhere the clock's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not stat.exists():
        return perf_counter()
    ticks = stat.read_text().rpartition(")")[2].split()[11:13]
    return process_time() + sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
