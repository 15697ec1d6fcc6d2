"""One box that finds customers, orders, parcels and screens; the palette (Ctrl K) shows the same results as the page."""

from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When
from django.http import HttpResponse
from django.shortcuts import render

from customers.models import Customer
from lifecycle.console import shortcuts
from lifecycle.console.answer import is_fragment
from messaging.models import Message
from orders import tracking
from orders.models import Order, Shipment
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Store

_MOST, _MOST_IN_PALETTE = 20, 5
#: Up to so many people's rows are looked up one by one; of more, a list is walked until a page is full.
_FEW = 1000


@page()
def show(request: StoreRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:200]
    most = _MOST_IN_PALETTE if is_fragment(request) else _MOST
    found: dict[str, Any] = {"screens": shortcuts.screens_like(request, query)}
    if query:
        people = Customer.objects.filter(pk__in=customers_like(request.store, query).order_by("-created_at", "-id").values("pk")[:_FEW])
        found["customers"] = people.order_by(_begins("name", "email", query), "-id")[:most]
        bought = Order.objects.filter(pk__in=orders_like(request.store, query).order_by("-placed_at", "-id").values("pk")[:_FEW])
        found["orders"] = bought.select_related("customer").order_by(_begins("number", "customer__name", query), "-placed_at")[:most]
        found["parcels"] = parcels_like(request.store, query).select_related("order__customer").order_by("-id")[:most]
    context = {"query": query, "now": clock.read(), **found}
    if is_fragment(request):
        return render(request, "console/_found.html", {**context, "place": "palette"})
    return render(request, "console/search.html", {**context, "place": "page"})


def _begins(first: str, second: str, query: str) -> Case:
    """Order what begins with the words before what only holds them: of the newest thousand, for "a" is in nearly every name."""
    begins = Q(**{f"{first}__istartswith": query}) | Q(**{f"{second}__istartswith": query})
    return Case(When(begins, then=Value(0)), default=Value(1))


def customers_like(store: Store, query: str) -> QuerySet[Customer]:
    """Return a store's customers whose name or address holds the words, or who placed the order of that number."""
    rows = Customer.objects.filter(store=store)
    query = query.strip()
    if not query:
        return rows
    buyers = list(Order.objects.filter(store=store, number__in=_numbers(query)).values_list("customer_id", flat=True))
    return rows.filter(_called(query) | Q(pk__in=buyers))


def orders_like(store: Store, query: str) -> QuerySet[Order]:
    """Return a store's orders of that number or whole address, or of people whose name or address holds the words, or in that parcel."""
    query = query.strip()
    rows = Order.objects.filter(store=store)
    if not query:
        return rows
    in_parcel = list(parcels_like(store, query).values_list("order_id", flat=True))
    return rows.filter(_of(store, query) | _named(query) | Q(external_id=query) | Q(pk__in=in_parcel))


def mails_like(store: Store, query: str) -> QuerySet[Message]:
    """Return a store's mails to people whose name or address holds the words, or about the orders of that number or whole address."""
    rows = Message.objects.filter(store=store)
    if not query:
        return rows
    about = list(Order.objects.filter(_named(query), store=store).values_list("pk", flat=True))
    return rows.filter(_of(store, query) | Q(order__in=about))


def _called(query: str) -> Q:
    return Q(name__icontains=query) | Q(email__icontains=query)


def _named(query: str) -> Q:
    """Return the condition of the orders of that number, or that came from that address, whatever their customer's is now."""
    return Q(number__in=_numbers(query)) | (Q(email__iexact=query) if "@" in query else Q(pk__in=()))


def _of(store: Store, query: str) -> Q:
    """Return the condition of rows of the customers whose name or address holds the words."""
    people = Customer.objects.filter(_called(query), store=store).values("pk")
    few = list(people.values_list("pk", flat=True)[: _FEW + 1])
    return Q(customer__in=few if len(few) <= _FEW else people)


def parcels_like(store: Store, query: str) -> QuerySet[Shipment]:
    """Return a store's parcels of that tracking number; people copy it with spaces."""
    return tracking.of_number(store.pk, query)


def _numbers(query: str) -> list[str]:
    """Shops write order numbers with and without a hash."""
    bare = query.lstrip("#").strip()
    return [bare, f"#{bare}", query] if bare else []
