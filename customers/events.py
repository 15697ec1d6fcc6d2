"""The one wire: everything that happens to a customer is written here, and nowhere else.

An event tells the readers of its kind (`settings.EVENT_READERS`) through `Unread` rows written in the same statement. Readers claim those
rows and judge by current facts. There is no cursor over ids: a transaction that commits late would be lost to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection

from customers.models import Customer, Event, Unread
from stores import rows

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


_COLUMNS = ("store_id", "customer_id", "kind", "occurred_at", "recorded_at", "key", "data")


def record(
    customer: Customer, kind: str, *, at: datetime, key: str, now: datetime, data: dict[str, Any] | None = None, history: bool = False
) -> bool:
    """Write one event and tell its readers (nobody when `history`). Return whether it was new: a key seen before writes nothing."""
    return record_many([NewEvent(customer.store_id, customer.pk, kind, at, key, data or {})], now=now, history=history) == 1


def record_many(events: Iterable[NewEvent], *, now: datetime, history: bool = False) -> int:
    """Write many events in one statement; return how many were new."""
    fresh = [dict(zip(_COLUMNS, (e.store_id, e.customer_id, e.kind, e.at, now, e.key[:200], e.data), strict=True)) for e in events]
    if not fresh:
        return 0
    wishes = [] if history else [(reader, start) for reader, starts in settings.EVENT_READERS.items() for start in starts]
    with connection.cursor() as cursor:
        cursor.execute(_statement(), [rows.as_value(fresh), [reader for reader, _ in wishes], [start for _, start in wishes]])
        return int(cursor.fetchone()[0])


@cache
def _statement() -> str:
    returning = "id, store_id, customer_id, kind"
    return f"""
WITH new AS (
    {rows.inserting(Event, _COLUMNS, conflict="(store_id, key) DO NOTHING", returning=returning)}
), told AS (
    INSERT INTO customers_unread (reader, event_id, store_id, customer_id)
    SELECT reader, new.id, new.store_id, new.customer_id FROM new
    JOIN unnest(%s::text[], %s::text[]) AS wish(reader, start) ON starts_with(new.kind, wish.start)
)
SELECT count(*) FROM new
"""


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
