"""Reads Shopify's customers, and what they allowed."""

from datetime import datetime

from customers.models import Customer
from integrations.bodies import Body, child, ident, moment, need, text
from integrations.shopify import fields
from orders.incoming import CustomerData, Unusable

Marketing = Customer.Marketing


def customer(body: Body) -> CustomerData:
    """Return a customer of customers/create and customers/update."""
    need(body, ["id"])
    return _person(body, address=child(body, "default_address"), fallback={})


def buyer(order: Body) -> CustomerData:
    """Return who bought: the order's customer, or a guest known by the order's address alone."""
    address = child(order, "shipping_address") or child(order, "billing_address")
    return _person(child(order, "customer"), address=address, fallback=order)


def _person(body: Body, *, address: Body, fallback: Body) -> CustomerData:
    first, last = text(body.get("first_name"), 100), text(body.get("last_name"), 100)
    country = text(address.get("country_code"), 10).upper()
    marketing, at = _marketing(body, fallback)
    tags = fields.tags(body)
    return CustomerData(
        external_id=ident(body.get("id"), name="customer.id"),
        email=text(body.get("email") or fallback.get("email") or fallback.get("contact_email"), 320),
        name=" ".join(filter(None, [first, last])),
        likely_name=text(address.get("name")),
        first_name=first,
        phone=text(body.get("phone") or fallback.get("phone") or address.get("phone"), 40),
        language=text(fallback.get("customer_locale") or body.get("locale"), 20),
        country=country if len(country) == 2 else "",
        city=text(address.get("city"), 120),
        region=text(address.get("province"), 120),
        postal_code=text(address.get("zip"), 20),
        tags=None if tags is None else tuple(tags),
        marketing=marketing,
        marketing_at=at,
        updated_at=moment(body, "updated_at") or moment(fallback, "updated_at", "created_at"),
    )


def _marketing(body: Body, order: Body) -> tuple[str, datetime | None]:
    """Return what was said about marketing, and when: the consent record if there is one, else the older flag, else the checkout's tick."""
    record = child(body, "email_marketing_consent")
    state = text(record.get("state"))
    since = moment(order, "processed_at", "created_at") or moment(body, "updated_at", "created_at")
    if state in ("subscribed", "unsubscribed"):
        return state, _lenient(record, "consent_updated_at") or since
    if body.get("accepts_marketing") is True:
        return Marketing.SUBSCRIBED, _lenient(body, "accepts_marketing_updated_at") or since
    changed_at, created_at = _lenient(body, "accepts_marketing_updated_at"), _lenient(body, "created_at")
    if body.get("accepts_marketing") is False and changed_at and created_at and changed_at > created_at:
        return Marketing.UNSUBSCRIBED, changed_at
    if order.get("buyer_accepts_marketing") is True and not record:
        return Marketing.SUBSCRIBED, since
    return Marketing.NEVER, None


def _lenient(body: Body, name: str) -> datetime | None:
    try:
        return moment(body, name)
    except Unusable:
        return None
