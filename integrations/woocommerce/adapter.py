"""Reads the bodies of WooCommerce's webhooks (REST API v3 shapes) into `orders.incoming`.

Its habits: prices with or without tax, by `prices_include_tax`; one currency an order; a guest is customer 0; titles with HTML's entities;
plugins add states of their own. Of parcels it knows nothing: an order is "completed", and the usual plugins note tracking numbers.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from html import unescape
from math import ceil
from typing import Any

from integrations.bodies import Body, decimal, gone, ident, items, need, text, web
from integrations.woocommerce import people
from integrations.woocommerce.fields import meta, moment
from orders.incoming import (
    Incoming,
    LineData,
    OrderData,
    ProductData,
    RefundData,
    ShipmentData,
    Unneeded,
    Unusable,
    amount,
    currency,
)

_DRAFTS = frozenset({"checkout-draft", "auto-draft", "draft"})
_ENDED = frozenset({"cancelled", "trash"})
#: Core's states; of any other, what was paid tells.
_FINANCIAL = {
    "pending": "pending", "on-hold": "pending", "failed": "pending", "processing": "paid", "completed": "paid", "refunded": "refunded",
}  # fmt: skip
#: "completed" is core's; the usual shipping plugins add the other two.
_SENT = frozenset({"completed", "shipped", "delivered"})
#: Where the usual plugins (Shipment Tracking, Advanced Shipment Tracking) note parcels.
_PARCELS = "_wc_shipment_tracking_items"
_CAME_FROM = ("_wc_order_attribution_utm_source", "_wc_order_attribution_source_type")


def knows(topic: str) -> bool:
    return topic in _READERS


def read(topic: str, payload: dict[str, Any], *, shop_currency: str) -> Incoming:
    """Return what a delivery tells; raise Unusable naming what is missing or wrong, Unneeded for what is no news to us."""
    return _READERS[topic](payload, shop_currency)


def order(body: Body, shop_currency: str = "") -> OrderData:
    need(body, ["id", "status", "currency", "total"])
    name, state, coin = ident(body["id"], name="id"), text(body["status"]).removeprefix("wc-"), currency(body["currency"])
    if state in _DRAFTS:
        raise Unneeded("It is a draft: nothing has been ordered yet.")
    placed_at, changed_at = moment(body, "date_created"), moment(body, "date_modified")
    if placed_at is None:
        raise Unusable("missing: date_created_gmt")
    with_tax = body.get("prices_include_tax") is True
    total, buyer = amount(body["total"], coin, name="total"), people.buyer(body)
    return OrderData(
        external_id=name,
        placed_at=placed_at,
        currency=coin,
        total_minor=total,
        discount_minor=_part(body, "discount", coin, with_tax=with_tax),
        shipping_minor=_part(body, "shipping", coin, with_tax=with_tax),
        tax_minor=None if body.get("total_tax") in (None, "") else _minor(decimal(body["total_tax"], name="total_tax"), coin),
        shop_currency=coin,
        shop_total_minor=total,
        customer=buyer,
        number=text(body.get("number") or name, 120),
        email=buyer.email,
        language=people.language(body),
        updated_at=changed_at,
        financial_status=_FINANCIAL.get(state) or ("paid" if moment(body, "date_paid") else "voided" if state in _ENDED else "pending"),
        fulfillment_status="fulfilled" if state in _SENT else "unfulfilled",
        cancelled_at=(changed_at or placed_at) if state in _ENDED else None,
        source=_source(body),
        discount_codes=sorted({text(each.get("code"), 120) for each in items(body.get("coupon_lines"), name="coupon_lines")} - {""}),
        shipping_method=next((text(each.get("method_title"), 120) for each in _ways(body)), ""),
        shipping_address=_address(body),
        lines=_lines(body, coin, with_tax=with_tax),
        shipments=_parcels(body, name, state),
        refunds=tuple(_refund(each, name) for each in items(body.get("refunds"), name="refunds")),
    )


def _source(body: Body) -> str:
    """Return what brought a buyer, as WooCommerce's own attribution has it ("(direct)" for none), else who made the order."""
    made_by = text(body.get("created_via"), 60)
    return text(meta(body, *_CAME_FROM), 60).strip("()").lower() or ("web" if made_by in ("checkout", "store-api") else made_by)


def _ways(body: Body) -> list[Body]:
    return items(body.get("shipping_lines"), name="shipping_lines")


def _minor(value: Decimal, coin: str) -> int:
    """Return an amount in minor units; the shop reckons with more decimals than its money has."""
    return amount(value, coin, name="amount", rounds=True)


def _part(body: Body, name: str, coin: str, *, with_tax: bool) -> int | None:
    """Return a part of the total as the shop shows its prices, with its tax or without; None where it is not told."""
    if body.get(f"{name}_total") in (None, ""):
        return None
    tax = decimal(body.get(f"{name}_tax"), name=f"{name}_tax") if with_tax else Decimal(0)
    return _minor(decimal(body[f"{name}_total"], name=f"{name}_total") + tax, coin)


def _address(body: Body) -> dict[str, Any]:
    told = people.address(body)
    found = {
        "name": people.name_of(told), "company": told.get("company"), "address1": told.get("address_1"), "address2": told.get("address_2"),
        "city": told.get("city"), "province": told.get("state"), "zip": told.get("postcode"), "country_code": told.get("country"),
    }  # fmt: skip
    return {key: text(value) for key, value in found.items() if text(value)}


def _lines(body: Body, coin: str, *, with_tax: bool) -> tuple[LineData, ...]:
    """Return the items; an order without any way of shipping that has an address for bills alone goes nowhere."""
    goes_nowhere = body.get("shipping_lines") == [] and people.address(body) == body.get("billing")
    lines = items(body.get("line_items"), name="line_items")
    return tuple(_line(each, number, coin, with_tax=with_tax, kind="digital" if goes_nowhere else "") for number, each in enumerate(lines))


def _line(body: Body, number: int, coin: str, *, with_tax: bool, kind: str) -> LineData:
    """Return an item at its price before any discount, as the shop shows prices. Half of something that is sold by weight is one."""
    where = f"line_items[{number}]"
    try:
        need(body, ["id", "quantity"])
        quantity = decimal(body["quantity"], name="quantity")
        if not 0 <= quantity <= 1_000_000:
            raise Unusable(f"quantity: {quantity} is out of range")
        price = decimal(body.get("subtotal"), name="subtotal")
        price += decimal(body.get("subtotal_tax"), name="subtotal_tax") if with_tax else 0
        unit = _minor(price / (quantity or 1), coin)
    except Unusable as error:
        raise Unusable(f"{where}: {error}") from error
    product = ident(body.get("product_id"), name=f"{where}.product_id")
    return LineData(
        external_id=ident(body["id"], name=f"{where}.id"),
        name=unescape(text(body.get("name"), 500)) or "Item",
        quantity=ceil(quantity),
        unit_price_minor=unit,
        sku=text(body.get("sku"), 120),
        product_external_id="" if product == "0" else product,
        kind=kind,
    )


def _parcels(body: Body, order_external_id: str, state: str) -> tuple[ShipmentData, ...]:
    """Return the parcels by their place in the list, so that one that was sent before it had a number stays the same parcel."""
    noted = meta(body, _PARCELS)
    told: list[Body] = [each for each in noted if isinstance(each, dict)] if isinstance(noted, list) else []
    is_sent = state in _SENT and bool(_ways(body) or told)
    sent_at = moment(body, "date_completed") or moment(body, "date_modified") if is_sent else None
    arrived_at = moment(body, "date_modified") if state == "delivered" and is_sent else None
    return tuple(
        ShipmentData(
            external_id=f"{order_external_id}-{place}",
            order_external_id=order_external_id,
            status="delivered" if arrived_at else "",
            carrier=text(each.get("tracking_provider") or each.get("custom_tracking_provider"), 80),
            tracking_number=text(each.get("tracking_number"), 120),
            tracking_url=web(each.get("custom_tracking_link") or each.get("tracking_link")),
            shipped_at=_day(each.get("date_shipped")) or sent_at or moment(body, "date_modified"),
            delivered_at=arrived_at,
            updated_at=moment(body, "date_modified"),
        )
        for place, each in enumerate(told or ([{}] if is_sent else []), start=1)
    )


def _day(value: object) -> datetime | None:
    """Return when a parcel left, as plugins note it: seconds since 1970, or a day. None for anything that cannot be meant."""
    said = text(value)
    is_seconds = said.isascii() and said.isdecimal() and len(said) < 11
    try:
        found = datetime.fromtimestamp(int(said), UTC) if is_seconds else datetime.fromisoformat(said).replace(tzinfo=UTC)
    except ValueError:
        return None
    return found if 2000 <= found.year < 2100 else None


def _refund(body: Body, order_external_id: str) -> RefundData:
    """Return a refund as the order names it: a sum below nought."""
    need(body, ["id"])
    given = abs(decimal(body.get("total"), name="refunds.total"))
    name = ident(body["id"], name="refunds.id")
    return RefundData(external_id=name, order_external_id=order_external_id, amount=given, shop_amount=given)


def product(body: Body, shop_currency: str = "") -> ProductData:
    need(body, ["id", "name"])
    if body.get("type") == "variation" or body.get("parent_id") not in (None, "", 0):
        raise Unneeded("It is a variation: what is told of its product counts.")
    price, stock = text(body.get("price")), text(body.get("stock_status"))
    pictures, groups = items(body.get("images"), name="images"), items(body.get("categories"), name="categories")
    return ProductData(
        external_id=ident(body["id"], name="id"),
        title=unescape(text(body["name"], 300)),
        sku=text(body.get("sku"), 120),
        kind="digital" if body.get("virtual") is True else "physical",
        url=web(body.get("permalink"), 500),
        image_url=web(pictures[0].get("src"), 500) if pictures else "",
        price_minor=_minor(decimal(price, name="price"), shop_currency) if price else None,
        currency=shop_currency if price else "",
        is_available=text(body.get("status") or "publish") == "publish" and stock != "outofstock",
        category=unescape(text(groups[0].get("name"))) if groups else None,
        tags=[unescape(text(each.get("name"), 60)) for each in items(body.get("tags"), name="tags")],
        updated_at=moment(body, "date_modified"),
    )


_Reader = Callable[[Body, str], Incoming]

_READERS: dict[str, _Reader] = {
    **{f"order.{verb}": order for verb in ("created", "updated", "restored")},
    **{f"product.{verb}": product for verb in ("created", "updated", "restored")},
    **{f"customer.{verb}": lambda body, _: people.customer(body) for verb in ("created", "updated")},
    "order.deleted": lambda body, _: gone("order", body),
    "product.deleted": lambda body, _: gone("product", body),
}
