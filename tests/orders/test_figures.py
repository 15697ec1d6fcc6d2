"""A customer's figures are what the orders say, whatever comes again, late, back, or in another money."""

import random
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Product
from customers.models import Customer, Metrics
from integrations.generic import adapter
from orders import figures, ingest
from orders.models import Order
from tests.factories.orders import NOW, payload

pytestmark = pytest.mark.django_db


def line(external_id, *, quantity=1, product="p1"):
    return {
        "external_id": external_id, "name": f"Thing {product}", "quantity": quantity, "unit_price": "10.00", "product_external_id": product
    }  # fmt: skip


def bought(number, day, **fields):
    """Return an order of a day of 2026 (month, day), at noon."""
    month, of_month = day
    at = datetime(2026, month, of_month, 12, tzinfo=UTC).isoformat()
    return payload(str(number), **{"placed_at": at, "updated_at": at, "total": "10.00", "lines": [line("l1")], **fields})


def tell(store, *told):
    for each in told:
        ingest.upsert_order(store, adapter.order(each), now=NOW)


def shown(customer):
    held = Metrics.objects.get(customer=customer)
    return {name: getattr(held, name) for name in figures.COLUMNS}


THREE = (
    bought(1, (1, 10), source="Newsletter", lines=[line("a", quantity=3), line("b", product="p2")]),
    bought(2, (1, 20), source="google.com", discount_codes=["TEN", "TEN"], total="20.00",
           refunds=[{"external_id": "r", "amount": "5.00", "lines": [{"external_id": "l1", "quantity": 1}]}]),
    bought(3, (2, 9), source="instagram"),
)  # fmt: skip


def test_three_orders_give_every_figure(store):
    tell(store, *THREE)
    kettle = Product.objects.get(external_id="p1")
    customer = Customer.objects.get()
    assert shown(customer) == {
        "orders_count": 3, "total_spent_minor": 3500, "refunded_minor": 500, "items_count": 5, "returns_count": 1, "coupon_orders_count": 1,
        "first_order_at": datetime(2026, 1, 10, 12, tzinfo=UTC), "second_order_at": datetime(2026, 1, 20, 12, tzinfo=UTC),
        "last_order_at": datetime(2026, 2, 9, 12, tzinfo=UTC), "days_between_orders": 15.0, "first_product_id": kettle.pk,
        "latest_orders_at": [datetime(2026, month, day, 12, tzinfo=UTC) for month, day in ((2, 9), (1, 20), (1, 10))],
        "first_source": "newsletter", "last_source": "instagram",
    }  # fmt: skip
    assert customer.metrics.average_minor == 1167
    assert Order.objects.get(external_id="2").discount_codes == ["TEN"]


@pytest.mark.parametrize("seed", range(6))
def test_the_figures_do_not_depend_on_the_order_of_the_tellings(store, other, seed):
    tell(store, *THREE)
    shuffled = [*THREE, *THREE]
    random.Random(seed).shuffle(shuffled)
    tell(other, *shuffled)
    ours, theirs = (shown(Customer.objects.get(store=each)) for each in (store, other))
    assert {**theirs, "first_product_id": ours["first_product_id"]} == ours


def test_a_cancelled_order_leaves_every_figure(store):
    tell(store, THREE[0])
    before = shown(Customer.objects.get())
    later = datetime(2026, 2, 20, tzinfo=UTC).isoformat()
    tell(store, THREE[1], {**THREE[1], "cancelled_at": later, "updated_at": later, "refunds": []})
    assert shown(Customer.objects.get()) == before
    assert (before["second_order_at"], before["days_between_orders"]) == (None, None)


def test_the_moments_of_the_last_five_orders_are_kept(store):
    tell(store, *(bought(day, (1, day)) for day in range(1, 8)))
    tell(store, {**bought(6, (1, 6)), "cancelled_at": "2026-01-06T18:00:00Z", "updated_at": "2026-01-06T18:00:00Z"})
    assert [at.day for at in Metrics.objects.get().latest_orders_at] == [7, 5, 4, 3, 2]


def test_an_order_in_another_money_counts_but_is_not_summed(store):
    foreign = bought(2, (2, 1), currency="USD", total="99.00", refunds=[{"external_id": "r", "amount": "9.00"}])
    tell(store, bought(1, (1, 1)), foreign)
    held = Metrics.objects.get()
    assert (held.orders_count, held.total_spent_minor, held.refunded_minor, held.items_count) == (2, 1000, 0, 2)


def test_orders_of_one_day_have_no_gap_between_them(store):
    tell(store, bought(1, (1, 1)), bought(2, (1, 1)))
    assert (Metrics.objects.get().orders_count, Metrics.objects.get().days_between_orders) == (2, None)
    tell(store, bought(3, (1, 5)))
    assert Metrics.objects.get().days_between_orders == 4.0


def test_an_order_that_moves_to_another_customer_takes_its_figures_along(store):
    tell(store, bought(1, (1, 1)), bought(2, (1, 2), source="google.com"))
    tell(store, bought(2, (1, 2), source="google.com", updated_at="2026-02-01T00:00:00Z", customer={"email": "ben@example.com"}))
    ada, ben = Customer.objects.order_by("id")
    assert (ada.metrics.orders_count, ada.metrics.last_source, ben.metrics.orders_count, ben.metrics.first_source) == (
        1, "", 1, "google.com",
    )  # fmt: skip


def test_an_order_that_moves_takes_its_lines_along_also_when_they_are_not_told_again(store):
    tell(store, bought(1, (1, 1)))
    moved = bought(1, (1, 3), updated_at="2026-02-01T00:00:00Z", customer={"email": "ben@example.com"}, lines=[])
    tell(store, moved)
    order = Order.objects.get()
    assert order.customer.email == "ben@example.com"
    assert list(order.lines.values_list("customer", "placed_at")) == [(order.customer_id, order.placed_at)]


def test_a_customer_lives_where_the_latest_order_went(store):
    bath = {"city": "Bath", "province": "Somerset", "zip": "BA1 1AA", "country_code": "GB"}
    porto = {"city": " Porto ", "region": "Norte", "postal_code": "4000-001", "country_code": "PT"}
    tell(store, bought(2, (2, 1), shipping_address=porto), bought(1, (1, 1), shipping_address=bath, updated_at="2026-02-20T00:00:00Z"))
    customer = Customer.objects.get()
    assert (customer.city, customer.region, customer.postal_code) == ("Porto", "Norte", "4000-001")
    tell(store, bought(3, (2, 2), shipping_address={"country_code": "PT"}))
    customer.refresh_from_db()
    assert customer.city == "Porto"


def test_a_customers_own_address_stands_until_the_first_order(store):
    def say(city, at):
        data = adapter.customer({"external_id": "c1", "email": "ada@example.com", "city": city, "updated_at": at})
        return ingest.upsert_customer(store, data, now=NOW).result

    assert say("Bath", "2026-01-01T00:00:00Z") == "new"
    assert say("Wells", "2026-01-02T00:00:00Z") == "changed"
    assert Customer.objects.get().city == "Wells"
    tell(store, bought(1, (1, 3), shipping_address={"city": "York"}))
    assert say("Hull", "2026-01-09T00:00:00Z") == "unchanged"
    assert Customer.objects.get().city == "York"


def test_what_drifted_is_found_and_mended(store):
    tell(store, *THREE, bought(9, (1, 1), customer={"email": "ben@example.com"}, shipping_address={"city": "Bath"}))
    ada, ben = Customer.objects.order_by("id")
    assert figures.wrong([ada.pk, ben.pk]) == []
    Metrics.objects.filter(customer=ada).update(items_count=99)
    Customer.objects.filter(pk=ben.pk).update(city="Atlantis")
    assert figures.wrong([ada.pk, ben.pk]) == [ada.pk, ben.pk]
    figures.recompute([ada.pk, ben.pk])
    assert figures.wrong([ada.pk, ben.pk]) == []
    Metrics.objects.filter(customer=ada).delete()
    Customer.objects.filter(pk=ben.pk).update(has_ordered=False)
    assert figures.wrong([ada.pk, ben.pk]) == [ada.pk, ben.pk]
    figures.recompute([ben.pk])
    assert Customer.objects.get(pk=ben.pk).has_ordered


def test_one_order_costs_as_many_queries_whatever_was_bought_before(store):
    def cost(number, day):
        with CaptureQueriesContext(connection) as seen:
            tell(store, bought(number, day))
        return len(seen)

    tell(store, bought(1, (1, 1)))
    second = cost(2, (1, 2))
    tell(store, *(bought(n, (1, n)) for n in range(3, 20)))
    assert cost(20, (1, 20)) == second
