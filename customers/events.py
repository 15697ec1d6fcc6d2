"""The one wire: everything that happens to a customer is written here, and nowhere else.

An event tells its readers (`settings.EVENT_READERS`) through `Unread` rows written in the same statement. Readers claim those
rows and judge by current facts. There is no cursor over ids: a transaction that commits late would be lost to it.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from psycopg2.extras import execute_values

from customers.models import Customer, Event

Kind = Event.Kind


@dataclass(frozen=True)
class NewEvent:
    """An event about to be written; `key` is unique within the store, `data` plain JSON values (dates and decimals allowed)."""

    store_id: int
    customer_id: int
    kind: str
    at: datetime
    key: str
    data: dict[str, Any] = field(default_factory=dict)


_INSERT = """
WITH new AS (
    INSERT INTO customers_event (store_id, customer_id, kind, occurred_at, recorded_at, key, data) VALUES %s
    ON CONFLICT (store_id, key) DO NOTHING
    RETURNING id, store_id, customer_id
), told AS (
    INSERT INTO customers_unread (reader, event_id, store_id, customer_id)
    SELECT reader, new.id, new.store_id, new.customer_id FROM new CROSS JOIN unnest({readers}::text[]) AS reader
)
SELECT id FROM new
"""


def record(
    customer: Customer, kind: str, *, at: datetime, key: str, now: datetime, data: dict[str, Any] | None = None, history: bool = False
) -> bool:
    """Write one event and tell its readers (nobody when `history`). Return whether it was new: a key seen before writes nothing."""
    return record_many([NewEvent(customer.store_id, customer.pk, kind, at, key, data or {})], now=now, history=history) == 1


def record_many(events: Iterable[NewEvent], *, now: datetime, history: bool = False) -> int:
    """Write many events in few statements; return how many were new."""
    rows = [(e.store_id, e.customer_id, e.kind, e.at, now, e.key[:200], _json(e.data)) for e in events]
    if not rows:
        return 0
    readers = [] if history else list(settings.EVENT_READERS)
    with connection.cursor() as cursor:
        statement = _INSERT.format(readers="ARRAY[" + ",".join(f"'{reader}'" for reader in readers) + "]")
        return len(execute_values(cursor.cursor, statement, rows, page_size=1000, fetch=True))


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, cls=DjangoJSONEncoder).replace("\\u0000", "")


@dataclass(frozen=True)
class Reading:
    """Unread rows that were claimed, and their events in order."""

    ids: Sequence[int]
    events: Sequence[Event]


def claim(reader: str, *, limit: int) -> Reading:
    """Take up to `limit` unread events of a reader; to be called in a transaction that also acts on them and calls `forget`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, event_id FROM customers_unread WHERE reader = %s ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED", [reader, limit]
        )
        rows = cursor.fetchall()
    events = Event.objects.filter(pk__in=[event_id for _, event_id in rows]).order_by("pk")
    return Reading([row_id for row_id, _ in rows], list(events))


def forget(reading: Reading) -> None:
    """Mark what was claimed as read."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM customers_unread WHERE id = ANY(%s)", [list(reading.ids)])
