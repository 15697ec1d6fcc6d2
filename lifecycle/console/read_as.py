"""As whom a mail is read on a page: the order or the customer that its address names, as they are or made hard; and who else could be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns.models import FlowVersion
from campaigns.writing import example, hard_cases, preview
from campaigns.writing.preview import Sample
from customers.models import Customer
from lifecycle.console import search
from orders.models import Order
from stores.access import StoreRequest
from stores.models import Store

PICKED = 8
Others = Sequence[Order | Customer]


@dataclass(frozen=True)
class Someone:
    """One to read by: how an address names them, their name, what tells them from others of that name, and whether it is they."""

    key: str
    name: str
    detail: str
    is_shown: bool


@dataclass(frozen=True)
class ReadAs:
    """As whom a mail is read; it is made up where there is no order yet, for a mail about none no customer either."""

    sample: Sample
    is_made_up: bool
    is_about_order: bool
    others: Others
    query: str
    case: str
    cases: Sequence[tuple[str, str]]

    @property
    def key(self) -> str:
        """Return what names it in an address: an order's number, or "c" and a customer's."""
        if self.is_made_up:
            return ""
        return _key(self.sample.order if self.sample.order and self.is_about_order else self.sample.customer)

    def found(self) -> list[Someone]:
        """Return whom the words in the box find, without any the newest."""
        return [Someone(_key(each), *_called(each), is_shown=_key(each) == self.key) for each in self.others]


def of(request: StoreRequest, version: FlowVersion, *, now: datetime, most: int = PICKED) -> ReadAs:
    """Return as whom a mail of a version is read: whom the words in the box find first, else ?as=, else the newest.

    Of the others who could be, `most` are read.
    """
    store, query, case, key = request.store, said(request, "q"), said(request, "case"), said(request, "as")
    read = _by_orders if version.is_about_order else _by_people
    sample, others = read(store, query, key, most)
    shown = hard_cases.made_hard(sample or example.sample(store, now=now), case)
    cases = hard_cases.of(shown)
    is_hard = case in dict(cases)
    return ReadAs(shown, sample is None, version.is_about_order, others, query, case if is_hard else "", [("", "As it is"), *cases])


def said(request: StoreRequest, name: str) -> str:
    """Return what a form or an address says."""
    return request.POST.get(name, request.GET.get(name, "")).strip()[:200]


def number(text: str) -> int | None:
    """Return the number that an address gives, if it is one."""
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _by_orders(store: Store, query: str, key: str, most: int) -> tuple[Sample | None, Others]:
    """Return a sample of an order that is sought or named, by "17" or as the newest of customer "c17", and others there are."""
    found: Sequence[Order] = ()
    if query:
        found = list(preview.readable(search.orders_like(store, query).filter(is_test=False)).order_by("-placed_at", "-id")[:most])
    elif (person := _person(store, key)) and (sample := preview.of_customer(person)).order:
        return sample, preview.samples(store, most=most)
    shown = found or preview.samples(store, first=number(key), most=1 if query else most)
    return (preview.sample(shown[0]) if shown else None), found if query else shown


def _by_people(store: Store, query: str, key: str, most: int) -> tuple[Sample | None, Others]:
    """Return a sample of a customer who is sought or named, else of who ordered last, and others there are."""
    people = search.customers_like(store, query).filter(erased_at=None).order_by("-created_at", "-id")
    found = list(people[:most])
    sought = found[0] if query and found else _person(store, key)
    if sought is None and (orders := preview.samples(store, first=number(key))):
        return preview.sample(orders[0]), found
    sought = sought or next(iter(found), None)
    if sought is None:
        return None, found
    sought.store = store
    return preview.of_customer(sought), found


def _person(store: Store, key: str) -> Customer | None:
    pk = number(key[1:]) if key.startswith("c") else None
    return Customer.objects.filter(store=store, pk=pk, erased_at=None).select_related("store").first() if pk else None


def _key(each: Order | Customer) -> str:
    return f"{each.pk}" if isinstance(each, Order) else f"c{each.pk}"


def _called(each: Order | Customer) -> tuple[str, str]:
    return (f"{each.customer}", f"{each}") if isinstance(each, Order) else (f"{each}", each.email)
