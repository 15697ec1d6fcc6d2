"""A shop with a past, as rows: drawn from the model that is to be found in it."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from catalog.models import Product
from customers.models import Customer
from orders import figures
from orders.models import Order, OrderLine

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def past(store):
    """Return a maker of customers who bought on the given numbers of days ago, 20.00 each time."""

    def make(*lives, amount=2000, currency="EUR", product=None, quantity=1) -> list[Customer]:
        start = Customer.objects.count()
        people = Customer.objects.bulk_create(
            Customer(store=store, email=f"p{start + n}@example.com", email_key=f"p{start + n}@example.com", created_at=NOW)
            for n in range(len(lives))
        )
        orders = Order.objects.bulk_create(
            Order(
                store=store, customer=person, external_id=f"{person.pk}-{days}", placed_at=NOW - timedelta(days=days), currency=currency,
                total_minor=amount, shop_currency=currency, shop_total_minor=amount, financial_status="paid", created_at=NOW,
            )
            for person, life in zip(people, lives, strict=True)
            for days in life
        )  # fmt: skip
        if product:
            OrderLine.objects.bulk_create(
                OrderLine(
                    store=store, order=order, customer_id=order.customer_id, placed_at=order.placed_at, product=product, external_id="l1",
                    name="x", quantity=quantity, unit_price_minor=amount, position=1,
                )
                for order in orders
            )  # fmt: skip
        figures.recompute(person.pk for person in people)
        return people

    return make


@pytest.fixture
def shop(past):
    """Three hundred customers of two years, some of whom come back for a while; return them with their days ago."""
    draw = np.random.default_rng(7)
    lives = []
    for first in draw.integers(30, 700, size=300).tolist():
        days, at = [first], float(first)
        while (at := at - draw.exponential(45 + 60 * draw.random())) > 0 and draw.random() < 0.6:
            days.append(int(at))
        lives.append(sorted(set(days), reverse=True))
    return list(zip(past(*lives), lives, strict=True))


@pytest.fixture
def beans(store) -> Product:
    return Product.objects.create(store=store, external_id="beans", title="Beans")
