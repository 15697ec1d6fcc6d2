"""What the API's answers look like: schemas for the description, and the functions that fill them from rows."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from ninja import Schema
from pydantic import AwareDatetime

from campaigns.models import StepRun
from customers import models as customers
from messaging.models import Message as MessageRow
from orders import models as orders
from stores import money


class Line(Schema):
    external_id: str
    sku: str
    name: str
    quantity: int
    refunded_quantity: int
    unit_price: str
    product_external_id: str | None
    kind: str


class Refund(Schema):
    external_id: str
    amount: str
    at: AwareDatetime
    lines: list[dict[str, Any]]


class Shipment(Schema):
    external_id: str
    carrier: str
    tracking_number: str
    tracking_url: str
    status: str
    shipped_at: AwareDatetime | None
    expected_at: AwareDatetime | None
    delivered_at: AwareDatetime | None
    is_cancelled: bool
    lines: list[str]


class Order(Schema):
    external_id: str
    number: str
    email: str
    customer_id: int
    currency: str
    total: str
    discount_total: str | None
    shipping_total: str | None
    tax_total: str | None
    refunded: str
    shop_currency: str
    shop_total: str
    placed_at: AwareDatetime
    paid_at: AwareDatetime | None
    cancelled_at: AwareDatetime | None
    updated_at: AwareDatetime | None
    financial_status: str
    fulfillment_status: str
    test: bool
    is_history: bool
    shipping_address: dict[str, Any]
    source: str
    discount_codes: list[str]
    lines: list[Line]
    refunds: list[Refund]
    shipments: list[Shipment]


class Customer(Schema):
    id: int
    external_ids: list[str]
    email: str
    name: str
    phone: str
    locale: str
    country: str
    city: str
    region: str
    postal_code: str
    birthday: str | None
    tags: list[str]
    orders_count: int
    items_count: int
    returns_count: int
    coupon_orders_count: int
    total_spent: str
    average_order: str | None
    refunded: str
    currency: str
    first_order_at: AwareDatetime | None
    second_order_at: AwareDatetime | None
    last_order_at: AwareDatetime | None
    days_between_orders: float | None
    first_source: str
    last_source: str
    marketing_consent: str
    created_at: AwareDatetime


class Event(Schema):
    kind: str
    at: AwareDatetime
    key: str
    data: dict[str, Any]


class Plan(Schema):
    flow: str
    step: str
    due_at: AwareDatetime
    state: str
    reason: str | None
    order: str | None


class Message(Schema):
    id: int
    email: str
    order: str | None
    flow: str
    step: str
    subject: str
    purpose: str
    state: str
    created_at: AwareDatetime
    sent_at: AwareDatetime | None
    reason: str | None


class Task(Schema):
    id: int
    title: str
    detail: str
    kind: str
    state: str
    customer_id: int
    email: str
    order: str | None
    opened_at: AwareDatetime
    due_at: AwareDatetime
    closed_at: AwareDatetime | None


class Review(Schema):
    id: int
    product_external_id: str | None
    title: str
    stars: int
    text: str
    name: str
    given_at: AwareDatetime
    photos: list[str]
    answer: str
    answered_at: AwareDatetime | None


class Orders(Schema):
    items: list[Order]
    next: str | None


class Customers(Schema):
    items: list[Customer]
    next: str | None


class Events(Schema):
    items: list[Event]
    next: str | None


class Planned(Schema):
    items: list[Plan]
    next: str | None


class Messages(Schema):
    items: list[Message]
    next: str | None


class Tasks(Schema):
    items: list[Task]
    next: str | None


class Reviews(Schema):
    items: list[Review]
    next: str | None


def order(row: orders.Order) -> dict[str, Any]:
    return {
        **_same(
            row, "external_id", "number", "email", "customer_id", "currency", "shop_currency", "financial_status", "fulfillment_status"
        ),
        **_same(row, "is_history", "shipping_address", "source", "discount_codes"),
        "total": money.to_wire(row.total_minor, row.currency),
        **{f"{part}_total": _part(getattr(row, f"{part}_minor"), row.currency) for part in ("discount", "shipping", "tax")},
        "refunded": money.to_wire(row.refunded_minor, row.currency),
        "shop_total": money.to_wire(row.shop_total_minor, row.shop_currency),
        "placed_at": _utc(row.placed_at),
        "paid_at": _utc(row.paid_at),
        "cancelled_at": _utc(row.cancelled_at),
        "updated_at": _utc(row.source_updated_at),
        "test": row.is_test,
        "lines": [_line(line, row.currency) for line in row.lines.all()],
        "refunds": [
            {**_same(refund, "external_id", "lines"), "at": _utc(refund.at), "amount": money.to_wire(refund.amount_minor, row.currency)}
            for refund in sorted(row.refunds.all(), key=lambda refund: (refund.at, refund.pk))
        ],
        "shipments": [_shipment(shipment) for shipment in row.shipments.all()],
    }


def _part(minor: int | None, currency: str) -> str | None:
    return None if minor is None else money.to_wire(minor, currency)


def _line(row: orders.OrderLine, currency: str) -> dict[str, Any]:
    return {
        **_same(row, "external_id", "sku", "name", "quantity", "refunded_quantity", "kind"),
        "unit_price": money.to_wire(row.unit_price_minor, currency),
        "product_external_id": row.product.external_id if row.product else None,
    }


def _shipment(row: orders.Shipment) -> dict[str, Any]:
    return {
        **_same(row, "external_id", "carrier", "tracking_number", "tracking_url", "status", "is_cancelled", "lines"),
        "shipped_at": _utc(row.shipped_at),
        "expected_at": _utc(row.expected_at),
        "delivered_at": _utc(row.delivered_at),
    }


def customer(row: customers.Customer) -> dict[str, Any]:
    figures = getattr(row, "metrics", None) or customers.Metrics()
    return {
        **_same(row, "id", "email", "name", "phone", "country", "city", "region", "postal_code", "tags"),
        **_same(figures, "items_count", "returns_count", "coupon_orders_count", "days_between_orders", "first_source", "last_source"),
        "external_ids": [each.external_id for each in row.identities.all() if not each.external_id.startswith("order:")],
        "locale": row.language,
        "birthday": row.birthday or None,
        "orders_count": figures.orders_count,
        "total_spent": money.to_wire(figures.total_spent_minor, row.store.currency),
        "average_order": money.to_wire(figures.average_minor, row.store.currency) if figures.average_minor is not None else None,
        "refunded": money.to_wire(figures.refunded_minor, row.store.currency),
        "currency": row.store.currency,
        "first_order_at": _utc(figures.first_order_at),
        "second_order_at": _utc(figures.second_order_at),
        "last_order_at": _utc(figures.last_order_at),
        "marketing_consent": row.marketing,
        "created_at": _utc(row.created_at),
    }


def event(row: customers.Event) -> dict[str, Any]:
    return {**_same(row, "kind", "key", "data"), "at": _utc(row.occurred_at)}


def planned(row: StepRun) -> dict[str, Any]:
    return {
        "flow": row.enrollment.flow.key,
        "step": row.step_key,
        "due_at": _utc(row.due_at),
        "state": row.state,
        "reason": row.reason or None,
        "order": row.order.external_id if row.order else None,
    }


def message(row: MessageRow) -> dict[str, Any]:
    return {
        **_same(row, "id", "flow", "step", "subject", "purpose", "state"),
        "email": row.to_email,
        "order": row.order.external_id if row.order else None,
        "created_at": _utc(row.created_at),
        "sent_at": _utc(row.sent_at),
        "reason": row.reason or None,
    }


def task(row: Any) -> dict[str, Any]:
    """Show a task that was annotated with its `order_external_id`."""
    return {
        **_same(row, "id", "title", "detail", "kind", "state", "customer_id"),
        "email": row.customer.email,
        "order": row.order_external_id,
        "opened_at": _utc(row.opened_at),
        "due_at": _utc(row.due_at),
        "closed_at": _utc(row.closed_at),
    }


def review(row: Any) -> dict[str, Any]:
    return {
        **_same(row, "id", "title", "stars", "text", "name", "answer"),
        "product_external_id": row.product.external_id if row.product else None,
        "photos": [settings.PUBLIC_URL + reverse("public:review-photo", args=[photo.token]) for photo in row.photos.all()],
        "given_at": _utc(row.given_at),
        "answered_at": _utc(row.answered_at),
    }


def _same(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None
