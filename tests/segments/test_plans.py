"""Usual rules are answered by the indexes that were made for them: by the plans of a small copy of a large shop."""

import pytest
from django.db import connection

from bench import big_shop, many_customers
from customers.models import Customer
from segments import compiling, cutoffs, saving, setting
from segments.rules.parsing import parse
from tests.factories.orders import NOW
from tests.segments.conftest import row

PEOPLE = 2000


@pytest.fixture
def many(store):
    """Fill a shop of two thousand customers, ten thousand orders and forty thousand events."""
    sizes = {"people": PEOPLE, "orders": 5 * PEOPLE, "events": 20 * PEOPLE, "products": many_customers.PRODUCTS}
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE customers_customer, catalog_product CASCADE")  # a plan hangs on pages: those of earlier tests go
        big_shop.insert(many_customers.TABLES, {"now": NOW, "store": store.pk, **sizes})
        cursor.execute("ANALYZE")
    return store


def plan(store, rule, *, people=None) -> str:
    """Return how the database goes about a rule, nothing being made up: its own choice by its own figures."""
    node = parse(rule)
    at = setting.of(store, now=NOW, cuts=cutoffs.of(store.pk, node, now=NOW))
    piece = compiling.ids(node, at, people=people)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN SELECT count(*) FROM ({piece.sql}) s", list(piece.values))
        return "\n".join(line for (line,) in cursor.fetchall())


RULES = {
    "event": row("event", "did", values=["cart.abandoned"], when="in_last", days=3),
    "ordered": row("ordered", "did", when="in_last", days=3),
    "ordered_twice": row("ordered", "did", times=2, when="in_last", days=1),
    "ordered_between": row("ordered", "did", when="between", start="2025-06-01", end="2025-06-03"),
    "bought": row("bought", "did", values=[7]),
    "tag": row("tag", "any", values=["nobody"]),
    "never_ordered": row("ordered", "did_not"),
}


def test_what_few_did_is_found_by_its_index_and_figures_leave_customers_rows_unread(many):
    expected = {
        "event": "event_of_kind", "ordered": "metrics_by_last_order", "ordered_twice": "metrics_by_one_before",
        "ordered_between": "order_that_counts", "bought": "line_of_product", "tag": "customer_tagged",
        "never_ordered": "customer_never_ordered",
    }  # fmt: skip
    assert {name: index for name, index in expected.items() if index not in plan(many, RULES[name])} == {}
    never = plan(many, {"all": [RULES["bought"], row("bought", "did_not", values=[8])]})
    assert (never.count("line_of_product"), "Seq Scan on customers_customer" in never) == (2, False)
    lapsed = plan(many, {"all": [row("last_order", "before_last", days=180), row("orders_count", "at_least", value=2)]})
    assert ("customers_metrics" in lapsed, "customer_erased" in lapsed, "Seq Scan on customers_customer" in lapsed) == (True, True, False)


def test_what_was_done_since_entering_is_looked_for_from_the_first_entry_on(many):
    listed = saving.create_list(many, name="A list", now=NOW)
    saving.add_to_list(listed, Customer.objects.filter(pk__lte=500), now=NOW)
    since = {"when": "since_segment", "segment": listed.pk}
    for rule in (row("ordered", "did_not", **since), row("event", "did", values=["mail.clicked"], **since)):
        found = plan(many, {"all": [row("segment", "any", segment=listed.pk), rule]})
        assert "InitPlan" in found and "Index Only Scan using membership_longest" in found, found


def test_any_over_several_tables_lets_each_find_its_own(many):
    either = plan(many, {"any": [row("spent", "at_least", value=5000), row("tag", "any", values=["nobody"])]})
    assert ("metrics_by_spent" in either, "customer_tagged" in either, "Append" in either) == (True, True, True)


def test_one_customer_is_answered_without_reading_any_table_through(many):
    listed = saving.create_list(many, name="A list", now=NOW)
    rules = {**RULES, "figures": row("spent", "top_percent", value=1), "segment": row("segment", "none", segment=listed.pk)}
    big = ("customers_customer", "customers_metrics", "orders_order", "orders_orderline", "customers_event")
    for name, rule in rules.items():
        found = plan(many, {"all": [rule, row("marketing", "any", values=["may_get"])]}, people=[7])
        assert [table for table in big if f"Seq Scan on {table}" in found] == [], name
