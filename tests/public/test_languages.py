"""The customers' pages speak the reader's language: all of it, chosen by a link and remembered."""

import html
import re

import pytest

from customers.models import Consent, Customer
from messaging.models import Message
from orders.models import Order
from stores import clock, phrases
from surveys import answers, reviews
from surveys.models import Response, Review
from tests.public.conftest import PLACED

#: What is data, or a language's own name, and stands in any language.
_DATA = {
    "Marlow", "Finch", "Stovetop", "kettle", "Lisbon", "CTT", "marlow", "example", "com", "ana", "kind", "regards",
    "Hamburg", "Quay", "http", "WhatsApp", "Ana", "English", "Deutsch", "Español", "Français", "Português", "Brasil",
}  # fmt: skip


def words_of(page: str) -> str:
    """Return what is read on a page, also what only a screen reader says."""
    body = page[page.index("<title>") :]
    said = re.findall(r'(?:aria-label|title|alt|placeholder)="([^"]*)"', body)
    return html.unescape(" ".join([re.sub(r"<[^>]+>", " ", body), *said]))


def foreign(page: str) -> set[str]:
    return set(re.findall(r"[A-Za-zñçê]{3,}", words_of(page))) - _DATA


@pytest.fixture
def speaking(client, addresses, store):
    """Return a page, and the answer to what is posted to its address, as somebody sees it who chose Arabic once."""
    client.get(addresses["lookup"] + "?lang=ar")
    return lambda name, said=None: (
        client.get(addresses[name]) if said is None else client.post(addresses[name], said, follow=True)
    ).content.decode()  # fmt: skip


def test_no_page_leaves_a_word_untranslated(speaking, addresses, order, response):
    left = {name: found for name in addresses if (found := foreign(speaking(name)))}
    for name, said in {
        "lookup": {"number": "", "email": "x"}, "ask": {}, "check-in": {}, "review": {}, "later": {"days": "5"},
        "preferences": {"act": "save", "birth_day": "31", "birth_month": "2"}, "thanks": {"answer": "friend"}, "sign-up": {},
        "unsubscribe": {"act": "stop"}, "friend": {"email": "b@c.de"},
    }.items():  # fmt: skip
        left |= {f"{name}, answered": found} if (found := foreign(speaking(name, said))) else {}
    answers.answer(response, score=1, now=PLACED)
    reviews.give(Review.objects.get(), stars=5, text="", name="", now=PLACED)
    Order.objects.update(received_at=clock.read(), received_by="the customer")
    left |= {f"{name}, later": found for name in ("tracker", "check-in", "review", "later") if (found := foreign(speaking(name)))}
    assert left == {}


@pytest.mark.parametrize(
    ("own", "order_language", "store_language", "expected"),
    [("de-AT", "fr", "es", 'lang="de" dir="ltr"'), ("nl", "fr", "es", 'lang="fr" dir="ltr"'), ("", "", "ar", 'lang="ar" dir="rtl"')],
)
def test_without_a_choice_the_customer_the_order_and_the_shop_are_asked_in_turn(
    client, order, own, order_language, store_language, expected
):
    Customer.objects.update(language=own)
    Order.objects.update(language=order_language)
    order.store.language = store_language
    order.store.save()
    assert f"<html {expected}>" in client.get(f"/t/{order.token}/").content.decode()


def test_a_choice_is_a_link_that_keeps_its_place_and_is_remembered_on_every_page(client, order):
    page = client.get(f"/t/{order.token}/?arrived").content.decode()
    assert f'<a href="/t/{order.token}/?arrived=&amp;lang=de" lang="de" hreflang="de" rel="nofollow">Deutsch</a>' in page
    answer = client.get(f"/t/{order.token}/?lang=de")
    assert (answer.cookies["language"].value, answer.cookies["language"]["httponly"]) == ("de", True)
    assert '<html lang="de" dir="ltr">' in client.get("/track/marlow/").content.decode()
    assert "Schreiben Sie die ganze neue Adresse." in client.post(f"/t/{order.token}/wish/", {"what": "address"}).content.decode()
    assert "language" not in client.get(f"/t/{order.token}/?lang=tlh").cookies


def test_in_a_shops_frame_where_no_cookie_comes_along_the_link_alone_keeps_the_language(client, addresses):
    client.cookies.clear()
    answer = client.post(addresses["thanks"] + "&lang=fr", {"answer": "friend"})
    client.cookies.clear()
    assert '<html lang="fr" dir="ltr">' in client.get(answer["Location"]).content.decode()


def test_the_ledger_holds_a_yes_in_the_words_that_were_read(speaking, addresses):
    speaking("sign-up", {})
    said = phrases.of("ar").say
    assert Consent.objects.get().wording.startswith(
        said("Offers for you") + ": " + said("What goes with what you bought, and a thank-you now and then.")
    )


def test_the_mail_that_is_asked_for_speaks_the_language_of_the_page(client, order):
    Message.objects.all().delete()
    client.post("/track/marlow/?lang=de", {"email": "ana@example.com", "by_mail": "1"})
    mail = Message.objects.get()
    assert mail.subject == "Ihre Bestellungen bei Marlow & Finch"
    assert "Alle meine Bestellungen ansehen" in mail.text and 'lang="de"' in mail.html
    assert Response.objects.count() == 0
