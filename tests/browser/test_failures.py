"""What a person sees while an answer is late, and when it never comes."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from customers.models import Task
from tests.browser.test_staff import order, sign_in

__all__ = ["order"]


@pytest.fixture
def calm(chromium, live_server):
    """A window whose console may complain: the failures are made on purpose."""
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 1320, "height": 900})
    yield context.new_page()
    context.close()


def search(page: Page):
    return page.get_by_role("searchbox", name="Name, e-mail or order number")


@pytest.mark.parametrize(
    ("status", "words", "way"),
    [
        (500, "Something broke on our side, so nothing was changed.", "Try again"),
        (403, "Your role does not allow this, or the page is too old. Nothing was changed.", "Load the page again"),
        (404, "This is not here any more. Nothing was changed.", "Load the page again"),
    ],
)
def test_a_failure_is_said_and_the_page_stays(calm, order, bob, status, words, way):
    sign_in(calm, bob)
    calm.goto("/s/marlow/tasks/")
    calm.route("**/close/", lambda route: route.fulfill(status=status, body="<h1>Traceback</h1>"))
    calm.get_by_role("button", name="Close Call back").click()
    expect(calm.locator("#alert")).to_have_text(words + way)
    expect(calm.get_by_role("heading", level=1)).to_have_text("Tasks")
    expect(calm.get_by_text("Traceback")).to_have_count(0)


def test_what_did_not_arrive_is_sent_again_by_one_press(calm, order, bob):
    sign_in(calm, bob)
    calm.goto("/s/marlow/tasks/")
    calm.route("**/close/", lambda route: route.abort())
    calm.get_by_role("button", name="Close Call back").click()
    expect(calm.locator("#alert p")).to_have_text("The server cannot be reached. This may not have been done.")
    calm.unroute("**/close/")
    calm.get_by_role("button", name="Try again").click()
    expect(calm.locator("#status")).to_contain_text("Closed: Call back.")
    expect(calm.locator("#alert")).to_be_empty()
    assert Task.objects.get(title="Call back").state == "closed"


def test_a_search_without_a_network_keeps_the_list_and_tries_again(calm, order, vic):
    sign_in(calm, vic)
    calm.goto("/s/marlow/customers/")
    calm.context.set_offline(True)
    search(calm).fill("zzzz")
    expect(calm.locator("#alert p")).to_have_text("The server cannot be reached. What you see is from before.")
    expect(calm.get_by_role("link", name="Ada Lovelace")).to_be_visible()
    calm.context.set_offline(False)
    calm.get_by_role("button", name="Try again").click()
    expect(calm.get_by_role("heading", name="Nobody found")).to_be_visible()
    expect(calm.locator("#alert")).to_be_empty()


def test_the_palette_says_itself_that_nothing_was_found_out(calm, order, vic):
    sign_in(calm, vic)
    calm.goto("/s/marlow/")
    calm.route("**/search/?**", lambda route: route.abort())
    calm.keyboard.press("Control+k")
    palette = calm.get_by_role("dialog", name="Find anything")
    calm.keyboard.type("ada")
    expect(palette.get_by_role("alert")).to_contain_text("The server cannot be reached.")
    calm.unroute("**/search/?**")
    palette.get_by_role("button", name="Try again").click()
    expect(palette.get_by_role("link", name="Ada Lovelace").first).to_be_visible()


def test_a_session_that_ended_is_said_and_the_sign_in_leads_back(page, order, bob):
    sign_in(page, bob)
    page.goto(f"/s/marlow/customers/{order.customer_id}/?show=orders")
    page.get_by_label("Note for colleagues").fill("Half a sentence")
    page.context.clear_cookies(name=re.compile("session"))
    page.get_by_role("button", name="Skip Usage tips").click()
    expect(page.locator("#alert p")).to_have_text("You are signed out by now, so nothing was changed.")
    expect(page.get_by_label("Note for colleagues")).to_have_value("Half a sentence")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Email").fill(bob.email)
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ada Lovelace")
    assert page.url.endswith("?show=orders")


def test_a_late_answer_is_shown_as_on_its_way_and_a_quick_one_is_not(page, order, bob):
    sign_in(page, bob)
    page.goto("/s/marlow/tasks/")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/close/", hold)
    page.get_by_role("button", name="Close Call back").click()
    expect(page.locator("#results")).to_have_attribute("aria-busy", "true")
    expect(page.get_by_role("button", name="Close Call back")).to_have_attribute("aria-busy", "true")
    held[0].continue_()
    expect(page.get_by_role("button", name="Close Call back")).to_have_count(0)
    expect(page.locator("[aria-busy]")).to_have_count(0)
