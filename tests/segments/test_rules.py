"""Reading rules: what is understood, and which row is named where it is not."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segments.rules.catalogue import CATALOGUE, ops_of
from segments.rules.parsing import DEEPEST, MOST_ROWS, NotARule, parse
from segments.rules.tree import EVERYONE_NODE, Group, Row, When, products_of, rows_of, segments_of
from segments.rules.wording import Names, Seen, fact, row, sentence
from tests.factories.orders import NOW

NAMES = Names("EUR", products={7: "Kettle", 8: "Grinder"}, segments={3: "Champions"})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["all", "any", "not"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["all", "any", "not", "what", "op", "value", "upper", "values", "times", "when", "days", "start", "segment"])
            | st.text(max_size=5),
            inner | st.sampled_from([*CATALOGUE, "at_least", "between", "did", "in_last", "2026-01-01"]),
            max_size=5,
        )
    ),
    max_leaves=12,
)


def problems(rule) -> list[str]:
    with pytest.raises(NotARule) as refused:
        parse(rule)
    return [str(problem) for problem in refused.value.problems]


def said(one) -> str:
    return sentence(parse(one), NAMES)


def test_everyone_is_a_rule_of_its_own():
    assert parse({"everyone": True}) == EVERYONE_NODE
    assert sentence(EVERYONE_NODE, NAMES) == "Everyone."


def test_a_rule_becomes_a_tree_of_frozen_rows():
    rule = {"all": [
        {"what": "orders_count", "op": "at_least", "value": "2"},
        {"any": [
            {"what": "spent", "op": "between", "value": 100, "upper": "250.50"},
            {"not": [{"what": "bought", "op": "did", "values": [8, "7"], "times": 2, "when": "in_last", "days": 30}]},
        ]},
    ]}  # fmt: skip
    bought = Row("bought", "did", values=("7", "8"), times=2, when=When("in_last", days=30), number=3)
    spent = Row("spent", "between", low=Decimal(100), high=Decimal("250.50"), number=2)
    inner = Group("any", (spent, Group("not", (bought,))))
    tree = parse(rule)
    assert tree == Group("all", (Row("orders_count", "at_least", low=Decimal(2), number=1), inner))
    assert (products_of(tree), [row.number for row in rows_of(tree)]) == ({7, 8}, [1, 2, 3])


def test_a_row_alone_is_a_group_of_one():
    assert parse({"what": "first_order", "op": "known"}) == Group("all", (Row("first_order", "known", number=1),))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ([], "A rule is made of rows and groups; this is neither."),
        ({"all": []}, "A group is empty. Add a row to it, or remove it."),
        ({"all": [{}], "any": [{}]}, "A group is one of “all”, “any” and “not” with a list of rows."),
        ({"what": "moon phase"}, "Row 1: Choose what this row is about."),
        ({"what": "orders_count", "op": "in_last"}, "Row 1: Choose from the list."),
        ({"what": "orders_count", "op": "at_least", "value": "two"}, "Row 1: Enter a number."),
        ({"what": "orders_count", "op": "at_least", "value": -1}, "Row 1: Enter a number from 0 to 1,000,000,000,000."),
        ({"what": "orders_count", "op": "between", "value": 5, "upper": 4}, "Row 1: The second number must be the larger one."),
        ({"what": "orders_count", "op": "at_least", "value": float("nan")}, "Row 1: Enter a number."),
        ({"what": "rfm_recency", "op": "at_least", "value": 6}, "Row 1: Enter a number from 1 to 5."),
        ({"what": "last_order", "op": "in_last", "days": "1.5"}, "Row 1: Enter a whole number."),
        ({"what": "last_order", "op": "between"}, "Row 1: Enter a first day, a last day, or both."),
        ({"what": "last_order", "op": "between", "start": "yesterday"}, "Row 1: Enter a day such as 2026-12-24."),
        (
            {"what": "last_order", "op": "between", "start": "2026-02-02", "end": "2026-02-01"},
            "Row 1: The last day must not be before the first.",
        ),
        ({"what": "country", "op": "any", "values": ["", " "]}, "Row 1: Enter at least one."),
        ({"what": "tag", "op": "any", "values": ["x" * 121]}, "Row 1: A value may have 120 characters; one is longer."),
        ({"what": "rfm_group", "op": "any", "values": ["best"]}, "Row 1: Choose from the list."),
        ({"what": "bought", "op": "did", "values": ["kettle"]}, "Row 1: Choose products of this store."),
        ({"what": "bought", "op": "did_together", "values": [7]}, "Row 1: Choose at least two products that were bought together."),
        ({"what": "event", "op": "did", "values": ["segment.entered"]}, "Row 1: Choose from the list."),
        ({"what": "segment", "op": "any"}, "Row 1: Choose a segment."),
        ({"what": "sample", "op": "any", "value": 0}, "Row 1: Enter a number from 0.1 to 100."),
    ],
)
def test_what_cannot_be_understood_is_named_with_what_to_do(rule, words):
    assert problems(rule) == [words]


def test_every_bad_row_is_named_at_once_in_reading_order():
    bad = {"what": "orders_count", "op": "at_least"}
    rule = {"all": [bad, {"what": "first_order", "op": "known"}, {"any": [{"what": "x"}, bad]}]}
    assert problems(rule) == ["Row 1: Enter a number.", "Row 3: Choose what this row is about.", "Row 4: Enter a number."]


def test_depth_and_length_have_ends():
    deep: dict[str, object] = {"what": "first_order", "op": "known"}
    for _ in range(DEEPEST + 1):
        deep = {"all": [deep]}
    assert problems(deep) == ["Groups stand more than 4 deep in each other. Put some of them side by side."]
    [words] = problems({"all": [{"what": "first_order", "op": "known"}] * (MOST_ROWS + 5)})
    assert words == "Row 41: A rule may have 40 rows. Make a segment of some, and ask whether they are in it."


@given(JSON)
def test_no_json_whatever_breaks_the_reader(value):
    try:
        tree = parse(value)
    except NotARule as refused:
        assert refused.problems and str(refused)
    else:
        assert sentence(tree, NAMES).endswith(".")


@pytest.mark.parametrize(
    ("one", "words"),
    [
        ({"what": "orders_count", "op": "at_least", "value": 1}, "have placed at least 1 order"),
        ({"what": "orders_count", "op": "between", "value": 2, "upper": 4}, "have placed 2 to 4 orders"),
        ({"what": "spent", "op": "at_least", "value": "1200.5"}, "have spent at least €1,200.50"),
        ({"what": "spent", "op": "top_percent", "value": 1}, "are among the 1 % who spent most"),
        ({"what": "churn_risk", "op": "at_least", "value": 60}, "are lost with a risk of at least 60 %"),
        ({"what": "last_order", "op": "before_last", "days": 180}, "placed their last order more than 180 days ago"),
        (
            {"what": "first_order", "op": "between", "start": "2025-12-01", "end": "2025-12-24"},
            "placed their first order from 1 Dec 2025 to 24 Dec 2025",
        ),
        ({"what": "second_order", "op": "unknown"}, "have not ordered a second time"),
        ({"what": "birthday", "op": "in_next", "days": 0}, "have their birthday today"),
        ({"what": "anniversary", "op": "in_month", "month": 12}, "have the anniversary of their first order in December"),
        ({"what": "rfm_group", "op": "any", "values": ["champions", "loyal"]}, "are Champions or Loyal"),
        ({"what": "marketing", "op": "none", "values": ["subscribed"]}, "are not subscribed for offers and news"),
        ({"what": "country", "op": "none", "values": ["DE", "AT"]}, "do not live in Germany or Austria"),
        ({"what": "language", "op": "any", "values": ["de"]}, "speak German"),
        ({"what": "first_source", "op": "none", "values": ["ads"]}, "did not come by “ads”"),
        ({"what": "first_product", "op": "any", "values": [7]}, "bought Kettle first"),
        ({"what": "bought", "op": "did", "values": [7], "times": 3, "when": "in_last", "days": 90},
         "bought Kettle at least 3 times in the last 90 days"),
        ({"what": "bought", "op": "did_together", "values": [8, 7]}, "bought Kettle and Grinder together"),
        ({"what": "bought", "op": "did_not", "values": [99]}, "did not buy a product that is gone"),
        ({"what": "ordered", "op": "did", "times": 2, "when": "in_last", "days": 90}, "have ordered at least 2 times in the last 90 days"),
        ({"what": "event", "op": "did_not", "values": ["mail.clicked"], "when": "in_last", "days": 1},
         "have not clicked in a mail in the last 1 day"),
        ({"what": "answer", "op": "at_most", "value": 2}, "answered at most 2 of 5"),
        ({"what": "ordered", "op": "did_not", "when": "since_segment", "segment": 3},
         "have not ordered since they entered “Champions”"),
        ({"what": "segment", "op": "none", "segment": 3}, "are not in “Champions”"),
        ({"what": "sample", "op": "any", "value": 10}, "are in a random 10 % of everybody"),
    ],
)  # fmt: skip
def test_a_row_is_said_in_words(one, words):
    assert row(next(rows_of(parse(one))), NAMES) == words


def test_a_whole_rule_is_one_sentence():
    lapsed = {"what": "last_order", "op": "before_last", "days": 180}
    twice = {"what": "orders_count", "op": "at_least", "value": 2}
    kettle = {"what": "bought", "op": "did", "values": [7]}
    assert said({"all": [twice, lapsed]}) == (
        "Customers who have placed at least 2 orders and placed their last order more than 180 days ago."
    )
    assert said({"all": [twice, {"any": [lapsed, kettle]}, {"not": [kettle]}]}) == (
        "Customers who have placed at least 2 orders and either placed their last order more than 180 days ago or bought Kettle"
        " and are not those who bought Kettle."
    )
    assert said({"not": [kettle, lapsed]}) == (
        "Customers of whom this is not true: bought Kettle or placed their last order more than 180 days ago."
    )


def test_every_row_of_the_catalogue_can_be_said_with_each_of_its_verbs():
    for what in CATALOGUE.values():
        for op, _ in ops_of(what):
            given = {"what": what.key, "op": op, "value": 1, "upper": 2, "days": 3, "month": 4, "segment": 3, "start": "2026-01-01"}
            values = [what.options[0][0]] if what.options else ["7", "8"]
            tree = parse({**given, "values": values})
            assert sentence(tree, NAMES).startswith("Customers "), what
            assert "{" not in sentence(tree, NAMES), what


def test_segments_that_a_rule_looks_at_are_known():
    rule = {"any": [
        {"what": "segment", "op": "any", "segment": 3}, {"what": "ordered", "op": "did", "when": "since_segment", "segment": "4"},
    ]}  # fmt: skip
    assert segments_of(parse(rule)) == {3, 4}


@pytest.mark.parametrize(
    ("one", "seen", "words"),
    [
        ({"what": "orders_count", "op": "at_least", "value": 1}, Seen(True, 3), "3 orders"),
        ({"what": "orders_count", "op": "at_least", "value": 1}, Seen(True, 1), "1 order"),
        ({"what": "spent", "op": "at_least", "value": 1}, Seen(True, 5990), "total spent €59.90"),
        ({"what": "p_alive", "op": "at_least", "value": 1}, Seen(True, 0.625), "chance to buy again 62.5 %"),
        ({"what": "rfm_recency", "op": "at_least", "value": 1}, Seen(True, 5), "recency score 5"),
        ({"what": "last_order", "op": "known"}, Seen(True, NOW.replace(year=2025)), "last order 365 days ago"),
        ({"what": "last_order", "op": "known"}, Seen(False), "last order: not known"),
        ({"what": "birthday", "op": "this_month"}, Seen(True, 229), "birthday on 29 February"),
        ({"what": "country", "op": "any", "values": ["DE"]}, Seen(True, "AT"), "country Austria"),
        ({"what": "tag", "op": "any", "values": ["vip"]}, Seen(True, ["vip", "old"]), "tag “vip” and “old”"),
        ({"what": "ordered", "op": "did"}, Seen(True, 2, NOW), "ordered: 2 times, last today"),
        ({"what": "event", "op": "did", "values": ["mail.clicked"]}, Seen(False), "clicked in a mail: never"),
        ({"what": "segment", "op": "any", "segment": 3}, Seen(True, 1, NOW), "in it"),
        ({"what": "interest", "op": "any", "values": ["tea"]}, Seen(True, 1, NOW), "interested"),
    ],
)
def test_what_is_known_of_a_person_is_said_beside_a_row(one, seen, words):
    assert fact(next(rows_of(parse(one))), seen, NAMES, now=NOW) == words


def test_days_are_read_as_days():
    [one] = rows_of(parse({"what": "ordered", "op": "did", "when": "between", "end": "2026-02-28"}))
    assert one.when == When("between", end=date(2026, 2, 28))
