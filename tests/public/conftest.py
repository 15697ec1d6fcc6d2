"""Rows the customers' pages need: one customer, one order with a line, one mail, one question."""

from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.urls import reverse

from catalog.models import Product
from customers.models import Customer
from lifecycle.public import my_orders, sign_up
from messaging.models import Message
from offers.models import Advocate, Offer, OfferCode, Program
from orders.models import Cart, Order, OrderLine, Shipment
from stores import clock, phrases, tokens
from surveys import answers, reviews

PLACED = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nobody_has_tried():
    """Forget how often a form was sent from this network."""
    cache.clear()


@pytest.fixture
def customer(store) -> Customer:
    return Customer.objects.create(
        store=store, email="Ana@Example.com", email_key="ana@example.com", name="Ana Silva", first_name="Ana", created_at=PLACED
    )


@pytest.fixture
def order(store, customer) -> Order:
    order = Order.objects.create(
        store=store, customer=customer, external_id="9001", number="1042", email="ana@example.com", placed_at=PLACED, currency="EUR",
        total_minor=4990, shop_currency="EUR", shop_total_minor=4990, financial_status="paid", paid_at=PLACED, created_at=PLACED,
        shipping_address={"name": "Ana Silva", "address1": "Rua das Flores 7", "city": "Lisbon", "zip": "1200-195", "country": "PT"},
    )  # fmt: skip
    add_line(order, "Stovetop kettle")
    return order


@pytest.fixture
def response(store, customer, order):
    return answers.ask("check-in", store=store, customer=customer, order=order, now=PLACED)


@pytest.fixture
def program(store) -> Program:
    """Friends get a code of one pool, who brought them one of another."""
    friend, reward = (
        Offer.objects.create(store=store, name=name, kind="pool", value=value) for name, value in (("Friend", "€10"), ("Reward", "€5"))
    )
    OfferCode.objects.create(store=store, offer=friend, code="FRIEND")
    made: Program = Program.objects.create(store=store, is_on=True, friend_offer=friend, reward_offer=reward)
    return made


@pytest.fixture
def link(customer, program) -> Advocate:
    made: Advocate = Advocate.objects.create(store=customer.store, customer=customer, token="1" * 22, created_at=PLACED)
    return made


@pytest.fixture
def addresses(customer, order, response, link) -> dict[str, str]:
    """Return an address of every kind of page."""
    add_parcel(order, carrier="CTT", status="in_transit")
    english = phrases.of("en")
    my_orders.send_link(order.store, customer, english, now=clock.read())
    sign_up.ask(order.store, customer, english, now=clock.read())
    cart = Cart.objects.create(
        store=order.store, customer=customer, external_id="c1", currency="EUR", total_minor=100, started_at=PLACED, updated_at=PLACED
    )
    held = {
        "tracker": order.token, "check-in": response.token, "unsubscribe": add_mail(order).token, "preferences": customer.token,
        "lookup": order.store.slug, "my-orders": Message.objects.get(step="my-orders").token, "later": cart.token,
        "review": reviews.ask(order, now=clock.read()).token, "ask": order.store.slug,
        "sign-up": Message.objects.get(step="sign-up").token, "share": link.token, "friend": link.token,
    }  # fmt: skip
    key = tokens.signature(order.store.thanks_key, "1042")
    return {name: reverse(f"public:{name}", args=[token]) for name, token in held.items()} | {
        "thanks": f"/thanks/marlow/?order=1042&key={key}"
    }


def add_line(order: Order, name: str, **fields) -> OrderLine:
    values = {"kind": Product.Kind.PHYSICAL, "quantity": 1, "unit_price_minor": 4990, "position": order.lines.count() + 1} | fields
    return OrderLine.objects.create(
        store=order.store, order=order, customer=order.customer, placed_at=order.placed_at,
        external_id=str(values["position"]), name=name, **values,
    )  # fmt: skip


def add_parcel(order: Order, **fields) -> Shipment:
    return Shipment.objects.create(store=order.store, order=order, external_id=f"s{order.shipments.count() + 1}", **fields)


def add_mail(order: Order, purpose: str = "marketing") -> Message:
    return Message.objects.create(
        store=order.store, customer=order.customer, order=order, dedupe_key=f"{purpose}-1", purpose=purpose, is_urgent=False,
        to_email="ana@example.com", from_email="hello@marlow.example", subject="Hello", html="<p>Hello</p>", text="Hello",
        created_at=PLACED, due_at=PLACED, use_by=PLACED,
    )  # fmt: skip
