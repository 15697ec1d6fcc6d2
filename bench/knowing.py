"""What it costs to know customers: the figures after one order, the night's scores and duplicates, and the pages made of them."""

from collections.abc import Iterator, Sequence
from time import perf_counter

from django.db import connection
from django.test import Client

from bench import big_shop, pages, scratch
from bench.figures import Figure
from customers import duplicates, rfm_refresh
from customers.models import Rfm
from orders import figures
from orders.models import FiguresCheck, Order
from stores import clock
from stores.models import Store

_CUSTOMERS, _ROUNDS = 300, 20
_FREQUENT = 1_000  # orders of the customer who has many
#: Seconds of a night, milliseconds of an order and of a page (issue 5; contracts, Numbers).
_NIGHT, _ORDER, _PAGE = 60, 10, 200
_LISTS = (
    "group=champions", "r=5&f=1", "stage=lost&sort=spent", "orders=none", "spent=500&marketing=subscribed", "country=DE&sort=last_order",
    "tag=vip", "before=2025-06-01&sort=name",
)  # fmt: skip


def measure() -> Iterator[Figure]:
    people, now = scratch.size("CUSTOMERS", 100_000), clock.read()
    store = big_shop.open_filled(people, now=now)
    everybody = range(1, people + 1)
    began = perf_counter()
    for first in range(1, people + 1, 5_000):
        figures.recompute(range(first, min(first + 5_000, people + 1)))
    yield Figure(f"figures of {people:,} customers anew", "s", perf_counter() - began, _NIGHT, "the promise")
    yield _one_order(f"figures after one order, {people:,} customers, p95", everybody[:: people // _CUSTOMERS])
    yield _one_order(f"figures of a customer of {_FREQUENT:,} orders, p95", [_frequent(store)] * _CUSTOMERS)
    for name, act in (
        ("scores, groups, stages, for the first time", lambda: rfm_refresh.refresh(store, now=now)),
        ("the same, the night after", lambda: rfm_refresh.refresh(store, now=now)),
        ("likely duplicates", lambda: duplicates.find(store)),
    ):
        began = perf_counter()
        act()
        yield Figure(f"{name}, {people:,} customers", "s", perf_counter() - began, _NIGHT, "the promise")
    if Rfm.objects.filter(store=store).count() != people or FiguresCheck.objects.exists():
        raise AssertionError("not everybody has their scores")
    browser = pages.signed_in(store, now=now)
    yield _page("groups", browser, [f"/s/{store.slug}/analytics/groups/"])
    yield _page("customers by their facts", browser, [f"/s/{store.slug}/customers/?{query}" for query in _LISTS])


def _frequent(store: Store) -> int:
    """Give one customer many orders of their own; return who it is."""
    pk = 7
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_order SET customer_id = %s WHERE id IN (SELECT id FROM orders_order ORDER BY id LIMIT %s)", [pk, _FREQUENT]
        )
        cursor.execute(
            "UPDATE orders_orderline l SET customer_id = %s FROM orders_order o WHERE o.id = l.order_id AND o.customer_id = %s", [pk] * 2
        )
    if Order.objects.filter(customer=pk).count() < _FREQUENT:
        raise AssertionError("the orders did not move")
    return pk


def _one_order(name: str, people: Sequence[int]) -> Figure:
    spent = []
    for pk in people:
        began = perf_counter()
        figures.recompute([pk])
        spent.append((perf_counter() - began) * 1000)
    spent.sort()
    return Figure(name, "ms", spent[int(len(spent) * 0.95)], _ORDER, f"the promise; median {spent[len(spent) // 2]:.1f} ms")


def _page(name: str, browser: Client, addresses: Sequence[str]) -> Figure:
    spent = sorted(each for address in addresses for each in pages.times(browser, address, _ROUNDS)[1:])
    return Figure(f"page: {name}, p95", "ms", spent[int(len(spent) * 0.95)], _PAGE, f"the promise; median {spent[len(spent) // 2]:.0f} ms")
