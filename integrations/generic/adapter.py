"""Reads the generic format (`formats`) into `orders.incoming`."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import ValidationError

from customers import traits
from integrations.generic import formats
from orders.incoming import (
    CartData,
    CustomerData,
    Incoming,
    LineData,
    OrderData,
    PairingData,
    ProductData,
    RefundData,
    ScanData,
    ShipmentData,
    TrackingData,
    Unusable,
    amount,
    currency,
)

ShapeType = TypeVar("ShapeType", bound=formats.Shape)

_TOLD = 3  # problems named in one reason; more would not help to mend them


def knows(topic: str) -> bool:
    return _noun(topic) in _READERS


def read(topic: str, payload: dict[str, Any], *, shop_currency: str) -> Incoming:
    """Return what a delivery tells; raise Unusable. The topic's noun counts (`orders/create`, `order.updated` and `orders` are one)."""
    return _READERS[_noun(topic)](payload, shop_currency)


def order(payload: object, shop_currency: str = "") -> OrderData:
    """Return an order in the generic format as OrderData; raise Unusable naming the field that is wrong."""
    shape = _shape(formats.Order, payload)
    money = currency(shape.currency)
    shop_money = currency(shape.shop_currency, name="shop_currency") if shape.shop_currency else money
    total = amount(shape.total, money, name="total")
    if shape.shop_total is None and shop_money != money:
        raise Unusable("shop_total: needed beside shop_currency")
    customer = shape.customer or formats.Customer()
    address = {name: value for name, value in (shape.shipping_address or {}).items() if value not in (None, "")}
    return OrderData(
        external_id=shape.external_id,
        placed_at=shape.placed_at,
        currency=money,
        total_minor=total,
        discount_minor=_part(shape.discount_total, money, name="discount_total"),
        shipping_minor=_part(shape.shipping_total, money, name="shipping_total"),
        tax_minor=_part(shape.tax_total, money, name="tax_total"),
        shop_currency=shop_money,
        shop_total_minor=total if shape.shop_total is None else amount(shape.shop_total, shop_money, name="shop_total"),
        customer=_customer(customer, email=customer.email or shape.email, address=address, locale=shape.locale),
        number=shape.number,
        email=(shape.email or customer.email)[:320],
        language=(shape.locale or customer.locale)[:20],
        updated_at=shape.updated_at,
        financial_status=shape.financial_status or "pending",
        fulfillment_status=shape.fulfillment_status or "unfulfilled",
        cancelled_at=shape.cancelled_at,
        is_test=bool(shape.test),
        shipping_address=address,
        source=shape.source,
        discount_codes=sorted({code.strip() for code in shape.discount_codes} - {""}),
        shipping_method=shape.shipping_method,
        invoice_url=web(shape.invoice_url),
        reorder_url=web(shape.reorder_url),
        lines=_lines(shape, money),
        shipments=tuple(_shipment(each, shape.external_id, shape) for each in shape.shipments),
        refunds=tuple(_refund(each, shape.external_id, money) for each in shape.refunds),
    )


def _part(said: Decimal | None, money: str, *, name: str) -> int | None:
    return None if said is None else amount(said, money, name=name)


def _lines(shape: formats.Order, money: str) -> tuple[LineData, ...]:
    lines = tuple(_line(line, number, money) for number, line in enumerate(shape.lines))
    seen: set[str] = set()
    for number, line in enumerate(lines):
        if line.external_id in seen:
            raise Unusable(f"lines[{number}].external_id: {line.external_id!r} stands there twice")
        seen.add(line.external_id)
    return lines


def _line(line: formats.Line, number: int, money: str) -> LineData:
    return LineData(
        external_id=line.external_id or str(number + 1),
        name=line.name[:500],
        quantity=line.quantity,
        unit_price_minor=amount(line.unit_price, money, name=f"lines[{number}].unit_price"),
        sku=line.sku[:120],
        product_external_id=line.product_external_id,
        kind=line.kind,
    )


def _customer(shape: formats.Customer, *, email: str, address: dict[str, Any], locale: str = "") -> CustomerData:
    country = shape.country or str(address.get("country_code") or address.get("country") or "")
    return CustomerData(
        external_id=shape.external_id,
        email=email,
        name=shape.name,
        likely_name=str(address.get("name") or ""),
        first_name=shape.first_name,
        phone=shape.phone,
        language=shape.locale or locale,
        timezone=shape.timezone,
        country=country.upper() if len(country) == 2 else "",
        city=shape.city or _word(address, "city"),
        region=shape.region or _word(address, "region", "province", "state"),
        postal_code=shape.postal_code or _word(address, "zip", "postal_code", "postcode"),
        birthday=traits.birthday(shape.birthday),
        tags=None if shape.tags is None else tuple(shape.tags),
        marketing=shape.marketing_consent or "never",
        marketing_at=shape.marketing_consent_at,
        updated_at=shape.updated_at,
    )


def _word(address: dict[str, Any], *names: str) -> str:
    """Return the first of these parts of an address that is there; `orders.figures` reads them under the same names."""
    return next((str(address[name]).strip() for name in names if name in address), "")


def _shipment(shape: formats.Shipment, order_external_id: str, of: formats.Order | None = None) -> ShipmentData:
    return ShipmentData(
        external_id=shape.external_id,
        order_external_id=order_external_id,
        status=shape.status or ("delivered" if shape.delivered_at else ""),
        carrier=shape.carrier[:80],
        tracking_number=shape.tracking_number[:120],
        tracking_url=web(shape.tracking_url),
        expected_at=shape.expected_at,
        shipped_at=shape.shipped_at,
        delivered_at=shape.delivered_at,
        pickup_place=shape.pickup_place[:200],
        pickup_until=shape.pickup_until,
        lines=tuple(name for name, _ in _parts(shape.lines)),
        updated_at=shape.updated_at or (of.updated_at if of else None),
    )


def _refund(shape: formats.Refund, order_external_id: str, money: str = "") -> RefundData:
    if money:
        amount(shape.amount, money, name="refunds.amount")
    return RefundData(shape.external_id, order_external_id, shape.amount, shape.at, lines=_parts(shape.lines))


def _parts(lines: list[formats.PartOfLine | str]) -> tuple[tuple[str, int], ...]:
    return tuple((line, 1) if isinstance(line, str) else (line.external_id, line.quantity) for line in lines)


def shipment(payload: object, shop_currency: str = "") -> ShipmentData:
    shape = _shape(formats.ShipmentOfOrder, payload)
    return _shipment(shape, shape.order_external_id)


def tracking(payload: object, shop_currency: str = "") -> TrackingData:
    shape = _shape(formats.Tracking, payload)
    return TrackingData(
        tracking_number=shape.tracking_number,
        carrier=shape.carrier[:80],
        tracking_url=web(shape.tracking_url),
        expected_at=shape.expected_at,
        scans=tuple(ScanData(scan.at, scan.status or "", scan.text[:200], scan.place[:120]) for scan in shape.scans),
        updated_at=shape.updated_at,
    )


def refund(payload: object, shop_currency: str = "") -> RefundData:
    shape = _shape(formats.RefundOfOrder, payload)
    return _refund(shape, shape.order_external_id)


def customer(payload: object, shop_currency: str = "") -> CustomerData:
    shape = _shape(formats.Customer, payload)
    if not shape.external_id and not shape.email:
        raise Unusable("external_id: a customer needs an external_id or an email")
    return _customer(shape, email=shape.email, address={})


def product(payload: object, shop_currency: str = "") -> ProductData:
    shape = _shape(formats.Product, payload)
    money = currency(shape.currency or shop_currency) if shape.price is not None else ""
    return ProductData(
        external_id=shape.external_id,
        title=shape.title[:300],
        sku=shape.sku,
        kind=shape.kind,
        category=shape.category,
        tags=shape.tags,
        url=web(shape.url, longest=500),
        image_url=web(shape.image_url, longest=500),
        price_minor=None if shape.price is None else amount(shape.price, money, name="price"),
        currency=money,
        is_available=shape.is_available,
        updated_at=shape.updated_at,
        guide=_guide(shape.guide) if shape.guide else {},
        goes_with=_pairings(shape),
    )


def _guide(shape: formats.Guide) -> dict[str, Any]:
    said = shape.model_dump(include=shape.model_fields_set)
    return said | {name: web(said[name], longest=500) for name in ("video_url", "call_url") if name in said}


def _pairings(shape: formats.Product) -> tuple[PairingData, ...] | None:
    if shape.goes_with is None:
        return None
    seen = {shape.external_id}
    for number, each in enumerate(shape.goes_with):
        if each.product_external_id in seen:
            what = "the product itself" if each.product_external_id == shape.external_id else "named twice"
            raise Unusable(f"goes_with[{number}].product_external_id: {each.product_external_id!r} is {what}")
        seen.add(each.product_external_id)
    return tuple(PairingData(each.product_external_id, each.reason) for each in shape.goes_with)


def cart(payload: object, shop_currency: str = "") -> CartData:
    shape = _shape(formats.Cart, payload)
    money = currency(shape.currency)
    person = shape.customer
    return CartData(
        external_id=shape.external_id,
        currency=money,
        total_minor=amount(shape.total, money, name="total"),
        started_at=shape.started_at,
        updated_at=shape.updated_at or shape.started_at,
        customer=_customer(person, email=person.email, address={}) if person and (person.email or person.external_id) else None,
        url=web(shape.url),
        lines=tuple(line.model_dump(mode="json") for line in shape.lines),
        completed_at=shape.completed_at,
        is_checkout=shape.checkout,
    )


def web(address: str, *, longest: int = 1000) -> str:
    """Return a web address, or nothing for what is none (a script, a stub, something endless)."""
    return address if address.startswith(("https://", "http://")) and len(address) <= longest else ""


def _shape(kind: type[ShapeType], payload: object) -> ShapeType:
    try:
        return kind.model_validate(payload)
    except ValidationError as error:
        problems = [f"{_path(each['loc'])}: {each['msg']}" for each in error.errors(include_url=False, include_input=False)]
        raise Unusable("; ".join(problems[:_TOLD]) + (f"; and {len(problems) - _TOLD} more" if len(problems) > _TOLD else "")) from error


def _path(parts: tuple[int | str, ...]) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return path.lstrip(".") or "body"


def _noun(topic: str) -> str:
    return topic.strip().lower().replace(".", "/").split("/")[0].removesuffix("s")


_READERS: dict[str, Callable[[object, str], Incoming]] = {
    "order": order,
    "shipment": shipment,
    "tracking": tracking,
    "refund": refund,
    "customer": customer,
    "product": product,
    "cart": cart,
}
