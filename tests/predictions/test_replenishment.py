"""How long a product lasts, from who bought it again."""

from datetime import timedelta

from orders.models import OrderLine
from predictions import replenishment
from predictions.models import Replenishment
from tests.predictions.conftest import NOW


def learned(store):
    replenishment.learn(store, now=NOW)
    return list(Replenishment.objects.values_list("product__title", "interval_days", "basis"))


def test_the_middle_buyer_decides_and_a_hoarder_counts_once(store, past, beans):
    past(*[[90, 60, 30]] * 11, list(range(100, 0, -1)), [600, 1], product=beans)
    assert learned(store) == [("Beans", 30, 13)]


def test_two_bags_last_twice_as_long_as_one(store, past, beans):
    past(*[[120, 60]] * 10, product=beans, quantity=2)
    assert learned(store) == [("Beans", 30, 10)]


def test_few_repeat_buyers_teach_nothing_and_unlearn_what_was(store, past, beans):
    past(*[[90, 60]] * 9, product=beans)
    Replenishment.objects.create(store=store, product=beans, interval_days=9, basis=99, computed_at=NOW - timedelta(days=1))
    assert learned(store) == []


def test_what_hardly_anyone_buys_again_is_no_supply(store, past, beans):
    past(*[[90, 60]] * 10, *[[50]] * 191, product=beans)
    assert learned(store) == []


def test_what_was_given_back_was_not_used_up(store, past, beans):
    past(*[[90, 60]] * 10, product=beans)
    OrderLine.objects.update(refunded_quantity=1)
    assert learned(store) == []
