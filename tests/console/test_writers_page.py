"""Who writes: added in the settings, chosen for a flow and for one of its mails, seen beside the mail, and in the From of what goes out."""

from html import unescape

from campaigns.models import FlowVersion
from campaigns.tasks import sweep_until_quiet
from messaging.models import Writer
from tests.console.test_flow_editor_page import EDIT, URL, form_of, html, step
from tests.factories.orders import place

PEOPLE = "/s/marlow/settings/sender/people/"


def test_a_named_person_is_who_a_flow_and_one_of_its_mails_come_from(order, store, alice, mara, signed_in, mailoutbox):
    store.sender_email, store.reply_to = "hello@marlow.example", "desk@marlow.example"
    store.save()
    owner, browser = signed_in(alice), signed_in(mara)
    refused = html(owner.post(PEOPLE, {"name": "Ana", "email": "ana@else.example"}, follow=True))
    assert "Nobody was added. Your mails come from marlow.example." in refused
    for name in ("Ana at Marlow", "Bo at Marlow"):
        page = html(owner.post(PEOPLE, {"name": name, "email": f"{name[:3].strip()}@Marlow.example"}, follow=True))
        assert f"{name} can be chosen in every flow and mail now." in page
    ana, bo = Writer.objects.order_by("name")
    assert ana.email == "ana@marlow.example"
    rules = {"name": "Post-purchase", "trigger": "order.placed", "reentry": "per_order", "cap_days": "7", "priority": "50"}
    browser.post(f"{URL}rules/", {**rules, "writer": f"{ana.pk}"})
    browser.post(f"{EDIT}steps/tips/", form_of(step("tips"), writer=f"{bo.pk}"))
    page = unescape(html(browser.get(f"{EDIT}steps/tips/")))
    assert "From Bo at Marlow <span" in page and "bo@marlow.example" in page and "answers go to desk@marlow.example" in page
    assert "Ana at Marlow, as all of the flow" in page
    assert "From Ana at Marlow <span" in unescape(html(browser.get(f"{EDIT}steps/check-in/")))
    page = unescape(html(browser.get(f"{URL}publish/")))
    assert "Now: its mails come from Ana at Marlow." in page and "Comes from “Bo at Marlow”." in page
    browser.post(f"{EDIT}steps/tips/test/", {"act": "send", "me": "on"})
    assert mailoutbox.pop().from_email == "Bo at Marlow <bo@marlow.example>"
    browser.post(f"{URL}publish/", {"people": "stay"})
    assert FlowVersion.objects.exclude(published_at=None).count() == 2
    place(store, "#77", customer={"external_id": "c7", "email": "zoe@example.com", "name": "Zoë Quill"})
    sweep_until_quiet(learns=False)
    sent = next(mail for mail in mailoutbox if "zoe@" in mail.to[0])
    assert (sent.from_email, sent.reply_to) == ("Ana at Marlow <ana@marlow.example>", ["desk@marlow.example"])
    assert "is removed. What they wrote comes from the shop’s sender" in html(owner.post(PEOPLE, {"remove": f"{ana.pk}"}, follow=True))
    assert "Jo at Marlow & Finch" in unescape(html(browser.get(f"{EDIT}steps/check-in/")))
