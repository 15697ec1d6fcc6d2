"""A campaign in a real browser: from a recipe to the ten minutes in which it can be taken back, by a keyboard and at any width."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from campaigns.one_off import drafts, line, scheduling
from campaigns.one_off.models import Campaign
from tests.browser.looking import faults
from tests.browser.test_staff import sign_in
from tests.factories.customers import customer
from tests.factories.orders import NOW


@pytest.fixture
def desk(live_server, store, travel, alice, page: Page) -> Page:
    travel(NOW)
    store.sender_email, store.postal_address = "jo@marlow.example", "1 Quay Street, Hamburg"
    store.save()
    for number in range(3):
        customer(store, f"p{number}@example.com", marketing="subscribed")
    sign_in(page, alice)
    return page


def test_a_campaign_is_written_with_its_mail_beside_it_and_taken_back(desk: Page, store):
    desk.goto("/s/marlow/campaigns/")
    desk.get_by_role("link", name="New campaign").click()
    desk.get_by_role("button", name="Something new in the shop").click()
    desk.get_by_role("link", name="Write").click()
    desk.get_by_label("Subject", exact=True).fill("A kettle that sings")
    expect(desk.locator("#frame .frame-subject")).to_have_text("A kettle that sings")
    desk.get_by_role("button", name="Move down block 1").press("Enter")
    expect(desk.locator(".blocks legend").first).to_contain_text("Text")
    desk.get_by_role("link", name="Something new in the shop").click()
    desk.get_by_label("On a day, at a time", exact=True).check()
    expect(desk.get_by_text("Choose the day and the time.")).to_be_visible()
    desk.get_by_label("As soon as it can no longer be taken back").check()
    desk.get_by_role("button", name="Send to 3 people").click()
    expect(desk.locator("time[data-countdown]")).to_contain_text("left")
    desk.get_by_role("button", name="Take back").click()
    expect(desk.get_by_text("is a draft again. Nobody got it")).to_be_visible()
    made = Campaign.objects.get()
    assert (made.state, made.mail.content["subject"], made.mail.content["blocks"][0]["kind"]) == ("draft", "A kettle that sings", "text")


def test_every_page_of_a_campaign_is_fit_for_all(desk: Page, store, alice):
    content = {"subject": "Hello", "preheader": "You", "blocks": [{"kind": "text", "text": "Words"}]}
    made = [drafts.create(store, name=f"News {number}", content=content, now=NOW) for number in range(3)]
    drafts.compare(made[0], percent=50, hours=4)
    for campaign in made[1:]:
        scheduling.schedule(campaign, by=alice, now=NOW)
    line.sweep(now=NOW + timedelta(minutes=11))
    Campaign.objects.filter(pk=made[2].pk).update(state="scheduled")
    here = [f"campaigns/{campaign.pk}/" for campaign in made]
    found = []
    for path in ("campaigns/", "campaigns/new/", *here, f"{here[0]}mail/?version=b", "calendar/"):
        desk.goto(f"/s/marlow/{path}")
        found += faults(desk)
    assert found == []
