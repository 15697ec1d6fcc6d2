"""Writes birthdays to the wire, on the day by each customer's own clock, for stores that have a flow which they start.

Who was born on 29 February has their day on the 28th where there is no 29th.
"""

from calendar import isleap
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import Q

from campaigns.occasions import listening
from customers import events
from customers.models import Customer
from stores import walltime
from stores.models import Store

KIND = events.Kind.CUSTOMER_BIRTHDAY


def note(*, now: datetime) -> int:
    """Record the birthdays that have begun, each once a year; return how many were new."""
    return sum(events.record_many(list(_today(store, now=now)), now=now) for store in listening.stores(KIND))


def _today(store: Store, *, now: datetime) -> Iterator[events.NewEvent]:
    near = [now.date() + timedelta(days=days) for days in (-1, 0, 1)]  # somewhere on earth it is one of these
    born = Q()
    for day in near:
        born |= Q(birth_month=day.month, birth_day__in=born_on(day))
    people = Customer.objects.filter(born, store=store, erased_at=None).order_by("pk")
    for pk, month, day_of_month, zone_name, country in people.values_list("pk", "birth_month", "birth_day", "timezone", "country"):
        zone = walltime.zone_for(customer=zone_name, country=country, store=store.timezone)
        today = now.astimezone(zone).date()
        if month == today.month and day_of_month in born_on(today):
            yield events.NewEvent(store.pk, pk, KIND, now, f"{KIND}:{pk}:{today.year}")


def born_on(day: date) -> tuple[int, ...]:
    """Return the days of the month whose birthday is kept on this day."""
    return (28, 29) if (day.month, day.day) == (2, 28) and not isleap(day.year) else (day.day,)
