"""Whom a rule means: the compiler's SQL against a plain reading of the same rule, for a store and for one person."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Product
from customers.models import Customer
from segments import compiling, setting
from segments.models import Segment
from segments.rules.catalogue import CATALOGUE, EVENTS, ops_of
from segments.rules.parsing import parse
from segments.rules.tree import rows_of
from segments.rules.wording import Names, Seen, fact
from tests.factories.catalog import product
from tests.factories.customers import customer
from tests.factories.orders import NOW, place
from tests.segments.conftest import meant, row
from tests.segments.plain import KINDS, Plain, fill
from tests.thoroughness import examples


@pytest.fixture
def plain(store) -> Plain:
    fill(store)
    return Plain(store)


_TEXTS = {
    "country": ["DE", "at"], "city": ["KÖLN", "Wien"], "region": ["nrw", "x"], "postal_code": ["5066", "5066%", "ec"],
    "language": ["de", "en"], "tag": ["vip", "old"], "first_source": ["ads", "x"], "last_source": ["Mail", "x"], "category": ["TEA", "x"],
    "product_tag": ["gift", "new"], "interest": ["Tea", "coffee"], "action": ["Viewed Product", "else"],
    "event": [*KINDS, EVENTS[0][0]],
}  # fmt: skip
_WHENS = ("ever", "in_last", "between", "since_segment")


def _rows(products: list[int], listed: int) -> st.SearchStrategy[dict[str, object]]:
    """Return valid rows about a filled store, of every kind and verb."""

    def one(key: str) -> st.SearchStrategy[dict[str, object]]:
        what = CATALOGUE[key]
        is_of_five = key.startswith("rfm") or key == "answer"
        values = _TEXTS.get(key) or [option for option, _ in what.options] or [str(each) for each in products]
        numbers = (
            ["1", "2", "3"] if is_of_five else ["10.00", "35", "50"] if what.family in ("money", "share", "sample") else ["0", "1", "12.5"]
        )
        fields = {
            "what": st.just(key), "op": st.sampled_from([op for op, _ in ops_of(what)]), "value": st.sampled_from(numbers),
            "upper": st.just("5" if is_of_five else "90"), "values": st.lists(st.sampled_from(values), min_size=2, max_size=2, unique=True),
            "times": st.sampled_from([1, 1, 2, 3, 6]), "when": st.sampled_from(_WHENS), "days": st.sampled_from([1, 30, 50]),
            "start": st.sampled_from(["", "2025-06-01"]), "end": st.just("2026-01-31"), "segment": st.just(listed),
            "month": st.sampled_from([2, 3, 12]), "draw": st.sampled_from([0, 5]),
        }  # fmt: skip
        return st.fixed_dictionaries(fields)

    return st.sampled_from(sorted(CATALOGUE)).flatmap(one)


def trees(products: list[int], listed: int) -> st.SearchStrategy[dict[str, object]]:
    """Return valid rules: rows in groups in groups."""
    modes = st.sampled_from(["all", "any", "not"])

    def grouped(inner: st.SearchStrategy[dict[str, object]]) -> st.SearchStrategy[dict[str, object]]:
        return st.builds(lambda mode, parts: {mode: parts}, modes, st.lists(inner, min_size=1, max_size=3))

    return st.recursive(_rows(products, listed), grouped, max_leaves=5).filter(_is_shallow)


def _is_shallow(rule: object, depth: int = 0) -> bool:
    if isinstance(rule, dict) and "what" not in rule:
        return depth < 4 and all(_is_shallow(child, depth + 1) for children in rule.values() for child in children)
    return True


@settings(
    max_examples=examples(1600), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much]
)
@given(data=st.data())
def test_sql_and_a_plain_reading_mean_the_same_people(store, plain, data):
    products = list(Product.objects.values_list("pk", flat=True))
    rule = data.draw(trees(products, Segment.objects.get().pk))
    by_sql = meant(store, rule)
    plain.cutoffs = Plain(store).cutoffs
    assert by_sql == plain.meant(parse(rule))
    few = [person.pk for person in plain.people[:3]]
    assert meant(store, rule, people=few) == by_sql & set(few)


@pytest.mark.parametrize("key", CATALOGUE)
def test_every_row_agrees_alone_and_turned_round_and_says_why(store, plain, key):
    products, listed = list(Product.objects.values_list("pk", flat=True)), Segment.objects.get().pk
    for op, _ in ops_of(CATALOGUE[key]):
        values = {"what": key, "op": op, "value": "2", "upper": "3", "days": 30, "start": "2025-06-01", "month": 2, "segment": listed}
        options = [option for option, _ in CATALOGUE[key].options]
        values["values"] = options[:2] or [str(each) for each in products[:2]]
        tree = parse(values)
        if op == "top_percent":
            meant(store, values)
            plain.cutoffs = Plain(store).cutoffs
        expected = plain.meant(tree)
        everybody = {person.pk for person in plain.people}
        assert meant(store, values) == expected, op
        assert meant(store, {"not": [values]}) == everybody - expected, op
        piece = compiling.explained(tree, setting.of(store, now=NOW, cuts=plain.cutoffs), sorted(everybody))
        with connection.cursor() as cursor:
            cursor.execute(piece.sql, list(piece.values))
            lines = cursor.fetchall()
        assert {pk for pk, holds, *_ in lines if holds} == expected, op
        names = Names("EUR")
        for _, holds, value, last in lines:
            assert fact(next(rows_of(tree)), Seen(holds, value, last), names, now=NOW)


def test_everyone_is_everyone_who_is_not_erased(store, other, who):
    customer(store, name="Ana")
    customer(store, email="gone@example.com", name="Gone", erased_at=NOW)
    customer(other, name="Theirs")
    assert who({"everyone": True}) == ["Ana"]


def test_nobody_of_another_store_is_meant_by_products_or_lists_of_theirs(store, other):
    theirs = place(other, "9")
    rule = {"any": [row("bought", "did", values=[theirs.lines.get().product_id or 1]), row("orders_count", "at_least", value=1)]}
    assert meant(store, rule) == set()


@pytest.mark.parametrize(
    ("today", "days", "born", "is_meant"),
    [
        ("2027-02-27 12:00", 1, (2, 29), True),
        ("2027-02-28 12:00", 0, (2, 29), True),
        ("2027-03-01 12:00", 0, (2, 29), False),
        ("2028-02-28 12:00", 0, (2, 29), False),
        ("2028-02-29 12:00", 0, (2, 29), True),
        ("2026-12-30 12:00", 5, (1, 2), True),
        ("2026-12-30 12:00", 2, (1, 2), False),
        ("2026-12-31 23:30", 0, (12, 31), True),
        ("2027-01-01 00:30", 0, (12, 31), False),
    ],
)
def test_a_birthday_is_a_day_of_the_stores_calendar_and_that_of_a_leap_day_is_never_lost(store, at, who, today, days, born, is_meant):
    customer(store, name="Ana", birth_month=born[0], birth_day=born[1])
    assert who(row("birthday", "in_next", days=days), now=at(today)) == (["Ana"] if is_meant else [])


def test_a_first_order_has_no_anniversary_on_its_own_day(store, who, at):
    place(store, placed_at=at("2026-03-01 10:00").isoformat())
    today = row("anniversary", "in_next", days=0)
    assert who(today, now=at("2026-03-01 12:00")) == []
    assert who(today, now=at("2027-03-01 12:00")) == ["Ada Lovelace"]


def test_a_time_between_days_holds_the_whole_last_day_by_the_stores_clock(store, who, at):
    place(store, placed_at=at("2026-02-28 23:59").isoformat())
    assert who(row("last_order", "between", start="2026-02-28", end="2026-02-28")) == ["Ada Lovelace"]
    assert who(row("last_order", "between", start="2026-03-01")) == []


def test_the_highest_per_cent_are_at_least_one_buyer_and_all_who_spent_as_much(store, who):
    for number, total in enumerate(["100.00", "100.00", "50.00"]):
        place(
            store, str(number), total=total, customer={"external_id": f"c{number}", "email": f"a{number}@example.com", "name": f"A{number}"}
        )
    assert who(row("spent", "top_percent", value=1)) == ["A0", "A1"]


def test_several_bought_together_are_in_one_order(store, who):
    tea, cup = product(store, "tea", "Tea"), product(store, "cup", "Cup")
    line = {"sku": "", "name": "x", "quantity": 1, "unit_price": "1.00"}
    both = [{**line, "external_id": "1", "product_external_id": "tea"}, {**line, "external_id": "2", "product_external_id": "cup"}]
    place(store, "1", lines=both)
    other = {"external_id": "c2", "email": "bo@example.com", "name": "Bo"}
    place(store, "2", lines=both[:1], customer=other)
    place(store, "3", lines=both[1:], customer=other)
    assert who(row("bought", "did_together", values=[tea.pk, cup.pk])) == ["Ada Lovelace"]
    assert who(row("bought", "did", values=[tea.pk, cup.pk], times=2)) == ["Bo"]


def test_a_random_sample_is_the_same_people_each_time_and_another_draw_other_people(store):
    Customer.objects.bulk_create([Customer(store=store, name=str(n), created_at=NOW) for n in range(2000)])
    first, again = meant(store, row("sample", "any", value=10)), meant(store, row("sample", "any", value=10))
    second = meant(store, row("sample", "any", value=10, draw=1))
    assert first == again
    assert 140 <= len(first) <= 260 and 140 <= len(second) <= 260
    assert len(first & second) <= 60
