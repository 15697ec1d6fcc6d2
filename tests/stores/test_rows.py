from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError

from catalog.models import Product, ProductGuide
from stores import rows
from stores.models import Store
from tests.factories.catalog import product

pytestmark = pytest.mark.django_db

MOMENT = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def row(store, name, **fields):
    usual = {
        "title": name, "sku": "", "kind": "physical", "category": "", "tags": [], "url": "", "image_url": "", "currency": "",
        "is_available": True, "price_minor": None, "source_updated_at": None,
    }  # fmt: skip
    return {"store_id": store.pk, "external_id": name, **usual, **fields}


def test_inserted_rows_come_back_with_what_is_asked_for_in_their_order(store):
    made = rows.insert(Product, [row(store, name) for name in "cab"], returning="external_id, id")
    assert [name for name, _ in made] == ["c", "a", "b"]
    assert [pk for _, pk in made] == sorted(pk for _, pk in made)


def test_values_arrive_exactly(store):
    [(pk,)] = rows.insert(Product, [row(store, 'a\\u0000"\\', price_minor=2**53 + 1, source_updated_at=MOMENT)], returning="id")
    held = Product.objects.get(pk=pk)
    assert (held.external_id, held.price_minor, held.source_updated_at) == ('a\\u0000"\\', 2**53 + 1, MOMENT)


def test_nul_characters_are_taken_out_and_the_rest_stays(store):
    rows.insert(Product, [row(store, "a", title="Ket\0tle \\u0000 – 1 l"), row(store, "b")])
    assert list(Product.objects.order_by("external_id").values_list("title", flat=True)) == ["Kettle \\u0000 – 1 l", "b"]


def test_a_conflict_is_answered_as_the_caller_says(store):
    product(store, "a", title="held")
    made = rows.insert(Product, [row(store, "a"), row(store, "b")], conflict="(store_id, external_id) DO NOTHING", returning="external_id")
    assert (made, Product.objects.get(external_id="a").title) == ([("b",)], "held")


def test_wide_rows_are_copied_in_exactly_and_know_their_keys(store):
    things = [product(store, name) for name in "ab"]
    odd = ["a\tb\nc\r\\d", "\\N", "\\.", "", "é\0", "\\n"]
    fresh = [ProductGuide(store=store, product=things[0], tips=odd, headline="\\N"), ProductGuide(store=store, product=things[1])]
    rows.copy(fresh)
    held = list(ProductGuide.objects.order_by("pk"))
    assert (held, [guide.pk for guide in held]) == (fresh, [guide.pk for guide in fresh])
    assert (held[0].tips, held[0].headline, held[1].return_days) == ([*odd[:4], "é", "\\n"], "\\N", None)
    with pytest.raises(IntegrityError):
        rows.copy([ProductGuide(store=store, product=things[0])])


def test_copying_nothing_does_nothing(store, django_assert_num_queries):
    with django_assert_num_queries(0):
        rows.copy([])


def test_rows_are_written_back_and_nothing_else_is(store):
    first, second, third = (product(store, name, title=name, price_minor=1) for name in "abc")
    guide = ProductGuide.objects.create(store=store, product=first, tips=["one"])
    first.title, second.title, third.title, first.price_minor = "A", "B", "C", 9
    rows.update_many([first, second], ["title", "source_updated_at"])
    assert sorted(Product.objects.values_list("title", "price_minor")) == [("A", 1), ("B", 1), ("c", 1)]
    guide.tips, guide.product = ["two", {"of": ["three"]}], second
    rows.update_many([guide], ["tips", "product"])
    guide.refresh_from_db()
    assert (guide.tips, guide.product) == (["two", {"of": ["three"]}], second)
    rows.update_many([], ["title"])


def test_a_bad_item_is_given_up_alone(store):
    given_up: list[tuple[int, type]] = []

    def act(numbers):
        for number in numbers:
            Store.objects.create(slug="marlow" if number == 3 else f"s{number}", name="", created_at=MOMENT + timedelta(seconds=number))

    rows.in_halves(range(1, 8), act, lambda number, error: given_up.append((number, type(error))))
    assert given_up == [(3, IntegrityError)]
    assert sorted(Store.objects.values_list("slug", flat=True)) == ["marlow", "s1", "s2", "s4", "s5", "s6", "s7"]
