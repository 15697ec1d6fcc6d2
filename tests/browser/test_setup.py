"""The merchant's first five minutes in a real browser: from no store at all to a flow that is on."""

import hashlib
import hmac
import json

import pytest
from django.core import mail
from playwright.sync_api import Locator, Page, expect

from campaigns.models import Flow
from integrations import inbox, uploads
from integrations.files import example
from integrations.models import Connection
from orders.models import Order
from stores import clock
from stores.models import User
from tests.browser.looking import faults
from tests.browser.test_staff import sign_in
from tests.factories.stores import UserFactory

PASSWORD = "correct horse battery"
MOST_CLICKS = 12


class Hand:
    """Clicks, and counts its clicks."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0

    def press(self, what: Locator) -> None:
        what.click()
        self.clicks += 1

    def button(self, name: str) -> None:
        self.press(self.page.get_by_role("button", name=name))

    def link(self, name: str) -> None:
        self.press(self.page.get_by_role("link", name=name))


@pytest.fixture
def nora(live_server, travel, at) -> User:
    travel(at("2026-11-02 09:00"))
    user: User = UserFactory(email="nora@example.com", name="Nora Vale")
    return user


def type_the_password(page: Page, hand: Hand) -> None:
    page.goto("/login/")
    page.get_by_label("Email").fill("nora@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    hand.button("Sign in")


def deliver(page: Page) -> None:
    """Send an order as the shop would, with the address and the secret that stand on the page."""
    address, secret = (page.locator("code.secret").nth(number).inner_text() for number in (0, 1))
    moment = clock.read().isoformat()
    body = json.dumps({
        "external_id": "1", "number": "#1", "placed_at": moment, "currency": "EUR", "total": "79.00", "financial_status": "paid",
        "customer": {"email": "ana@example.com", "name": "Ana Ribeiro"},
        "lines": [{"external_id": "1", "name": "Pour-over kettle", "unit_price": "79.00"}],
    })  # fmt: skip
    signature = hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Doorstep-Topic": "orders/create", "X-Doorstep-Signature": f"sha256={signature}"}
    path = "/hooks/" + address.rpartition("/hooks/")[2]
    assert page.request.post(path, headers=headers, data=body).status == 200
    inbox.drain(now=clock.read())


def test_from_no_store_to_an_active_flow_in_twelve_clicks(page, nora):
    hand, found = Hand(page), []
    type_the_password(page, hand)
    found += faults(page)
    hand.link("Add your first store")
    found += faults(page)
    page.get_by_label("Name", exact=True).fill("Kessel & Co.")
    page.get_by_label("Country").select_option("Germany")
    hand.button("Open the store")
    found += faults(page)
    hand.button("Connect your shop")
    deliver(page)
    found += faults(page)
    hand.link("Continue to the brand")
    page.get_by_label("Sender", exact=True).fill("Nora at Kessel")
    page.get_by_label("Sender’s address").fill("nora@kessel.example")
    page.get_by_label("Postal address").fill("Beispielkai 1, 20457 Hamburg")
    page.get_by_label("Colour").fill("#ffcc00")
    expect(page.frame_locator("#brand-mail").get_by_text("Beispielkai 1")).to_be_visible()
    found += faults(page)
    hand.button("Save and see the mails")
    expect(page.get_by_text("#ffcc00 is too light to be read on white")).to_be_visible()
    expect(page.get_by_text("As Ana Ribeiro gets them for order #1.")).to_be_visible()
    found += faults(page)
    hand.link("Looks right, test it")
    found += faults(page)
    hand.button("Send me all five")
    expect(page.get_by_text("All 5 mails were accepted for nora@example.com.")).to_be_visible()
    found += faults(page)
    hand.link("Review and activate")
    found += faults(page)
    hand.button("Activate Post-purchase, 5 mails")
    expect(page.get_by_text("Post-purchase, 5 mails is active.")).to_be_visible()
    assert hand.clicks <= MOST_CLICKS
    assert Flow.objects.get().state == "live"
    assert [each.subject[:10] for each in mail.outbox] == [f"[Test {number}/5]" for number in range(1, 6)]
    assert found == []


def test_one_can_leave_and_come_back_without_script(chromium, live_server, nora):
    """Every step works without script; home says what is next."""
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    hand = Hand(page)
    type_the_password(page, hand)
    hand.link("Add your first store")
    page.get_by_label("Name", exact=True).fill("Kessel & Co.")
    page.get_by_label("Country").select_option("Germany")
    hand.button("Open the store")
    hand.button("Connect your shop")
    hand.button("Send a test order")
    inbox.drain(now=clock.read())
    page.goto("/s/kessel-co/start/connect/")
    expect(page.get_by_text("It works.")).to_be_visible()
    page.goto("/s/kessel-co/")
    expect(page.get_by_role("heading", name="Set up Kessel & Co.")).to_be_visible()
    hand.link("Fill in the brand")
    expect(page.get_by_role("heading", level=1)).to_have_text("Who writes to your customers?")
    page.goto("/s/kessel-co/")
    hand.button("Remind me tomorrow")
    expect(page.get_by_text("The set-up comes back tomorrow.")).to_be_visible()
    assert (Order.objects.get().is_test, Connection.objects.count()) == (True, 1)
    context.close()


def test_the_page_sees_the_first_delivery_by_itself(page, nora):
    hand = Hand(page)
    sign_in(page, nora)
    page.goto("/stores/")
    hand.link("Add your first store")
    page.get_by_label("Name", exact=True).fill("Kessel & Co.")
    page.get_by_label("Country").select_option("Germany")
    hand.button("Open the store")
    hand.button("Connect your shop")
    expect(page.get_by_text("Waiting for the first delivery…")).to_be_visible()
    deliver(page)
    expect(page.get_by_text("It works.")).to_be_visible(timeout=15_000)
    assert page.locator("code.secret").count() == 2  # what is shown once is still there
    page.goto("/s/kessel-co/start/source/")
    found = faults(page)
    page.goto("/s/kessel-co/start/shopify/")
    found += faults(page)
    page.goto("/s/kessel-co/start/")
    found += faults(page)
    page.goto("/s/kessel-co/")
    found += faults(page)
    assert found == []


def test_a_file_is_checked_and_imported_while_one_looks_on(page, nora, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    hand = Hand(page)
    sign_in(page, nora)
    page.goto("/stores/")
    hand.link("Add your first store")
    page.get_by_label("Name", exact=True).fill("Kessel & Co.")
    page.get_by_label("Country").select_option("Germany")
    hand.button("Open the store")
    hand.link("Upload a file")
    found = faults(page)
    text = example.OF["orders"] + "1003,#1003,yesterday,EUR,12.00,,,,Mug,1,12.00,mug,\n"
    chooser = page.get_by_label("File of orders or customers")
    chooser.set_input_files({"name": "orders.csv", "mimeType": "text/csv", "buffer": text.encode()})
    hand.button("Check the file")
    expect(page.get_by_text("Checking: 0 orders read, nothing is written.")).to_be_visible()
    found += faults(page)
    uploads.sweep(now=clock.read())
    expect(page.get_by_text("2 orders can be imported, 1 cannot.")).to_be_visible(timeout=15_000)
    found += faults(page)
    hand.button("Import 2 orders")
    expect(page.get_by_role("progressbar", name="Orders imported")).to_be_visible()
    found += faults(page)
    uploads.sweep(now=clock.read())
    expect(page.get_by_text("could not be imported")).to_be_visible(timeout=15_000)
    found += faults(page)
    hand.link("Continue to the brand")
    assert found == []
    assert Order.objects.filter(is_history=True).count() == 2
