"""Whose turn it is where a customer may get only so many mails: one mail of theirs is decided at a time, that of the first flow first."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

_CAPPED = """
FROM campaigns_steprun r
JOIN campaigns_enrollment e ON e.id = r.enrollment_id
JOIN campaigns_flow flow ON flow.id = e.flow_id
JOIN stores_store store ON store.id = r.store_id
JOIN customers_customer c ON c.id = r.customer_id
WHERE (store.cap_mails IS NOT NULL OR flow.cap_mails IS NOT NULL OR c.wants_fewer_since IS NOT NULL)
"""
_OPEN = "NOT r.is_urgent AND r.state IN ('planned', 'held') AND r.wake_at <= %(now)s"


def one_each(ids: Sequence[int], *, now: datetime) -> list[int]:
    """Return what to decide now where these runs are due and locked: those without a cap, and of each capped customer the first, locked.

    Before anything is counted the customer's row is locked, so no two workers count at once. Nobody waits for a lock: whom another
    worker is busy with comes with a later sweep, and so does what gave way here.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT r.id, r.customer_id {_CAPPED} AND r.id = ANY(%(ids)s)", {"ids": list(ids)})
        capped = dict(cursor.fetchall())
        if not capped:
            return list(ids)
        people = sorted(set(capped.values()))
        cursor.execute("SELECT id FROM customers_customer WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED", [people])
        free = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(
            f"""
SELECT r.id FROM campaigns_steprun r WHERE {_OPEN} AND r.id IN (
    SELECT DISTINCT ON (r.customer_id) r.id {_CAPPED} AND {_OPEN} AND r.customer_id = ANY(%(people)s)
    ORDER BY r.customer_id, flow.priority, r.due_at, r.id
) FOR NO KEY UPDATE OF r SKIP LOCKED
""",
            {"now": now, "people": free},
        )
        return [pk for pk in ids if pk not in capped] + [pk for (pk,) in cursor.fetchall()]
