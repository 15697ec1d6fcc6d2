"""The first hour on an empty server: the owner's account, a logo, a flow that only watches, and then sends for real."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from campaigns.models import Flow, StepRun
from campaigns.tasks import sweep_until_quiet
from integrations import inbox
from stores import clock
from stores.models import Store
from tests.browser.looking import faults
from tests.browser.test_setup import PASSWORD, Hand
from tests.journeys.conftest import order
from tests.stores.test_logos import picture


@pytest.fixture
def today(live_server, travel, at, settings):
    settings.PUBLIC_URL = live_server.url
    travel(at("2026-11-02 09:00"))


def open_store(page: Page, hand: Hand) -> None:
    page.goto("/")
    page.get_by_label("E-mail address").fill("nora@example.com")
    page.get_by_label("Your name").fill("Nora Vale")
    page.get_by_label("Password").fill(PASSWORD)
    hand.button("Create the account")
    expect(page.get_by_role("heading", level=1)).to_have_text("New store")
    page.get_by_label("Name", exact=True).fill("Kessel & Co.")
    page.get_by_label("Country").select_option("Germany")
    hand.button("Open the store")


def place(number: str) -> None:
    """Take an order in as the shop's webhook would."""
    store, now = Store.objects.get(), clock.read()
    inbox.apply(store, "orders", order(number, at=now), now=now, live_since=now - timedelta(days=1))


def test_from_an_empty_server_to_a_watching_flow_that_then_sends(page, today):
    hand = Hand(page)
    page.goto("/")
    found = faults(page)
    open_store(page, hand)
    page.goto("/s/kessel-co/start/brand/")
    page.get_by_label("Picture").set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": picture()})
    hand.button("Upload the logo")
    expect(page.get_by_text("Saved. The logo stands on every mail")).to_be_visible()
    expect(page.get_by_alt_text("The logo on a dark mail")).to_be_visible()
    shown = page.frame_locator("#brand-mail").get_by_alt_text("Kessel & Co.")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => [image.complete, image.naturalWidth]") == [True, 400]
    found += faults(page)
    page.get_by_label("Sender’s address").fill("nora@kessel.example")
    page.get_by_label("Postal address").fill("Beispielkai 1, 20457 Hamburg")
    hand.button("Save and see the mails")
    page.goto("/s/kessel-co/start/activate/")
    expect(page.get_by_text("No order came in during the last 30 days.")).to_be_visible()
    found += faults(page)
    hand.button("Only watch for now")
    expect(page.get_by_text("This flow only watches.")).to_be_visible()
    found += faults(page)
    place("1")
    sweep_until_quiet()
    page.reload()
    hand.link("1 would have gone")
    expect(page.get_by_role("cell", name="Watched only: this mail would have gone")).to_be_visible()
    found += faults(page)
    assert mail.outbox == []
    page.goto("/s/kessel-co/flows/post-purchase/activate/")
    expect(page.get_by_text(re.compile(r"Of 1 order: \d mails?, \d left out"))).to_be_visible()
    found += faults(page)
    page.goto("/s/kessel-co/flows/post-purchase/")
    hand.button("Send for real")
    expect(page.get_by_text("sends for real")).to_be_visible()
    place("2")
    sweep_until_quiet()
    assert (Flow.objects.get().state, len(mail.outbox)) == ("live", 1)
    assert list(StepRun.objects.filter(step_key="confirmation").order_by("pk").values_list("state", flat=True)) == [
        "skipped",
        "handed_over",
    ]
    assert found == []


def test_the_logo_goes_up_and_comes_off_without_script(chromium, live_server, today):
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    hand = Hand(page)
    open_store(page, hand)
    page.goto("/s/kessel-co/settings/brand/")
    page.get_by_label("Picture").set_input_files({"name": "logo.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"})
    hand.button("Upload the logo")
    expect(page.get_by_text("SVG files can carry programs, so they are not taken.")).to_be_visible()
    page.get_by_label("Picture").set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": picture()})
    hand.button("Upload the logo")
    expect(page.get_by_alt_text("The logo on a light mail")).to_be_visible()
    hand.button("Remove the logo")
    expect(page.get_by_text("The logo is off")).to_be_visible()
    assert Store.objects.get().logo_path == ""
    context.close()
