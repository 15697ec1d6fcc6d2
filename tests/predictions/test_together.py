"""The counts of what is bought together are those of a plain loop over the orders, whatever happens to these, and in whatever order."""

import logging
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import product

import numpy as np
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Product
from customers import merging
from customers.models import Customer, Merge
from integrations.generic import adapter
from orders import ingest
from orders.models import Order, OrderLine, Uncounted
from predictions import counting, together
from predictions.models import Counted, Fit, Together
from tests import side_by_side
from tests.factories.orders import NOW, payload
from tests.thoroughness import examples

pytestmark = pytest.mark.django_db
NAMES = "abcd"


def bought(number, who, goods, *, ago=1, told=0, **fields):
    """Return an order of somebody's as the shop tells it: each of `goods` a line, so many days before NOW."""
    at = datetime(2026, 2, 20, 12, tzinfo=UTC) - timedelta(days=ago)
    lines = [{"external_id": name, "name": name, "quantity": 1, "unit_price": "1.00", "product_external_id": name} for name in goods]
    person = {"external_id": who, "email": f"{who}@example.com"}
    updated = (at + timedelta(minutes=told)).isoformat()
    return payload(str(number), placed_at=at.isoformat(), updated_at=updated, lines=lines, customer=person, **fields)


def tell(store, *told):
    ingest.upsert_orders(store, [adapter.order(each) for each in told], now=NOW)


def plain(store) -> Counter[tuple[str, str]]:
    """Count as one would by hand."""
    had = defaultdict(set)
    lines = OrderLine.objects.filter(order__store=store, order__cancelled_at=None, order__is_test=False).exclude(
        order__financial_status="voided"
    )
    for line in lines.select_related("product"):
        if line.product and line.quantity > line.refunded_quantity:
            had[line.customer_id].add((line.placed_at.astimezone(UTC).date(), line.product.external_id))
    pairs = {(who, one, other) for who, all_ in had.items() for (a, one), (b, other) in product(all_, all_) if 0 <= (b - a).days <= 60}
    return Counter((one, other) for _, one, other in pairs)


def kept(store) -> Counter[tuple[str, str]]:
    names = dict(Product.objects.filter(store=store).values_list("pk", "external_id"))
    found = Together.objects.filter(store=store).exclude(buyers=0).values_list("product_id", "suggested_id", "buyers")
    return Counter({(names[one], names[other]): buyers for one, other, buyers in found})


def drain(store):
    while together.follow(store, now=NOW):
        pass


people, goods = st.sampled_from("uvw"), st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True)
orders = st.builds(
    lambda *values, **fields: bought(*values[:3], ago=values[3], told=values[4], **fields),
    st.integers(1, 4), people, goods, st.sampled_from([1, 30, 80, 130]), st.integers(0, 9),
    cancelled_at=st.sampled_from([None, None, "2026-02-21T00:00:00Z"]), test=st.sampled_from([False, False, True]),
    financial_status=st.sampled_from(["paid", "paid", "voided"]),
)  # fmt: skip
refunds = st.fixed_dictionaries({"number": st.integers(1, 4), "name": st.sampled_from(NAMES)})
merges = st.permutations("uvw").map(lambda drawn: tuple(drawn[:2]))


@settings(max_examples=examples(48), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(orders, orders, refunds, merges, st.just(None)), min_size=3, max_size=12), st.randoms())
def test_any_shuffle_of_orders_edits_cancels_refunds_merges_and_repeats_ends_in_the_counts_of_a_plain_loop(store, lived, chance):
    with transaction.atomic():
        for act in [*lived, *chance.sample(lived, 2)]:
            match act:
                case {"lines": _}:
                    tell(store, act)
                case {"number": number, "name": name}:
                    refund = {
                        "external_id": name,
                        "order_external_id": f"{number}",
                        "amount": "1.00",
                        "lines": [{"external_id": name, "quantity": 1}],
                    }
                    ingest.upsert_refund(store, adapter.refund(refund, shop_currency="EUR"), now=NOW)
                case (one, other):
                    merge(one, other)
                case None:
                    drain(store)
        drain(store)
        assert kept(store) == plain(store)
        assert together.check(store, now=NOW) == together.Found(0, 0, 0)
        transaction.set_rollback(True)


def merge(one: str, other: str) -> None:
    found = {customer.email: customer for customer in Customer.objects.all()}
    if {f"{one}@example.com", f"{other}@example.com"} <= set(found):
        merging.merge(found[f"{one}@example.com"], found[f"{other}@example.com"], by="Mara", now=NOW)


def test_who_is_merged_and_parted_again_is_counted_as_they_were(store):
    tell(store, bought(1, "u", "ab"), bought(2, "v", "bc"))
    drain(store)
    merge("u", "v")
    drain(store)
    assert kept(store)["a", "c"] == 1
    merging.undo(Merge.objects.get(), by="Mara", now=NOW)
    drain(store)
    assert (
        kept(store)
        == plain(store)
        == Counter({("a", "a"): 1, ("b", "b"): 2, ("c", "c"): 1, **dict.fromkeys(map(tuple, ["ab", "ba", "bc", "cb"]), 1)})
    )


@pytest.mark.django_db(transaction=True)
def test_two_workers_and_a_shop_at_once_lose_and_double_nothing(store, monkeypatch):
    monkeypatch.setattr(together, "BATCH", 2)
    told = [bought(number, "uvw"[number % 3], NAMES[: 1 + number % 4], ago=number) for number in range(12)]
    tell(store, *told[:6])
    side_by_side.run(lambda: drain(store), lambda: drain(store), *[lambda each=each: tell(store, each) for each in told[6:]])
    drain(store)
    assert (kept(store), Uncounted.objects.count()) == (plain(store), 0)


@pytest.mark.parametrize("chunk", [40, 8 << 20])
def test_counting_afresh_gives_the_same_whatever_the_portions(store, monkeypatch, chunk):
    monkeypatch.setattr(counting, "_CHUNK", chunk)
    monkeypatch.setattr(together, "AFRESH", 0)
    draw = np.random.default_rng(3)
    tell(
        store,
        *(
            bought(n, f"p{n % 20}", draw.choice(list(NAMES), draw.integers(1, 4), replace=False), ago=int(draw.integers(1, 150)))
            for n in range(60)
        ),
    )
    drain(store)
    assert (kept(store), together.people(store)) == (plain(store), 20)


def test_the_nightly_check_says_and_mends_what_nobody_had_told_and_what_was_counted_wrong(store, caplog):
    tell(store, bought(1, "u", "ab"), bought(2, "v", "abc"))
    with caplog.at_level(logging.ERROR):
        assert (together.check(store, now=NOW).missed, caplog.text) == (0, "")
        right = kept(store)
        Together.objects.filter(buyers=2).update(buyers=7)
        assert together.check(store, now=NOW) == together.Found(0, 0, 4)
        assert kept(store) == right
        Order.objects.filter(external_id="2").update(cancelled_at=NOW)
        assert together.check(store, now=NOW) == together.Found(0, 1, 9)
    assert "In store marlow, 1 customers and 9 pairs were counted wrong, and are mended" in caplog.text
    assert kept(store) == plain(store) == Counter(dict.fromkeys(product("ab", "ab"), 1))
    assert Together.objects.count() == 4
    assert Fit.objects.get(store=store).counted_at == NOW


@pytest.mark.parametrize("afresh", [0, together.AFRESH])
def test_of_a_basket_that_stocks_a_shop_each_thing_is_paired_with_its_fifty_neighbours(store, monkeypatch, afresh):
    monkeypatch.setattr(together, "AFRESH", afresh)
    tell(store, bought(1, "u", [f"p{n}" for n in range(120)]))
    drain(store)
    assert Together.objects.count() == 120 + 2 * sum(120 - step for step in range(1, 51))
    tell(store, bought(1, "u", ["p1"], told=1))
    drain(store)
    assert (list(Together.objects.exclude(buyers=0).values_list("buyers", flat=True)), Counted.objects.count()) == ([1], 1)
