"""Reads Shopify's refunds, which say what was given back in up to three ways."""

from decimal import Decimal

from integrations.bodies import Body, child, decimal, ident, items, moment, need, text, whole
from orders.incoming import RefundData


def refund(body: Body, money: str, *, order_external_id: str = "") -> RefundData:
    """Return a refund; `money` is the order's currency where it is known.

    What was paid back is the sum of the refund's transactions; without any, that of its lines, shipping and adjustments.
    """
    need(body, ["id"] if order_external_id else ["id", "order_id"])
    paid = [each for each in items(body.get("transactions"), name="transactions") if text(each.get("kind", "refund")) == "refund"]
    paid = [each for each in paid if text(each.get("status", "success")) in ("success", "pending")]
    lines = items(body.get("refund_line_items"), name="refund_line_items")
    amount = sum((decimal(each.get("amount"), name="transactions.amount") for each in paid), Decimal(0))
    shop_amount = None
    if not paid:
        amount, shop_amount = _sum(body, lines, "presentment_money"), _sum(body, lines, "shop_money")
    return RefundData(
        external_id=ident(body["id"], name="id"),
        order_external_id=order_external_id or ident(body["order_id"], name="order_id"),
        amount=max(amount, Decimal(0)),
        at=moment(body, "processed_at", "created_at"),
        shop_amount=None if shop_amount is None else max(shop_amount, Decimal(0)),
        lines=tuple(
            (ident(line.get("line_item_id"), name="line_item_id"), whole(line.get("quantity"), name="refund_line_items.quantity"))
            for line in lines
        ),
    )


def _sum(body: Body, lines: list[Body], side: str) -> Decimal:
    total = sum((_part(line, "subtotal", side) + _part(line, "total_tax", side) for line in lines), Decimal(0))
    for shipping in items(body.get("refund_shipping_lines"), name="refund_shipping_lines"):
        total += _part(shipping, "subtotal_amount", side)
    for adjustment in items(body.get("order_adjustments"), name="order_adjustments"):
        total -= _part(adjustment, "amount", side) + _part(adjustment, "tax_amount", side)
    return total


def _part(body: Body, name: str, side: str) -> Decimal:
    value = child(child(body, f"{name}_set"), side).get("amount")
    return decimal(body.get(name) if value is None else value, name=name)
