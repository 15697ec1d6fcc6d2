"""What is learned of what is bought together, from baskets made by hand."""

from datetime import timedelta

import numpy as np
import pytest
from django.utils.crypto import get_random_string

from campaigns import situation
from catalog.models import Pairing, Product
from customers.models import Customer
from orders import figures
from orders.models import Order, OrderLine, Uncounted
from predictions import baskets, tasks, together
from predictions.models import Fit
from tests.predictions.conftest import NOW


@pytest.fixture
def goods(store) -> dict[str, Product]:
    names = ("kettle", "filters", "beans", "rug", "bag")
    return {name: Product.objects.create(store=store, external_id=name, title=name.title()) for name in names}


@pytest.fixture
def bought(store, goods):
    """Return a maker of one customer's orders: names of products by how many days ago."""

    def make(times: int = 1, /, **days: str) -> list[Order]:
        people = Customer.objects.bulk_create(
            Customer(store=store, email=key, email_key=key, created_at=NOW)
            for key in (f"{get_random_string(12).lower()}@example.com" for _ in range(times))
        )
        made = []
        for person in people:
            for ago, names in days.items():
                at = NOW - timedelta(days=int(ago.removeprefix("d")))
                order = Order.objects.create(
                    store=store, customer=person, external_id=get_random_string(12), placed_at=at, currency="EUR", total_minor=1,
                    shop_currency="EUR", shop_total_minor=1, financial_status="paid", created_at=NOW,
                )  # fmt: skip
                OrderLine.objects.bulk_create(
                    OrderLine(
                        store=store, order=order, customer=person, placed_at=at, product=goods[name], external_id=name, name=name,
                        quantity=1, unit_price_minor=1, position=number,
                    )
                    for number, name in enumerate(names.split())
                )  # fmt: skip
                made.append(order)
        return made

    return make


@pytest.fixture(autouse=True)
def _few_orders_are_enough(monkeypatch):
    monkeypatch.setattr(baskets, "LEAST_ORDERS", 10)


def learned(store) -> dict[tuple[str, str], tuple[int, float, float]]:
    together.check(store, now=NOW)
    baskets.learn(store, now=NOW)
    pairs = Pairing.objects.filter(buyers__gt=0).values_list("product__title", "suggested__title", "buyers", "share", "lift")
    return {(product, suggested): (buyers, round(share or 0, 3), round(lift or 0, 2)) for product, suggested, buyers, share, lift in pairs}


def test_what_half_of_its_buyers_take_and_few_others_is_learned_both_ways_within_a_basket(store, bought):
    bought(10, d9="kettle filters")
    bought(10, d9="kettle")
    bought(80, d9="beans")
    assert learned(store) == {("Kettle", "Filters"): (10, 0.5, 5.0), ("Filters", "Kettle"): (10, 1.0, 5.0)}


def test_what_comes_later_goes_with_what_came_first_and_not_the_other_way(store, bought):
    bought(10, d90="kettle", d40="filters")
    bought(80, d9="beans")
    assert learned(store) == {("Kettle", "Filters"): (10, 1.0, 9.0)}


def test_after_sixty_days_it_is_another_purchase(store, bought):
    bought(10, d90="kettle", d29="filters")
    bought(80, d9="beans")
    assert learned(store) == {}


def test_a_few_buyers_prove_nothing_and_what_everybody_takes_goes_with_nothing(store, bought):
    bought(4, d9="kettle filters")
    bought(60, d9="rug bag")
    bought(40, d9="bag")
    assert learned(store) == {}


def test_a_daily_buyer_is_one_voice(store, bought):
    bought(4, d9="kettle filters")
    bought(1, **{f"d{ago}": "kettle filters" for ago in range(1, 30)})
    bought(80, d9="beans")
    assert learned(store)["Kettle", "Filters"] == (5, 1.0, 17.0)


def test_what_was_given_back_cancelled_or_a_test_was_not_bought(store, bought):
    orders = bought(12, d9="kettle filters")
    bought(80, d9="beans")
    OrderLine.objects.filter(order__in=orders[:4], product__title="Filters").update(refunded_quantity=1)
    Order.objects.filter(pk=orders[4].pk).update(cancelled_at=NOW)
    Order.objects.filter(pk=orders[5].pk).update(is_test=True)
    assert learned(store)["Filters", "Kettle"] == (6, 1.0, 9.0)


def test_too_few_orders_say_what_they_need_and_unlearn_what_was(store, bought, goods, monkeypatch):
    bought(12, d9="kettle filters")
    bought(80, d9="beans")
    learned(store)
    monkeypatch.setattr(baskets, "LEAST_ORDERS", 200)
    assert learned(store) == {}
    assert Fit.objects.get(store=store, kind=Fit.Kind.BASKETS).needs == "Needs 200 orders (so far 92)."


def test_what_somebody_chose_or_blocked_outlasts_what_is_learned(store, bought, goods):
    chosen = Pairing.objects.create(store=store, product=goods["kettle"], suggested=goods["rug"], reason="They match", rank=3)
    said = Pairing.objects.create(store=store, product=goods["kettle"], suggested=goods["filters"], reason="They fit", rank=4)
    bought(12, d9="kettle filters")
    bought(80, d9="beans")
    learned(store)
    Pairing.objects.filter(product=goods["filters"]).update(is_blocked=True)
    OrderLine.objects.filter(product=goods["filters"]).delete()
    assert learned(store) == {}
    assert sorted(Pairing.objects.values_list("suggested__title", "rank", "reason", "is_blocked")) == [
        ("Filters", 4, "They fit", False), ("Kettle", 1242, "", True), ("Rug", 3, "They match", False),
    ]  # fmt: skip
    assert {chosen.pk, said.pk} <= set(Pairing.objects.values_list("pk", flat=True))


def test_a_mail_suggests_what_was_chosen_before_what_was_learned_and_never_what_is_blocked(store, bought, goods):
    Pairing.objects.create(store=store, product=goods["kettle"], suggested=goods["rug"], reason="They match")
    bought(12, d9="kettle filters bag")
    [order] = bought(1, d9="kettle")
    bought(80, d9="beans")
    learned(store)
    Pairing.objects.filter(suggested=goods["bag"]).update(is_blocked=True)
    assert [pairing.suggested.title for pairing in situation.fitting(order, set())] == ["Rug", "Filters"]


def test_the_lower_bound_is_wilsons():
    assert baskets.lower(np.array([10]), np.array([20])).round(4).tolist() == [0.2993]


def test_what_is_learned_follows_the_counts_once_an_hour(store, bought, travel):
    orders = [*bought(12, d9="kettle filters"), *bought(80, d9="beans")]
    figures.recompute(order.customer_id for order in orders)

    def learned_at(moment):
        travel(moment)
        tasks.count_baskets()
        return Pairing.objects.filter(suggested__title="Filters").values_list("buyers", flat=True).first(), Uncounted.objects.count()

    assert learned_at(NOW) == (12, 0)
    Order.objects.filter(pk__in=[order.pk for order in orders[:2]]).update(cancelled_at=NOW)
    figures.recompute(order.customer_id for order in orders[:2])
    assert learned_at(NOW + timedelta(minutes=59)) == (12, 0)
    assert learned_at(NOW + timedelta(minutes=61)) == (10, 0)
