"""The one wire: everything that happens to a customer is written here, and nowhere else.

An event tells its readers (`settings.EVENT_READERS`) through `Unread` rows written in the same statement. Readers claim those
rows and judge by current facts. There is no cursor over ids: a transaction that commits late would be lost to it.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from psycopg2.extras import execute_values

from customers.models import Customer, Event, Unread

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


def claim(reader: str, *, limit: int) -> list[Event]:
    """Take up to `limit` unread events of a reader, oldest first; within a transaction that acts on them and calls `forget`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event_id FROM customers_unread WHERE reader = %s AND failed_at IS NULL ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
            [reader, limit],
        )
        ids = [row[0] for row in cursor.fetchall()]
    return list(Event.objects.filter(pk__in=ids).order_by("pk")) if ids else []


def forget(reader: str, events: Iterable[Event]) -> None:
    """Mark events as read."""
    Unread.objects.filter(reader=reader, event_id__in=[event.pk for event in events]).delete()


def set_aside(reader: str, event: Event, *, now: datetime) -> None:
    """Keep an event the reader could not act on out of the queue, without losing it."""
    Unread.objects.filter(reader=reader, event_id=event.pk).update(failed_at=now)
