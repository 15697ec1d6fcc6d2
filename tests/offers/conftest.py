"""Offers of a store, and people to give codes to."""

from datetime import UTC, datetime

import pytest

from customers import events
from offers.models import Offer, OfferCode
from orders.models import Order
from stores import clock
from tests.factories.customers import customer

NOW = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)


@pytest.fixture
def offer(store) -> Offer:
    clock.set_to(NOW)
    made: Offer = Offer.objects.create(store=store, name="Thanks", code="THANKS10", value="10% off")
    return made


@pytest.fixture
def pool(store, offer):
    offer.kind, offer.code = Offer.Kind.POOL, ""
    offer.save()
    OfferCode.objects.bulk_create(OfferCode(store=store, offer=offer, code=f"ONE-{number}") for number in range(3))
    return offer


@pytest.fixture
def person(store):
    """Make a customer by a short name."""
    return lambda name: customer(store, f"{name}@example.com", name=name.title())


@pytest.fixture
def buys():
    """Let somebody place a paid order with discount codes, and tell the wire."""

    def place(who, number: str, *codes: str, at: datetime = NOW, **fields) -> Order:
        order = Order.objects.create(
            **{
                "store": who.store, "customer": who, "external_id": number, "number": number, "placed_at": at, "currency": "EUR",
                "total_minor": 5000, "shop_currency": "EUR", "shop_total_minor": 5000, "financial_status": "paid", "paid_at": at,
                "created_at": at, "discount_codes": list(codes), **fields,
            }
        )  # fmt: skip
        tell(order, "order.placed")
        return order

    return place


def tell(order: Order, kind: str, **changes) -> None:
    """Change an order and let the wire know of it."""
    Order.objects.filter(pk=order.pk).update(**changes)
    now = clock.read()
    events.record(order.customer, kind, at=now, key=f"{kind}:{order.pk}:{now.isoformat()}", now=now, data={"order": order.pk})
