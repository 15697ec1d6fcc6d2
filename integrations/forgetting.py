"""Lets the inbox forget what shops delivered about a person: each delivery stays, without what it said."""

from collections.abc import Sequence

from django.db import connection

from customers.erasure import Person

_SHORTEST = 6  # a shorter id would be found in the deliveries of others, too
_REASON = "It was about a person who was erased."
_ABOUT = """
WITH gone AS (DELETE FROM integrations_payload WHERE store_id = %s AND body ILIKE ANY(%s) RETURNING item_id)
UPDATE integrations_inboxitem SET reason = %s, state = CASE WHEN state = 'done' THEN state ELSE 'ignored' END
WHERE id IN (SELECT item_id FROM gone)
"""


def forget(person: Person, *, orders: Sequence[str]) -> None:
    """Let go of every payload that names them or one of their `orders` (external ids)."""
    names = [*person.addresses, *(name for name in (*person.names, *orders) if len(name) >= _SHORTEST)]
    if names:
        with connection.cursor() as cursor:
            cursor.execute(_ABOUT, [person.store_id, [f"%{_plain(name)}%" for name in names], _REASON])


def _plain(text: str) -> str:
    """Return text as LIKE has it, none of its letters standing for others."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
