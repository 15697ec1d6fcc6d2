"""The inbox: every delivery as it came, taken in by a sweep; what cannot be understood stays, with its reason, and can be tried again.

A delivery's row is small and stays, so that a repeat is known for one; what it said stands apart, in days that go (`Payload`).
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from customers import identity
from integrations import connections, payloads, platforms, wishes
from integrations.models import Connection, InboxItem, Payload
from orders import ingest
from orders.incoming import (
    CartData,
    Gone,
    Incoming,
    OrderData,
    PrivacyWish,
    ProductData,
    RefundData,
    ShipmentData,
    TrackingData,
    Uninstalled,
    Unneeded,
    Unusable,
)
from stores import clock
from stores.failpoints import reach
from stores.models import Store

log = logging.getLogger(__name__)
State = InboxItem.State

#: A row and its payload by the product's clock. A failed delivery that comes again with another body is replaced.
_KEEP = f"""
WITH kept AS (
    INSERT INTO integrations_inboxitem AS held
        (store_id, connection_id, topic, delivery_id, digest, triggered_at, state, reason, attempts, received_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 0, {clock.EXPRESSION})
    ON CONFLICT (connection_id, topic, delivery_id) DO UPDATE SET digest = excluded.digest, state = excluded.state,
        reason = excluded.reason, received_at = excluded.received_at, triggered_at = excluded.triggered_at
    WHERE held.state = 'failed' AND held.digest <> excluded.digest
    RETURNING id, store_id, received_at
)
INSERT INTO integrations_payload (item_id, store_id, received_at, body) SELECT id, store_id, received_at, %s FROM kept
"""
_NOT_KEPT = "What it said is no longer kept."


def receive(door: connections.Door, *, label: platforms.Label, body: bytes, state: str = State.RECEIVED, reason: str = "") -> bool:
    """Keep a delivery, in one statement; return whether it was news.

    A repeat changes nothing, except that a failed delivery that comes again with another body is replaced and tried again.
    """
    delivery_id = label.delivery_id or "sha256:" + hashlib.sha256(body).hexdigest()
    text = body.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    digest = UUID(bytes=hashlib.md5(text.encode(), usedforsecurity=False).digest())
    row: list[Any] = [door.store_id, door.connection_id, label.topic, delivery_id, digest, label.triggered_at, state, reason, text]
    if connection.in_atomic_block:
        return _keep(row)
    connection.health_check_done = True  # type: ignore[attr-defined]  # no question whether the line lives: the statement finds out
    try:
        return _keep(row)
    except (InterfaceError, OperationalError):
        connection.close()
        return _keep(row)


def _keep(row: list[Any]) -> bool:
    reach("in_webhook_insert")
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, row)
        return bool(cursor.rowcount)


def drain(*, now: datetime, limit: int = 200) -> int:
    """Take in what waits, each delivery in a transaction of its own; return how many were looked at. A bad one fails alone."""
    count = ingest.adopt(now=now)
    is_waiting = InboxItem.objects.filter(state=State.RECEIVED).exists()
    while is_waiting and count < limit and _take_next(now):
        count += 1
    return count


@transaction.atomic
def _take_next(now: datetime) -> bool:
    waiting = InboxItem.objects.select_for_update(skip_locked=True, of=("self",)).filter(state=State.RECEIVED)
    item = waiting.select_related("connection", "store").order_by("id").first()
    if item is None:
        return False
    item.state, item.reason = _outcome(item, now)
    item.attempts += 1
    item.done_at = now
    item.save(update_fields=["state", "reason", "attempts", "done_at"])
    Connection.objects.filter(pk=item.connection_id).update(last_event_at=now)
    return True


def _outcome(item: InboxItem, now: datetime) -> tuple[str, str]:
    """Try to take an item in; return its new state and the reason in words."""
    platform = platforms.of(item.connection.platform)
    if not platform.adapter.knows(item.topic):
        return State.IGNORED, f"Nothing here uses the topic {item.topic or '(none)'}."
    body = body_of(item)
    if body is None:
        return State.FAILED, _NOT_KEPT
    try:
        with transaction.atomic():
            payload = payloads.read_object(body)
            data = platform.adapter.read(item.topic, payload, shop_currency=item.store.currency)
            if isinstance(data, Uninstalled):
                connections.uninstall(item.connection, now=now)
            elif isinstance(data, PrivacyWish):
                wishes.grant(item.connection, data, now=now)
                _payload(item).delete()
            else:
                take(item.store, _dated(data, item.triggered_at), now=now, live_since=item.connection.live_since)
    except Unneeded as error:
        return State.IGNORED, str(error)
    except (payloads.NotJson, Unusable) as error:
        return State.FAILED, str(error)
    except Exception as error:
        log.exception("Could not take in item %s (%s)", item.pk, item.topic)
        retryable = isinstance(error, (DatabaseError, identity.RacedAway))
        return State.FAILED, "We could not take this in; that is our fault. " + ("Please try again." if retryable else type(error).__name__)
    return State.DONE, ""


def _dated(data: Incoming, triggered_at: datetime | None) -> Incoming:
    """Let the delivery's own time stand in where the payload has none."""
    if isinstance(data, (OrderData, ShipmentData, TrackingData, ProductData)) and data.updated_at is None and triggered_at is not None:
        return replace(data, updated_at=triggered_at)
    return data


def apply(store: Store, topic: str, payload: dict[str, Any], *, now: datetime, live_since: datetime) -> ingest.Outcome:
    """Take in a payload in the generic format at once, without the inbox; raise orders.incoming.Unusable."""
    adapter = platforms.of(Connection.Platform.GENERIC).adapter
    return take(store, adapter.read(topic, payload, shop_currency=store.currency), now=now, live_since=live_since)


#: What is done with what a platform told; an order also needs to know since when the shop is live.
_VERBS: dict[type, Callable[..., ingest.Outcome]] = {
    ShipmentData: ingest.upsert_shipment,
    TrackingData: ingest.upsert_tracking,
    RefundData: ingest.upsert_refund,
    ProductData: ingest.upsert_product,
    CartData: ingest.upsert_cart,
    identity.Person: ingest.upsert_customer,
    Gone: ingest.take_away,
}


def take(store: Store, data: Incoming, *, now: datetime, live_since: datetime) -> ingest.Outcome:
    """Hand what a platform told to the verb for it; raise orders.incoming.Unusable."""
    if isinstance(data, OrderData):
        return ingest.upsert_order(store, data, now=now, live_since=live_since)
    verb = _VERBS.get(type(data))
    if verb is None:
        raise Unusable("nothing to take in")
    return verb(store, data, now=now)


def body_of(item: InboxItem) -> str | None:
    """Return what a delivery said, or None if that is no longer kept."""
    return _payload(item).values_list("body", flat=True).first()


def _payload(item: InboxItem) -> QuerySet[Payload]:
    return Payload.objects.filter(item=item, received_at=item.received_at)


def retry(items: QuerySet[InboxItem]) -> int:
    """Put failed deliveries whose words are still here back in the queue; the next sweep takes them. Return how many."""
    said = Payload.objects.filter(item=OuterRef("pk"), received_at=OuterRef("received_at"))
    return items.filter(Exists(said), state=State.FAILED).update(state=State.RECEIVED, reason="", done_at=None)
