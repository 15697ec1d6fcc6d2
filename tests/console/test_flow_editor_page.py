"""Changing a flow in the browser: the line, one step, the publish sheet, the way back, and the history."""

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from campaigns.models import Flow, FlowVersion, Step, StepRun
from campaigns.writing import drafts
from campaigns.writing.models import Kept
from segments.models import Segment
from stores import clock
from stores.models import Picture
from tests.factories.orders import place
from tests.stores.test_logos import picture

URL = "/s/marlow/flows/post-purchase/"
EDIT = f"{URL}edit/"


@pytest.fixture
def browser(flow, mara, signed_in):
    return signed_in(mara)


def html(answer) -> str:
    assert answer.status_code in (200, 422), answer.status_code
    return str(answer.content.decode())


def form_of(step: Step, **changes) -> dict[str, str]:
    """Return what the page's form says of a step."""
    said = {
        "revision": str(step.revision), "subject": step.content.get("subject", ""), "preheader": step.content.get("preheader", ""),
        "name": step.name, "offset": str(step.offset_hours), "offset_unit": "hours",
        "anchor": step.anchor, "use_by": str(step.use_by_hours), "use_by_unit": "hours", "purpose": step.purpose,
        "not_after_anchor": step.not_after_anchor, "not_after_hours": str(step.not_after_hours or ""), "conditions": step.conditions,
    }  # fmt: skip
    for number, block in enumerate(step.content.get("blocks", ()), start=1):
        gate = "+".join(f"{name}:{block[name]}" for name in ("only", "order", "if", "unless") if name in block)
        said |= {f"b{number}.{name}": value for name, value in block.items()} | {f"b{number}.gate": gate}
    return said | changes


def step(key: str) -> Step:
    version = drafts.of(Flow.objects.select_related("draft", "version").get())
    assert version is not None
    return version.steps.get(key=key)


def test_the_line_shows_each_card_with_what_can_be_done_and_nothing_is_changed_by_looking(order, browser):
    page = html(browser.get(EDIT))
    assert "Nothing changed yet" in page
    assert page.index("Order placed") < page.index("1 · Confirmation") < page.index("2 · Usage tips")
    assert 'Move up<span class="unseen"> Usage tips</span>' in page
    assert 'Add a mail here<span class="unseen"> after Usage tips</span>' in page
    assert FlowVersion.objects.count() == 1


def test_a_button_changes_the_draft_alone_and_the_page_says_what_is_not_live(order, browser):
    answer = browser.post(f"{EDIT}move/", {"step": "thanks", "places": "-1"})
    assert (answer.status_code, answer["Location"]) == (303, EDIT)
    browser.post(f"{EDIT}off/", {"step": "tips"})
    browser.post(f"{EDIT}remove/", {"step": "goes-well"})
    page = html(browser.get(EDIT))
    assert "4 changes not live" in page
    assert "Thanks, for a time: goes 7 days after it arrived" in page
    assert "Usage tips: switched off." in page
    assert "1 person is in it now" in page
    assert "Taken out" in page
    live = Step.objects.filter(version__number=1).values_list("name", flat=True)
    assert list(live)[1:3] == ["Usage tips", "Goes well with it"]
    browser.post(f"{EDIT}put-back/", {"step": "goes-well"})
    assert "Taken out" not in html(browser.get(EDIT))
    assert "4 changes" not in html(browser.get(URL))
    assert "3 changes not live." in html(browser.get(URL))
    browser.post(f"{EDIT}discard/")
    assert "Nothing changed yet" in html(browser.get(EDIT))


def test_a_part_is_answered_to_script_and_a_new_mail_leads_to_its_own_page(order, browser):
    answer = browser.post(f"{EDIT}duplicate/", {"step": "tips"}, headers={"HX-Request": "true"}, follow=True)
    assert '<div class="flow-columns editing" id="editor">' in html(answer)
    assert "<html" not in html(answer)
    answer = browser.post(f"{EDIT}add/", {"anchor": "received", "step": "check-in"})
    assert answer["Location"] == f"{EDIT}steps/mail-2/"
    page = html(browser.get(answer["Location"]))
    assert "6 · New mail" in page
    assert "Is everything as it should be?" in page
    for verb, data in (("move", {"step": "tips", "places": "up"}), ("add", {"anchor": "moon"}), ("off", {"step": "none"}), ("eat", {})):
        assert browser.post(f"{EDIT}{verb}/", data).status_code == 404


def test_a_step_is_saved_into_the_draft_whole_and_says_by_field_what_is_wrong(order, browser, flow):
    tips = flow.version.steps.get(key="tips")
    address = f"{EDIT}steps/tips/"
    page = html(browser.get(address))
    assert "2 · Usage tips" in page
    assert "of 45 characters" in page
    changes = {"subject": "Soon with you", "offset": "2", "offset_unit": "days", "time_of_day": "10:00", "b1.text": "Soon with you"}
    answer = browser.post(address, form_of(tips, **changes))
    assert (answer.status_code, answer["Location"]) == (303, EDIT)
    saved = step("tips")
    assert (saved.content["subject"], saved.offset_hours, f"{saved.time_of_day}", saved.revision) == ("Soon with you", 48, "10:00:00", 2)
    assert saved.content["blocks"] == [{"kind": "heading", "text": "Soon with you"}, *tips.content["blocks"][1:]]
    assert (saved.not_after_anchor, saved.not_after_hours, saved.conditions) == ("expected", 6, ["has_tips"])
    wrong = form_of(saved, offset="3", time_of_day="10:00", subject="Hello {{ nobody }}")
    answer = browser.post(address, wrong)
    assert answer.status_code == 422
    assert "With a time of day, count in days." in html(answer)
    assert "Subject: There is no value" in html(answer)
    assert "<title>Error: " in html(answer)
    page = html(browser.get(f"{URL}publish/"))
    assert "It cannot be published yet" in page
    assert browser.post(f"{URL}publish/").status_code == 422


def test_words_are_saved_while_one_types_and_blocks_are_added_moved_and_removed(order, browser, flow):
    tips, address, script = flow.version.steps.get(key="tips"), f"{EDIT}steps/tips/", {"HX-Request": "true"}
    part = html(browser.post(address, form_of(tips, subject="Soon"), headers=script))
    assert 'id="revision" value="2" hx-swap-oob="true"' in part
    assert "of=draft" in part
    assert "4 of 45 characters" in part
    frame = browser.get(f"{URL}preview/tips/?of=draft").content.decode()
    assert "<title>Soon</title>" in frame
    assert "<title>Soon</title>" not in browser.get(f"{URL}preview/tips/").content.decode()
    part = html(browser.post(address, form_of(step("tips"), act="add:button"), headers=script))
    assert '<ol hx-swap-oob="afterend:#block-4"><li class="block" id="block-5">' in part and 'id="block-4"' not in part
    assert [block["kind"] for block in step("tips").content["blocks"]] == ["heading", "text", "tips", "button", "button", "signature"]
    answer = browser.post(address, form_of(step("tips"), act="up:5"))
    assert answer["Location"] == f"{address}#block-4"
    assert step("tips").content["blocks"][3]["label"] == "Have a look round"
    browser.post(address, form_of(step("tips"), act="remove:4"))
    assert len(step("tips").content["blocks"]) == 5


def test_the_mail_beside_stands_at_the_block_that_one_types_in(order, browser, flow):
    tips, address = flow.version.steps.get(key="tips"), f"{EDIT}steps/tips/"
    part = html(browser.post(address, form_of(tips, **{"b2.text": "Another line."}), headers={"HX-Request": "true"}))
    frame = re.search(r'src="([^"]*)#block-2"', part)
    assert frame is not None
    assert '<tr id="block-2">' in html(browser.get(unescape(frame[1])))
    assert "id=" not in browser.get(f"{URL}preview/tips/").content.decode()


def test_two_who_edit_one_step_are_shown_both(order, browser, flow, alice, signed_in):
    tips, address = flow.version.steps.get(key="tips"), f"{EDIT}steps/tips/"
    signed_in(alice).post(address, form_of(tips, subject="By Alice"))
    answer = browser.post(address, form_of(tips, subject="By Mara"))
    page = html(answer)
    assert answer.status_code == 422
    assert "Alice changed this step" in page
    assert "<del>Subject: By Alice</del><ins>Subject: By Mara</ins>" in page
    assert step("tips").content["subject"] == "By Alice"
    part = html(browser.post(address, form_of(tips, subject="By Mara"), headers={"HX-Request": "true"}))
    assert "yours is not saved" in part
    browser.post(address, form_of(step("tips"), subject="By Mara"))
    assert step("tips").content["subject"] == "By Mara"


def test_publishing_asks_about_those_inside_and_can_be_undone(order, browser):
    browser.post(f"{EDIT}remove/", {"step": "goes-well"})
    page = html(browser.get(f"{URL}publish/"))
    assert "Publish 1 change" in page
    assert "1 person is in it now. They" in page
    assert "Goes well with it: 1 mail will not go any more." in page
    assert "more planned for them stay as they are, and so does what staff moved by hand." in page
    browser.post(f"{URL}publish/", {"people": "move"})
    assert StepRun.objects.get(step_key="goes-well").reason == "step_removed"
    page = html(browser.get(URL))
    assert "Version 2 is live" in page
    browser.post(f"{URL}publish/undo/")
    assert StepRun.objects.get(step_key="goes-well").state == "waiting"
    assert "1 change not live." in html(browser.get(URL))
    history = html(browser.get(f"{URL}history/?number=2"))
    assert "Taken back" in history
    assert "<del>Subject: Goes well with your {{ first_item }}</del>" in history


def test_an_earlier_version_is_restored_as_a_draft(order, browser, flow, alice):
    drafts.remove(flow, "tips", now=clock.read())
    browser.post(f"{URL}publish/")
    page = html(browser.get(f"{URL}history/"))
    assert page.index("Version 2") < page.index("Version 1")
    assert "Usage tips: removed." in page
    assert browser.post(f"{URL}history/1/restore/")["Location"] == EDIT
    assert "Usage tips: new, goes 1 day after shipping." in html(browser.get(EDIT))
    assert browser.post(f"{URL}history/9/restore/").status_code == 404


def test_without_an_order_the_mail_is_read_as_a_made_up_customer(flow, browser):
    page = html(browser.get(f"{EDIT}steps/tips/"))
    assert "Ana Ribeiro</bdi> (made up)" in page
    assert "Ana" in browser.get(f"{URL}preview/confirmation/?of=draft").content.decode()


def test_who_may_not_edit_reads_the_history_and_is_offered_no_button(order, vic, signed_in, store):
    place(store, "#2")
    page = html(signed_in(vic).get(f"{URL}history/"))
    assert "Restore" not in page.replace("Restoring", "")
    assert signed_in(vic).get(EDIT).status_code == 403


def test_a_flow_from_nothing_begins_with_one_mail(browser, store):
    assert "Start from nothing" in html(browser.get("/s/marlow/flows/new/"))
    blank = {"blank": "1", "trigger": "shipment.delivered"}
    assert "Give it a name." in html(browser.post("/s/marlow/flows/new/", blank | {"name": " "}))
    answer = browser.post("/s/marlow/flows/new/", blank | {"name": "New"})
    assert answer["Location"] == "/s/marlow/flows/new-2/edit/"
    assert "1 · New mail" in html(browser.get(answer["Location"]))
    step = Step.objects.get(version__flow__key="new-2")
    assert (step.anchor, step.purpose, step.version.reentry, step.version.flow.state) == ("received", "service", "per_order", "draft")
    answer = browser.post("/s/marlow/flows/new/", {"blank": "1", "name": "Birthdays", "trigger": "customer.birthday"})
    step = Step.objects.get(version__flow__key="birthdays")
    assert (step.anchor, step.purpose, step.version.reentry) == ("entered", "marketing", "after_days")
    assert Flow.objects.get(key="birthdays").draft is None
    page = html(browser.get(f"{answer['Location']}steps/{step.key}/"))
    assert "A word from Marlow &amp; Finch" in page


def test_what_is_no_mail_is_added_and_said_by_its_own_fields(order, browser):
    page = html(browser.get(EDIT))
    assert "Wait until something happens" in page
    for kind, said in (
        ("wait", {"deed_event": "review.given", "deed_hours": "48"}), ("tag", {"deed_tag": "Kettle club"}),
        ("note", {"deed_text": "Seen."}), ("task", {"deed_title": "Call her", "deed_text": "", "deed_days": "3"}),
    ):  # fmt: skip
        answer = browser.post(f"{EDIT}add/", {"anchor": "received", "step": "check-in", "kind": kind})
        address = answer["Location"]
        assert "Error" not in html(browser.get(address))
        form = form_of(Step.objects.latest("pk")) | said
        assert browser.post(address, form).status_code == 303
    steps = Step.objects.filter(version__number=2).exclude(kind="mail").order_by("pk")
    assert [step.details for step in steps] == [
        {"event": "review.given", "hours": 48}, {"tag": "Kettle club", "remove": False}, {"text": "Seen."},
        {"title": "Call her", "days": 3},
    ]  # fmt: skip
    page = html(browser.get(EDIT))
    assert "Waits for “Review”, for 2 days at the most." in page
    assert "Opens a task for staff: “Call her”." in page
    assert browser.post(f"{EDIT}add/", {"anchor": "received", "kind": "webhook"}).status_code == 404


def test_a_wait_asks_for_what_comes_along_and_refuses_what_does_not(order, browser):
    address = browser.post(f"{EDIT}add/", {"anchor": "received", "step": "check-in", "kind": "wait"})["Location"]
    wait = Step.objects.get(kind="wait")
    said = {"deed_event": "answer.given", "deed_hours": "48", "what1": "score", "how1": "at_most", "value1": "2"}
    assert browser.post(address, form_of(wait) | said).status_code == 303
    wait.refresh_from_db()
    assert wait.details == {"event": "answer.given", "hours": 48, "where": [{"name": "score", "test": "at_most", "value": 2}]}
    assert "Waits for “Answer” (the score is at most 2), for 2 days at the most." in html(browser.get(EDIT))
    assert 'value="2"' in html(browser.get(address))
    answer = browser.post(address, form_of(wait) | said | {"what1": "amount"})
    assert "“Answer” brings along the order’s number, the score, the question’s name: choose one of these." in html(answer)


def test_another_mail_goes_instead_for_a_segment_and_says_for_whom(order, browser, store):
    vip = Segment.objects.create(store=store, name="Best", rule={}, created_at=clock.read())
    address = browser.post(f"{EDIT}instead/", {"step": "check-in"})["Location"]
    second = step("check-in-2")
    assert (second.name, second.instead_of, second.offset_hours) == ("Check-in, instead", "check-in", step("check-in").offset_hours)
    assert browser.post(f"{EDIT}instead/", {"step": "check-in"})["Location"] == address
    moment = {"offset": "7", "offset_unit": "days", "time_of_day": "10:00", "instead_of": "check-in"}
    assert "Choose for whom it goes instead." in html(browser.post(address, form_of(second) | moment))
    form = form_of(step("check-in-2"), **{f"b2.answer{place}": "Yes" for place in range(1, 6)}) | moment
    assert browser.post(address, form | {"only_if": str(vip.pk)}).status_code == 303
    assert "Instead, for “Best”." in html(browser.get(EDIT))
    browser.post(f"{EDIT}duplicate/", {"step": "check-in-2"})
    assert step("check-in-2-2").instead_of == ""


def test_a_question_is_asked_under_its_own_name_and_another_system_is_told_by_owners_alone(order, browser, alice, signed_in):
    address = browser.post(f"{EDIT}add/", {"anchor": "received", "step": "check-in", "kind": "survey"})["Location"]
    asked = Step.objects.get(kind="survey")
    assert "What it asks" in html(browser.get(address))
    assert browser.post(address, form_of(asked, deed_question="Does it pour well?")).status_code == 303
    assert step(asked.key).details == {"survey": "post-purchase-survey-2", "question": "Does it pour well?"}
    assert browser.post(f"{EDIT}add/", {"anchor": "received", "kind": "webhook"}).status_code == 404
    owner = signed_in(alice)
    address = owner.post(f"{EDIT}add/", {"anchor": "received", "step": "check-in", "kind": "webhook"})["Location"]
    told = Step.objects.get(kind="webhook")
    assert "Enter an address that begins with https://." in html(owner.get(EDIT))
    assert owner.post(address, form_of(told, deed_url="https://example.com/hook")).status_code == 303
    assert browser.post(address, form_of(step(told.key), deed_url="https://example.org/")).status_code == 403
    assert step(told.key).details == {"url": "https://example.com/hook"}


def test_another_wording_is_tried_on_a_part_of_the_people_and_the_better_one_kept(order, browser):
    address, acts = f"{EDIT}steps/tips/", f"{EDIT}steps/tips/wordings/"
    assert browser.post(acts, {"act": "add"})["Location"] == f"{address}?wording=b"
    page = html(browser.get(f"{address}?wording=b"))
    assert "You write this one" in page
    own = step("tips").content
    browser.post(address, form_of(step("tips"), subject="Four steps to a first cup", wording="b"))
    tips = step("tips")
    assert (tips.content, tips.variants[0]["key"], tips.variants[0]["share"]) == (own, "b", 50)
    assert tips.content_of("b")["subject"] == "Four steps to a first cup"
    frame = browser.get(f"{URL}preview/tips/?of=draft&wording=b").content.decode()
    assert "<title>Four steps to a first cup</title>" in frame
    assert "Each wording needs at least 1 of 100 people" in html(browser.post(acts, {"act": "share", "share_b": "100"}, follow=True))
    browser.post(acts, {"act": "share", "share_b": "20"})
    assert "80 % get its own wording, 20 % get wording B." in html(browser.get(f"{URL}publish/"))
    browser.post(acts, {"act": "choose:b"})
    assert (step("tips").content["subject"], step("tips").variants) == ("Four steps to a first cup", [])
    assert browser.post(acts, {"act": "remove:b"}).status_code == 404


def test_a_picture_is_uploaded_into_its_block_and_a_block_keeps_whom_it_is_for(order, browser, flow):
    tips, address = flow.version.steps.get(key="tips"), f"{EDIT}steps/tips/"
    browser.post(address, form_of(tips, act="add:image"))
    held = step("tips")
    number = next(place for place, block in enumerate(held.content["blocks"], 1) if block["kind"] == "image")
    file = SimpleUploadedFile("oven.png", picture())
    said = {f"b{number}.gate": "only:marketing+order:first", f"b{number}.bought": "Kettles", f"b{number}.alt": "Our oven"}
    answer = browser.post(address, form_of(held, act=f"upload:{number}:src", **said) | {f"b{number}.src.file": file})
    assert answer["Location"] == f"{address}#block-{number}"
    kept = Picture.objects.get()
    assert step("tips").content["blocks"][number - 1] == {
        "kind": "image", "src": kept.path, "alt": "Our oven", "only": "marketing", "order": "first", "bought": "Kettles",
    }  # fmt: skip
    page = html(browser.get(address))
    assert f'<img src="{kept.path}"' in page
    assert "Only those who may get offers, and only with a first order" in page
    browser.post(address, form_of(step("tips"), act="keep:1", **{f"b{number}.gate": ""}))
    assert "bought" not in step("tips").content["blocks"][number - 1]  # everybody means everybody
    wrong = form_of(step("tips"), act=f"upload:{number}:src") | {f"b{number}.src.file": SimpleUploadedFile("x.png", b"hello")}
    assert "The picture was not taken. This file cannot be read" in html(browser.post(address, wrong, follow=True))
    assert Picture.objects.count() == 1


def test_blocks_and_mails_are_kept_for_others_and_a_file_is_taken_over(order, browser, flow, other):
    address = f"{EDIT}steps/tips/"
    drafts.begin(flow, now=clock.read())
    browser.post(address, form_of(step("tips"), act="keep:1"))
    browser.post(address, form_of(step("tips"), act="keep-mail", keep_as="Tips to begin with"))
    part, mail = Kept.objects.order_by("is_mail")
    assert (part.name[:9], part.content, mail.name) == ("Heading: ", step("tips").content["blocks"][0], "Tips to begin with")
    there = f"{EDIT}steps/check-in/"
    assert f'value="add:kept:{part.pk}"' in html(browser.get(there))
    browser.post(there, form_of(step("check-in"), act=f"add:kept:{part.pk}"))
    assert part.content in step("check-in").content["blocks"]
    browser.post(there, form_of(step("check-in"), act=f"use:{mail.pk}"))
    assert step("check-in").content["blocks"] == step("tips").content["blocks"]
    file = SimpleUploadedFile("mail.mjml", b"<mjml><mj-body><mj-text>Hello</mj-text><mj-carousel></mj-carousel></mj-body></mjml>")
    page = html(browser.post(there, form_of(step("check-in"), act="import") | {"mail_file": file}, follow=True))
    assert "1 block is taken over. Left out: &lt;mj-carousel&gt;." in page
    assert step("check-in").content["blocks"] == [{"kind": "text", "text": "Hello"}]
    Kept.objects.update(store=other)
    browser.post(there, form_of(step("check-in"), act=f"use:{mail.pk}"))
    browser.post(there, form_of(step("check-in"), act=f"forget:{mail.pk}"))
    assert (step("check-in").content["blocks"], Kept.objects.count()) == ([{"kind": "text", "text": "Hello"}], 2)


def test_what_was_found_in_a_mail_stands_beside_it_with_the_way_to_its_block(order, browser, flow):
    address = f"{EDIT}steps/tips/"
    drafts.begin(flow, now=clock.read())
    browser.post(address, form_of(step("tips"), act="add:html"))
    number = next(place for place, block in enumerate(step("tips").content["blocks"], 1) if block["kind"] == "html")
    said = {f"b{number}.html": "<p style='color:#eee'>Pale</p>", "b1.text": "We’re excited"}
    part = html(browser.post(address, form_of(step("tips"), **said), headers={"HX-Request": "true"}))
    assert "“Pale” is hard to read by day" in part
    assert f'<a href="#block-{number}">Go to block {number}</a>' in part
    assert "Say what it is about instead of how you feel about it." in part
    assert "Checks: 1 to look at ·" in part
    browser.post(address, form_of(step("tips"), act="add:offer"))
    page = html(browser.get(address))
    assert "It sells, and this mail also goes to those who get no offers" in page
    assert "It cannot be published yet" in html(browser.get(f"{URL}publish/"))
