"""Set-based writing: many rows in one statement, and batches that one bad row cannot stop."""

import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db import DatabaseError, connection, models, transaction
from psycopg2.extras import execute_values

Row = TypeVar("Row")
log = logging.getLogger(__name__)


def update_many(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Write concrete `fields` of rows of one model back in one statement (bulk_update's CASE per row is many times slower)."""
    if not rows:
        return
    model = type(rows[0])
    columns: list[Any] = [model._meta.get_field(name) for name in fields]
    names = [connection.ops.quote_name(column.column) for column in columns]
    sets = ", ".join(f"{name} = new.{name}::{column.db_type(connection)}" for name, column in zip(names, columns, strict=True))
    table = connection.ops.quote_name(model._meta.db_table)
    statement = f"UPDATE {table} AS held SET {sets} FROM (VALUES %s) AS new (id, {', '.join(names)}) WHERE held.id = new.id::bigint"
    values = [(row.pk, *(column.get_db_prep_save(getattr(row, column.attname), connection) for column in columns)) for row in rows]
    with connection.cursor() as cursor:
        execute_values(cursor.cursor, statement, values, page_size=1000)


def in_halves(rows: Sequence[Row], act: Callable[[Sequence[Row]], Any], give_up: Callable[[Row, Exception], None]) -> None:
    """Act on all rows at once; if that raises, on each half, until the one bad row is alone and is given up.

    Each attempt is a savepoint. A lost connection is nobody's bad row: it is raised.
    """
    if not rows:
        return
    try:
        with transaction.atomic():
            act(rows)
    except Exception as error:
        if isinstance(error, DatabaseError) and connection.connection is not None and connection.connection.closed:
            raise
        if len(rows) == 1:
            log.exception("Gave up on %r", rows[0])
            give_up(rows[0], error)
            return
        middle = len(rows) // 2
        in_halves(rows[:middle], act, give_up)
        in_halves(rows[middle:], act, give_up)
