"""Reads the bodies of Shopify's webhooks (REST shapes, API 2023-10 to 2026-01) into `orders.incoming`.

Shopify's habits: `shop_money` beside `presentment_money`; a fulfillment is "success" as soon as it is made, and says nothing of the
carrier until `shipment_status` does; ids are numbers beyond 2^53; a deleted buyer leaves `customer` null.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from integrations.bodies import Body, child, first, gone, ident, items, moment, need, text, web, whole
from integrations.shopify import fields, people, refunds
from orders.incoming import (
    CartData,
    Incoming,
    LineData,
    OrderData,
    PrivacyWish,
    ProductData,
    ShipmentData,
    Uninstalled,
    Unusable,
    amount,
    currency,
)  # fmt: skip

_STATUS = {
    "label_printed": "pending",
    "label_purchased": "pending",
    "confirmed": "pending",
    "ready_for_pickup": "ready",
    "in_transit": "in_transit",
    "delayed": "in_transit",
    "out_for_delivery": "out_for_delivery",
    "attempted_delivery": "failure",
    "failure": "failure",
    "delivered": "delivered",
    "picked_up": "delivered",
}
_FINANCIAL = frozenset({"pending", "authorized", "paid", "partially_refunded", "refunded", "voided"})
#: "restocked" is a cancelled order whose goods went back to the shelf.
_FULFILLMENT = {"partial": "partial", "fulfilled": "fulfilled"}
_NO_PARCEL = frozenset({"cancelled", "error", "failure"})


def knows(topic: str) -> bool:
    return topic in _READERS


def read(topic: str, payload: dict[str, Any], *, shop_currency: str) -> Incoming:
    """Return what a delivery tells; raise Unusable naming what is missing or wrong."""
    return _READERS[topic](payload, shop_currency)


def order(body: Body, shop_currency: str = "") -> OrderData:
    need(body, ["id", "created_at", "currency", "total_price"])
    name = ident(body["id"], name="id")
    shop_money = currency(body["currency"])
    money = currency(body.get("presentment_currency") or shop_money, name="presentment_currency")
    return OrderData(
        external_id=name,
        placed_at=moment(body, "processed_at", "created_at") or _never("created_at"),
        currency=money,
        total_minor=_amount(body, "total_price", "presentment_money", money, shop_money),
        discount_minor=_part(body, "total_discounts", money, shop_money),
        shipping_minor=_part(body, "total_shipping_price", money, shop_money),
        tax_minor=_part(body, "total_tax", money, shop_money),
        shop_currency=shop_money,
        shop_total_minor=_amount(body, "total_price", "shop_money", shop_money, shop_money),
        customer=people.buyer(body),
        number=text(body.get("name"), 120),
        email=text(body.get("email") or body.get("contact_email") or child(body, "customer").get("email"), 320),
        language=text(body.get("customer_locale"), 20),
        updated_at=moment(body, "updated_at"),
        financial_status=_financial(body),
        fulfillment_status=_FULFILLMENT.get(text(body.get("fulfillment_status")), "unfulfilled"),
        cancelled_at=moment(body, "cancelled_at"),
        is_test=body.get("test") is True,
        source=fields.source(body),
        discount_codes=_codes(body),
        shipping_method=text(next(iter(items(body.get("shipping_lines"), name="shipping_lines")), {}).get("title"), 120),
        invoice_url=web(body.get("order_status_url")),
        reorder_url=web(fields.cart_again(body)),
        shipping_address={key: value for key, value in child(body, "shipping_address").items() if value not in (None, "")},
        lines=_lines(body, money, shop_money),
        shipments=tuple(_fulfillment(each, name) for each in items(body.get("fulfillments"), name="fulfillments")),
        refunds=tuple(refunds.refund(each, money, order_external_id=name) for each in items(body.get("refunds"), name="refunds")),
    )


def _codes(body: Body) -> list[str]:
    return sorted({text(each.get("code"), 120) for each in items(body.get("discount_codes"), name="discount_codes")} - {""})


def _never(name: str) -> datetime:
    raise Unusable(f"missing: {name}")


def _financial(body: Body) -> str:
    """Return our word; `partially_paid` has not been paid, `expired` authorizations never will be."""
    said = text(body.get("financial_status"))
    return said if said in _FINANCIAL else "voided" if said == "expired" else "pending"


def _amount(body: Body, name: str, side: str, money: str, shop_money: str) -> int:
    """Return an amount in the wanted money: from its `_set`, or the plain field, which is in shop money."""
    value = child(child(body, f"{name}_set"), side).get("amount")
    if value is None and money != shop_money:
        raise Unusable(f"missing: {name}_set.{side}.amount")
    return amount(body.get(name) if value is None else value, money, name=name)


def _part(body: Body, name: str, money: str, shop_money: str) -> int | None:
    """Return a part of the total in the customer's money, None where it is not told in it."""
    told = child(child(body, f"{name}_set"), "presentment_money").get("amount")
    value = body.get(name) if told is None and money == shop_money else told
    return None if value is None else amount(value, money, name=name)


def _lines(body: Body, money: str, shop_money: str) -> tuple[LineData, ...]:
    """Return the items; of an order that goes nowhere (no address, no shipping method) none is a parcel, whatever its products are."""
    goes_nowhere = body.get("shipping_address", "unsaid") is None and body.get("shipping_lines") == []
    lines = (_line(each, number, money, shop_money) for number, each in enumerate(items(body.get("line_items"), name="line_items")))
    return tuple(replace(line, kind="digital") if goes_nowhere else line for line in lines)


def _line(body: Body, number: int, money: str, shop_money: str) -> LineData:
    where = f"line_items[{number}]"
    try:
        need(body, ["id", "quantity"])
        price = _amount({"price": 0, **body}, "price", "presentment_money", money, shop_money)
    except Unusable as error:
        raise Unusable(f"{where}: {error}") from error
    return LineData(
        external_id=ident(body["id"], name=f"{where}.id"),
        name=text(body.get("name") or body.get("title"), 500) or "Item",
        quantity=whole(body["quantity"], name=f"{where}.quantity"),
        unit_price_minor=price,
        sku=text(body.get("sku"), 120),
        product_external_id=ident(body.get("product_id"), name=f"{where}.product_id"),
        kind="digital" if body.get("requires_shipping") is False else "physical",
    )


def _fulfillment(body: Body, order_external_id: str = "") -> ShipmentData:
    need(body, ["id"] if order_external_id else ["id", "order_id"])
    status = _STATUS.get(text(body.get("shipment_status")), "")
    is_cancelled = text(body.get("status")) in _NO_PARCEL
    lines = items(body.get("line_items"), name="line_items")
    return ShipmentData(
        external_id=ident(body["id"], name="id"),
        order_external_id=order_external_id or ident(body["order_id"], name="order_id"),
        status=status,
        carrier=text(body.get("tracking_company"), 80),
        tracking_number=text(body.get("tracking_number") or first(body.get("tracking_numbers")), 120),
        tracking_url=web(body.get("tracking_url") or first(body.get("tracking_urls"))),
        expected_at=moment(body, "estimated_delivery_at"),
        shipped_at=moment(body, "created_at") if body.get("status") == "success" else None,
        lines=tuple(ident(line.get("id"), name="line_items.id") for line in lines),
        is_cancelled=is_cancelled,
        updated_at=moment(body, "updated_at", "created_at"),
    )


def fulfillment(body: Body, shop_currency: str = "") -> ShipmentData:
    return _fulfillment(body)


def fulfillment_event(body: Body, shop_currency: str = "") -> ShipmentData:
    """Return a carrier's scan: status and estimate, and nothing of what is inside."""
    need(body, ["fulfillment_id", "order_id", "status"])
    status = _STATUS.get(text(body["status"]), "")
    at = moment(body, "happened_at", "updated_at", "created_at")
    return ShipmentData(
        external_id=ident(body["fulfillment_id"], name="fulfillment_id"),
        order_external_id=ident(body["order_id"], name="order_id"),
        status=status,
        expected_at=moment(body, "estimated_delivery_at", "estimated_delivery_date"),
        delivered_at=at if status == "delivered" else None,
        pickup_place=_where(body) if status == "ready" else "",
        is_scanned=status not in ("", "pending"),
        has_details=False,
        updated_at=at,
    )


def _where(body: Body) -> str:
    """Return where a scan was made, in one line."""
    parts = [text(body.get("address1")), f"{text(body.get('zip'))} {text(body.get('city'))}"]
    return ", ".join(part.strip() for part in parts if part.strip())[:200]


def product(body: Body, shop_currency: str = "") -> ProductData:
    need(body, ["id", "title"])
    variants = items(body.get("variants"), name="variants")
    first = variants[0] if variants else {}
    is_digital = bool(variants) and all(variant.get("requires_shipping") is False for variant in variants)
    has_price = first.get("price") not in (None, "")
    return ProductData(
        external_id=ident(body["id"], name="id"),
        title=text(body["title"], 300),
        sku=text(first.get("sku"), 120),
        kind="digital" if is_digital else "physical",
        category=text(body["product_type"]) if "product_type" in body else None,
        tags=fields.tags(body),
        image_url=web(child(body, "image").get("src"), 500),
        price_minor=amount(first["price"], shop_currency, name="variants[0].price") if has_price else None,
        currency=shop_currency if has_price else "",
        is_available=body.get("status", "active") == "active",
        updated_at=moment(body, "updated_at"),
    )


def checkout(body: Body, shop_currency: str = "") -> CartData:
    need(body, ["token", "created_at", "currency", "total_price"])
    money = currency(body.get("presentment_currency") or body["currency"])
    person = people.buyer(body)
    started_at = moment(body, "created_at") or _never("created_at")
    lines = items(body.get("line_items"), name="line_items")
    return CartData(
        external_id=text(body["token"], 120),
        currency=money,
        total_minor=amount(body["total_price"], money, name="total_price"),
        started_at=started_at,
        updated_at=moment(body, "updated_at") or started_at,
        customer=person if person.email or person.external_id else None,
        url=web(body.get("abandoned_checkout_url")),
        lines=tuple(
            {"name": text(x.get("title"), 300), "quantity": x.get("quantity"), "product": text(x.get("product_id"))} for x in lines
        ),
        completed_at=moment(body, "completed_at"),
        is_checkout=True,
    )


def uninstalled(body: Body, shop_currency: str = "") -> Uninstalled:
    return Uninstalled()


def privacy(body: Body, *, is_copy: bool = False) -> PrivacyWish:
    """Return what a buyer asks (Shopify's "Privacy law compliance"); raise Unusable for a body that names nobody."""
    person = child(body, "customer")
    name, email = ident(person.get("id"), name="customer.id"), text(person.get("email"), 320)
    if not (name or email):
        raise Unusable("missing: customer.id")
    return PrivacyWish(is_copy, name, email)


_Reader = Callable[[Body, str], Incoming]


def _customer(body: Body, shop_currency: str) -> Incoming:
    return people.customer(body)


def _refund(body: Body, shop_currency: str) -> Incoming:
    return refunds.refund(body, "")


_READERS: dict[str, _Reader] = {
    **{f"orders/{verb}": order for verb in ("create", "updated", "paid", "fulfilled", "partially_fulfilled", "cancelled")},
    **{f"fulfillments/{verb}": fulfillment for verb in ("create", "update")},
    "orders/delete": lambda body, _: gone("order", body),
    "products/delete": lambda body, _: gone("product", body),
    "fulfillment_events/create": fulfillment_event,
    "refunds/create": _refund,
    **{f"customers/{verb}": _customer for verb in ("create", "update")},
    **{f"checkouts/{verb}": checkout for verb in ("create", "update")},
    **{f"products/{verb}": product for verb in ("create", "update")},
    "app/uninstalled": uninstalled,
    "customers/redact": lambda body, _: privacy(body),
    "customers/data_request": lambda body, _: privacy(body, is_copy=True),
    "shop/redact": lambda body, _: PrivacyWish(),
}
