"""Lists of fifty by keyset: the place in a list is a row's values, so page 2,000 costs what page 1 costs."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Func, IntegerField, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

M = TypeVar("M", bound=Model)
SIZE = 50
MOST = 10_000


@dataclass(frozen=True)
class Page(Generic[M]):
    """One page of rows; `newer` and `older` are cursors for ?before= and ?after=, empty where the list ends."""

    rows: Sequence[M]
    newer: str
    older: str


def page(rows: QuerySet[M], request: HttpRequest, *, by: str, size: int = SIZE) -> Page[M]:
    """Return the page that ?after= or ?before= names, ordered by `by` ("-placed_at") and the id as the tie-break, both the same way."""
    name, is_descending = by.lstrip("-"), by.startswith("-")
    backwards = "before" in request.GET
    place = read(request.GET.get("before") or request.GET.get("after") or "")
    descends = is_descending != backwards
    ordered = rows.order_by(*(f"{'-' if descends else ''}{field}" for field in (name, "pk")))
    try:
        found = list(beyond(ordered, place, name, "lt" if descends else "gt")[: size + 1])
    except (ValueError, TypeError, ValidationError):  # a value that is none of this column's
        found, place = list(rows.order_by(by, "-pk" if is_descending else "pk")[: size + 1]), None
    return cut(found, name, size, is_back=backwards and place is not None, is_inside=place is not None)


def beyond(ordered: QuerySet[M], place: tuple[Any, int] | None, name: str, side: str) -> QuerySet[M]:
    """Return the rows that come after a place; what is said twice is the bound at which an index begins."""
    if place is None:
        return ordered
    beyond = Q(**{f"{name}__{side}": place[0]}) | Q(**{name: place[0], f"pk__{side}": place[1]})
    return ordered.filter(beyond, **{f"{name}__{side}e": place[0]})


def cut(found: list[M], name: str, size: int, *, is_back: bool, is_inside: bool) -> Page[M]:
    has_more, rows = len(found) > size, found[:size]
    if is_back:
        rows.reverse()
    if not rows:
        return Page(rows, "", "")
    newer = cursor(rows[0], name) if (has_more if is_back else is_inside) else ""
    older = cursor(rows[-1], name) if (has_more or is_back) else ""
    return Page(rows, newer, older)


def cursor(row: Model, name: str) -> str:
    """Return the place of a row in a list ordered by `name`, as ?after= and ?before= take it."""
    value: Any = row
    for part in name.split("__"):
        value = getattr(value, part)
    if isinstance(value, datetime):
        value = value.isoformat()  # the JSON encoder would cut microseconds, and with them rows of the same millisecond
    return base64.urlsafe_b64encode(json.dumps([value, row.pk], cls=DjangoJSONEncoder).encode()).decode().rstrip("=")


def read(cursor: str) -> tuple[Any, int] | None:
    """Return a cursor's value and id; a cursor that was tampered with means the first page."""
    try:
        value, pk = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        moment = parse_datetime(value) if isinstance(value, str) and "T" in value else None
        return (moment or value), int(pk)
    except (ValueError, TypeError):
        return None


def counted(rows: QuerySet[Any]) -> str:
    """Return how many rows a list has, in words; beyond ten thousand nobody counts."""
    return in_words(rows.order_by()[: MOST + 1].count())


def number_of(rows: QuerySet[Any], *, most: int = MOST) -> Func:
    """Return an expression that counts as `counted` does: several numbers come with one statement, in words by `in_words`."""
    return Func(ArraySubquery(rows.order_by().values("pk")[: most + 1]), function="cardinality", output_field=IntegerField())


def in_words(number: int) -> str:
    return f"{MOST:,}+" if number > MOST else f"{number:,}"


def heard(count: str, noun: str) -> str:
    """Return what a screen reader says of a list that changed while one typed: "128 customers"."""
    return f"{count} {noun}" if count == "1" else f"{count} {noun}s"
