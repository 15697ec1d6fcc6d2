"""Customers as CSV, which a spreadsheet shows as it is: no cell is taken for a formula."""

import csv
import io
from collections.abc import Iterator

from django.db.models import QuerySet

from customers.models import Customer, Metrics, Rfm
from stores import money, spreadsheets
from stores.models import Store

HEAD = (
    "id", "email", "name", "phone", "language", "country", "region", "city", "postal_code", "birthday", "tags", "marketing", "orders",
    "items", "total_spent", "average_order", "currency", "first_order_at", "last_order_at", "first_source", "group", "stage",
)  # fmt: skip
_AT_ONCE = 2000


def rows(people: QuerySet[Customer], store: Store) -> Iterator[str]:
    """Yield the lines of the file, customers by number; a few thousand are in memory at a time."""
    yield _line(HEAD)
    found, last = people.select_related("metrics", "rfm").order_by("pk"), 0
    while batch := list(found.filter(pk__gt=last)[:_AT_ONCE]):
        last = batch[-1].pk
        yield "".join(_line(_cells(person, store)) for person in batch)


def _line(cells: tuple[object, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([spreadsheets.plain(str(cell)) if cell is not None else "" for cell in cells])
    return out.getvalue()


def _cells(person: Customer, store: Store) -> tuple[object, ...]:
    figures = getattr(person, "metrics", None) or Metrics()
    rfm = getattr(person, "rfm", None) or Rfm()
    average = figures.average_minor
    return (
        person.pk, person.email, person.name, person.phone, person.language, person.country, person.region, person.city, person.postal_code,
        person.birthday, ", ".join(person.tags), person.marketing, figures.orders_count, figures.items_count,
        money.to_wire(figures.total_spent_minor, store.currency), None if average is None else money.to_wire(average, store.currency),
        store.currency, figures.first_order_at and figures.first_order_at.isoformat(timespec="seconds"),
        figures.last_order_at and figures.last_order_at.isoformat(timespec="seconds"), figures.first_source, rfm.group, rfm.stage,
    )  # fmt: skip
