"""The demo shop while it runs: somebody orders now and then, and parcels arrive within minutes instead of days."""

import random
from datetime import datetime, timedelta

from campaigns.models import Flow
from integrations import connections, inbox
from lifecycle.demo import story
from lifecycle.demo.people import PEOPLE
from orders.models import Order
from stores.models import Store

PREFIX = "live-"
#: What a parcel's news is at which age of its order.
STAGES = (
    (timedelta(minutes=8), "delivered"),
    (timedelta(minutes=5), "out_for_delivery"),
    (timedelta(minutes=2), "in_transit"),
)
#: Chance of a new order at each step.
CHANCE = 0.1


def step(store: Store, dice: random.Random, *, now: datetime) -> None:
    """Move every young parcel along, and let somebody order now and then; a paused shop sells on."""
    since = connections.live_since(store)
    young = Order.objects.filter(store=store, external_id__startswith=PREFIX, placed_at__gte=now - timedelta(hours=1))
    for order in young.prefetch_related("shipments"):
        _move(store, order, now=now, since=since)
    if dice.random() < CHANCE and Flow.objects.filter(store=store).exists():
        number = 2000 + Order.objects.filter(store=store, external_id__startswith=PREFIX).count()
        payload = {**story.new_order(number, now, dice, PEOPLE[number % len(PEOPLE)]), "external_id": f"{PREFIX}{number}"}
        inbox.apply(store, "orders/create", payload, now=now, live_since=since)


def _move(store: Store, order: Order, *, now: datetime, since: datetime) -> None:
    status = next((status for age, status in STAGES if now - order.placed_at >= age), None)
    parcel = next(iter(order.shipments.all()), None)
    if status is None or (parcel is not None and parcel.status == status):
        return
    shipped = order.placed_at + STAGES[-1][0]
    news = {
        "external_id": f"p-{order.external_id}", "order_external_id": order.external_id, "carrier": "DHL", "status": status,
        "tracking_number": f"0034{order.pk:012d}", "shipped_at": shipped.isoformat(),
        "expected_at": (shipped + timedelta(days=1)).isoformat(),
        "updated_at": now.isoformat(), **({"delivered_at": now.isoformat()} if status == "delivered" else {}),
    }  # fmt: skip
    inbox.apply(store, "shipments/update", news, now=now, live_since=since)
