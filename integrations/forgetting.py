"""Lets the inbox forget what shops delivered about a person: each delivery stays, without its body."""

from collections.abc import Sequence

from django.db import connection

from customers.erasure import Person

_SHORTEST = 6  # a shorter id would be found in the deliveries of others, too
_REASON = "It was about a person who was erased."
_ABOUT = """
UPDATE integrations_inboxitem SET body = '', reason = %s, state = CASE WHEN state = 'done' THEN state ELSE 'ignored' END
WHERE store_id = %s AND body <> '' AND body ILIKE ANY(%s)
"""


def forget(person: Person, *, orders: Sequence[str]) -> None:
    """Empty every delivery that names them or one of their `orders` (external ids)."""
    names = [*person.addresses, *(name for name in (*person.names, *orders) if len(name) >= _SHORTEST)]
    if names:
        with connection.cursor() as cursor:
            cursor.execute(_ABOUT, [_REASON, person.store_id, [f"%{_plain(name)}%" for name in names]])


def _plain(text: str) -> str:
    """Return text as LIKE has it, none of its letters standing for others."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
