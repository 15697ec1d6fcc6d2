"""Support's pages in a real browser: read, pick a canned answer, send, take it back; by keyboard; without a fault that axe knows."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from enquiries import conversations, files
from enquiries.letters import Letter
from enquiries.models import CannedAnswer, Enquiry
from messaging.models import Message
from stores import clock
from tests.browser.looking import faults
from tests.browser.test_staff import order, sign_in  # noqa: F401

LONG = "A very long subject of a customer who explains everything before the first word of the message, with averylongwordthatneverends"


@pytest.fixture
def talk(order, store) -> Enquiry:  # noqa: F811
    """A question about an order with a picture, and one of a stranger."""
    CannedAnswer.objects.create(store=store, title="Descaling", body="Use vinegar, {{ first_name }}.", changed_at=clock.read())
    conversations.receive(store, Letter("who@example.com", "Who", LONG, "Do you ship to Oslo?"), now=clock.read())
    sent = (files.file("kettle.png", b"\x89PNG\r\n\x1a\nx"),)
    text = "It leaks.\n\nWhat now?"
    letter = Letter(order.customer.email, "Ada", "My kettle", text, html=f"<p>{text}", files=sent, message_id="a@b.example")
    return conversations.receive(store, letter, now=clock.read() - timedelta(days=2))


def test_supports_pages_have_no_fault_that_axe_knows(page, talk, order, alice):  # noqa: F811
    sign_in(page, alice)
    stranger = Enquiry.objects.get(customer=None)
    paths = ["inbox/", "inbox/?view=closed", f"inbox/{talk.pk}/", f"inbox/{stranger.pk}/", "tasks/", "settings/desk/"]
    paths += ["settings/desk/answers/new/", f"customers/{order.customer_id}/help/?why=post-purchase/tips"]
    found = []
    for path in [*(f"/s/marlow/{path}" for path in paths), "/ask/marlow/", f"/e/{talk.token}/", f"/t/{order.token}/"]:
        page.goto(path)
        found += faults(page)
    assert found == []


def test_a_question_is_answered_by_keyboard_and_taken_back(page, talk, alice, bob):
    sign_in(page, bob)
    page.goto("/s/marlow/")
    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(page.get_by_role("heading", level=1)).to_have_text("Inbox")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("My kettle")
    page.keyboard.press("m")
    expect(page.locator("#status")).to_contain_text("Given to Bob.")
    page.keyboard.press("r")
    page.keyboard.type("@al")
    page.get_by_role("button", name="@Alice").click()
    expect(page.get_by_label("Your words")).to_have_value("@Alice ")
    page.get_by_label("Your words").fill("Hello Ada, ")
    page.get_by_text("Canned answers").click()
    page.get_by_role("link", name="Descaling").click()
    expect(page.get_by_label("Your words")).to_have_value("Hello Ada, Use vinegar, Ada.")
    page.get_by_role("button", name="Send answer").click()
    expect(page.locator("#latest")).to_contain_text("Use vinegar, Ada.")
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_label("Your words")).to_have_value("Hello Ada, Use vinegar, Ada.")
    assert [mail.state for mail in Message.objects.filter(step="answer")] == ["cancelled"]
