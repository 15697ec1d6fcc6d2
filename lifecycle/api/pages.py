"""Cuts lists into pages by keyset: a cursor is the sort key of the last row, so pages neither skip nor repeat rows that are there."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from ninja import Field, Schema

Row = TypeVar("Row", bound=Model)
Out = TypeVar("Out")


class BadCursor(ValueError):
    """A cursor that no page of ours has given out."""


class Paging(Schema):
    """How to ask for a page."""

    cursor: str | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50


@dataclass(frozen=True)
class Page(Generic[Out]):
    items: list[Out]
    next: str | None


def cut(rows: QuerySet[Row], paging: Paging, *, by: str, show: Callable[[Row], Out]) -> Page[Out]:
    """Return one page of rows, sorted by `by` ("due_at", or "-id" for the newest first) and then by id in the same direction."""
    name, is_descending = by.removeprefix("-"), by.startswith("-")
    sign = "-" if is_descending else ""
    if paging.cursor:
        rows = rows.filter(_after(_read(paging.cursor), name, "lt" if is_descending else "gt"))
    found = list(rows.order_by(*dict.fromkeys([by, f"{sign}id"]))[: paging.limit + 1])
    shown = found[: paging.limit]
    return Page([show(row) for row in shown], _write(shown[-1], name) if len(found) > len(shown) else None)


def _after(last: list[Any], name: str, beyond: str) -> Q:
    value, pk = last
    if name == "id":
        return Q(**{f"id__{beyond}": pk})
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise BadCursor from error
    return Q(**{f"{name}__{beyond}": moment}) | Q(**{name: moment, f"id__{beyond}": pk})


def _write(row: Model, name: str) -> str:
    value = None if name == "id" else getattr(row, name).isoformat()
    return base64.urlsafe_b64encode(json.dumps([value, row.pk]).encode()).decode().rstrip("=")


def _read(cursor: str) -> list[Any]:
    try:
        last = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error) as error:
        raise BadCursor from error
    if not isinstance(last, list) or len(last) != 2 or not isinstance(last[1], int) or abs(last[1]) >= 2**63:
        raise BadCursor
    return last
