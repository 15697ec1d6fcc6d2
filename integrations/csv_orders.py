"""Orders as CSV, one row an item: columns found by name, rows of one order put together into the generic format.

Shops and spreadsheets name columns in many ways; ALIASES are the ones that are understood. Rows of one order stand together.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from integrations.generic import adapter
from orders.incoming import OrderData, Unusable, check_dates
from stores.models import Store

#: Our name of a column → what else it may be called. The first three are needed.
ALIASES: dict[str, tuple[str, ...]] = {
    "external_id": ("order_id", "order", "id"),
    "placed_at": ("created_at", "order_date", "date"),
    "total": ("total_price", "order_total", "amount"),
    "number": ("order_number", "name"),
    "updated_at": (),
    "currency": (),
    "financial_status": ("payment_status",),
    "fulfillment_status": (),
    "cancelled_at": (),
    "email": ("customer_email",),
    "customer_id": ("customer_external_id",),
    "customer_name": ("full_name", "buyer", "shipping_name", "billing_name"),
    "phone": (),
    "locale": ("language",),
    "marketing_consent": ("accepts_marketing",),
    "address1": ("address", "street", "shipping_address1"),
    "zip": ("postal_code", "postcode", "shipping_zip"),
    "city": ("shipping_city",),
    "country": ("country_code", "shipping_country"),
    "item_name": ("item", "line_name", "lineitem_name", "product_name"),
    "item_quantity": ("quantity", "line_quantity", "lineitem_quantity"),
    "item_price": ("unit_price", "price", "line_price", "lineitem_price"),
    "item_sku": ("sku", "line_sku", "lineitem_sku"),
    "product_id": ("product_external_id",),
    "carrier": (),
    "tracking_number": (),
    "shipped_at": ("fulfilled_at",),
    "expected_at": (),
    "delivered_at": (),
}
NEEDED = ("external_id", "placed_at", "total")
SAMPLE = (
    "external_id,number,placed_at,currency,total,email,customer_name,country,item_name,item_quantity,item_price,product_id,delivered_at\n"
    "1001,#1001,2026-01-15T09:30:00+01:00,EUR,94.00,ana@example.com,Ana Ribeiro,PT,Pour-over kettle,1,79.00,kettle,2026-01-19\n"
    "1001,#1001,2026-01-15T09:30:00+01:00,EUR,94.00,ana@example.com,Ana Ribeiro,PT,Paper filters,2,7.50,filters,2026-01-19\n"
    "1002,#1002,2026-01-16,EUR,64.00,tomas@example.com,Tomás Vega,ES,Walnut board,1,64.00,board,\n"
)
_DATES = ("placed_at", "updated_at", "cancelled_at", "shipped_at", "expected_at", "delivered_at")
_CONSENT = {"yes": "subscribed", "true": "subscribed", "1": "subscribed", "no": "never", "false": "never", "0": "never"}
_OFFSET = re.compile(r" ([+-]\d\d:?\d\d)$")
_COMMA = re.compile(r"-?\d+,\d{1,3}")


@dataclass(frozen=True)
class Columns:
    """What a head line offers: our names with their places, the needed ones that are missing, and heads nobody uses."""

    places: dict[str, int]
    missing: tuple[str, ...]
    unused: tuple[str, ...]


class NotCsv(ValueError):
    """A file that is no CSV of orders; its text says why."""


Unit = tuple[int, OrderData | Unusable]


def columns_of(head: list[str]) -> Columns:
    """Find our columns in a head line, whatever their case, order and punctuation."""
    ours = {alias: name for name, aliases in ALIASES.items() for alias in (*aliases, name)}
    places: dict[str, int] = {}
    unused = []
    for place, title in enumerate(head):
        name = ours.get(re.sub(r"[^a-z0-9]+", "_", title.strip().lower()).strip("_"), "")
        if name and name not in places:
            places[name] = place
        elif title.strip():
            unused.append(title.strip()[:80])
    return Columns(places, tuple(name for name in NEEDED if name not in places), tuple(unused))


def head_of(file: BinaryIO) -> Columns:
    """Read a file's head line; raise NotCsv for an empty one."""
    head = next(_rows(file), None)
    if head is None:
        raise NotCsv("The file is empty.")
    return columns_of(head[1])


def orders(file: BinaryIO, store: Store, *, now: datetime) -> Iterator[Unit]:
    """Yield each order with the line it begins on, or why it cannot be taken; raise NotCsv for a file that breaks off."""
    rows = _rows(file)
    columns = columns_of(next(rows, (0, []))[1])
    seen: set[str] = set()
    held: list[dict[str, str]] = []
    start = 0
    for line, cells in rows:
        row = {name: cells[place].strip() for name, place in columns.places.items() if place < len(cells)}
        if held and row.get("external_id") == held[0].get("external_id"):
            held.append(row)
            continue
        if held:
            yield start, _order(held, store, seen, now)
        start, held = line, [row]
    if held:
        yield start, _order(held, store, seen, now)


def _rows(file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    """Yield rows that say anything, with the line each begins on."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
    head = text.readline(1_000_000)
    sign = max(",;\t", key=head.count)
    before = 0
    reader = csv.reader(_with(head, text), delimiter=sign)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield before + 1, cells
            before = reader.line_num
    except csv.Error as error:
        raise NotCsv(f"Line {before + 1} cannot be read: {error}.") from error
    finally:
        text.detach()


def _with(head: str, rest: io.TextIOWrapper) -> Iterator[str]:
    yield head
    yield from rest


def _order(rows: list[dict[str, str]], store: Store, seen: set[str], now: datetime) -> OrderData | Unusable:
    name = rows[0].get("external_id", "")
    try:
        if name in seen:
            raise Unusable(f"external_id: order {name} stands further up already; the rows of one order must stand together")
        seen.add(name)
        data = adapter.order(_payload(rows, store))
        check_dates(data, now=now)
    except Unusable as problem:
        return problem
    return data


def _payload(rows: list[dict[str, str]], store: Store) -> dict[str, Any]:
    """Return the rows of one order in the generic format; empty cells are left out."""
    first = {name: value for name, value in rows[0].items() if value}
    zone = ZoneInfo(store.timezone)
    first |= {name: _date(first[name], name, zone) for name in _DATES if name in first}
    order = {name: first[name] for name in (*_DATES[:3], "external_id", "number", "fulfillment_status") if name in first}
    order["currency"] = first.get("currency", store.currency).upper()
    order["total"] = _amount(first.get("total", ""))
    order["financial_status"] = first.get("financial_status", "paid").lower()
    person = {"external_id": "customer_id", "email": "email", "name": "customer_name", "phone": "phone", "locale": "locale"}
    customer = {name: first[column] for name, column in person.items() if column in first}
    if "marketing_consent" in first:
        said = first["marketing_consent"].lower()
        customer["marketing_consent"] = _CONSENT.get(said, said)
    address = {name: first[name] for name in ("address1", "zip", "city", "country") if name in first}
    if "customer_name" in first and address:
        address["name"] = first["customer_name"]
    return {**order, "customer": customer, "shipping_address": address, "lines": _lines(rows), "shipments": _parcels(first)}


def _lines(rows: list[dict[str, str]]) -> list[dict[str, Any]]:
    return [
        {
            "name": row["item_name"], "quantity": row.get("item_quantity") or 1, "unit_price": _amount(row.get("item_price") or "0"),
            "sku": row.get("item_sku", ""), "product_external_id": row.get("product_id", ""),
        }
        for row in rows if row.get("item_name")
    ]  # fmt: skip


def _parcels(first: dict[str, str]) -> list[dict[str, Any]]:
    if not any(first.get(name) for name in ("shipped_at", "delivered_at", "tracking_number")):
        return []
    names = ("carrier", "tracking_number", "shipped_at", "expected_at", "delivered_at")
    return [{"external_id": f"{first.get('external_id', '')}-1", **{name: first[name] for name in names if name in first}}]


def _amount(text: str) -> str:
    """Return an amount with a point: 7,50 is 7.50. What is no amount is refused by the format."""
    return text.replace(",", ".") if _COMMA.fullmatch(text) else text


def _date(text: str, name: str, zone: ZoneInfo) -> str:
    """Return a date as RFC 3339; one without an offset is by the store's clock."""
    try:
        moment = datetime.fromisoformat(_OFFSET.sub(r"\1", text.replace(" UTC", "+00:00")))
    except ValueError as error:
        raise Unusable(f"{name}: {text[:40]!r} is not a date such as 2026-01-15 or 2026-01-15T09:30:00+01:00") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()
