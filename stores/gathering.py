"""Rows of several tables in one statement, as JSON: for pages that strangers open hundreds of times a second.

There a round trip and a composed query for each table cost more than all the rest of the page.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models
from pydantic_core import from_json

M = TypeVar("M", bound=models.Model)
#: Fields whose values JSON writes as text; the first that fits counts.
_READERS: "tuple[tuple[type[models.Field[Any, Any]], Callable[[str], Any]], ...]" = (
    (models.DateTimeField, datetime.fromisoformat),
    (models.DateField, date.fromisoformat),
    (models.TimeField, time.fromisoformat),
)
#: Fields that JSON does not bring back as they were.
_LOST = (models.DecimalField, models.BinaryField, models.DurationField)


def ask(statement: str, values: Sequence[Any] | Mapping[str, Any]) -> Any:
    """Return the one value of a statement, a JSON text; None where it finds no row."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = cursor.fetchone()
    return from_json(found[0]) if found else None


def row(model: type[M], held: dict[str, Any]) -> M:
    """Return a row of which JSON holds every column, as if it had been asked for by itself."""
    names, readers = _fields(model)
    for name, read in readers:
        if held[name] is not None:
            held[name] = read(held[name])
    return model.from_db(connection.alias, names, [held[name] for name in names])


def rows(model: type[M], held: Iterable[dict[str, Any]] | None) -> list[M]:
    return [row(model, each) for each in held or ()]


@cache
def _fields(model: type[models.Model]) -> tuple[list[str], list[tuple[str, Callable[[str], Any]]]]:
    """Return a model's columns, and how those are read that JSON writes as text."""
    fields = model._meta.concrete_fields
    if lost := [field.name for field in fields if isinstance(field, _LOST)]:
        raise TypeError(f"{model.__name__} cannot come as JSON: {', '.join(lost)}")
    readers = ((field.attname, next((read for kind, read in _READERS if isinstance(field, kind)), None)) for field in fields)
    return [field.attname for field in fields], [(name, read) for name, read in readers if read]
