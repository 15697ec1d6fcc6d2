"""What pages cost a server at 100,000 customers: each kind of page with its filters, searches and far pages, and what customers open:
the look-up of an order, and the tracker under load."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib import import_module
from time import perf_counter
from urllib.parse import urlencode

from django.test import Client

from bench import big_shop, hooks, load, scratch
from bench.figures import Figure
from customers.models import Customer, Event
from lifecycle.console import check_ins, customers, flow_people, paging
from messaging.models import Message
from orders import states
from orders.models import Order
from stores import clock
from stores.models import Membership, Store, User

_ROUNDS = 40  # requests a kind of page, at least
_RATE, _SECONDS = 200, 5
#: Milliseconds at the 95th percentile (contracts, Numbers).
_LIST, _CUSTOMER, _TRACKER = 200, 100, 50


def measure() -> Iterator[Figure]:
    people, now = scratch.size("CUSTOMERS", 100_000), clock.read()
    import_module("lifecycle.wsgi")  # what the web server does when it starts
    began = perf_counter()
    store = big_shop.open_filled(people, now=now)
    yield Figure(f"making a shop of {people:,} customers", "s", perf_counter() - began, 60, "the promise")
    browser = signed_in(store, now=now)
    for name, promise, addresses in _pages(store, people):
        yield _figure(name, promise, browser, [f"/s/{store.slug}/{address}" for address in addresses])
    yield _lookup(store, people)
    yield _tracker(people)


def signed_in(store: Store, *, now: datetime) -> Client:
    user = User.objects.create(email="alice@example.com", created_at=now)
    Membership.objects.create(store=store, user=user, role=Membership.Role.OWNER)
    browser = Client(headers={"host": "localhost"})
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return browser


def _pages(store: Store, people: int) -> Iterator[tuple[str, float, list[str]]]:
    """Yield each kind of page with its promise and its addresses; far ones are half way down a list."""
    customer, order = Customer.objects.get(pk=people // 2), Order.objects.get(pk=people)
    words = [urlencode({"q": each}) for each in ("a", "ana", "silva", customer.email, "nobody of that name", str(order), "JJD10000042")]
    flow = "flows/post-purchase/"
    lists = {
        "customers": [
            *(f"sort={sort}" for sort in customers.SORTS), *words, "q=silva&sort=spent", f"after={paging.cursor(customer, 'created_at')}",
        ],
        "orders": [
            *(f"state={state}" for state in states.STATES), *words, "state=trouble&q=silva", f"after={paging.cursor(order, 'placed_at')}",
        ],
        "messages": [
            "", *(f"state={state}" for state in Message.State.values), *words, "step=tips", "step=tips&state=failed",
            "q=silva&state=failed", f"after={paging.cursor(Message.objects.order_by('id')[people], 'pk')}",
        ],
        "tasks": ["", "state=closed"],
        "answers": [f"score={score}" for score in check_ins.SCORES],
        "products": ["", "show=gaps", "q=stoneware"],
        "search": words,
        f"{flow}people": [
            *(f"state={state}" for state in flow_people.GROUPS), "step=tips&state=skipped&reason=no_tips", "step=thanks&state=sent",
            "reason=too_late",
        ],
    }  # fmt: skip
    for name, queries in lists.items():
        yield name, _LIST, [f"{name}/?{query}" for query in queries]
    yield "home", _LIST, [""]
    yield "deliverability", _LIST, [f"analytics/deliverability/?days={days}" for days in (7, 30, 90)]
    yield "flows", _LIST, ["flows/"]
    yield "flow", _LIST, [flow, f"{flow}?as={order.pk}&step=tips"]
    yield "step", _LIST, [f"{flow}steps/tips/", f"{flow}steps/thanks/", f"{flow}steps/tips/?q=silva"]
    yield "order", _LIST, [f"orders/{pk}/" for pk in (1, people, 2 * people)]
    yield "customer", _CUSTOMER, [f"customers/{pk}/" for pk in (people // 2, people // 3)]
    event = Event.objects.filter(customer_id=big_shop.BUSY).order_by("occurred_at")[big_shop.BUSY_EVENTS // 2]
    busy = f"customers/{big_shop.BUSY}/"
    later = f"{busy}?after={paging.cursor(event, 'occurred_at')}"
    yield f"customer of {big_shop.BUSY_EVENTS:,} events", _CUSTOMER, [busy, later, f"{busy}?show=orders", f"{busy}?show=notes"]


def _figure(name: str, promise: float, browser: Client, addresses: Sequence[str]) -> Figure:
    """Ask for every address in turn, after asking for each once; return the 95th percentile of milliseconds."""
    rounds = -(-_ROUNDS // len(addresses))
    spent = {address: times(browser, address, rounds + 1)[1:] for address in addresses}
    every = sorted(each for of in spent.values() for each in of)
    slowest = max(addresses, key=lambda address: sorted(spent[address])[rounds // 2])
    beside = f"the promise; median {every[len(every) // 2]:.0f} ms, slowest {slowest.split('/', 3)[3][:60]}"
    return Figure(f"page: {name}, p95", "ms", every[int(len(every) * 0.95)], promise, beside)


def times(browser: Client, address: str, count: int) -> list[float]:
    found = []
    for _ in range(count):
        began = perf_counter()
        answer = browser.get(address)
        found.append((perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise AssertionError(f"{address} answered {answer.status_code}")
    return found


def _lookup(store: Store, people: int) -> Figure:
    """Look orders up by number and address, every other in vain; none asks twice, for a network and an address may but ten times."""
    browser, spent = Client(headers={"host": "localhost"}), []
    orders = Order.objects.filter(pk__gt=people, pk__lte=people + _ROUNDS + 2).select_related("customer")
    for place, order in enumerate(orders.order_by("pk")):
        typed = {"number": order.number, "email": order.customer.email if place % 2 else f"nobody{place}@home.example"}
        began = perf_counter()
        answer = browser.post(f"/track/{store.slug}/", typed, REMOTE_ADDR=f"10.{place}.1.1")
        spent.append((perf_counter() - began) * 1000)
        if answer.status_code != (303 if place % 2 else 422):
            raise AssertionError(f"the look-up of {order} answered {answer.status_code}")
    every = sorted(spent[2:])
    beside = f"the promise; median {every[len(every) // 2]:.0f} ms, half of them in vain"
    return Figure("order look-up, p95", "ms", every[int(len(every) * 0.95)], _TRACKER, beside)


def _tracker(people: int) -> Figure:
    """Open trackers of many orders at a steady pace, after a second to get warm; what waits for its turn counts from when its turn was."""
    tokens = Order.objects.filter(pk__gt=people, pk__lte=people + _RATE * (_SECONDS + 1)).values_list("token", flat=True)
    paths = [f"/t/{token}/" for token in tokens]
    with hooks.served("lifecycle.wsgi:application", {}) as port:
        load.paced(f"http://127.0.0.1:{port}", paths[:_RATE], rate=_RATE)
        times = load.paced(f"http://127.0.0.1:{port}", paths[_RATE:], rate=_RATE)
    beside = f"the promise; median {times[len(times) // 2]:.0f} ms, two processes"
    return Figure(f"tracker at {_RATE} requests/s, p95", "ms", times[int(len(times) * 0.95)], _TRACKER, beside)
