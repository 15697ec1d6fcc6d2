"""An order or its parcels as mail programs can read them, which show a parcel's state beside the mail. Only where the shop opted in. Pure.

Source: schema.org/Order and schema.org/ParcelDelivery, with the fields that Gmail's reference requires; what lacks one is not told. A
region is required too: where addresses of a country have none, it is the town's.
"""

from typing import Any

from campaigns.values import MailFacts
from orders.models import Order, OrderLine, Shipment
from stores import money

_CONTEXT = "http://schema.org"


def of(facts: MailFacts) -> list[dict[str, Any]]:
    """Return the parcels on their way, else the order; nothing where the shop does not tell, or too little is known."""
    order = facts.order
    if order is None or not facts.store.describes_orders or order.cancelled_at or not order.number:
        return []
    address = _address(facts, order)
    left = [parcel for parcel in facts.parcels if parcel.shipped_at and not parcel.is_cancelled]
    parcels = [parcel for parcel in left if parcel.expected_at and parcel.carrier and not parcel.delivered_at]
    if parcels and address and facts.lines:
        return [_parcel(facts, order, parcel, address) for parcel in parcels]
    return [_order(facts, order, left)] if facts.lines else []


def _order(facts: MailFacts, order: Order, left: list[Shipment]) -> dict[str, Any]:
    return {
        "@context": _CONTEXT,
        "@type": "Order",
        **_named(facts, order),
        "orderStatus": f"{_CONTEXT}/{_status(order, left)}",
        "orderDate": order.placed_at.isoformat(),
        "priceCurrency": order.currency,
        "price": money.to_wire(order.total_minor, order.currency),
        "acceptedOffer": [_offer(line, order) for line in facts.lines],
        "url": f"{facts.public_url.rstrip('/')}/t/{order.token}/",
    }


def _status(order: Order, left: list[Shipment]) -> str:
    if left:
        coming = [parcel for parcel in left if not parcel.delivered_at]
        if coming and all(parcel.status == Shipment.Status.READY for parcel in coming):
            return "OrderPickupAvailable"
        return "OrderInTransit" if coming else "OrderDelivered"
    if order.received_at:
        return "OrderDelivered"
    return "OrderPaymentDue" if order.financial_status == Order.Financial.PENDING else "OrderProcessing"


def _parcel(facts: MailFacts, order: Order, parcel: Shipment, address: dict[str, Any]) -> dict[str, Any]:
    known = {"trackingNumber": parcel.tracking_number, "trackingUrl": parcel.tracking_url}
    inside = [line for line in facts.lines if line.external_id in parcel.lines] or facts.lines
    return {
        "@context": _CONTEXT,
        "@type": "ParcelDelivery",
        "deliveryAddress": address,
        "expectedArrivalUntil": parcel.expected_at.isoformat() if parcel.expected_at else "",
        "carrier": {"@type": "Organization", "name": parcel.carrier},
        "itemShipped": [{"@type": "Product", "name": line.name} for line in inside],
        "partOfOrder": {"@type": "Order", **_named(facts, order)},
        **{name: value for name, value in known.items() if value},
    }


def _named(facts: MailFacts, order: Order) -> dict[str, Any]:
    return {"merchant": {"@type": "Organization", "name": facts.store.name}, "orderNumber": order.number}


def _offer(line: OrderLine, order: Order) -> dict[str, Any]:
    product = line.product
    known = {"url": product.url, "image": product.image_url} if product else {}
    return {
        "@type": "Offer",
        "itemOffered": {"@type": "Product", "name": line.name, **{name: value for name, value in known.items() if value}},
        "price": money.to_wire(line.unit_price_minor, order.currency),
        "priceCurrency": order.currency,
        "eligibleQuantity": {"@type": "QuantitativeValue", "value": line.quantity - line.refunded_quantity},
    }


def _address(facts: MailFacts, order: Order) -> dict[str, Any] | None:
    """Return where it goes, None where that is not known in full; shops call the same parts by several names."""
    given = order.shipping_address
    street = given.get("address1") or given.get("line1") or given.get("street")
    code = given.get("zip") or given.get("postal_code")
    parts = {
        "name": given.get("name") or facts.customer.name, "streetAddress": street, "addressLocality": given.get("city"),
        "addressRegion": given.get("province") or given.get("region") or given.get("city"),
        "addressCountry": given.get("country") or given.get("country_code"), "postalCode": code,
    }  # fmt: skip
    needed = ("name", "streetAddress", "addressLocality", "addressCountry", "postalCode")
    known = {name: str(value) for name, value in parts.items() if value}
    return {"@type": "PostalAddress", **known} if all(name in known for name in needed) else None
