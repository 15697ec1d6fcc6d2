"""The pages of campaigns: from a recipe to what came of it, with and without script."""

import re
from datetime import timedelta
from html import unescape

import pytest

from campaigns.models import StepRun
from campaigns.one_off import drafts, line, recipes, scheduling
from campaigns.one_off.models import Campaign
from campaigns.recipes import post_purchase
from campaigns.tasks import sweep_until_quiet
from campaigns.travel import travel_to
from messaging.returning import day_counts
from segments import saving
from segments.models import Segment
from stores import clock
from tests.factories.customers import customer
from tests.journeys.conftest import open_shop, order

CONTENT = {"subject": "Hello", "preheader": "You", "blocks": [{"kind": "text", "text": "Words"}]}


@pytest.fixture
def desk(store, at, client, mara):
    """Mara at her desk, in a shop with three subscribers and one who never agreed."""
    clock.set_to(at("2026-11-02 09:00"))
    store.sender_email, store.postal_address = "jo@marlow.example", "1 Quay Street, Hamburg"
    store.save()
    for number in range(3):
        customer(store, f"p{number}@example.com", marketing="subscribed", tags=["vip"])
    customer(store, "never@example.com", tags=["vip"])
    client.force_login(mara)
    return client


def draft(store, **fields) -> Campaign:
    made = drafts.create(store, name="News", content=CONTENT, now=clock.read())
    Campaign.objects.filter(pk=made.pk).update(**fields)
    return fresh(made)


def fresh(campaign: Campaign) -> Campaign:
    return scheduling.of_store(campaign.store).get(pk=campaign.pk)


def text(answer) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def test_a_recipe_is_a_campaign_with_its_people_and_its_day(store, desk):
    desk.post("/s/marlow/campaigns/new/", {"recipe": "holiday-gifters"})
    campaign = Campaign.objects.get()
    assert (campaign.name, f"{campaign.day}", campaign.timing, campaign.state) == ("Holiday gifters 2026", "2026-11-24", "each", "draft")
    assert campaign.audience and campaign.audience.name == "Holiday gifters of 2025"
    [ordered, _] = campaign.audience.rule["all"]
    assert (ordered["start"], ordered["end"], ordered["times"]) == ("2025-12-01", "2025-12-07", 2)
    assert desk.get(f"/s/marlow/campaigns/{campaign.pk}/").status_code == 200
    drafts.write(campaign, drafts.A, {**CONTENT, "subject": "New at {{ store_name | truncate: 30 }}"}, offer=None)
    assert "New at [store name] You" in text(desk.get(f"/s/marlow/campaigns/{campaign.pk}/"))


@pytest.mark.parametrize("key", ["holiday-vips", "holiday-gifters", "launch", "news", "blank"])
def test_every_recipe_could_go_as_it_is(store, desk, key):
    campaign = recipes.begin(store, recipes.of(store, now=clock.read())[key], now=clock.read())
    assert [problem.words for problem in drafts.problems(fresh(campaign), now=clock.read()) if problem.is_grave] == []
    assert desk.get(f"/s/marlow/campaigns/{campaign.pk}/preview/").status_code == 200


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_the_plan_is_saved_and_the_number_stands_in_the_button(store, desk, headers):
    vip = saving.create(store, name="VIP", rule={"all": [{"what": "tag", "op": "any", "values": ["vip"]}]}, now=clock.read())
    campaign = draft(store)
    said = {"name": "Winter news", "audience": vip.pk, "timing": "moment", "day": "2026-11-05", "wall": "10:00", "test_percent": "20",
            "test_hours": "4", "said": "1"}  # fmt: skip
    answer = desk.post(f"/s/marlow/campaigns/{campaign.pk}/", said, headers=headers, follow=True)
    assert "Schedule to 3 people" in text(answer)
    assert "4 people now, of whom 3 may get offers and news" in text(answer)
    campaign = fresh(campaign)
    assert (campaign.name, campaign.audience, campaign.flow.name, campaign.mail.name) == ("Winter news", vip, "Winter news", "Winter news")


def test_what_is_missing_is_said_and_nothing_is_scheduled(store, desk):
    campaign = draft(store, timing="moment", day="2026-11-01", wall="10:00")
    page = desk.get(f"/s/marlow/campaigns/{campaign.pk}/")
    assert "This moment has passed. Choose a later one." in text(page)
    assert "/schedule/" not in page.content.decode()
    desk.post(f"/s/marlow/campaigns/{campaign.pk}/schedule/")
    assert fresh(campaign).state == "draft"


def test_it_is_scheduled_taken_back_sent_and_its_numbers_lead_to_the_people(store, desk, mailoutbox):
    campaign = draft(store)
    here = f"/s/marlow/campaigns/{campaign.pk}/"
    assert "Send to 3 people" in text(desk.get(here))
    page = desk.post(f"{here}schedule/", follow=True)
    assert "can be taken back until then" in text(page)
    assert "is a draft again. Nobody got it" in text(desk.post(f"{here}take-back/", follow=True))
    desk.post(f"{here}schedule/")
    travel_to(clock.read() + timedelta(minutes=11))
    assert len(mailoutbox) == 3
    page = desk.get(here)
    assert "4 of 4 decided" in text(page)
    assert "0 of 3 too few to say much" in text(page)
    people = re.search(r'href="([^"]+state=skipped&amp;reason=no_consent)"', page.content.decode())
    assert people
    listed = desk.get(unescape(people[1]))
    assert "never@example.com" in text(listed)
    assert "Has not agreed to this kind of mail" in text(listed)
    assert "3" in text(desk.get("/s/marlow/campaigns/"))
    assert "was changed" in text(desk.post(f"{here}pause/", follow=True))


def test_a_pause_and_a_stop_are_undone_by_a_button(store, desk, mailoutbox):
    campaign = draft(store)
    scheduling.schedule(campaign, by=store.memberships.get().user, now=clock.read())
    assert campaign.starts_at
    clock.set_to(campaign.starts_at)
    here = f"/s/marlow/campaigns/{campaign.pk}/"
    line.sweep(now=clock.read())
    assert "Paused: nothing of it goes out" in text(desk.post(f"{here}pause/", follow=True))
    assert "Stopped. Who has not got it will not" in text(desk.post(f"{here}stop/", follow=True))
    desk.post(f"{here}resume/")
    sweep_until_quiet()
    assert (fresh(campaign).state, len(mailoutbox)) == ("done", 3)


def test_the_mail_is_written_block_by_block(store, desk):
    campaign = draft(store)
    here = f"/s/marlow/campaigns/{campaign.pk}/mail/"
    said = {"subject": "Tea", "preheader": "", "b1.kind": "text", "b1.text": "One", "b2.kind": "heading", "b2.text": "Two",
            "b2.level": "2"}  # fmt: skip
    desk.post(here, {**said, "act": "up:2"})
    assert fresh(campaign).mail.content["blocks"] == [{"kind": "heading", "level": 2, "text": "Two"}, {"kind": "text", "text": "One"}]
    desk.post(here, {**said, "act": "add:button"})
    assert fresh(campaign).mail.content["blocks"][2]["url"] == "{{ shop_url }}"
    answer = desk.post(here, {**said, "act": "remove:2", "b1.text": "{{ nobody }}"}, headers={"HX-Request": "true"})
    assert "There is no value 'nobody'" in text(answer)
    assert "Two" not in desk.get(f"/s/marlow/campaigns/{campaign.pk}/preview/").content.decode()
    answer = desk.post(here, {**said, "subject": "Kettles"}, headers={"HX-Request": "true"})
    assert "Saved 09:00" in text(answer)
    desk.post(here, {**said, "act": "up:2"}, headers={"HX-Request": "true", "HX-Trigger": "step-form"})
    assert fresh(campaign).mail.content["blocks"][0]["kind"] == "text"  # the button was pressed before, and this only saves
    desk.post(here, {**said, "subject": "Kettles"})
    assert fresh(campaign).mail.content["subject"] == "Kettles"


def test_what_is_shown_is_drawn_anew_after_each_change(store, desk):
    campaign = draft(store)
    frame = f"/s/marlow/campaigns/{campaign.pk}/preview/"
    assert "Words" in desk.get(frame).content.decode()
    drafts.write(campaign, drafts.A, {**CONTENT, "blocks": [{"kind": "text", "text": "Other"}]}, offer=None)
    assert "Other" in desk.get(frame).content.decode()


def test_a_second_version_has_a_page_of_its_own_and_a_clock_for_each_does_not_go_with_it(store, desk):
    campaign = draft(store)
    said = {"name": "News", "timing": "now", "is_compared": "on", "test_percent": "50", "test_hours": "4"}
    desk.post(f"/s/marlow/campaigns/{campaign.pk}/", said)
    assert [step.key for step in fresh(campaign).mails] == ["mail", "mail-b"]
    here = f"/s/marlow/campaigns/{campaign.pk}/mail/"
    assert 'name="version" value="b"' in desk.get(f"{here}?version=b").content.decode()
    desk.post(here, {"version": "b", "subject": "Other", "act": "add:text"}, headers={"HX-Request": "true"})
    assert [step.content["subject"] for step in fresh(campaign).mails] == ["Hello", "Other"]
    refused = desk.post(f"/s/marlow/campaigns/{campaign.pk}/", {**said, "timing": "each", "day": "2026-11-09", "wall": "10:00"})
    assert (refused.status_code, fresh(campaign).timing) == (422, "now")


def test_a_campaign_is_written_in_each_language_of_the_shop_and_goes_out_in_its_customers(store, desk, mailoutbox):
    store.languages = ["de"]
    store.save()
    jan = customer(store, "jan@example.com", marketing="subscribed", language="de", name="Jan Ott", first_name="Jan")
    campaign = draft(store)
    here = f"/s/marlow/campaigns/{campaign.pk}/mail/"
    assert "Not written in German yet" in text(desk.get(f"{here}?in=de"))
    page = text(desk.post(f"{here}languages/", {"in": "de", "act": "begin", "from": "en"}, follow=True))
    assert "German begins with the words in English. Change what you want." in page
    said = {"b1.kind": "text", "b1.text": "Hallo {{ first_name }}.", "subject": "Guten Tag", "preheader": "", "in": "de"}
    assert "Saved 09:00" in text(desk.post(f"{here}?in=de", said, headers={"HX-Request": "true", "HX-Trigger": "step-form"}))
    content = fresh(campaign).mail.content
    assert (content["subject"], content["in"]["de"]["subject"]) == ("Hello", "Guten Tag")
    desk.post(here, {**said, "in": "", "subject": "Good morning", "b1.text": "Words"})
    assert "changed since these in German were written" in text(desk.get(f"{here}?in=de"))
    desk.post(f"{here}languages/", {"in": "de", "act": "right"})
    assert "behind" not in text(desk.get(f"{here}?in=de"))
    assert "Hallo Jan." in text(desk.get(f"/s/marlow/campaigns/{campaign.pk}/preview/?as=c{jan.pk}"))
    desk.post(f"{here}test/", {"act": "send", "me": "on", "in": "de"})
    assert [mail.subject for mail in mailoutbox] == ["[Test] Guten Tag"]
    desk.post(f"/s/marlow/campaigns/{campaign.pk}/schedule/")
    travel_to(clock.read() + timedelta(hours=1))
    assert {mail.to[0]: mail.subject for mail in mailoutbox[1:]} == {
        "Jan Ott <jan@example.com>": "Guten Tag", **{f"p{number}@example.com": "Good morning" for number in range(3)}
    }  # fmt: skip
    assert "nothing was changed" in text(desk.post(f"{here}languages/", {"in": "de", "act": "remove"}, follow=True))


def test_a_test_goes_to_who_asks_for_it_alone(store, desk, mara, mailoutbox):
    campaign = draft(store)
    desk.post(f"/s/marlow/campaigns/{campaign.pk}/test/")
    assert [(mail.subject, mail.to) for mail in mailoutbox] == [("[Test] Hello", [f"Mara <{mara.email}>"])]
    assert StepRun.objects.count() == 0


def test_another_shops_segment_is_none_to_choose(store, other, desk):
    theirs = Segment.objects.create(store=other, name="Theirs", created_at=clock.read())
    campaign = draft(store)
    said = {"name": "News", "timing": "now", "test_percent": "20", "test_hours": "4", "audience": theirs.pk}
    assert desk.post(f"/s/marlow/campaigns/{campaign.pk}/", said).status_code == 422
    assert fresh(campaign).audience is None


def test_the_calendar_says_what_went_what_is_planned_and_who_gets_too_much(store, desk, at):
    shop = open_shop(store)
    shop.tell("orders/create", order(at=clock.read()))
    first = draft(store)
    scheduling.schedule(first, by=store.memberships.get(user__name="Mara").user, now=clock.read())
    second = draft(store, name="Gifts", timing="moment", day="2026-11-20", wall="10:00")
    scheduling.schedule(fresh(second), by=store.memberships.get(user__name="Mara").user, now=clock.read())
    travel_to(clock.read() + timedelta(minutes=15))
    day_counts.sweep(now=clock.read())
    page = text(desk.get("/s/marlow/calendar/?month=2026-11"))
    assert "News 4 sent" in page
    assert "Gifts about 4" in page
    assert f"{post_purchase.NAME} 1 sent" in page
    assert re.search(rf"{post_purchase.NAME} \d planned", page)
    assert desk.get("/s/marlow/calendar/?month=nonsense").status_code == 200
    for number in (1, 2):
        busy = draft(store, name=f"More {number}")
        scheduling.schedule(fresh(busy), by=store.memberships.get(user__name="Mara").user, now=clock.read())
    travel_to(clock.read() + timedelta(minutes=15))
    assert "4 people get 3 help mails and offers or more in the week of 2 November" in text(desk.get("/s/marlow/calendar/?month=2026-11"))


def test_the_customers_page_says_what_comes_and_why(store, desk):
    campaign = draft(store, timing="each", day="2026-11-04", wall="10:00")
    scheduling.schedule(campaign, by=store.memberships.get().user, now=clock.read())
    assert campaign.starts_at
    travel_to(campaign.starts_at + timedelta(minutes=1))
    run = StepRun.objects.order_by("pk")[0]
    page = desk.get(f"/s/marlow/customers/{run.customer_id}/")
    assert "Goes as part of a campaign to many, on 4 November" in text(page)
    assert desk.get(f"/s/marlow/flows/{campaign.flow.key}/").headers["Location"] == f"/s/marlow/campaigns/{campaign.pk}/"
    desk.post(f"/s/marlow/customers/{run.customer_id}/next/{run.pk}/skip/")
    run.refresh_from_db()
    assert (run.state, run.reason) == ("skipped", "staff")
