"""Orders as rows in the hand: loaded under lock, changed by `ingest_merge` and `ingest_parcels`, written back in a few statements.

Plain records rather than model objects: an import builds a dozen of them per order, thousands of times a second.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connection

from orders.models import Order, OrderLine, Parked, Refund, Shipment
from stores import rows


@dataclass
class OrderRow:
    id: int
    store_id: int
    customer_id: int
    external_id: str
    number: str
    email: str
    placed_at: datetime
    currency: str
    total_minor: int
    discount_minor: int | None
    shipping_minor: int | None
    tax_minor: int | None
    refunded_minor: int
    shop_currency: str
    shop_total_minor: int
    shop_refunded_minor: int
    financial_status: str
    fulfillment_status: str
    paid_at: datetime | None
    fulfilled_at: datetime | None
    cancelled_at: datetime | None
    received_at: datetime | None
    received_by: str
    not_there_at: datetime | None
    shipping_method: str
    invoice_url: str
    reorder_url: str
    is_test: bool
    is_history: bool
    shipping_address: dict[str, Any]
    language: str
    source: str
    discount_codes: list[str]
    token: str
    source_updated_at: datetime | None
    versions: list[list[str]]
    created_at: datetime


@dataclass
class LineRow:
    id: int
    store_id: int
    order_id: int
    customer_id: int
    placed_at: datetime
    product_id: int | None
    external_id: str
    sku: str
    name: str
    kind: str
    quantity: int
    refunded_quantity: int
    unit_price_minor: int
    position: int


@dataclass
class RefundRow:
    id: int
    store_id: int
    order_id: int
    external_id: str
    amount_minor: int
    shop_amount_minor: int
    at: datetime
    lines: list[dict[str, Any]]


@dataclass
class ShipmentRow:
    id: int
    store_id: int
    order_id: int
    external_id: str
    carrier: str = ""
    tracking_number: str = ""
    tracking_url: str = ""
    status: str = "pending"
    shipped_at: datetime | None = None
    expected_at: datetime | None = None
    first_expected_at: datetime | None = None
    delivered_at: datetime | None = None
    marked_by: str = ""
    is_scanned: bool = False
    is_cancelled: bool = False
    lines: list[str] = field(default_factory=list)
    source_updated_at: datetime | None = None
    said: dict[str, Any] = field(default_factory=dict)
    scans: list[list[str]] = field(default_factory=list)


#: Columns that a bare cursor hands over as text.
_JSON = frozenset({"shipping_address", "versions", "said", "lines", "scans"})

Part = LineRow | RefundRow | ShipmentRow
Row = TypeVar("Row", OrderRow, LineRow, RefundRow, ShipmentRow)


@dataclass
class News:
    """An event about to be told of an order; `name` tells it from others of its kind."""

    kind: str
    at: datetime
    facts: dict[str, Any] = field(default_factory=dict)
    name: str = ""


@dataclass
class Held:
    """One order with everything under it, and what has been done to it since it was loaded."""

    row: OrderRow
    lines: dict[str, LineRow] = field(default_factory=dict)
    refunds: dict[str, RefundRow] = field(default_factory=dict)
    shipments: dict[str, ShipmentRow] = field(default_factory=dict)
    news: list[News] = field(default_factory=list)
    gone_lines: list[int] = field(default_factory=list)
    gone_shipments: list[int] = field(default_factory=list)
    former_customers: set[int] = field(default_factory=set)
    is_row_changed: bool = False
    is_erased: bool = False  # so is its customer: nothing that says who it was is kept
    touched: dict[int, Part] = field(default_factory=dict)

    def touch(self, part: Part) -> None:
        """Remember that a line, refund or shipment is to be written."""
        self.touched[id(part)] = part


def load(store_id: int, external_ids: Iterable[str]) -> dict[str, Held]:
    """Return the orders that are there, by external id, their rows locked in that order."""
    names = sorted(set(external_ids))
    found = _read(OrderRow, Order, "store_id = %s AND external_id = ANY(%s) ORDER BY external_id FOR NO KEY UPDATE", [store_id, names])
    by_pk = {row.id: Held(row) for row in found}
    if by_pk:
        parts = "order_id = ANY(%s) ORDER BY id"
        for line in _read(LineRow, OrderLine, parts, [list(by_pk)]):
            by_pk[line.order_id].lines[line.external_id] = line
        for refund in _read(RefundRow, Refund, parts, [list(by_pk)]):
            by_pk[refund.order_id].refunds[refund.external_id] = refund
        for shipment in _read(ShipmentRow, Shipment, parts, [list(by_pk)]):
            by_pk[shipment.order_id].shipments[shipment.external_id] = shipment
    return {held.row.external_id: held for held in by_pk.values()}


def take_parked(store_id: int, external_ids: Iterable[str]) -> list[Parked]:
    """Take out what came before these orders, in the order it came."""
    return _take_out("kind <> 'tracking' AND order_external_id", store_id, external_ids)


def take_parked_tracking(store_id: int, numbers: Iterable[str]) -> list[Parked]:
    """Take out what carriers told of these numbers (bare) before their parcels came, in the order it came."""
    return _take_out("kind = 'tracking' AND tracking_number", store_id, numbers)


def _take_out(which: str, store_id: int, names: Iterable[str]) -> list[Parked]:
    columns = ("id", "store_id", "order_external_id", "tracking_number", "kind", "data", "digest", "arrived_at")
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM orders_parked WHERE store_id = %s AND {which} = ANY(%s) RETURNING {', '.join(columns)}",
            [store_id, sorted(set(names))],
        )
        found = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return sorted((Parked(**{**row, "data": json.loads(row["data"])}) for row in found), key=lambda parked: parked.pk)


def save(orders: Sequence[Held]) -> bool:
    """Write everything that was changed. Return False if another transaction has made one of the new orders meanwhile."""
    for held in filter(attrgetter("is_erased"), orders):
        _leave_out_the_person(held)
    fresh = sorted((held for held in orders if not held.row.id), key=lambda held: held.row.external_id)
    made = rows.insert(
        Order, [_new(held.row) for held in fresh], conflict="(store_id, external_id) DO NOTHING", returning="external_id, id"
    )
    if len(made) != len(fresh):
        return False
    numbers = dict(made)
    for held in fresh:
        held.row.id = numbers[held.row.external_id]
        held.is_row_changed = False
        for part in held.touched.values():
            part.order_id = held.row.id
    rows.update(Order, [dict(held.row.__dict__) for held in sorted(orders, key=lambda held: held.row.id) if held.is_row_changed])
    gone = [pk for held in orders for pk in held.gone_lines]
    if gone:
        OrderLine.objects.filter(pk__in=gone).delete()
    taken_back = [pk for held in orders for pk in held.gone_shipments]
    if taken_back:
        Shipment.objects.filter(pk__in=taken_back).delete()
    parts = [part for held in orders for part in held.touched.values()]
    for model, kind in ((OrderLine, LineRow), (Refund, RefundRow), (Shipment, ShipmentRow)):
        mine = [part for part in parts if type(part) is kind]
        rows.insert(model, [_new(part) for part in mine if not part.id])
        rows.update(model, [dict(part.__dict__) for part in mine if part.id])
    return True


def _leave_out_the_person(held: Held) -> None:
    held.row.email, held.row.shipping_address, held.row.invoice_url, held.row.reorder_url = "", {}, "", ""
    for shipment in held.shipments.values():
        shipment.tracking_number = shipment.tracking_url = ""
        shipment.scans = []  # they name places
        shipment.said.pop("pickup", None)


def _new(row: OrderRow | Part) -> rows.Row:
    values = dict(row.__dict__)
    del values["id"]
    return values


def _read(kind: type[Row], model: Any, condition: str, values: list[Any]) -> list[Row]:
    names = ", ".join(f'"{each.name}"' for each in fields(kind))
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {names} FROM "{model._meta.db_table}" WHERE {condition}', values)
        found = cursor.fetchall()
    texts = [number for number, each in enumerate(fields(kind)) if each.name in _JSON]
    return [kind(*(json.loads(value) if number in texts else value for number, value in enumerate(row))) for row in found]
