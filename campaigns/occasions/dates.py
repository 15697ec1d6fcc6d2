"""Writes to the wire that it is so many days before or after a date of a customer's, on the day by their own clock.

A flow that starts from it says which: its `only_where` holds {"name": "date", "test": "is", "value": one of DATES} and
{"name": "days", "test": "is", "value": days after it, negative for days before}. A birthday comes every year, the others once.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from campaigns.models import Flow
from campaigns.occasions.birthdays import born_on
from customers import events
from customers.models import Customer
from stores import walltime
from stores.models import Store

KIND = events.Kind.CUSTOMER_DATE
#: The dates a flow may count from: words, and the moment that is held of it; a birthday is a day and a month.
DATES = {
    "birthday": ("their birthday", ""),
    "joined": ("they became known", "created_at"),
    "first_order": ("their first order", "metrics__first_order_at"),
    "last_order": ("their latest order", "metrics__last_order_at"),
}


def note(*, now: datetime) -> int:
    """Record the days that have begun, each once; return how many were new."""
    flows = Flow.objects.exclude(state=Flow.State.DRAFT).filter(version__trigger=KIND).select_related("version", "store")
    asked = {(flow.store, *found) for flow in flows.order_by("pk") if flow.version and (found := asked_for(flow.version.only_where))}
    return sum(events.record_many(list(_today(*each, now=now)), now=now) for each in asked)


def asked_for(tests: Sequence[Mapping[str, Any]]) -> tuple[str, int] | None:
    """Return the date and the days that a flow's tests name; None if they do not."""
    said = {test["name"]: test["value"] for test in tests if test["test"] == "is"}
    name, days = said.get("date"), said.get("days")
    return (str(name), days) if name in DATES and isinstance(days, int) else None


def _today(store: Store, name: str, days: int, *, now: datetime) -> Iterator[events.NewEvent]:
    people = Customer.objects.filter(store=store, erased_at=None)
    column = DATES[name][1]
    if column:
        middle = now - timedelta(days=days)
        near = {f"{column}__range": (middle - timedelta(days=2), middle + timedelta(days=2))}
        rows = people.filter(**near).values_list("pk", "timezone", "country", column)
    else:
        days_of_birth = Q()
        for ahead in (-1, 0, 1):
            day = now.date() + timedelta(days=ahead - days)
            days_of_birth |= Q(birth_month=day.month, birth_day__in=born_on(day))
        rows = people.filter(days_of_birth).values_list("pk", "timezone", "country", "birth_month", "birth_day")
    for pk, zone_name, country, *held in rows.order_by("pk"):
        zone = walltime.zone_for(customer=zone_name, country=country, store=store.timezone)
        today = now.astimezone(zone).date()
        if _is_it(held, today - timedelta(days=days), zone):
            yield events.NewEvent(store.pk, pk, KIND, now, f"{KIND}:{pk}:{name}:{days}:{today}", {"date": name, "days": days})


def _is_it(held: Sequence[Any], day: date, zone: ZoneInfo) -> bool:
    """Say whether a date is held to be on that day: a moment by this clock, or a month and a day of it."""
    if len(held) == 2:
        return held[0] == day.month and held[1] in born_on(day)
    return bool(held[0].astimezone(zone).date() == day)
