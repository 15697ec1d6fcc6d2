"""Taking due rows in turns: each store with something due gets its share of a batch, so that a large one keeps nobody waiting.

The stores are found by skipping through the index, two probes each, however many rows wait; a worker locks what it takes and passes
over what another holds. While sending is stopped (`stores.models.SendingStop`) nothing is due.
"""

from datetime import datetime

from django.db import connection, models


def due(model: type[models.Model], *, when: str, states: tuple[str, ...], is_urgent: bool, now: datetime, limit: int) -> list[int]:
    """Lock up to `limit` rows of one class that are due, shared out among their stores; return their ids, the earliest first.

    `when` is the column of the due time; the model has an index on (is_urgent, store, `when`, id) of rows in `states`.
    """
    table, open_rows = model._meta.db_table, _open_rows(states)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""{_stores(table, open_rows)}, waiting AS MATERIALIZED (
    SELECT store_id FROM stores
    WHERE EXISTS (SELECT 1 FROM {table} r WHERE {open_rows} AND r.store_id = stores.store_id AND {when} <= %(now)s)
    ORDER BY random() LIMIT %(limit)s
)
SELECT taken.at, taken.id FROM waiting CROSS JOIN LATERAL (
    SELECT id, {when} AS at FROM {table} r WHERE {open_rows} AND r.store_id = waiting.store_id AND {when} <= %(now)s
    ORDER BY {when}, id LIMIT (SELECT greatest(1, %(limit)s / count(*)) FROM waiting) FOR NO KEY UPDATE SKIP LOCKED
) taken
""",
            {"is_urgent": is_urgent, "now": now, "limit": limit},
        )
        return [pk for _, pk in sorted(cursor.fetchall())]


def oldest(model: type[models.Model], *, when: str, states: tuple[str, ...], is_urgent: bool) -> datetime | None:
    """Return the earliest `when` of a class over all stores, by the same skipping through the same index; None if nothing waits."""
    table, open_rows = model._meta.db_table, _open_rows(states)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_stores(table, open_rows)} SELECT min((SELECT {when} FROM {table} r WHERE {open_rows} AND r.store_id = stores.store_id"
            f" ORDER BY {when} LIMIT 1)) FROM stores",
            {"is_urgent": is_urgent},
        )
        moment: datetime | None = cursor.fetchone()[0]
    return moment


def _open_rows(states: tuple[str, ...]) -> str:
    names = ", ".join(f"'{state}'" for state in states)
    return f"is_urgent = %(is_urgent)s AND state IN ({names})"


def _stores(table: str, open_rows: str) -> str:
    """Return the head of a statement in which `stores` are those with rows in these states, found one probe each."""
    return f"""
WITH RECURSIVE stores AS (
    (SELECT store_id FROM {table} WHERE {open_rows} AND NOT EXISTS (SELECT 1 FROM stores_sendingstop) ORDER BY store_id LIMIT 1)
    UNION ALL
    SELECT (SELECT store_id FROM {table} WHERE {open_rows} AND store_id > stores.store_id ORDER BY store_id LIMIT 1)
    FROM stores WHERE store_id IS NOT NULL
)"""
