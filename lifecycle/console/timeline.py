"""A customer's past, out of their events: filtered by chip, grouped by day, fifty a page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from customers.models import Customer, Event
from lifecycle.console import paging

#: The chips: ?show=, the label, and the nouns of the event kinds they show.
CHIPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "orders": ("Orders", ("order", "shipment", "cart", "product")),
    "mails": ("Mails", ("mail", "flow")),
    "answers": ("Answers", ("answer", "review", "reply")),
    "notes": ("Notes", ("note", "task", "staff")),
}
_KINDS = frozenset(Event.Kind.values)


class Data(dict[str, Any]):
    """An event's data; what an older event does not have reads as nothing."""

    def __missing__(self, key: str) -> str:
        return ""


@dataclass(frozen=True)
class Entry:
    """One event, its data and the template that draws it."""

    event: Event
    data: Data
    template: str
    may_undo: bool = False


@dataclass(frozen=True)
class Chip:
    show: str
    label: str
    count: int
    is_on: bool


@dataclass(frozen=True)
class Past:
    days: list[tuple[date, list[Entry]]]
    chips: list[Chip]
    page: paging.Page[Event]


def past(customer: Customer, request: HttpRequest, *, zone: ZoneInfo) -> Past:
    """Return the page of a customer's past that ?show=, ?after= and ?before= name; two queries."""
    show = request.GET.get("show", "")
    events = customer.events.filter(of_chip(show))
    listed = paging.page(events, request, by="-occurred_at")
    undone = {event.data["undid"] for event in listed.rows if "undid" in event.data}
    entries = [
        Entry(event, Data(event.data), template_of(event.kind), "undo" in event.data and event.pk not in undone) for event in listed.rows
    ]
    days = [(day, list(of_day)) for day, of_day in groupby(entries, key=lambda e: e.event.occurred_at.astimezone(zone).date())]
    return Past(days, _chips(customer.events.all(), show), listed)


def of_chip(show: str) -> Q:
    """Return the condition of a chip; an unknown one shows everything."""
    condition = Q()
    for noun in CHIPS.get(show, ("", ()))[1]:
        condition |= Q(kind__startswith=f"{noun}.")
    return condition


def template_of(kind: str) -> str:
    """Return the template of an event kind; a kind of a later release is shown plainly."""
    return f"timeline/{kind}.html" if kind in _KINDS else "timeline/_plain.html"


def _chips(events: QuerySet[Event], show: str) -> list[Chip]:
    counts: Iterable[Any] = events.order_by().values_list("kind").annotate(Count("pk"))
    of_noun: dict[str, int] = {}
    for kind, number in counts:
        noun = kind.split(".")[0]
        of_noun[noun] = of_noun.get(noun, 0) + number
    chips = [Chip("", "All", sum(of_noun.values()), show not in CHIPS)]
    return chips + [Chip(key, label, sum(of_noun.get(n, 0) for n in nouns), show == key) for key, (label, nouns) in CHIPS.items()]
