"""Set-based writing: many rows in one statement, and batches that one bad row cannot stop.

A statement takes its rows as one JSON value: cheap to make, whatever their number, and it can say "unless newer", "and return". Of
Django's own, `bulk_create` raises on a repeat inside a batch and forgets the keys of what was there already, and `bulk_update` makes a
CASE per row.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from io import StringIO
from typing import Any, TypeVar

from django.db import DatabaseError, connection, models, transaction
from pydantic_core import from_json, to_json

Item = TypeVar("Item")
#: Values by column; the rows of one statement all have the same columns. Dates, decimals, and nested values for JSON are fine.
Row = dict[str, Any]
log = logging.getLogger(__name__)
#: Values of these read the same in COPY's text format.
_PLAIN = frozenset({bool, int, datetime})


def insert(model: type[models.Model], fresh: Sequence[Row], *, conflict: str = "", returning: str = "") -> list[tuple[Any, ...]]:
    """Insert rows in their order; return what `returning` names of those written.

    `conflict` is the clause after ON CONFLICT, such as "(store_id, key) DO NOTHING".
    """
    if not fresh:
        return []
    with connection.cursor() as cursor:
        cursor.execute(inserting(model, tuple(fresh[0]), conflict=conflict, returning=returning), [as_value(fresh)])
        return cursor.fetchall() if returning else []


def inserting(model: type[models.Model], names: tuple[str, ...], *, conflict: str = "", returning: str = "") -> str:
    """Return the INSERT of rows that are given as one value (`as_value`), to run alone or as part of a larger statement."""
    columns = ", ".join(names)
    statement = f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {columns} FROM {_recordset(model, names)}"
    return statement + (f" ON CONFLICT {conflict}" if conflict else "") + (f" RETURNING {returning}" if returning else "")


def update(model: type[models.Model], changed: Sequence[Row], *, only: str = "true", values: Sequence[Any] = ()) -> set[int]:
    """Write the given columns of rows named by `id` of which `only` holds (the row is called `held`); return the ids written."""
    if not changed:
        return set()
    names = tuple(changed[0])
    settings = ", ".join(f"{name} = fresh.{name}" for name in names if name != "id")
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} AS held SET {settings} FROM {_recordset(model, names)} WHERE held.id = fresh.id AND {only} RETURNING held.id",
            [as_value(changed), *values],
        )
        return {pk for (pk,) in cursor.fetchall()}


def update_many(changed: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Write concrete `fields` of loaded rows of one model back."""
    if changed:
        model = type(changed[0])
        columns = ["id", *(model._meta.get_field(name).attname for name in fields)]  # type: ignore[union-attr]
        update(model, [{name: getattr(row, name) for name in columns} for row in changed])


def copy(fresh: Sequence[models.Model]) -> None:
    """Insert new rows of one model, and give them their keys: by COPY, the cheapest way there is for wide ones.

    It knows no ON CONFLICT: what is there already raises IntegrityError. Not for models with arrays.
    """
    if not fresh:
        return
    model = type(fresh[0])
    names = [field.attname for field in model._meta.concrete_fields]
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, len(fresh)])
        for row, (pk,) in zip(fresh, cursor.fetchall(), strict=True):
            row.pk, row._state.adding, row._state.db = pk, False, connection.alias
        lines = ["\t".join([_cell(getattr(row, name)) for name in names]) for row in fresh]
        with connection.wrap_database_errors:
            cursor.copy_expert(f"COPY {table} ({', '.join(names)}) FROM STDIN", StringIO("\n".join([*lines, ""])))


def _cell(value: Any) -> str:
    """Return a value as COPY's text format has it."""
    if type(value) is not str:
        if value is None:
            return "\\N"
        if type(value) in _PLAIN:
            return str(value)
        value = as_value(value) if isinstance(value, dict | list) else str(value)
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    return value.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t").replace("\0", "")  # type: ignore[no-any-return]


def as_value(fresh: Any) -> str:
    """Return rows as the one value of a statement. NUL characters, which no database keeps, are taken out."""
    text = to_json(fresh).decode()
    return to_json(_without_nul(from_json(text))).decode() if "\\u0000" in text else text


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_without_nul(each) for each in value]
    if isinstance(value, dict):
        return {_without_nul(name): _without_nul(each) for name, each in value.items()}
    return value


@cache
def _recordset(model: type[models.Model], names: tuple[str, ...]) -> str:
    types = {field.column: field.db_type(connection) for field in model._meta.concrete_fields}
    return f"json_to_recordset(%s::json) AS fresh({', '.join(f'{name} {types[name]}' for name in names)})"


def in_halves(items: Sequence[Item], act: Callable[[Sequence[Item]], Any], give_up: Callable[[Item, Exception], None]) -> None:
    """Act on all items at once; if that raises, on each half, until the one bad item is alone and is given up.

    Each attempt is a savepoint. A lost connection is nobody's bad item: it is raised.
    """
    if not items:
        return
    try:
        with transaction.atomic():
            act(items)
    except Exception as error:
        if isinstance(error, DatabaseError) and connection.connection is not None and connection.connection.closed:
            raise
        if len(items) == 1:
            log.exception("Gave up on %r", items[0])
            give_up(items[0], error)
            return
        middle = len(items) // 2
        in_halves(items[:middle], act, give_up)
        in_halves(items[middle:], act, give_up)
