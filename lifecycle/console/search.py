"""One box that finds customers, orders, parcels and screens; the palette (Ctrl K) shows the same results as the page."""

from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When
from django.http import HttpResponse
from django.shortcuts import render

from customers.models import Customer
from lifecycle.console import shortcuts
from lifecycle.console.answer import is_fragment
from orders.models import Order, Shipment
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Store

_MOST, _MOST_IN_PALETTE = 20, 5


@page()
def show(request: StoreRequest) -> HttpResponse:
    query = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    most = _MOST_IN_PALETTE if is_fragment(request) else _MOST
    found: dict[str, Any] = {"screens": shortcuts.screens_like(request, query)}
    if query:
        found["customers"] = customers_like(request.store, query).order_by(_begins("name", "email", query), "-id")[:most]
        found["orders"] = (
            orders_like(request.store, query)
            .select_related("customer")
            .order_by(_begins("number", "customer__name", query), "-placed_at")[:most]
        )
        found["parcels"] = parcels_like(request.store, query).select_related("order__customer").order_by("-id")[:most]
    context = {"query": query, "now": clock.read(), **found}
    if is_fragment(request):
        return render(request, "console/_found.html", {**context, "place": "palette"})
    return render(request, "console/search.html", {**context, "place": "page"})


def _begins(first: str, second: str, query: str) -> Case:
    """Order what begins with the words before what only holds them."""
    begins = Q(**{f"{first}__istartswith": query}) | Q(**{f"{second}__istartswith": query})
    return Case(When(begins, then=Value(0)), default=Value(1))


def customers_like(store: Store, query: str) -> QuerySet[Customer]:
    """Return a store's customers whose name or address holds the words, or who placed the order of that number."""
    rows = Customer.objects.filter(store=store)
    query = query.replace("\x00", "").strip()
    if not query:
        return rows
    of_order = Order.objects.filter(store=store, number__in=_numbers(query)).values("customer_id")
    return rows.filter(Q(name__icontains=query) | Q(email__icontains=query) | Q(pk__in=of_order))


def orders_like(store: Store, query: str) -> QuerySet[Order]:
    """Return a store's orders of that number, or of people whose name or address holds the words, or in that parcel."""
    query = query.replace("\x00", "").strip()
    rows = Order.objects.filter(store=store)
    if not query:
        return rows
    in_parcel = parcels_like(store, query).values("order_id")
    return rows.filter(
        Q(number__in=_numbers(query))
        | Q(external_id=query)
        | Q(email__icontains=query)
        | Q(customer__name__icontains=query)
        | Q(pk__in=in_parcel)
    )


def parcels_like(store: Store, query: str) -> QuerySet[Shipment]:
    """Return a store's parcels of that tracking number; people copy it with spaces."""
    return Shipment.objects.filter(store=store, tracking_number__in={query, query.replace(" ", ""), query.upper()})


def _numbers(query: str) -> list[str]:
    """Shops write order numbers with and without a hash."""
    bare = query.lstrip("#")
    return [bare, f"#{bare}", query]
