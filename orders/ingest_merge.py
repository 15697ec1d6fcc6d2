"""How an order as a platform tells it changes the order that is held, in whatever order the tellings come. Pure rules over plain rows.

State (status, lines, address, total) goes by the platform's own time: an older telling never undoes a newer one. Facts add up: an
order that any telling calls paid has been paid, at the earliest such time. Refunds add up too, and settle what "paid" means.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from customers import events
from orders import ingest_parcels, progress
from orders.held import Held, LineRow, News, OrderRow, RefundRow, ShipmentRow
from orders.incoming import LineData, OrderData, RefundData, ShipmentData, amount
from stores import tokens

Kind = events.Kind

_PAID = frozenset({"paid", "partially_refunded", "refunded"})
_STATE = (
    "number", "email", "placed_at", "currency", "total_minor", "discount_minor", "shipping_minor", "tax_minor", "shop_currency",
    "shop_total_minor", "financial_status", "fulfillment_status", "cancelled_at", "is_test", "shipping_address", "language", "source",
    "discount_codes", "shipping_method", "invoice_url", "reorder_url",
)  # fmt: skip
#: May be empty in a later telling without meaning that they are gone.
_STAYS = frozenset({
    "number", "email", "shipping_address", "language", "source", "discount_codes", "shipping_method", "invoice_url", "reorder_url",
    "discount_minor", "shipping_minor", "tax_minor",
})  # fmt: skip
#: The external ids of parcels that staff marked as sent begin with it.
BY_HAND = "by-hand:"
#: The external ids of refunds that a file told as one sum begin with it.
FROM_FILE = "file:"
#: Bookkeeping: a change of these alone is no change of the order.
_SILENT = frozenset({"source_updated_at", "versions", "said"})


@dataclass(frozen=True)
class Around:
    """What a merge must know besides the order: the moment, the customer meant, and our products by external id (pk, kind)."""

    now: datetime
    customer_id: int
    products: dict[str, tuple[int, str]]
    is_history: bool = False


def begin(store_id: int, data: OrderData, around: Around) -> Held:
    """Return a new order with nothing in it yet."""
    row = OrderRow(
        id=0,
        store_id=store_id,
        customer_id=around.customer_id,
        external_id=data.external_id,
        number="",
        email="",
        placed_at=data.placed_at,
        currency=data.currency,
        total_minor=0,
        discount_minor=None,
        shipping_minor=None,
        tax_minor=None,
        refunded_minor=0,
        shop_currency=data.shop_currency,
        shop_total_minor=0,
        shop_refunded_minor=0,
        financial_status="pending",
        fulfillment_status="unfulfilled",
        paid_at=None,
        fulfilled_at=None,
        cancelled_at=None,
        received_at=None,
        received_by="",
        not_there_at=None,
        shipping_method="",
        invoice_url="",
        reorder_url="",
        is_test=data.is_test,
        is_history=around.is_history,
        shipping_address={},
        language="",
        source="",
        discount_codes=[],
        token=tokens.public_token(),
        source_updated_at=None,
        versions=[],
        created_at=around.now,
    )
    return Held(row)


def take_order(held: Held, data: OrderData, around: Around) -> bool:
    """Merge one telling of an order; return whether anything but bookkeeping changed."""
    row = held.row
    before = dict(row.__dict__)
    is_current, changed = _is_current(row, data), False
    if is_current:
        changed = _take_lines(held, data, around)
        _take_state(held, data, around)
    _note_version(held, data, around)
    _take_facts(held, data)
    for refund in data.refunds:
        changed |= take_refund(held, refund, moment=data.updated_at or data.placed_at)
    for shipment in data.shipments:
        moment = data.updated_at or (data.placed_at if around.is_history else around.now)
        changed |= take_shipment(held, shipment, now=around.now, moment=moment)
    settle(held)
    _tell(held, before)
    is_changed = (_note(held, before) and is_current) or changed
    if not held.is_row_changed and not held.touched:
        held.news.clear()
    return is_changed


def _is_current(row: OrderRow, data: OrderData) -> bool:
    return row.source_updated_at is None or data.updated_at is None or data.updated_at >= row.source_updated_at


def _take_state(held: Held, data: OrderData, around: Around) -> None:
    row = held.row
    for name in _STATE:
        value = getattr(data, name)
        if name not in _STAYS or value or value == 0:
            setattr(row, name, value)
    if row.customer_id != around.customer_id:
        held.former_customers.add(row.customer_id)
        row.customer_id = around.customer_id
    row.source_updated_at = data.updated_at or row.source_updated_at
    for line in held.lines.values():  # also those that this telling leaves out
        if (line.customer_id, line.placed_at) != (row.customer_id, row.placed_at):
            line.customer_id, line.placed_at = row.customer_id, row.placed_at
            held.touch(line)


def _take_lines(held: Held, data: OrderData, around: Around) -> bool:
    """Make the lines what this telling says."""
    changed = False
    for position, line in enumerate(data.lines, start=1):
        product_id, kind = around.products.get(line.product_external_id, (None, ""))
        fresh = _line(held, line, (product_id, line.kind or kind or "physical"), position, around, data)
        old = held.lines.get(line.external_id)
        if old is not None:
            fresh.id, fresh.order_id, fresh.refunded_quantity = old.id, old.order_id, old.refunded_quantity
            fresh.product_id = fresh.product_id or old.product_id
        if fresh != old:
            changed = True
            if old is not None:
                held.touched.pop(id(old), None)
            held.lines[line.external_id] = fresh
            held.touch(fresh)
    if data.lines and len(held.lines) > len(data.lines):
        _drop_lines(held, {line.external_id for line in data.lines})
    return changed


def _line(held: Held, line: LineData, product: tuple[int | None, str], position: int, around: Around, data: OrderData) -> LineRow:
    return LineRow(
        id=0,
        store_id=held.row.store_id,
        order_id=held.row.id,
        customer_id=around.customer_id,
        placed_at=data.placed_at,
        product_id=product[0],
        external_id=line.external_id,
        sku=line.sku,
        name=line.name,
        kind=product[1],
        quantity=line.quantity,
        refunded_quantity=0,
        unit_price_minor=line.unit_price_minor,
        position=position,
    )


def _drop_lines(held: Held, kept: set[str]) -> None:
    for name in held.lines.keys() - kept:
        line = held.lines.pop(name)
        held.touched.pop(id(line), None)
        if line.id:
            held.gone_lines.append(line.id)


def _note_version(held: Held, data: OrderData, around: Around) -> None:
    """Keep the fingerprint of this telling's content, and tell of every change of it, also one that became known late."""
    row = held.row
    if held.lines and not data.lines:
        return  # a telling that leaves the lines out says nothing of the content
    lines = [(line.external_id, line.quantity, line.unit_price_minor) for line in data.lines]
    content = (data.total_minor, data.currency, sorted(data.shipping_address.items()), lines)
    fingerprint = hashlib.blake2b(repr(content).encode(errors="replace"), digest_size=6).hexdigest()
    as_of = data.updated_at or max(around.now, row.source_updated_at or around.now)
    history = [list(pair) for pair in row.versions]
    ingest_parcels.note(history, as_of.astimezone(UTC).isoformat(), fingerprint, is_dated=data.updated_at is not None)
    if history == row.versions:
        return
    known = {(turn.value, turn.nth) for turn in ingest_parcels.turns(row.versions)}
    row.versions = history
    for turn in ingest_parcels.turns(history):
        if (turn.value, turn.nth) not in known:
            held.news.append(News(Kind.ORDER_CHANGED, datetime.fromisoformat(turn.at), {}, f"{turn.value}:{turn.nth}"))


def _take_facts(held: Held, data: OrderData) -> None:
    row = held.row
    when = data.updated_at or data.placed_at
    if data.financial_status in _PAID:
        row.paid_at = min(row.paid_at or when, when)
    if data.fulfillment_status == "fulfilled":
        row.fulfilled_at = min(row.fulfilled_at or when, when)


def take_refund(held: Held, data: RefundData, *, moment: datetime) -> bool:
    """Merge one refund; return whether it is new or differs. Raises incoming.Unusable for an amount the order's money does not have."""
    row = held.row
    minor = amount(data.amount, row.currency, name="refund amount")
    lines = [{"external_id": name, "quantity": quantity} for name, quantity in data.lines]
    if data.external_id.startswith(FROM_FILE) and not all(name.startswith(FROM_FILE) for name in held.refunds):
        return False  # the platform has told each refund: the sum says nothing more
    old = held.refunds.get(data.external_id) or _told_as_sum(held)
    at = data.at or (old.at if old else moment)
    fresh = RefundRow(0, row.store_id, row.id, data.external_id, minor, _in_shop_money(row, data, minor), at, lines)
    if old is not None:
        fresh.id, fresh.order_id = old.id, old.order_id
        if fresh == old:
            return False
        held.touched.pop(id(old), None)
    else:
        facts = {"refund": data.external_id, "amount": minor, "currency": row.currency}
        held.news.append(News(Kind.ORDER_REFUNDED, at, facts, data.external_id))
    held.refunds[data.external_id] = fresh
    held.touch(fresh)
    return True


def _told_as_sum(held: Held) -> RefundRow | None:
    """Return the sum that a file told before the platform told of each refund, to be the first of these: else it would count twice."""
    name = next((name for name in held.refunds if name.startswith(FROM_FILE)), None)
    return held.refunds.pop(name) if name else None


def _in_shop_money(row: OrderRow, data: RefundData, minor: int) -> int:
    if row.currency == row.shop_currency:
        return minor
    if data.shop_amount is not None:
        return amount(data.shop_amount, row.shop_currency, name="refund amount in shop money")
    return round(Decimal(minor) * row.shop_total_minor / row.total_minor) if row.total_minor else 0


def take_shipment(held: Held, data: ShipmentData, *, now: datetime, moment: datetime) -> bool:
    """Merge news of one parcel; return whether anything but bookkeeping changed."""
    is_new = data.external_id not in held.shipments
    row = held.shipments.get(data.external_id) or _marked_by_hand(held, data) or new_shipment(held, data.external_id)
    before, said = dict(row.__dict__), repr(row.said)
    held.shipments[data.external_id], row.external_id = row, data.external_id
    held.news += ingest_parcels.merge(row, data, now=now, moment=moment)
    differing = {name for name, value in row.__dict__.items() if name != "said" and value != before[name]}
    if is_new or differing or repr(row.said) != said:
        held.touch(row)
    return is_new or bool(differing - _SILENT)


def new_shipment(held: Held, external_id: str) -> ShipmentRow:
    row = held.shipments[external_id] = ShipmentRow(0, held.row.store_id, held.row.id, external_id)
    return row


def _marked_by_hand(held: Held, data: ShipmentData) -> ShipmentRow | None:
    """Return the parcel that staff marked before the shop told of it, to be the shop's from now on: else it would stand there twice."""
    name = next((name for name in held.shipments if name.startswith(BY_HAND)), None)
    return held.shipments.pop(name) if name and not data.is_cancelled else None


def settle(held: Held) -> None:
    """Bring sums, refunded quantities and the payment's state in line with the refunds, and tell when everything has arrived."""
    row = held.row
    row.refunded_minor = sum(refund.amount_minor for refund in held.refunds.values())
    row.shop_refunded_minor = sum(refund.shop_amount_minor for refund in held.refunds.values())
    if row.refunded_minor > 0 and row.financial_status in ("paid", "partially_refunded"):
        row.financial_status = "refunded" if row.refunded_minor >= row.total_minor else "partially_refunded"
    back: dict[str, int] = {}
    for refund in held.refunds.values():
        for given in refund.lines:
            back[given["external_id"]] = back.get(given["external_id"], 0) + int(given["quantity"])
    for line in held.lines.values():
        refunded = min(back.get(line.external_id, 0), line.quantity)
        if line.refunded_quantity != refunded:
            line.refunded_quantity = refunded
            held.touch(line)
    received = milestones(held).received
    if received is not None and row.received_at is not None:
        held.news.append(News(Kind.ORDER_RECEIVED, received, {"by": row.received_by}, f"by-hand:{received.isoformat()}"))
    elif received is not None:
        held.news.append(News(Kind.ORDER_RECEIVED, received))


def milestones(held: Held) -> progress.Milestones:
    """Return the anchors of an order in the hand."""
    row = held.row
    parcels = tuple(
        progress.Parcel(s.status, s.shipped_at, s.expected_at, s.delivered_at, s.is_scanned, s.is_cancelled)
        for s in held.shipments.values()
    )
    facts = progress.OrderFacts(
        placed_at=row.placed_at,
        fulfillment_status=row.fulfillment_status,
        paid_at=row.paid_at,
        fulfilled_at=row.fulfilled_at,
        said_received_at=row.received_at,
        not_there_at=row.not_there_at,
        kinds=frozenset(line.kind for line in held.lines.values()) or frozenset({"physical"}),
        parcels=parcels,
    )
    return progress.milestones(facts, usual_days=0)


def cancel(held: Held, *, now: datetime) -> bool:
    """End an order that the shop has deleted; what it said of it before is old news from now on. Return whether it was open."""
    before = dict(held.row.__dict__)
    held.row.source_updated_at = max(held.row.source_updated_at or now, now)
    held.row.cancelled_at = held.row.cancelled_at or now
    _tell(held, before)
    return before["cancelled_at"] is None


def _tell(held: Held, before: dict[str, object]) -> None:
    """Add the order's own milestones to the news."""
    row = held.row
    sums = {"amount": row.total_minor, "currency": row.currency}
    if not row.id and not before["source_updated_at"] and not before["versions"]:
        held.news.append(News(Kind.ORDER_PLACED, row.placed_at, {**sums, "items": items(held)}))
    if row.paid_at is not None and before["paid_at"] is None:
        held.news.append(News(Kind.ORDER_PAID, row.paid_at, sums))
    if row.cancelled_at is not None and before["cancelled_at"] is None:
        held.news.append(News(Kind.ORDER_CANCELLED, row.cancelled_at, sums))


def items(held: Held) -> str:
    """Return an order's content in a few words: "2 × Mug, Kettle and 3 more"."""
    names = [f"{line.quantity} × {line.name}" if line.quantity > 1 else line.name for line in held.lines.values()]
    return ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")


def _note(held: Held, before: dict[str, object]) -> bool:
    """Mark the row as changed if it is; return whether more than bookkeeping changed."""
    after = held.row.__dict__
    differing = {name for name in after if after[name] != before[name]}
    held.is_row_changed = held.is_row_changed or bool(differing)
    return bool(differing - _SILENT)
