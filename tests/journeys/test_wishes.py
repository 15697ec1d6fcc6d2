"""What somebody waits for becomes cheaper, or can be bought again: told to them and to nobody else."""

from datetime import timedelta

import pytest

from campaigns import flows, recipes
from campaigns.models import StepRun
from campaigns.occasions import goods
from campaigns.tasks import sweep_until_quiet
from catalog.models import Product
from customers.models import Customer, Event
from engagement import actions
from engagement.actions import Done
from orders.models import Cart
from stores import clock
from tests.journeys.conftest import order


@pytest.fixture
def live(shop):
    """A lamp in Bo's cart and on Cy's list; Di only looks."""
    for key in ("price-drop", "back-in-stock"):
        flows.activate(recipes.install(shop.store, key, now=clock.read()), now=clock.read())
    now = clock.read()
    offer(shop, price="60.00")
    for name in ("bo", "cy", "di"):
        Customer.objects.create(
            store=shop.store, email=f"{name}@example.com", email_key=f"{name}@example.com", name=name.title(), marketing="subscribed",
            created_at=now,
        )  # fmt: skip
    bo, cy, _ = Customer.objects.order_by("pk")
    Cart.objects.create(
        store=shop.store, customer=bo, external_id="c", currency="EUR", total_minor=6000, started_at=now, updated_at=now,
        lines=[{"name": "Lamp", "quantity": 1, "product_external_id": "lamp"}],
    )  # fmt: skip
    actions.write([Done(shop.store.pk, "wish_listed", now, "w1", customer_id=cy.pk, data={"product_id": "lamp"})], now=now)
    return shop


def offer(shop, *, price: str, available: bool = True) -> None:
    now = clock.read()
    shop.tell("products/update", {
        "external_id": "lamp", "title": "Brass lamp", "price": price, "currency": "EUR", "is_available": available,
        "url": "https://shop.example/lamp", "updated_at": now.isoformat(),
    })  # fmt: skip


def look() -> None:
    goods.note(now=clock.read())
    sweep_until_quiet()


def told() -> list[tuple[str, str]]:
    return list(Event.objects.filter(kind__startswith="product.").order_by("pk").values_list("kind", "customer__name"))


def test_a_lower_price_is_told_with_both_prices_to_who_waits(live, mails):
    offer(live, price="48.00")
    look()
    look()
    assert told() == [("product.price_dropped", "Bo"), ("product.price_dropped", "Cy")]
    assert {(each.subject, each.to[0].partition(" ")[0]) for each in mails()} == {("Brass lamp: now €48.00", name) for name in ("Bo", "Cy")}
    assert "It was €60.00 and is now €48.00." in mails()[0].body.replace("\n", " ")


@pytest.mark.parametrize("price", ["58.00", "60.00", "75.00"])
def test_a_small_drop_and_a_higher_price_are_no_news(live, price):
    offer(live, price=price)
    look()
    assert told() == []


def test_what_can_be_bought_again_is_told_unless_it_was_bought_meanwhile(live, mails):
    offer(live, price="60.00", available=False)
    look()
    assert told() == []
    line = {"external_id": "1", "name": "Brass lamp", "quantity": 1, "unit_price": "60.00", "product_external_id": "lamp"}
    live.tell("orders/create", order("5", at=clock.read(), lines=[line], customer={"email": "bo@example.com", "name": "Bo"}))
    mails().clear()
    offer(live, price="60.00")
    look()
    assert told() == [("product.back_in_stock", "Cy")]
    assert [each.subject for each in mails()] == ["It is back: Brass lamp"]


def test_what_is_sold_out_again_by_then_is_not_offered(live):
    offer(live, price="48.00")
    goods.note(now=clock.read())
    Product.objects.filter(external_id="lamp").update(is_available=False)
    sweep_until_quiet()
    assert set(StepRun.objects.filter(step_key="costs-less").values_list("state", "reason")) == {("skipped", "out_of_stock")}


def test_an_old_change_is_no_news(live, travel):
    offer(live, price="48.00")
    travel(clock.read() + timedelta(days=3))
    look()
    assert told() == []
