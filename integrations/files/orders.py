"""Rows of a file put together into orders: one row an item, the rows of one order beside each other; or one row an order."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, BinaryIO

from integrations.files import table, values
from integrations.files.reading import Reading
from integrations.files.targets import OF, ORDERS, PACKED
from integrations.generic import adapter
from orders.incoming import CustomerData, OrderData, Unusable, check_dates
from stores import money


@dataclass(slots=True)
class Unit:
    """One order or person of a file with the line it begins on: `data`, or the `problem` with it and the `cells` of its rows."""

    line: int
    data: OrderData | CustomerData | None = None
    problem: str = ""
    cells: list[list[str]] = field(default_factory=list)
    is_repeat: bool = False


@dataclass
class _Rows:
    """The rows of one order: cells by target, as they stand in the file, and what is wrong with one of them."""

    line: int
    said: list[dict[str, str]] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    problem: str = ""


#: What shops call a state of payment → our word. WooCommerce has one state for payment and shipping.
_FINANCIAL = {
    "completed": "paid", "complete": "paid", "processing": "paid", "shipped": "paid", "delivered": "paid", "fulfilled": "paid",
    "success": "paid", "on_hold": "pending", "pending_payment": "pending", "unpaid": "pending", "open": "pending",
    "partially_paid": "pending", "checkout_draft": "pending", "expired": "voided", "cancelled": "voided", "canceled": "voided",
    "failed": "voided", "trash": "voided", "partially refunded": "partially_refunded", "partly_refunded": "partially_refunded",
}  # fmt: skip
_OURS = frozenset({"pending", "authorized", "paid", "partially_refunded", "refunded", "voided"})
_SHIPPED = frozenset({"completed", "complete", "shipped", "delivered", "fulfilled"})
_FULFILLMENT = {"fulfilled": "fulfilled", "shipped": "fulfilled", "partial": "partial", "partially_fulfilled": "partial"}
_PARTS = ("discount_total", "shipping_total", "tax_total")
_DATES = tuple(each.key for each in OF[ORDERS].values() if each.holds == "date")
#: What dates a telling that does not say when the order last changed: a file later than it says more.
_OF_CHANGES = ("placed_at", "paid_at", "fulfilled_at", "shipped_at", "delivered_at", "cancelled_at")
_MOST_CELLS_KEPT = 20


def units(file: BinaryIO, reading: Reading, *, now: datetime, after: int = 0) -> Iterator[Unit]:
    """Yield each order that begins after a line, or why it cannot be taken."""
    rows = table.rows(file, reading.written)
    next(rows, None)
    places = reading.places
    seen: set[str] = set()
    held: _Rows | None = None
    for row in rows:
        said = {name: row.cells[place] for name, place in places.items() if place < len(row.cells) and row.cells[place]}
        if held is None or not _is_more_of(held, said):
            if held is not None and held.line > after:
                yield _unit(held, reading, seen, now)
            elif held is not None:
                seen.add(_name(held.said[0]))
            held = _Rows(row.line)
        held.said.append(said)
        if len(held.cells) < _MOST_CELLS_KEPT:
            held.cells.append(list(row.cells))
        if problem := row.problem or too_wide(row, reading):
            held.problem = held.problem or (problem if row.line == held.line else f"line {row.line}: {problem}")
    if held is not None and held.line > after:
        yield _unit(held, reading, seen, now)


def too_wide(row: table.Row, reading: Reading) -> str:
    """Say that a row has more cells than there are heads: then nobody knows which is which."""
    if not any(row.cells[len(reading.heads) :]):
        return ""
    return f"it has {len(row.cells)} cells, the head line {len(reading.heads)}: put a cell that holds the separator in quotation marks"


def _name(said: dict[str, str]) -> str:
    return said.get("external_id") or said.get("number", "")


def _is_more_of(held: _Rows, said: dict[str, str]) -> bool:
    """Say whether a row goes on with an order: it repeats its id or number, or says nothing but an item."""
    first = held.said[0]
    if name := said.get("external_id"):
        return name == first.get("external_id")
    if number := said.get("number"):
        return number == first.get("number")
    return "item_name" in said and "placed_at" not in said and "total" not in said


def _unit(held: _Rows, reading: Reading, seen: set[str], now: datetime) -> Unit:
    name = _name(held.said[0])
    try:
        if held.problem:
            raise Unusable(held.problem)
        if name in seen:
            raise Unusable(f"order {name} stands further up already; the rows of one order must stand together")
        seen.add(name)
        data = adapter.order(_payload(held.said, reading))
        check_dates(data, now=now)
    except Unusable as problem:
        return Unit(held.line, None, str(problem), held.cells)
    return Unit(held.line, data)


def _payload(rows: list[dict[str, str]], reading: Reading) -> dict[str, Any]:
    """Return the rows of one order in the generic format; what they do not say is left out."""
    said = rows[0]
    if not _name(said):
        raise Unusable("external_id: the order has no id and no number")
    dates = {name: _date(said[name], name, reading) for name in _DATES if name in said}
    order: dict[str, Any] = {name: dates[name].isoformat() for name in ("placed_at", "cancelled_at") if name in dates}
    known = [dates[name] for name in ("updated_at",) if name in dates] or [dates[name] for name in _OF_CHANGES if name in dates]
    if known:
        order["updated_at"] = max(known).isoformat()
    code = said.get("currency", reading.currency).upper()
    word = said.get("financial_status", "paid").lower().removeprefix("wc-").replace("-", "_").replace(" ", "_")
    total = _amount(said.get("total", ""), "total", reading)
    order |= {
        "external_id": _name(said),
        "number": said.get("number", ""),
        "currency": code,
        "total": total,
        **{name: _part(said[name], reading) for name in _PARTS if name in said},
        "financial_status": word if word in _OURS else _FINANCIAL.get(word, word),
        "fulfillment_status": _fulfillment(said, word),
        "source": said.get("source", "")[:60],
        "shipping_method": said.get("shipping_method", "")[:120],
        "discount_codes": _codes(said.get("discount_codes", "")),
        "customer": _person(said, dates),
        "shipping_address": _address(said),
        "lines": [_line(row, code, reading) for row in _items(rows)],
        "shipments": _parcels(said, dates),
        "refunds": _refunds(said, word, total, order, reading),
    }
    return order


def _date(text: str, name: str, reading: Reading) -> datetime:
    try:
        return values.moment(text, reading.dates, reading.zone)
    except values.NotSaid as problem:
        raise Unusable(f"{name}: {problem}") from problem


def _amount(text: str, name: str, reading: Reading) -> str:
    try:
        return values.amount(text, reading.decimal or ".")
    except values.NotSaid as problem:
        raise Unusable(f"{name}: {problem}" if text else f"{name}: it is empty") from problem


def _part(text: str, reading: Reading) -> str | None:
    """Return a part of the total, which some files write below zero; nothing for what is no amount: the order can do without it."""
    try:
        return values.amount(text, reading.decimal or ".").removeprefix("-")
    except values.NotSaid:
        return None


def _fulfillment(said: dict[str, str], status: str) -> str:
    told = _FULFILLMENT.get(said.get("fulfillment_status", "").lower(), "")
    return told or ("fulfilled" if status in _SHIPPED or "fulfilled_at" in said else "unfulfilled")


def _codes(text: str) -> list[str]:
    """Return discount codes; of `code:SPRING|amount:5` the code."""
    cut = (each.split("|")[0].strip() for each in text.replace(";", ",").split(","))
    return [each.removeprefix("code:")[:60] for each in cut if each]


def _person(said: dict[str, str], dates: dict[str, datetime]) -> dict[str, Any]:
    names = {"external_id": "customer_id", "email": "email", "name": "customer_name", "first_name": "first_name", "phone": "phone",
             "locale": "locale"}  # fmt: skip
    person: dict[str, Any] = {name: said[target] for name, target in names.items() if target in said}
    if "name" not in person and ("first_name" in said or "last_name" in said):
        person["name"] = f"{said.get('first_name', '')} {said.get('last_name', '')}".strip()
    if "marketing_consent" in said:
        person["marketing_consent"] = values.consent(said["marketing_consent"])
    if "consent_at" in dates:
        person["marketing_consent_at"] = dates["consent_at"].isoformat()
    return person


def _address(said: dict[str, str]) -> dict[str, str]:
    names = {"address1": "address1", "address2": "address2", "zip": "zip", "city": "city", "region": "province"}
    address = {name: said[target] for target, name in names.items() if target in said}
    if "country" in said:
        address["country"] = values.country(said["country"]) or said["country"]
    if address and (name := said.get("address_name") or said.get("customer_name")):
        address["name"] = name
    return address


def _items(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return what each item says: one a row, or several packed into one cell as `name:Mug|quantity:2|total:20.00`."""
    packed = [text for row in rows for name, text in row.items() if name.startswith(PACKED)]
    found = [dict(part.split(":", 1) for part in text.split("|") if ":" in part) for text in packed]
    names = {"name": "item_name", "quantity": "item_quantity", "total": "item_total", "sku": "item_sku", "product_id": "product_id"}
    unpacked = [{target: said[name].strip() for name, target in names.items() if said.get(name, "").strip()} for said in found]
    return [row for row in (*rows, *unpacked) if row.get("item_name")]


def _line(row: dict[str, str], code: str, reading: Reading) -> dict[str, Any]:
    quantity = row.get("item_quantity", "1")
    quantity = quantity.split(".")[0] if quantity.replace(".0", "").replace(".00", "").isdigit() else quantity
    price = _amount(row["item_price"], "item_price", reading) if "item_price" in row else "0"
    if "item_price" not in row and "item_total" in row and quantity.isdigit() and int(quantity):
        price = _each(_amount(row["item_total"], "item_total", reading), int(quantity), code)
    return {
        "name": row["item_name"],
        "quantity": quantity,
        "unit_price": price,
        "sku": row.get("item_sku", ""),
        "product_external_id": row.get("product_id", ""),
        "kind": "digital" if row.get("item_ships", "").lower() in ("false", "no", "0") else "",
    }


def _each(total: str, quantity: int, code: str) -> str:
    """Return the price of one of several, rounded to what the money has."""
    try:
        return money.to_wire(round(Decimal(money.to_minor(total, code)) / quantity), code)
    except (money.NotMoney, LookupError):
        return total


def _parcels(said: dict[str, str], dates: dict[str, datetime]) -> list[dict[str, Any]]:
    if not any(name in said for name in ("shipped_at", "delivered_at", "tracking_number")):
        return []
    told = {name: said[name] for name in ("carrier", "tracking_number") if name in said}
    told |= {name: dates[name].isoformat() for name in ("shipped_at", "expected_at", "delivered_at") if name in dates}
    return [{"external_id": f"{_name(said)}-1", **told}]


def _refunds(said: dict[str, str], word: str, total: str, order: dict[str, Any], reading: Reading) -> list[dict[str, Any]]:
    """Return what a file says was given back: a sum, or all of it where only the state says so."""
    back = _amount(said["refunded"], "refunded", reading).lstrip("-") if "refunded" in said else "0"
    if word == "refunded" and not Decimal(back):
        back = total
    if not Decimal(back):
        return []
    at = order.get("cancelled_at") or order.get("updated_at")
    return [{"external_id": f"file:{_name(said)}", "amount": back, "at": at}]
