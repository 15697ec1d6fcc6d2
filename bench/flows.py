"""What flows cost: planning orders, planning them anew, rehearsing them, and everybody entering one at once by a watched segment and
coming over to a new version of it.

BENCH_FLOW_ORDERS orders (100,000 by default), each of a customer of its own; a tenth of them is planned.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, time, timedelta
from time import perf_counter

from django.db import connection, transaction
from django.db.models import F

from bench import big_shop, scratch, shop
from bench.big_shop import Table
from bench.figures import Figure
from campaigns import enrollment, flows, moving, planning, recipes, triggers
from campaigns.models import Enrollment, Flow, FlowVersion
from campaigns.recipes import win_back
from campaigns.rehearsal import script, sharing
from campaigns.rehearsal.tally import Tally
from campaigns.writing import drafts
from catalog.models import Product, ProductGuide
from customers.models import Customer, Metrics
from offers.models import Offer
from orders.models import Order, OrderLine, Shipment
from segments import membership, saving
from segments.models import Segment
from stores import clock
from stores.models import Store

_DAY = timedelta(days=1)
_BATCH = 500
#: Orders a second: 100,000 in 30 seconds.
_PROMISE = 100_000 / 30
_PLACED = "%(now)s::timestamptz - n * (interval '40 hours' / %(orders)s)"

_TABLES: tuple[Table, ...] = (
    (Product, {"id": "n", "external_id": "'p' || n", "title": "'Stoneware ' || n"}, "generate_series(1, 500) AS n"),
    (ProductGuide, {"product_id": "n", "tips": "'[\"Rinse it.\"]'"}, "generate_series(1, 500) AS n"),
    (
        Customer,
        {
            "id": "n", "email": "'c' || n || '@home.example'", "email_key": "'c' || n || '@home.example'", "name": "'Ana ' || n",
            "country": "(ARRAY['DE', 'PT', 'US'])[1 + mod(n, 3)]", "marketing": "'subscribed'", "token": "md5('c' || n)",
            "created_at": "%(now)s",
        },
        "generate_series(1, %(orders)s) AS n",
    ),
    (
        Order,
        {
            "id": "n", "customer_id": "n", "external_id": "'w' || n", "number": "'#' || n", "placed_at": _PLACED, "paid_at": _PLACED,
            "created_at": _PLACED, "currency": "'EUR'", "total_minor": "2000 + mod(n * 37, 20000)", "shop_currency": "'EUR'",
            "shop_total_minor": "2000 + mod(n * 37, 20000)", "financial_status": "'paid'", "fulfillment_status": "'fulfilled'",
            "cancelled_at": f"CASE WHEN mod(n, 100) = 7 THEN {_PLACED} + interval '90 hours' END", "token": "md5('o' || n)",
        },
        "generate_series(1, %(orders)s) AS n",
    ),
    (
        OrderLine,
        {
            "order_id": "o.id", "customer_id": "customer_id", "placed_at": "placed_at", "external_id": "position::text", "quantity": "1",
            "position": "position", "name": "'Stoneware'", "product_id": "1 + mod(o.id * 7 + position, 500)", "unit_price_minor": "1000",
        },
        "orders_order o, generate_series(1, 2) AS position",
    ),
    (
        Shipment,
        {
            "order_id": "id", "external_id": "'s1'", "status": "'delivered'", "is_scanned": "true",
            "shipped_at": "placed_at + interval '1 day'", "expected_at": "placed_at + interval '4 days'",
            "first_expected_at": "placed_at + interval '4 days'", "delivered_at": "placed_at + interval '3 days'",
        },
        "orders_order",
    ),
    (Metrics, {"customer_id": "customer_id", "orders_count": "2", "last_order_at": "placed_at"}, "orders_order"),
)  # fmt: skip


def measure() -> Iterator[Figure]:
    orders, now = scratch.size("FLOW_ORDERS", 100_000), clock.read()
    store = shop.open_shop("flows", now=now)
    flow = recipes.install(store, "post-purchase", now=now)
    Offer.objects.update(code="THANKS10")
    flows.activate(flow, now=now)
    big_shop.fill(_TABLES, {"now": now, "store": store.pk, "orders": orders})
    yield from _planned(flow, max(orders // 10, 1), now=now)
    yield _rehearsed(flow, orders, is_beside=False, now=now)
    yield _rehearsed(flow, orders, is_beside=True, now=now)
    yield _entered(store, orders, now=now)
    yield _moved(Flow.objects.get(key=win_back.KEY), orders, now=now + 201 * _DAY)


def _planned(flow: Flow, orders: int, *, now: datetime) -> Iterator[Figure]:
    """Measure planning and planning anew beside the bare statements that write the same rows."""
    batches = [range(first, min(first + _BATCH, orders + 1)) for first in range(1, orders + 1, _BATCH)]
    spent = _seconds(lambda: _each(batches, lambda orders: enrollment.enroll(flow, orders, now=now)))
    _run("CREATE TEMP TABLE same AS SELECT * FROM campaigns_steprun")
    _run("DELETE FROM campaigns_steprun")
    plain = _seconds(lambda: _run("INSERT INTO campaigns_steprun SELECT * FROM same"))
    yield Figure(f"{orders:,} orders planned, 5 mails each", "orders/s", orders / spent, orders / plain, "the same rows by one INSERT")
    Shipment.objects.filter(order__in=range(1, orders + 1)).update(delivered_at=now + 5 * _DAY)
    spent = _seconds(lambda: _each(batches, lambda orders: enrollment.replan(orders, now=now)))
    plain = _seconds(
        lambda: _run("UPDATE campaigns_steprun SET due_at = due_at + interval '1 hour', wake_at = wake_at + interval '1 hour'")
    )
    yield Figure("the same planned anew, later delivered", "orders/s", orders / spent, orders / plain, "the same rows by one UPDATE")


def _rehearsed(flow: Flow, orders: int, *, is_beside: bool, now: datetime) -> Figure:
    """Measure a rehearsal of all orders, a month later."""
    version, counted = flow.version, Tally()
    assert version is not None
    flow.store.cap_mails, flow.store.quiet_from, flow.store.quiet_until = 3, time(22), time(8)

    def rehearse() -> None:
        nonlocal counted
        counted = sharing.count(
            script.write(flow, version, since=now - 2 * _DAY, until=now + _DAY, now=now + 40 * _DAY, is_beside=is_beside)
        )

    spent = _seconds(rehearse)
    if counted.begun != orders:
        raise AssertionError(f"{counted.begun:,} of {orders:,} orders were rehearsed.")
    name = f"{orders:,} orders rehearsed{', with cap and quiet hours' if is_beside else ''}"
    return Figure(name, "orders/s", orders / spent, _PROMISE, "the promise: 100,000 in 30 s")


def _entered(store: Store, people: int, *, now: datetime) -> Figure:
    """Measure half a year going by: everybody enters a watched segment, and by that the win-back, whose mails are planned."""
    rule = {"what": "last_order", "op": "before_last", "days": 180}
    segment = saving.create(store, name=win_back.SEGMENT.name, rule=rule, now=now, is_watched=True)
    membership.refresh(segment, now=now)
    flow, later = recipes.install(store, win_back.KEY, now=now), now + 200 * _DAY
    flows.activate(flow, now=now)

    def enter() -> None:
        membership.refresh(Segment.objects.get(pk=segment.pk), now=later)
        while triggers.read(now=later):
            pass

    spent = _seconds(enter)
    inside = Enrollment.objects.filter(flow=flow).count()
    if inside != people:
        raise AssertionError(f"{inside:,} of {people:,} people entered.")
    return Figure(f"{people:,} people entering a flow by a segment", "people/s", people / spent, 0, "")


def _moved(flow: Flow, people: int, *, now: datetime) -> Figure:
    """Measure a new version of that flow, in which each mail goes a day later, to which everybody in it comes over."""
    draft = drafts.begin(flow, now=now)
    draft.steps.update(offset_hours=F("offset_hours") + 24)
    Flow.objects.filter(pk=flow.pk).update(version=draft, draft=None)
    FlowVersion.objects.filter(pk=draft.pk).update(published_at=now, is_moving_people=True)

    def move() -> None:
        while moving.sweep(now=now):
            pass

    spent = _seconds(move)
    inside = Enrollment.objects.filter(version=draft).count()
    if inside != people:
        raise AssertionError(f"{inside:,} of {people:,} people came over.")
    return Figure(f"{people:,} people coming over to a new version", "people/s", people / spent, 0, "")


def _each(batches: Sequence[Sequence[int]], act: Callable[[list[Order]], object]) -> None:
    for ids in batches:
        with transaction.atomic():
            act(planning.orders_for_planning(ids))


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _seconds(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return perf_counter() - began
