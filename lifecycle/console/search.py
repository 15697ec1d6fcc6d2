"""One box that finds customers and orders: by name, address or order number."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from customers.models import Customer
from orders.models import Order
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Store


@page()
def show(request: StoreRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:200]
    found: dict[str, QuerySet[Any]] = {}
    if query:
        found["customers"] = customers_like(request.store, query).order_by("-id")[:20]
        found["orders"] = orders_like(request.store, query).select_related("customer").order_by("-placed_at")[:20]
    return render(request, "console/search.html", {"query": query, "now": clock.read(), **found})


def customers_like(store: Store, query: str) -> QuerySet[Customer]:
    """Return a store's customers whose name or address holds the words, or who placed the order of that number."""
    rows = Customer.objects.filter(store=store)
    query = query.replace("\x00", "").strip()
    if not query:
        return rows
    of_order = Order.objects.filter(store=store, number__in=_numbers(query)).values("customer_id")
    return rows.filter(Q(name__icontains=query) | Q(email__icontains=query) | Q(pk__in=of_order))


def orders_like(store: Store, query: str) -> QuerySet[Order]:
    query = query.replace("\x00", "").strip()
    rows = Order.objects.filter(store=store)
    if not query:
        return rows
    return rows.filter(
        Q(number__in=_numbers(query)) | Q(external_id=query) | Q(email__icontains=query) | Q(customer__name__icontains=query)
    )


def _numbers(query: str) -> list[str]:
    """Shops write order numbers with and without a hash."""
    bare = query.lstrip("#")
    return [bare, f"#{bare}", query]
