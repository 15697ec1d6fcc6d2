"""The page of the groups: every number leads to a list of just so many."""

import re
from datetime import timedelta

import pytest

from customers import rfm_refresh
from customers.models import Metrics, Rfm, RfmMovement, Rhythm
from tests.factories.customers import bought, customer

PAGE = "/s/marlow/analytics/groups/"


@pytest.fixture
def people(store, now):
    """Twenty-four customers of every kind, and the groups of last month."""
    made = [customer(store, f"p{n}@example.com", name=f"P {n}") for n in range(24)]
    for n, person in enumerate(made[:20]):
        last = now - timedelta(days=11 * n)
        bought(
            person, orders_count=1 + n % 4, total_spent_minor=1000 * (n % 5), first_order_at=last, last_order_at=last,
            second_order_at=last if n % 4 else None,
        )  # fmt: skip
    rfm_refresh.refresh(store, now=now - timedelta(days=40))
    Metrics.objects.filter(customer__in=made[15:18]).update(last_order_at=now, orders_count=9)
    rfm_refresh.refresh(store, now=now)
    return made


def test_every_number_is_the_length_of_its_list(people, store, vic, signed_in):
    browser = signed_in(vic)
    page = browser.get(PAGE).content.decode()
    links = re.findall(r'<a href="(/s/marlow/customers/\?[^"]+)">(?:<[^>]+>)*([\d,]+)<', page)
    assert len(links) >= 25
    for href, number in links:
        listed = browser.get(href.replace("&amp;", "&")).content.decode()
        assert f"<span>{number} customer" in listed, href
    assert Rfm.objects.exclude(group="").exists()


def test_the_groups_stand_beside_those_of_last_month(people, store, vic, signed_in):
    page = signed_in(vic).get(PAGE).content.decode()
    champions = Rfm.objects.filter(group="champions").count(), Rfm.objects.filter(last_month_group="champions").count()
    assert champions[0] > champions[1]
    assert f"up {champions[0] - champions[1]}" in page
    assert "Who moved in March 2026" in page
    assert sum(RfmMovement.objects.values_list("customers", flat=True)) == 24


def test_a_store_without_buyers_is_told_when_groups_come(store, vic, signed_in):
    assert "No groups yet" in signed_in(vic).get(PAGE).content.decode()


def test_in_the_first_month_nothing_is_made_up_of_the_one_before(store, now, vic, signed_in):
    person = customer(store, "ana@example.com")
    bought(person, orders_count=1, total_spent_minor=1, first_order_at=now, last_order_at=now)
    rfm_refresh.refresh(store, now=now)
    page = signed_in(vic).get(PAGE).content.decode()
    assert "The groups are kept since March 2026" in page
    assert "Last month" not in page
    assert "Too few to say: 0 customers came back so far." in page


def test_few_who_came_back_are_not_called_a_median(people, store, vic, signed_in):
    assert "Too few to say: 15 customers came back so far." in signed_in(vic).get(PAGE).content.decode()
    Rhythm.objects.update(second_orders_count=31, second_order_days=41.4)
    page = signed_in(vic).get(PAGE).content.decode()
    assert "41 days" in page
    assert "Half of the 31 who came back" in page
