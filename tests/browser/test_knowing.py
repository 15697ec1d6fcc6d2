"""Knowing the customer in a real browser: a segment is built, also without script; many are tagged and listed; two are merged."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from customers import rfm_refresh
from customers.models import Customer, Merge
from segments import membership
from segments.models import Segment
from stores import clock
from tests.browser.looking import faults
from tests.browser.test_staff import sign_in
from tests.factories.customers import bought, customer
from tests.factories.orders import NOW

#: Milliseconds that a machine with much else to do may take for an answer.
SLOW = 20_000


@pytest.fixture
def people(live_server, store, travel):
    """Ana bought four times, Ben once, Cleo never; Ben stands there twice."""
    travel(NOW)
    found = [customer(store, f"{name.lower()}@example.com", name=name, phone="+351 21 000") for name in ("Ana", "Ben", "Cleo", "Benny")]
    for person, orders in zip(found, (4, 1), strict=False):
        last = NOW - timedelta(days=orders)
        bought(person, orders_count=orders, total_spent_minor=5000 * orders, first_order_at=last, last_order_at=last)
    rfm_refresh.refresh(store, now=NOW)
    return found


def test_a_segment_is_built_row_by_row_counted_as_it_is_written_and_says_who_and_why(page: Page, people, mara):
    sign_in(page, mara)
    page = page.context.new_page()  # a count that is called off stands in the browser's console, which the first window may not have
    page.goto("/s/marlow/segments/new/")
    page.get_by_label("Name", exact=True).fill("Came back")
    page.get_by_label("Row 1: what").select_option("spent")
    expect(page.get_by_role("group", name="Row 1")).to_contain_text("EUR", timeout=SLOW)
    page.get_by_label("Row 1: number").fill("50")
    live = page.get_by_role("region", name="Who it means now")
    expect(live).to_contain_text("2 people", timeout=SLOW)
    page.get_by_label("Row 1: number").fill("100")
    expect(live).to_contain_text("1 person", timeout=SLOW)
    expect(live.get_by_role("link", name="Ana")).to_be_visible()
    page.locator("#who").fill("ben@example.com")
    expect(page.get_by_text("is not in it")).to_be_visible(timeout=SLOW)
    found = faults(page)
    page.locator(".builder .bar").get_by_role("button", name="Save segment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Came back")
    membership.sweep(now=clock.read())
    page.get_by_role("link", name="Members").click()
    expect(page.get_by_role("link", name="Ana")).to_be_visible()
    assert found + faults(page) == []


def test_without_script_the_same_segment_is_built_by_buttons(chromium: Browser, live_server, people, mara):
    plain = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = plain.new_page()
    sign_in(page, mara)
    page.goto("/s/marlow/segments/new/")
    page.get_by_label("Name", exact=True).fill("Came back")
    page.get_by_label("Row 1: what").select_option("orders_count")
    page.get_by_role("button", name="Choose", exact=True).first.click()
    page.get_by_label("Row 1: number").fill("2")
    page.get_by_role("button", name="Count", exact=True).click()
    expect(page.get_by_text("1 person")).to_be_visible()
    page.locator(".builder .bar").get_by_role("button", name="Save segment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Came back")
    assert Segment.objects.get().asks == ["orders_count"]
    plain.close()


def test_many_are_tagged_and_put_on_a_list_and_all_of_it_is_taken_back(page: Page, people, mara):
    sign_in(page, mara)
    page.goto("/s/marlow/customers/")
    page.get_by_label("Choose Ana").check()
    page.get_by_label("Choose Cleo").check()
    page.get_by_label("Tag", exact=True).last.fill("vip")
    page.get_by_role("button", name="Give tag").click()
    expect(page.get_by_text("“vip” given to 2 customers.")).to_be_visible()
    page.get_by_label("Choose Ana").check()
    page.get_by_text("Add to list").click()
    page.get_by_label("New list").fill("Fair")
    page.get_by_role("button", name="Add them").click()
    expect(page.get_by_text("“Fair” has 1 customer more.")).to_be_visible()
    found = faults(page)
    page.get_by_role("button", name="Undo vip").click()
    page.get_by_role("button", name="Undo Fair").click()
    expect(page.get_by_text("taken off “Fair”")).to_be_visible()
    assert found == []
    assert not Customer.objects.exclude(tags=[]).exists()
    assert Segment.objects.get().people == 0


def test_two_who_are_one_are_merged_and_parted_and_the_groups_are_shown(page: Page, people, bob):
    sign_in(page, bob)
    found = []
    ben, benny = people[1], people[3]
    page.goto(f"/s/marlow/customers/{ben.pk}/merge/?with={benny.pk}")
    found += faults(page)
    page.get_by_role("button", name="Merge the two").click()
    expect(page.get_by_text("is part of")).to_be_visible()
    assert Merge.objects.count() == 1
    page.get_by_role("button", name="Part them again").click()
    expect(page.get_by_text("is a customer of their own again.")).to_be_visible()
    for path in ("analytics/groups/", "segments/", "customers/?tag=nobody"):
        page.goto(f"/s/marlow/{path}")
        found += faults(page)
    assert found == []
