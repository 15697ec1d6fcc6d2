"""The customers' pages in a real browser, in both themes, wide and narrow."""

import re

import pytest
from playwright.sync_api import Page, expect

from lifecycle.public import my_orders
from messaging.models import Message
from stores import phrases
from tests.browser.looking import faults
from tests.factories.orders import NOW, place


@pytest.fixture
def order(live_server, store, travel):
    travel(NOW)
    return place(store)


def looked_at(page: Page, path: str) -> list[tuple[str, int, str, str, str]]:
    """Return the faults of the page at ``path``."""
    page.goto(path)
    return faults(page)


def test_the_pages_of_an_order_are_accessible(page: Page, order, store):
    my_orders.send_link(store, order.customer, phrases.of("en"), now=NOW)
    link = f"/o/{Message.objects.get().token}/"
    paths = [f"/t/{order.token}/", f"/t/{order.token}/?mailed", "/track/marlow/", "/track/marlow/?mailed", link]
    assert [complaint for path in paths for complaint in looked_at(page, path)] == []


def test_a_customer_slips_and_then_finds_the_order(page: Page, order):
    page = page.context.new_page()  # a refused form is an error to the browser's console, which the first window may not have
    page.goto("/track/marlow/")
    page.get_by_label("Order number").fill("1001")
    page.get_by_label("E-mail address", exact=True).fill("ada@example")
    with page.expect_response(lambda answer: answer.status == 422):
        page.get_by_role("button", name="Show my order").click()
    expect(page.get_by_role("alert")).to_contain_text("Write the whole e-mail address")
    expect(page).to_have_title(re.compile("^Error: "))
    assert faults(page) == []
    page.get_by_label("E-mail address", exact=True).fill("ada@example.com")
    page.get_by_role("button", name="Show my order").click()
    expect(page).to_have_url(re.compile(rf"/t/{order.token}/$"))
