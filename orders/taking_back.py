"""Takes back orders that a file made and that nothing has happened to since; an order with a life of its own stays.

The wire is append-only, save for erasure and merge. This is an erasure: the events of an order that never was describe nothing real, so
they go with it, and the figures of its customer are worked out anew. Whatever a room above has tied to an order keeps it; what a room has
only reckoned from it, that room takes back itself (settings.BEFORE_ORDERS_GO).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from customers import taking_back
from orders import figures
from orders.models import Order, OrderLine, Refund, Shipment

_PARTS = frozenset({OrderLine, Refund, Shipment})
#: What is said of an order by the rows that others tie to it.
_WORDS = {
    "message": "a mail is written about it", "response": "its customer has answered a question about it",
    "enrollment": "a flow has taken it up", "steprun": "a flow has taken it up",
}  # fmt: skip
_TOUCHED = """
SELECT o.id,
       EXISTS (SELECT 1 FROM customers_event e
               WHERE e.customer_id = o.customer_id AND e.recorded_at > %(since)s AND e.data ->> 'order' = o.id::text),
       jsonb_array_length(o.versions) > 1,
       o.received_by <> '' OR EXISTS (SELECT 1 FROM orders_shipment s WHERE s.order_id = o.id AND s.marked_by <> '')
FROM orders_order o WHERE o.id = ANY(%(ids)s)
"""
_EVENTS = """
DELETE FROM customers_event e USING orders_order o
WHERE o.id = ANY(%s) AND e.customer_id = o.customer_id AND e.data ->> 'order' = o.id::text RETURNING e.id
"""


@dataclass
class TakenBack:
    """How many rows went; and of the others, by id, their name and why they stay."""

    gone: int = 0
    kept: dict[int, tuple[str, str]] = field(default_factory=dict)


def take_back(store_id: int, ids: Sequence[int], *, since: datetime, now: datetime) -> TakenBack:
    """Remove those of these orders that are as they were made at `since`; inside a transaction."""
    orders = _lock(store_id, ids)
    why = dict(_touched(list(orders), since)) | dict(_tied(list(orders)))
    gone = [pk for pk in orders if pk not in why]
    for hook in settings.BEFORE_ORDERS_GO:
        import_string(hook)(gone, now=now)
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, [gone])
        taking_back.forget_unread(pk for (pk,) in cursor.fetchall())
    Order.objects.filter(pk__in=gone).delete()
    figures.recompute({orders[pk].customer_id for pk in gone})
    return TakenBack(len(gone), {pk: (str(orders[pk]), reason) for pk, reason in why.items()})


def _lock(store_id: int, ids: Sequence[int]) -> dict[int, Order]:
    """Lock the customers by id, then the orders by external id, as those who take orders in do."""
    found = Order.objects.filter(store_id=store_id, pk__in=ids)
    taking_back.lock(store_id, found.values_list("customer_id", flat=True))
    return {order.pk: order for order in found.select_for_update(of=("self",)).order_by("external_id")}


def _touched(ids: list[int], since: datetime) -> Iterable[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, {"ids": ids, "since": since})
        for pk, is_told_of, is_changed, is_by_hand in cursor.fetchall():
            if is_by_hand:
                yield pk, "somebody of the staff has worked on it"
            elif is_told_of or is_changed:
                yield pk, "the shop has told more of it since"


def _tied(ids: list[int]) -> Iterable[tuple[int, str]]:
    for tie in Order._meta.get_fields(include_hidden=True):
        if tie.auto_created and not tie.concrete and tie.related_model not in _PARTS:
            name = tie.remote_field.attname  # type: ignore[union-attr]
            rows = tie.related_model._base_manager.filter(**{f"{name}__in": ids})  # type: ignore[union-attr]
            meta = tie.related_model._meta  # type: ignore[union-attr]
            reason = _WORDS.get(str(meta.model_name), f"it has {meta.verbose_name_plural}")
            yield from ((pk, reason) for pk in rows.values_list(name, flat=True).distinct())
