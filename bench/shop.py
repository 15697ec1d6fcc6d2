"""A shop to measure with: a store, and orders of two lines each, as rows and as the wire's JSON."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from catalog.models import Product, ProductGuide
from customers.models import Customer
from orders.models import Order, OrderLine, Shipment
from stores.models import Store

_TIPS = ["Rinse it once with hot water.", "Fill it to the mark, not above.", "Let it stand four minutes.", "Pour slowly."]


def open_shop(slug: str, *, now: datetime) -> Store:
    return Store.objects.create(
        slug=slug, name="Marlow & Finch", timezone="Europe/Berlin", currency="EUR", country="DE", sender_name="Jo at Marlow & Finch",
        sender_email="hello@marlow.example", reply_to="jo@marlow.example", postal_address="Quay 1, 20457 Hamburg", created_at=now,
    )  # fmt: skip


def fill(store: Store, count: int, *, now: datetime) -> list[Order]:
    """Give a store `count` customers with one shipped order of two guided products each."""
    placed = now - timedelta(days=1)
    products = [
        Product.objects.create(
            store=store, external_id=f"p{n}", title=title, url=f"https://marlow.example/{n}", price_minor=4990, currency="EUR"
        )
        for n, title in enumerate(("Stovetop kettle, 1.2 litre", "Two stoneware cups"))
    ]
    for product in products:
        ProductGuide.objects.create(store=store, product=product, headline="a first brew", tips=_TIPS, mistake="Never boil it dry.")
    customers = Customer.objects.bulk_create(
        Customer(
            store=store,
            email=f"ana.{n}@home.example",
            email_key=f"ana.{n}@home.example",
            name=f"Ana Silva {n}",
            first_name="Ana",
            created_at=placed,
        )
        for n in range(count)
    )
    orders = Order.objects.bulk_create(_order(store, customer, n, placed) for n, customer in enumerate(customers))
    OrderLine.objects.bulk_create(_line(order, product, position) for order in orders for position, product in enumerate(products))
    Shipment.objects.bulk_create(
        Shipment(
            store=store, order=order, external_id="s1", carrier="DHL", tracking_number="JJD0001123456789", tracking_url="https://dhl.example/1",
            status="in_transit", shipped_at=now - timedelta(hours=6), expected_at=now + timedelta(days=2), is_scanned=True,
        )
        for order in orders
    )  # fmt: skip
    return orders


def _order(store: Store, customer: Customer, n: int, placed: datetime) -> Order:
    return Order(
        store=store, customer=customer, external_id=f"{n}", number=f"#{n}", email=customer.email, placed_at=placed, currency="EUR",
        total_minor=9980, shop_currency="EUR", shop_total_minor=9980, financial_status="paid", fulfillment_status="fulfilled",
        paid_at=placed, fulfilled_at=placed + timedelta(hours=18), shipping_address={"city": "Lisbon", "country": "PT"}, created_at=placed,
    )  # fmt: skip


def _line(order: Order, product: Product, position: int) -> OrderLine:
    return OrderLine(
        store=order.store, order=order, customer=order.customer, placed_at=order.placed_at, product=product, external_id=f"{position}",
        name=product.title, quantity=1, unit_price_minor=4990, position=position,
    )  # fmt: skip


def on_the_wire(count: int, *, placed: datetime) -> Iterator[dict[str, Any]]:
    """Yield generic orders: four orders in five by new customers, two lines out of 500 products."""
    for n in range(count):
        person = n if n % 5 else n // 2
        when = (placed + timedelta(seconds=n)).isoformat()
        yield {
            "external_id": f"w{n}", "number": f"#{n}", "placed_at": when, "updated_at": when, "currency": "EUR", "total": "99.80",
            "financial_status": "paid", "fulfillment_status": "unfulfilled",
            "lines": [_wire_line(n, position) for position in (1, 2)],
            "customer": {"external_id": f"c{person}", "email": f"person.{person}@home.example", "name": f"Ana Silva {person}",
                         "marketing_consent": "subscribed"},
            "shipping_address": {"name": f"Ana Silva {person}", "address1": "Rua das Flores 7", "city": "Lisbon", "country": "PT"},
        }  # fmt: skip


def _wire_line(n: int, position: int) -> dict[str, Any]:
    product = (n * 7 + position) % 500
    return {
        "external_id": f"{position}", "sku": f"SKU-{product}", "name": f"Product {product}", "quantity": 1, "unit_price": "49.90",
        "product_external_id": f"p{product}", "kind": "physical",
    }  # fmt: skip


def median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2]
