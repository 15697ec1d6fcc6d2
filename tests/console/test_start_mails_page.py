"""Brand, the five mails and the test send: exact words, and what they leave alone."""

import pytest
from django.core import mail

from campaigns import recipes
from campaigns.writing import trial
from catalog.models import Product
from customers.models import Event
from lifecycle.console.start import brand
from messaging.models import Message
from offers.models import Offer, OfferCode
from orders.models import Order
from stores.models import Store
from surveys.models import Response
from tests.factories.orders import NOW, place

BRAND = {
    "sender_name": "Jo at Marlow", "sender_email": "jo@marlow.example", "reply_to": "", "postal_address": "Quay 1, Hamburg",
    "brand_color": "#ffdd00", "typeface": "book", "return_days": 14, "warranty_months": 24,
}  # fmt: skip


@pytest.fixture
def draft(store):
    return recipes.install(store, "post-purchase", now=NOW)


def test_saves_the_brand_and_says_that_the_colour_is_repaired(draft, alice, signed_in):
    answer = signed_in(alice).post("/s/marlow/start/brand/", BRAND, follow=True)
    assert answer.redirect_chain == [("/s/marlow/start/preview/", 303)]
    assert "Saved. #ffdd00 is too light to be read on white: text and marks use a darker shade of it" in answer.content.decode()
    store = Store.objects.get(slug="marlow")
    assert (store.sender_name, store.brand_color, store.typeface, store.return_days) == ("Jo at Marlow", "#ffdd00", "book", 14)


def test_a_readable_colour_needs_no_sentence():
    assert brand.repair("#2451a9") == ""
    assert brand.readable("#2451a9") == "#2451a9"


@pytest.mark.parametrize("wrong", [{"sender_email": ""}, {"sender_email": "jo"}, {"postal_address": ""}, {"brand_color": "red"}])
def test_keeps_the_old_brand_when_something_is_wrong(draft, store, alice, signed_in, wrong):
    answer = signed_in(alice).post("/s/marlow/start/brand/", {**BRAND, **wrong})
    assert answer.status_code == 422
    assert "<title>Error: Brand" in answer.content.decode()
    assert Store.objects.get(slug="marlow").sender_email == "hello@marlow.example"


def test_the_mail_beside_the_form_shows_unsaved_words(draft, alice, signed_in):
    url = "/s/marlow/start/preview/mail/?step=confirmation&postal_address=New+Quay+9&sender_email=nonsense&typeface=book"
    answer = signed_in(alice).get(url)
    assert "New Quay 9" in answer.content.decode()
    assert "font-family:Georgia," in answer.content.decode()
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert Store.objects.get(slug="marlow").postal_address == "Quay 1, 20457 Hamburg"


def test_the_mails_are_shown_on_a_made_up_order_while_there_is_none(draft, mara, signed_in):
    browser = signed_in(mara)
    page = browser.get("/s/marlow/start/preview/")
    assert "There is no order yet, so a made-up one stands in." in page.content.decode()
    assert [leaf.problem for leaf in page.context["leaves"]] == [""] * 5
    assert [leaf.step.key for leaf in page.context["leaves"]] == ["confirmation", "tips", "goes-well", "check-in", "thanks"]
    for key in ("confirmation", "tips", "goes-well", "check-in", "thanks"):
        assert "kettle" in browser.get(f"/s/marlow/start/preview/mail/?step={key}").content.decode().lower() or key == "thanks"
    assert not Order.objects.exists()


def test_one_turns_through_the_five_on_the_chosen_order(draft, store, kettle, mara, signed_in):
    first, second = place(store), place(store, "1002", customer={"email": "bo@example.com", "name": "Bo Lind"})
    page = signed_in(mara).get(f"/s/marlow/start/preview/?order={first.pk}&step=tips")
    words = page.content.decode()
    assert "As Ada Lovelace gets them for order #1001." in words
    assert (page.context["previous"].step.key, page.context["here"].number, page.context["next"].step.key) == (
        "confirmation",
        2,
        "goes-well",
    )
    assert f"/s/marlow/start/preview/mail/?step=tips&amp;order={first.pk}&amp;view=phone" in words
    assert f"order={second.pk}" in words


def test_says_what_is_missing_with_links(draft, store, alice, signed_in):
    Product.objects.create(store=store, external_id="p1", title="Kettle")
    place(store)
    Store.objects.update(postal_address="")
    offer = Offer.objects.get()
    missing = [(one.words, one.address) for one in signed_in(alice).get("/s/marlow/start/preview/").context["missing"]]
    assert missing == [
        ("1 product that sold has no tips. Their buyers get no tips mail.", "/s/marlow/products/?show=gaps"),
        ("The postal address is missing at the foot of every mail.", "/s/marlow/start/brand/#id_postal_address"),
        ("No code for the offer “Thanks”. Its mail is skipped.", f"/s/marlow/offers/{offer.pk}/"),
        ("No product says what goes well with it. That mail is skipped.", "/s/marlow/products/"),
    ]


def test_a_store_without_mails_gets_them_by_a_press(store, mara, signed_in):
    browser = signed_in(mara)
    assert "This store has no mails yet" in browser.get("/s/marlow/start/preview/").content.decode()
    assert browser.post("/s/marlow/start/preview/").status_code == 303
    assert store.pk and browser.get("/s/marlow/start/preview/").context["leaves"]


def test_all_five_come_to_me_and_nothing_is_counted_or_given_away(draft, store, kettle, mara, signed_in):
    order, offer = place(store), Offer.objects.get()
    Offer.objects.update(kind="pool", code="")
    code = OfferCode.objects.create(store=store, offer=offer, code="REAL-1")
    before = Event.objects.count()
    told = signed_in(mara).post("/s/marlow/start/test/", follow=True)
    assert [each.subject.partition("]")[0] for each in mail.outbox] == [f"[Test {number}/5" for number in range(1, 6)]
    assert {each.to[0] for each in mail.outbox} == {"Mara <mara@example.com>"}
    assert f"/t/{order.token}/" in mail.outbox[0].body
    assert trial.CODE in mail.outbox[4].body and code.code not in "".join(str(each.message()) for each in mail.outbox)
    code.refresh_from_db()
    assert (code.state, OfferCode.objects.count()) == ("free", 1)
    assert "All 5 mails were accepted for mara@example.com." in told.content.decode()
    assert (Message.objects.count(), Response.objects.count(), Event.objects.count()) == (0, 0, before)


def test_says_what_the_mail_server_said_and_stops_trying(draft, mara, signed_in, settings):
    settings.EMAIL_BACKEND = "messaging.roads.smtp.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    page = signed_in(mara).post("/s/marlow/start/test/", follow=True)
    assert [one["outcome"] for one in page.context["trials"]] == ["retry", "untried", "untried", "untried", "untried"]
    assert "Connection refused" in page.content.decode()
    assert "Not tried" in page.content.decode()
    stages = {stage.key: stage.is_done for stage in page.context["setup"].stages}
    assert not stages["test"]


def test_no_test_without_a_senders_address(draft, mara, signed_in):
    Store.objects.update(sender_email="")
    assert signed_in(mara).post("/s/marlow/start/test/").status_code == 422
    assert mail.outbox == []


def test_a_sent_test_is_a_done_step(draft, mara, signed_in):
    browser = signed_in(mara)
    browser.post("/s/marlow/start/test/")
    stages = {stage.key: stage.is_done for stage in browser.get("/s/marlow/start/").context["setup"].stages}
    assert (stages["mails"], stages["test"], stages["activate"]) == (True, True, False)


def test_support_sees_none_of_it(draft, bob, signed_in):
    for path in ("brand/", "preview/", "preview/mail/", "test/"):
        assert signed_in(bob).get(f"/s/marlow/start/{path}").status_code == 403
    assert signed_in(bob).post("/s/marlow/start/test/").status_code == 403
    assert mail.outbox == []


def test_a_marketer_does_not_change_the_brand(draft, mara, signed_in):
    assert signed_in(mara).post("/s/marlow/start/brand/", BRAND).status_code == 403
