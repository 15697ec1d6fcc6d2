"""What is bought together: counted for the first time, afresh, and as one order changes; beside a self-join of the lines in SQL and, where
it is installed, mlxtend's fpgrowth and association_rules (Raschka, JOSS 2018) over the same baskets in memory."""

from collections.abc import Callable, Iterator
from importlib import import_module
from io import BytesIO
from time import perf_counter, process_time

import numpy as np
from django.db import connection
from scipy.sparse import csr_matrix

from bench import big_shop, many_customers, scratch, shop
from bench.big_shop import Table
from bench.figures import Figure
from catalog.models import Pairing
from orders.models import OrderLine, Uncounted
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
_ROUNDS = 300


def measure() -> Iterator[Figure]:
    orders, now = scratch.size("BASKETS", 200_000), clock.read()
    store = shop.open_shop("baskets", now=now)
    values = {"now": now, "store": store.pk, "people": orders // 5, "orders": orders, "products": scratch.size("PRODUCTS", 10_000)}
    big_shop.fill([*many_customers.TABLES[:3], _LINES], values)
    first = _seconds(lambda: together.check(store, now=now))
    connection.cursor().execute("ANALYZE predictions_counted, predictions_together")
    again = _seconds(lambda: together.check(store, now=now))
    joined = _seconds(lambda: connection.cursor().execute(_SELF_JOIN))
    pairs = len(together.kept(store.pk))
    beside = "a self-join of the lines, in SQL, that keeps nothing"
    yield Figure(f"{pairs:,} pairs of {orders:,} baskets, first time", "s", first, joined, beside)
    yield Figure("the same counted afresh, nothing to mend", "s", again, joined, beside)
    learned = _seconds(lambda: baskets.learn(store, now=now))
    yield Figure(
        f"what is learned of them, {Pairing.objects.filter(store=store).count():,} pairings", "s", learned, again, "counting afresh"
    )
    yield _one_order(store, orders)
    yield from _in_memory(orders)


def _one_order(store: Store, orders: int) -> Figure:
    """Cancel orders one by one; what was followed must be what counting afresh finds."""
    spent, now = [], clock.read()
    for pk in range(1, orders, orders // _ROUNDS):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE orders_order SET cancelled_at = %s WHERE id = %s RETURNING customer_id", [now, pk])
            Uncounted.objects.create(store_id=store.pk, buyer_id=cursor.fetchone()[0])
        spent.append(1000 * _seconds(lambda: together.follow(store, now=now)))
    if together.check(store, now=now) != together.Found(0, 0, 0):
        raise AssertionError("the counts are not what the orders say")
    spent.sort()
    return Figure(
        "one order followed, p95", "ms", spent[int(len(spent) * 0.95)], _ORDER, f"the promise; median {spent[len(spent) // 2]:.1f} ms"
    )


def _in_memory(orders: int) -> Iterator[Figure]:
    """Count baskets alone, each by itself, in processor time; no more of them than fpgrowth has the memory for, beside it."""
    everything = _counted(orders)
    yield Figure(f"pairs within {orders:,} baskets, in memory", "s", everything[0], orders / 1_000_000, "the promise: 0.5 s for 500,000")
    few = min(orders, _FOR_MLXTEND)
    ours, counting, text = _counted(few)
    theirs, beside = _mlxtend(counting, table_of(text), few)
    yield Figure(f"the same of {few:,}, with what goes with what", "s", ours, theirs, beside)


def _counted(orders: int) -> tuple[float, Counting, bytes]:
    with connection.cursor() as cursor:
        cursor.copy_expert(cursor.mogrify(_BASKETS, [orders]), held := BytesIO())
        cursor.execute("SELECT id FROM catalog_product ORDER BY id")
        counting = Counting(np.array([pk for (pk,) in cursor.fetchall()], np.int64))
    began = process_time()
    counting.write(held.getvalue())
    counting.end()
    rows = counting.differences(np.empty((0, 3), np.int64))
    list(baskets.strongest(rows, orders))
    return process_time() - began, counting, held.getvalue()


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


def _seconds(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return perf_counter() - began
