"""A merchant makes a flow of their own in a real browser: from an empty store to five edited mails that are on."""

import pytest
from django.core import mail
from playwright.sync_api import Route, expect

from campaigns import recipes
from campaigns.models import Flow, Step
from stores import clock
from stores.models import Store, User
from tests.browser.looking import faults
from tests.browser.test_setup import MOST_CLICKS, PASSWORD, Hand
from tests.browser.test_staff import sign_in
from tests.factories.stores import MembershipFactory, UserFactory


@pytest.fixture
def jo(live_server, travel, at) -> User:
    """The owner of a store that knows its sender and its address, and has nothing else."""
    travel(at("2026-11-02 09:00"))
    user: User = UserFactory(email="jo@example.com", name="Jo Marlow")
    store = Store.objects.create(
        slug="marlow", name="Marlow & Finch", sender_name="Jo at Marlow & Finch", sender_email="jo@marlow.example",
        postal_address="Quay 1, Berlin", timezone="Europe/Berlin", created_at=clock.read(),
    )  # fmt: skip
    MembershipFactory(store=store, user=user, role="owner")
    return user


def test_from_an_empty_store_to_an_active_edited_flow_of_five_mails_in_twelve_clicks(page, jo):
    hand = Hand(page)
    page.goto("/login/?next=/s/marlow/flows/new/")
    page.get_by_label("Email").fill(jo.email)
    page.get_by_label("Password").fill(PASSWORD)
    hand.button("Sign in")
    hand.press(page.get_by_role("listitem").filter(has_text="two weeks after the parcel").get_by_role("button", name="Use this"))
    hand.press(page.get_by_role("link", name="Edit", exact=True))
    found = faults(page)
    hand.button("Move up Thanks, for a time")
    expect(page.locator("#step-thanks")).to_contain_text("4 · Thanks, for a time")
    hand.press(page.get_by_role("link", name="Edit Usage tips"))
    page.get_by_label("Subject", exact=True).fill("{{ first_name }}, before it lands")
    expect(page.locator("#saved")).to_contain_text("Saved ")
    expect(page.locator("#subject-bar")).to_contain_text("20 of 45 characters")
    expect(page.frame_locator("#frame iframe").get_by_role("heading", level=1)).to_have_text("Before it arrives")
    found += faults(page)
    hand.button("Save and go back")
    hand.link("Review and activate")
    hand.button("Activate Post-purchase, 5 mails")
    expect(page.get_by_text("Post-purchase, 5 mails is active.")).to_be_visible()
    assert hand.clicks <= MOST_CLICKS
    flow = Flow.objects.get()
    assert (flow.state, flow.version.number if flow.version else 0) == ("live", 1)
    keys = ["confirmation", "tips", "goes-well", "thanks", "check-in"]
    assert list(Step.objects.values_list("key", flat=True)) == keys
    assert Step.objects.get(key="tips").content["subject"] == "{{ first_name }}, before it lands"
    assert (found, mail.outbox) == ([], [])


def test_a_live_flow_is_changed_by_drag_and_by_typing_and_published_with_one_undo(page, jo):
    flow = recipes.install(Store.objects.get(), "post-purchase", now=clock.read())
    Flow.objects.filter(pk=flow.pk).update(state="live", activated_at=clock.read())
    hand = Hand(page)
    sign_in(page, jo)
    page.goto("/s/marlow/flows/post-purchase/edit/")
    page.locator("#step-thanks h3 a").drag_to(page.locator("#step-check-in h3 a"))
    expect(page.locator("#step-thanks")).to_contain_text("4 · Thanks, for a time")
    expect(page.get_by_role("heading", name="2 changes not live")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(page.get_by_role("heading", name="Nothing changed yet")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("Control+Shift+z")
    expect(page.get_by_role("heading", name="2 changes not live")).to_be_visible()
    page.goto("/s/marlow/flows/post-purchase/edit/steps/check-in/")
    page.get_by_label("Subject", exact=True).fill("{{ nobody }}")
    expect(page.get_by_role("link", name="1 thing to mend before it can go")).to_be_visible()
    page.get_by_text("Values you can write into any text").click()
    page.get_by_label("Find a value").fill("FIRST_NAME")
    assert page.locator(".values-list li:visible").count() == 1
    page.get_by_label("Put in {{ first_name }} with a fallback").click()
    page.keyboard.insert_text("you")
    expect(page.get_by_label("Subject", exact=True)).to_have_value('{{ nobody }}{{ first_name | default: "you" }}')
    page.get_by_label("Subject", exact=True).fill("How is it going?")
    expect(page.locator("#subject-bar")).to_contain_text("16 of 45 characters")
    held: list[Route] = []
    page.route("**/steps/check-in/", lambda route: route.continue_() if held else held.append(route))  # slow to answer the first
    with page.expect_request("**/steps/check-in/"):
        page.get_by_label("Subject", exact=True).fill("How is it going so far?")
    page.locator("#block-1 .block-grip").drag_to(page.locator("#block-2"))
    page.get_by_role("button", name="Move down block 2").press("Enter")
    expect(page.locator("#block-3 legend")).to_have_text("Heading, block 3")
    hand.button("Copy block 3")
    page.locator("#b1\\.text").fill("It is yours by now.")
    hand.button("Remove block 2")
    hand.button("Put back: ")
    held[0].continue_()
    expect(page.locator("#block-4 legend")).to_have_text("Heading, block 4")
    expect(page.locator("#b4\\.text")).to_be_focused()
    page.keyboard.insert_text("!")
    hand.button("Save and go back")
    page.wait_for_url("**/edit/")
    flow.refresh_from_db()
    blocks = Step.objects.get(key="check-in", version=flow.draft).content["blocks"]
    assert [block["kind"] for block in blocks] == ["text", "question", "heading", "heading", "text", "text", "signature"]
    assert (blocks[0]["text"], "!" in blocks[2]["text"], "!" in blocks[3]["text"]) == ("It is yours by now.", False, True)
    hand.link("Publish 2 changes")
    found = faults(page)
    hand.button("Publish 2 changes")
    expect(page.get_by_text("Version 2 is live")).to_be_visible()
    found += faults(page)
    hand.button("Undo publishing")
    expect(page.get_by_text("2 changes not live.")).to_be_visible()
    for part in ("history/?number=2", "rules/"):
        page.goto(f"/s/marlow/flows/post-purchase/{part}")
        found += faults(page)
    assert found == []
