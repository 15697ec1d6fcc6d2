"""What segments cost: counts of usual rules beside the best SQL one would write by hand, one customer's, and everybody looked through.

100,000 customers by default; the size of the promise (1 M customers, 5 M orders, 20 M events) is BENCH_CUSTOMERS=1000000.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Any

from django.db import connection

from bench import many_customers, scratch
from bench.figures import Figure
from segments import audience, compiling, cutoffs, membership, saving, setting
from segments.models import Segment
from segments.rules.parsing import parse
from stores import clock
from stores.models import Store

_ROUNDS = 15
#: Milliseconds (contracts, Numbers).
_COUNT, _ONE = 300, 1
_REAL = "o.cancelled_at IS NULL AND o.financial_status <> 'voided' AND NOT o.is_test"
#: By hand a rule is a SELECT of customer_id; nobody's count may hold who was erased.
_COUNTED = """SELECT count(*) FROM ({}) s WHERE NOT EXISTS (SELECT 1 FROM customers_customer gone
WHERE gone.store_id = %(store)s AND gone.erased_at IS NOT NULL AND gone.id = s.customer_id)"""


@dataclass(frozen=True)
class Usual:
    """A rule that shops write, and the SQL of somebody who knows the tables and the kept figures."""

    name: str
    rule: dict[str, Any]
    by_hand: str


def _row(what: str, op: str, **rest: Any) -> dict[str, Any]:
    return {"what": what, "op": op, **rest}


def _usual(entered: int) -> list[Usual]:
    figures, events = (
        "SELECT customer_id FROM customers_metrics m WHERE store_id = %(store)s AND",
        "customers_event WHERE store_id = %(store)s",
    )
    return [
        Usual("lapsed 180 days, twice or more",
              {"all": [_row("last_order", "before_last", days=180), _row("orders_count", "at_least", value=2)]},
              f"{figures} last_order_at < %(d180)s AND orders_count >= 2"),
        Usual("highest 1 % by spend", _row("spent", "top_percent", value=1), f"{figures} total_spent_minor >= %(cut)s"),
        Usual("bought P in 30 days, never Q",
              {"all": [_row("bought", "did", values=[7], when="in_last", days=30), _row("bought", "did_not", values=[8])]},
              f"SELECT DISTINCT l.customer_id FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id AND {_REAL}"
              " WHERE l.product_id = 7 AND l.placed_at >= %(d30)s AND NOT EXISTS (SELECT 1 FROM orders_orderline q JOIN orders_order o"
              f" ON o.id = q.order_id AND {_REAL} WHERE q.product_id = 8 AND q.customer_id = l.customer_id)"),
        Usual("first order in 60 days, a gift",
              {"all": [_row("first_order", "in_last", days=60), _row("product_tag", "did", values=["gift"])]},
              f"{figures} first_order_at >= %(d60)s AND EXISTS (SELECT 1 FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id"
              f" AND {_REAL} WHERE l.customer_id = m.customer_id"
              " AND l.product_id IN (SELECT id FROM catalog_product WHERE store_id = %(store)s AND tags @> ARRAY['gift']::varchar[]))"),
        Usual("clicked in 30 days, ordered nothing",
              {"all": [_row("event", "did", values=["mail.clicked"], when="in_last", days=30),
                       _row("ordered", "did_not", when="in_last", days=30)]},
              f"SELECT * FROM (SELECT DISTINCT customer_id FROM {events} AND kind = 'mail.clicked' AND occurred_at >= %(d30)s) e"
              f" WHERE NOT EXISTS ({figures} last_order_at >= %(d30)s AND customer_id = e.customer_id)"),
        Usual("no order since entering a segment",
              {"all": [_row("segment", "any", segment=entered), _row("ordered", "did_not", when="since_segment", segment=entered)]},
              f"SELECT customer_id FROM segments_membership e WHERE segment_id = {entered}"
              f" AND NOT EXISTS ({figures} customer_id = e.customer_id AND last_order_at >= e.entered_at"
              f" AND last_order_at >= (SELECT min(entered_at) FROM segments_membership WHERE segment_id = {entered}))"),
        Usual("VIP, lapsed, opted in, no mail 7 days",
              {"all": [_row("spent", "top_percent", value=1), _row("last_order", "before_last", days=60),
                       _row("marketing", "any", values=["subscribed"]),
                       _row("event", "did_not", values=["mail.sent"], when="in_last", days=7)]},
              f"{figures} total_spent_minor >= %(cut)s AND last_order_at < %(d60)s AND EXISTS (SELECT 1 FROM customers_customer c"
              f" WHERE c.id = m.customer_id AND c.marketing = 'subscribed') AND NOT EXISTS (SELECT 1 FROM {events}"
              " AND customer_id = m.customer_id AND kind = 'mail.sent' AND occurred_at >= %(d7)s)"),
        Usual("ordered twice in 90 days", _row("ordered", "did", times=2, when="in_last", days=90),
              f"{figures} latest_orders_at[2] >= %(d90)s"),
        Usual("three times in a year, not in 60 days",
              {"all": [_row("ordered", "did", times=3, when="in_last", days=365), _row("ordered", "did_not", when="in_last", days=60)]},
              f"{figures} latest_orders_at[3] >= %(d365)s AND last_order_at < %(d60)s"),
        Usual("ordered before a Christmas", _row("ordered", "did", when="between", start="2025-11-15", end="2025-12-24"),
              f"SELECT DISTINCT customer_id FROM orders_order o WHERE store_id = %(store)s AND {_REAL}"
              " AND placed_at >= '2025-11-15 00:00 Europe/Berlin' AND placed_at < '2025-12-25 00:00 Europe/Berlin'"),
        Usual("at risk, in Germany",
              {"all": [_row("rfm_group", "any", values=["at_risk"]), _row("country", "any", values=["DE"])]},
              "SELECT f.customer_id FROM customers_rfm f JOIN customers_customer c ON c.id = f.customer_id WHERE f.store_id = %(store)s"
              " AND f.\"group\" = 'at_risk' AND c.country = 'DE' AND c.erased_at IS NULL AND c.store_id = %(store)s"),
        Usual("spent 1,000, or tagged VIP", {"any": [_row("spent", "at_least", value=1000), _row("tag", "any", values=["vip"])]},
              f"{figures} total_spent_minor >= 100000 UNION SELECT id FROM customers_customer WHERE store_id = %(store)s"
              " AND tags && ARRAY['vip']::varchar[]"),
        Usual("never ordered", _row("ordered", "did_not"),
              "SELECT id AS customer_id FROM customers_customer WHERE store_id = %(store)s AND NOT has_ordered"),
        Usual("ordered nothing in a year", _row("ordered", "did_not", when="in_last", days=365),
              "SELECT id AS customer_id FROM customers_customer WHERE store_id = %(store)s AND NOT has_ordered"
              f" UNION ALL {figures} last_order_at < %(d365)s"),
        Usual("birthday this month", _row("birthday", "in_month", month=3),
              "SELECT id AS customer_id FROM customers_customer WHERE store_id = %(store)s AND birth_month = 3 AND erased_at IS NULL"),
    ]  # fmt: skip


def measure() -> Iterator[Figure]:
    people, now = scratch.size("CUSTOMERS", 100_000), clock.read()
    began = perf_counter()
    store = many_customers.open_filled(people, now=now)
    yield Figure(f"making a shop of {people:,} customers", "s", perf_counter() - began, 0, "")
    entered = saving.create(store, name="Lapsed", rule=_row("last_order", "before_last", days=180), now=now)
    spent = _ms(lambda: membership.refresh(entered, now=now))
    yield Figure(f"a segment filled, {Segment.objects.get().people:,} members", "ms", spent, 60_000, "the promise: minutes")
    Segment.objects.update(due_at=now)
    spent = _ms(lambda: membership.refresh(entered, now=now))
    yield Figure("the same looked through again, nobody moved", "ms", spent, 60_000, "the promise: minutes")
    _settle()
    for usual in _usual(entered.pk):
        yield from _compared(usual, store, now=now)
    yield _one(store, entered, people, now=now)
    yield _all(store, entered.pk, now=now)


def _compared(usual: Usual, store: Store, *, now: datetime) -> Iterator[Figure]:
    """Measure a rule's count and the same by hand, by turns, once what they read is in memory; both must come to the same number."""
    node = parse(usual.rule)
    cuts = cutoffs.of(store.pk, node, now=now)
    values = {
        "store": store.pk,
        "cut": next(iter(cuts.values()), None),
        **{f"d{days}": now - timedelta(days=days) for days in (7, 30, 60, 90, 180, 365)},
    }
    found = compiling.ids(node, setting.of(store, now=now, cuts=cuts))
    ours, plain = [], []
    for _ in range(_ROUNDS + 1):
        counted, spent = _timed(f"SELECT count(*) FROM ({found.sql}) s", found.values)
        ours.append(spent)
        by_hand, spent = _timed(_COUNTED.format(usual.by_hand), values)
        plain.append(spent)
        if counted != by_hand:
            raise AssertionError(f"{usual.name}: {counted:,} by the rule, {by_hand:,} by hand")
    yield Figure(f"{usual.name} ({counted:,})", "ms p95", _p95(ours[1:]), _p95(plain[1:]), f"by hand, p95; promise {_COUNT} ms")


def _one(store: Store, entered: Segment, people: int, *, now: datetime) -> Figure:
    """Measure whether one customer is meant, by each of the usual rules."""
    spent = [
        _ms(partial(audience.among, segment, [pk], store=store, now=now))
        for segment in [Segment(store=store, rule=usual.rule) for usual in _usual(entered.pk)]
        for pk in range(people // 3, people // 3 + 20)
    ]
    return Figure("is one customer in it, over all rules", "ms p95", _p95(spent), _ONE, "the promise")


def _all(store: Store, entered: int, *, now: datetime) -> Figure:
    """Measure a store's night: a segment of every usual rule filled, then looked through."""
    for usual in _usual(entered):
        saving.create(store, name=usual.name, rule=usual.rule, now=now)
    membership.sweep(now=now, seconds=3600)
    Segment.objects.update(due_at=now)
    spent = _ms(lambda: membership.sweep(now=now, seconds=3600))
    return Figure(f"a night of {Segment.objects.count()} segments", "s", spent / 1000, 300, "the promise: minutes")


def _timed(sql: str, values: Any) -> tuple[int, float]:
    """Return the number that a statement gives, and the milliseconds it took."""
    began = perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.fetchone()[0]), (perf_counter() - began) * 1000


def _settle() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE segments_membership")


def _ms(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return (perf_counter() - began) * 1000


def _p95(spent: list[float]) -> float:
    return sorted(spent)[int(len(spent) * 0.95)]
