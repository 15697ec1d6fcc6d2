"""Many rows in one statement: inserts and updates that take their rows as one JSON value.

`bulk_create` cannot say "unless newer", raises on a repeat inside a batch and forgets the keys of what was there already; and a
value by value statement costs more in the client than in the database.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection, models
from pydantic_core import to_json

Row = dict[str, Any]


def insert(model: type[models.Model], fresh: Sequence[Row], *, conflict: str = "", returning: str = "") -> list[tuple[Any, ...]]:
    """Insert rows (column name → value, all with the same columns) in their order; return what `returning` names of those written.

    `conflict` is the clause after ON CONFLICT, such as "(store_id, key) DO NOTHING".
    """
    if not fresh:
        return []
    names = tuple(fresh[0])
    columns = ", ".join(names)
    statement = f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {columns} FROM {_recordset(model, names)}"
    if conflict:
        statement += f" ON CONFLICT {conflict}"
    if returning:
        statement += f" RETURNING {returning}"
    with connection.cursor() as cursor:
        cursor.execute(statement, [to_json(fresh).decode()])
        return cursor.fetchall() if returning else []


def update(model: type[models.Model], changed: Sequence[Row]) -> None:
    """Write the given columns of rows that are named by `id` (column name → value, all with the same columns)."""
    if not changed:
        return
    names = tuple(changed[0])
    settings = ", ".join(f"{name} = fresh.{name}" for name in names if name != "id")
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {settings} FROM {_recordset(model, names)} WHERE {table}.id = fresh.id", [to_json(changed).decode()]
        )


@cache
def _recordset(model: type[models.Model], names: tuple[str, ...]) -> str:
    types = {field.column: field.db_type(connection) for field in model._meta.concrete_fields}
    return f"json_to_recordset(%s::json) AS fresh({', '.join(f'{name} {types[name]}' for name in names)})"
