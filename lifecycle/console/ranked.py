"""The whole list of customers by one of their figures: buyers along the figure's index, then who never ordered, newest first.

Sorting a million joined rows for the sake of fifty takes a second; along an index the fifty are the first that are met.
"""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest

from customers.models import Customer, Metrics
from lifecycle.console import paging
from stores.models import Store

Place = tuple[Any, int] | None


@dataclass(frozen=True)
class Ranked:
    """A customer's number, and their figure; None for who never ordered."""

    value: Any
    pk: int


def page(store: Store, request: HttpRequest, *, figure: str) -> paging.Page[Any]:
    """Return the page that ?after= or ?before= names, as `Ranked`."""
    place = paging.read(request.GET.get("before") or request.GET.get("after") or "")
    is_back = place is not None and "before" in request.GET
    try:
        found = _found(store, place, figure, is_back=is_back)
    except (ValueError, TypeError, ValidationError):  # a place in a list by something else
        place, is_back = None, False
        found = _found(store, place, figure, is_back=is_back)
    return paging.cut(found, "value", paging.SIZE, is_back=is_back, is_inside=place is not None)


def _found(store: Store, place: Place, figure: str, *, is_back: bool) -> list[Any]:
    """Return a page and one more, from a place on: the kind it lies in, then the kind behind that as far as there is room."""
    kinds = [_others, _buyers] if is_back else [_buyers, _others]
    if place is not None and (place[0] is None) != is_back:  # it lies in the last kind of this direction
        kinds = kinds[1:]
    found: list[Any] = []
    for kind in kinds:
        if (missing := paging.SIZE + 1 - len(found)) > 0:
            found += kind(store, place if kind is kinds[0] else None, figure, is_back, missing)
    return found


def _buyers(store: Store, place: Place, figure: str, is_back: bool, most: int) -> list[Ranked]:
    rows = Metrics.objects.filter(store=store, orders_count__gt=0)
    ordered = rows.order_by(figure, "pk") if is_back else rows.order_by(f"-{figure}", "-pk")
    beyond = paging.beyond(ordered, place, figure, "gt" if is_back else "lt")
    return [Ranked(value, pk) for value, pk in beyond.values_list(figure, "pk")[:most]]


def _others(store: Store, place: Place, figure: str, is_back: bool, most: int) -> list[Ranked]:
    rows = Customer.objects.filter(Q(metrics__isnull=True) | Q(metrics__orders_count=0), store=store)
    if place is not None:
        rows = rows.filter(pk__gt=place[1]) if is_back else rows.filter(pk__lt=place[1])
    return [Ranked(None, pk) for pk in rows.order_by("pk" if is_back else "-pk").values_list("pk", flat=True)[:most]]
