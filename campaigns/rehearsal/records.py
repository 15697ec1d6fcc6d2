"""Reads what is on record of some people's orders: a few statements, however many they are."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from json import loads
from typing import Any

from django.db import connection

from campaigns import planning
from campaigns.rehearsal.story import Told, estimates_of
from customers.models import Event
from messaging.reasons import Reason
from orders import delivery, estimates, facts
from orders.progress import OrderFacts, Parcel
from stores.models import Store

#: `kinds`, products and refunds come with their order: as rows of their own there would be several times as many.
_ORDERS = """
SELECT o.id, o.customer_id, o.placed_at, o.fulfillment_status, o.paid_at, o.fulfilled_at, o.received_at, o.not_there_at, o.is_test,
    o.cancelled_at, o.financial_status, o.total_minor, o.refunded_minor, o.shop_total_minor,
    CASE WHEN o.financial_status = 'refunded' THEN o.source_updated_at END,
    o.shipping_address ->> 'country', o.shipping_address ->> 'country_code', o.shipping_method, line.*,
    CASE WHEN o.refunded_minor <> 0 OR o.financial_status = 'refunded'
        THEN ARRAY(SELECT b.at FROM orders_refund b WHERE b.order_id = o.id ORDER BY b.at) END
FROM orders_order o, LATERAL (
    SELECT string_agg(DISTINCT l.kind, ' '), bool_and(l.refunded_quantity >= l.quantity),
        array_agg(l.product_id) FILTER (WHERE l.product_id IS NOT NULL),
        array_agg(l.product_id) FILTER (WHERE l.product_id IS NOT NULL AND l.refunded_quantity < l.quantity)
    FROM orders_orderline l WHERE l.order_id = o.id) AS line
WHERE o.customer_id = ANY(%s)
"""

#: An estimate that never changed is `expected_at` itself.
_PARCELS = """
SELECT p.order_id, p.status, p.shipped_at, p.expected_at, p.delivered_at, p.is_scanned, p.is_cancelled,
    CASE WHEN p.status NOT IN ('delivered', 'in_transit') THEN p.source_updated_at END, p.first_expected_at, p.carrier,
    CASE WHEN p.expected_at IS NULL OR coalesce(jsonb_array_length(p.said -> 'estimates'), 0)
        + coalesce(jsonb_array_length(p.said -> 'carrier estimates'), 0) > 1 THEN p.said END,
    (p.said -> 'stalled' ->> 1)::timestamptz,
    CASE WHEN p.said ? 'stalled' THEN (
        SELECT min((scan ->> 0)::timestamptz) FROM jsonb_array_elements(p.scans) AS scan
        WHERE (scan ->> 0)::timestamptz > (p.said -> 'stalled' ->> 1)::timestamptz) END
FROM orders_shipment p JOIN orders_order o ON o.id = p.order_id
WHERE o.customer_id = ANY(%s) ORDER BY p.id
"""
_NEWS = {
    Event.Kind.SHIPMENT_OUT_FOR_DELIVERY: "out_for_delivery", Event.Kind.SHIPMENT_READY: "ready", Event.Kind.SHIPMENT_FAILED: "failure",
}  # fmt: skip
_PHYSICAL = frozenset({"physical"})


@dataclass(slots=True)
class Bought:
    """One order as it stands, with what hangs from it. `country` is where it goes, `kept` are products that were not given back."""

    pk: int
    customer: int
    facts: OrderFacts
    is_test: bool
    cancelled_at: datetime | None
    is_refunded: bool
    end: Reason | None
    refunds: Sequence[datetime]
    country: str
    worth: int
    parcels: Sequence[Told]
    products: Sequence[int]
    kept: Sequence[int]
    usual_days: float

    @property
    def counts(self) -> bool:
        return self.cancelled_at is None and not self.is_test

    @property
    def ended_at(self) -> datetime | None:
        """Return since when it is over, where that is known."""
        if self.end == Reason.CANCELLED:
            return self.cancelled_at
        return self.refunds[-1] if self.refunds and self.end else None


def ask(sql: str, ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """Return the rows that a statement finds of these numbers."""
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(ids)])
        return list(cursor.fetchall())


def orders(store: Store, ids: Sequence[int], *, has_news: bool) -> dict[int, Bought]:
    """Return all orders of these people by their numbers. `has_news`: with what carriers told on the way, if events kept it."""
    parcels, carriers = _parcels(ids, has_news=has_news)
    found = {}
    for (
        pk, customer, placed_at, fulfilled, paid_at, fulfilled_at, received_at, not_there_at, is_test, cancelled_at, status, total,
        refunded, worth, told_at, country, code, method, kinds, is_back, products, kept, refunds,
    ) in ask(_ORDERS, ids):  # fmt: skip
        mine = parcels.get(pk, ())
        found[pk] = Bought(
            pk, customer,
            OrderFacts(
                placed_at, fulfilled, paid_at, fulfilled_at, received_at, not_there_at,
                _PHYSICAL if kinds == "physical" or not kinds else frozenset(kinds.split(" ")),
            ),
            is_test, cancelled_at, status == "refunded", planning.ended(cancelled_at, status, total, refunded, is_back),
            refunds or ([told_at] if told_at else ()), country or "", worth, mine, products or (), kept or (),
            _usual(store, mine, carriers.get(pk, ""), code or country or "", method) if store.delivery_times else store.usual_delivery_days,
        )  # fmt: skip
    return found


def _usual(store: Store, parcels: Sequence[Told], carrier: str, country: str, method: str) -> float:
    """Return how many days an order's parcels usually take (as `orders.facts.usual_of`)."""
    left = min((told.parcel.shipped_at for told in parcels if told.parcel.shipped_at and not told.parcel.is_cancelled), default=None)
    where = country.upper() if len(country) == 2 else ""
    return delivery.usual(
        store.delivery_times, said_days=store.usual_delivery_days, method=method, carrier=carrier, country=where, left=left,
        zone=store.timezone,
    ).most  # fmt: skip


def _parcels(ids: Sequence[int], *, has_news: bool) -> tuple[Mapping[int, list[Told]], Mapping[int, str]]:
    """Return parcels by their order, and the carrier of the first that left."""
    news = _news(ids) if has_news else {}
    found: dict[int, list[Told]] = defaultdict(list)
    carriers: dict[int, tuple[datetime, str]] = {}
    for (
        order, status, shipped, expected, delivered, is_scanned, is_cancelled, status_at, promised, carrier, said, silent_at, heard_at,
    ) in ask(_PARCELS, ids):  # fmt: skip
        told_days = estimates.counted(loads(said)) if said else ()
        moved_at = facts.moved_at(told_days) if told_days else None
        parcel = Parcel(status, shipped, expected, delivered, is_scanned, is_cancelled, status_at, promised, moved_at)
        silent = ((silent_at, heard_at),) if silent_at else ()
        found[order].append(Told(parcel, estimates_of(told_days), news.get(order, ()), silent))
        if shipped and not is_cancelled and (order not in carriers or shipped < carriers[order][0]):
            carriers[order] = shipped, carrier
    return found, {order: carrier for order, (_, carrier) in carriers.items()}


def _news(ids: Sequence[int]) -> dict[int, list[tuple[datetime, str]]]:
    news: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    told = Event.objects.filter(customer__in=ids, kind__in=_NEWS).order_by("occurred_at")
    for kind, at, order in told.values_list("kind", "occurred_at", "data__order"):
        news[order].append((at, _NEWS[Event.Kind(kind)]))
    return news
