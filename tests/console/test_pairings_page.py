"""The page of what goes well with what."""

import pytest
from django.urls import reverse

from catalog.models import Pairing, Product
from predictions.models import Fit


@pytest.fixture
def filters(store, kettle) -> Pairing:
    suggested = Product.objects.create(store=store, external_id="filters", title="Filters")
    return Pairing.objects.create(
        store=store, product=kettle, suggested=suggested, origin="learned", rank=1300, buyers=38, share=0.19, lift=4.24
    )


def pairings(store) -> str:
    return reverse("console:pairings", args=[store.slug])


def test_a_learned_pairing_says_what_it_was_learned_from(signed_in, vic, store, filters):
    page = signed_in(vic).get(pairings(store)).content.decode()
    assert "19 % of its buyers take it too<br>38 bought both within 60 days, 4.2 times as often as by chance" in page


def test_what_is_chosen_comes_first_and_stays(signed_in, mara, store, kettle, filters):
    rug = Product.objects.create(store=store, external_id="rug", title="Rug")
    Pairing.objects.create(store=store, product=kettle, suggested=rug, reason="They match")
    marketer = signed_in(mara)
    assert marketer.get(pairings(store)).content.decode().count(">Put first<") == 1  # the rug is
    marketer.post(reverse("console:pairing_choose", args=[store.slug, filters.pk]))
    assert list(kettle.pairings.values_list("suggested__title", "origin", "rank")) == [("Filters", "said", 1), ("Rug", "said", 2)]


def test_what_is_blocked_is_found_under_blocked_and_can_come_back(signed_in, mara, store, filters):
    marketer, address = signed_in(mara), reverse("console:pairing_block", args=[store.slug, filters.pk])
    marketer.post(address)
    assert "Filters" not in marketer.get(pairings(store)).content.decode().partition("results")[2]
    assert "Suggest again" in marketer.get(pairings(store) + "?show=blocked").content.decode()
    marketer.post(address, {"again": "1"})
    filters.refresh_from_db()
    assert not filters.is_blocked


def test_a_young_store_reads_what_is_missing(signed_in, vic, store):
    Fit.objects.create(store=store, kind=Fit.Kind.BASKETS, needs="Needs 200 orders (so far 12).")
    page = signed_in(vic).get(pairings(store)).content.decode()
    assert "Needs 200 orders (so far 12). Until then, choose pairings" in page


def test_saying_why_makes_a_learned_pairing_the_shops_own(signed_in, mara, store, kettle, filters):
    form = {"suggested": "filters", "reason": "They fit your kettle"}
    signed_in(mara).post(reverse("console:pairing_add", args=[store.slug, kettle.pk]), form)
    filters.refresh_from_db()
    assert (filters.origin, filters.rank, filters.reason) == ("said", 1, "They fit your kettle")


def test_what_was_chosen_and_blocked_is_taken_up_again_by_saying_why(signed_in, mara, store, kettle, filters):
    Pairing.objects.filter(pk=filters.pk).update(origin="said", is_blocked=True)
    form = {"suggested": "Filters", "reason": "They fit after all"}
    signed_in(mara).post(reverse("console:pairing_add", args=[store.slug, kettle.pk]), form)
    filters.refresh_from_db()
    assert (filters.is_blocked, filters.reason) == (False, "They fit after all")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("filters", "Filters"), ("F-100", "Filters"), ("hand", "Hand grinder"),
        ("brush", "Several could be meant: Brush (B-1), Brush (B-2). Type the whole name, or the SKU."),
        ("er", "Several could be meant: Filters (F-100), Hand grinder. Type the whole name, or the SKU."),
        ("Copper kettle", "No other product has that as its name or SKU."), ("F-1000", "No other product has that as its name or SKU."),
    ],
)  # fmt: skip
def test_a_product_is_named_by_its_name_its_sku_or_a_part_of_its_name(signed_in, mara, store, other, kettle, typed, said):
    Product.objects.filter(pk=kettle.pk).update(title="Copper kettle")
    goods = [("Filters", "F-100"), ("Brush", "B-1"), ("Brush", "B-2"), ("Hand grinder", "")]
    for number, (title, sku) in enumerate(goods):
        Product.objects.create(store=store, external_id=f"other-{number}", title=title, sku=sku)
    Product.objects.create(store=other, external_id="elsewhere", title="Her filters", sku="F-1000")
    form = {"suggested": typed, "reason": "It fits"}
    answer = signed_in(mara).post(reverse("console:pairing_add", args=[store.slug, kettle.pk]), form)
    paired = kettle.pairings.values_list("suggested__title", flat=True)
    if answer.status_code == 303:
        assert list(paired) == [said]
    else:
        assert (answer.status_code, list(paired)) == (422, [])
        assert said in answer.content.decode()
