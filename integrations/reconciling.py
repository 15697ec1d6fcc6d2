"""Asks a shop itself for the orders that changed, because deliveries can be lost: a platform gives up on one, or on all of them (W5).

An order that is not here as the shop has it goes through the inbox like a delivery, and is counted as missed. What changed in the last
minutes is left to the deliveries that are on their way; every turn looks again at a piece of time before the last one.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q

from integrations import connections, inbox, platforms
from integrations.asking import CannotAsk, Client
from integrations.models import Asking, Connection
from integrations.shopify import admin_api
from integrations.woocommerce import rest_api
from orders.models import Order
from stores import tokens
from stores.models import Store

EVERY = timedelta(minutes=15)
#: What changed since may still be on its way by itself.
GRACE = timedelta(minutes=5)
OVERLAP = timedelta(minutes=30)
#: Asked for at once, so that a long time away is caught up piece by piece.
PIECE = timedelta(days=1)
#: Without a scope of its own a token opens the orders of sixty days.
FARTHEST = timedelta(days=60)
_AT_ONCE = 250
_CLIENTS: dict[str, Client] = {Connection.Platform.SHOPIFY: admin_api, Connection.Platform.WOOCOMMERCE: rest_api}
#: Whose shops can be asked.
PLATFORMS = frozenset(_CLIENTS)


def put(connection: Connection, *, shop: str, token: str, now: datetime) -> None:
    """Have a shop asked from now on; an empty token keeps the one held. Raise CannotAsk for a name or a token that is none."""
    client = _CLIENTS[connection.platform]
    shop = client.named(shop.strip())
    if token or not Asking.objects.filter(connection=connection).exists():
        token = client.keyed(token)
    sealed = {"sealed_token": tokens.seal(token)} if token else {}
    begins = max(connection.live_since, now - FARTHEST)
    Asking.objects.update_or_create(
        connection=connection,
        defaults={"shop": shop, "asked_at": None, "problem": "", **sealed},
        create_defaults={"shop": shop, "store_id": connection.store_id, "asked_to": begins, **sealed},
    )


def stop(connection: Connection) -> None:
    """Ask the shop no longer, and forget its token."""
    Asking.objects.filter(connection=connection).delete()


def sweep(*, now: datetime) -> int:
    """Ask the shops whose turn it is, each for at most some pieces of time; return how many changes had been missed."""
    due = Q(asked_at=None) | Q(asked_at__lte=now - EVERY)
    missed = 0
    for held in Asking.objects.filter(due, connection__uninstalled_at=None).select_related("connection__store").order_by("pk"):
        if Asking.objects.filter(due, pk=held.pk).update(asked_at=now):  # ours: another process finds it asked
            missed += _ask(held, now=now)
    return missed


def _ask(held: Asking, *, now: datetime) -> int:
    missed, until = 0, now - GRACE
    client = _CLIENTS[held.connection.platform]
    token = tokens.unseal(held.sealed_token)
    since = max(held.asked_to, now - FARTHEST)
    try:
        while since < until:
            end = min(since + PIECE, until)
            changed = client.changed_orders(held.shop, token, since=since - OVERLAP, until=end)
            found = _keep(held.connection, client, changed)
            Asking.objects.filter(pk=held.pk).update(asked_to=end, missed=F("missed") + found, problem="")
            since, missed = end, missed + found
    except CannotAsk as error:
        Asking.objects.filter(pk=held.pk).update(problem=str(error)[:300])
    return missed


def _keep(connection: Connection, client: Client, changed: Iterable[dict[str, Any]]) -> int:
    """Put the orders that are not here as they are there into the inbox; return how many."""
    door = connections.own_door(connection)
    orders, kept = list(changed), 0
    for start in range(0, len(orders), _AT_ONCE):
        batch = orders[start : start + _AT_ONCE]
        known = _known(connection.store, batch)
        for order in batch:
            name, at = str(order.get("id", "")), client.changed_at(order)
            if name and not _is_here(known.get(name), at):
                label = platforms.Label(client.TOPIC, f"asked:{name}:{at}"[:200], None)
                kept += inbox.receive(door, label=label, body=json.dumps(order, default=str).encode())
    return kept


def _known(store: Store, batch: Iterable[Mapping[str, Any]]) -> dict[str, datetime | None]:
    names = [str(order.get("id", "")) for order in batch]
    return dict(Order.objects.filter(store=store, external_id__in=names).values_list("external_id", "source_updated_at"))


def _is_here(held: datetime | None, said: str) -> bool:
    try:
        return held is not None and held >= datetime.fromisoformat(said)
    except (ValueError, TypeError):
        return False
