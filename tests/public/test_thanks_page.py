"""The page after the order: signed or not, known or not yet, in a frame or not; and the yes that it asks for."""

import hashlib
import hmac
import re

import pytest
from django.test import Client
from django.urls import reverse

from customers.models import Consent, Customer, Event
from lifecycle.public import sign_up
from messaging.models import Message
from stores import clock, phrases, tokens

XSS = "<img src=x onerror=alert(1)>"


@pytest.fixture
def signed(store, order) -> str:
    key = hmac.new(store.thanks_key.encode(), b"1042", hashlib.sha256).hexdigest()
    return f"/thanks/marlow/?order=1042&key={key}"


def shown(client, address) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_signed_order_leads_to_its_tracker_and_names_no_address_in_full(client, order, signed):
    page = shown(client, signed)
    assert f'href="/t/{order.token}/"' in page
    assert "A•••@E•••.com" in page
    assert "On the way it usually takes <bdi>5 days</bdi>." in page
    assert "ana@example.com" not in page.lower()
    assert "What made you buy today?" in page


def test_where_friends_can_be_brought_the_page_leads_there_and_without_an_order_it_does_not(client, order, program, signed):
    link = f'href="/b/{order.token}/" target="_top">Bring a friend: <bdi>€10</bdi> for them, <bdi>€5</bdi> for you</a>'
    assert link in shown(client, signed)
    assert "Bring a friend" not in shown(client, "/thanks/marlow/")


@pytest.mark.parametrize("query", ["", "?order=1042", "?order=1042&key=ab", "?order=1042&key=%C3%A9", "?order=%00"])
def test_without_the_shops_signature_nothing_is_said_of_an_order(client, order, query):
    page = shown(client, f"/thanks/marlow/{query}")
    assert order.token not in page
    assert "Order <span" not in page
    assert 'href="/track/marlow/"' in page


def test_another_stores_key_signs_nothing_here(client, order, other, store):
    assert order.token not in shown(client, f"/thanks/marlow/?order=1042&key={tokens.signature(other.thanks_key, '1042')}")
    assert client.get("/thanks/nobody/").status_code == 404


def test_the_page_may_come_before_the_order(client, store, db):
    page = shown(client, f"/thanks/marlow/?order=77&key={tokens.signature(store.thanks_key, '77')}")
    assert "Your order is just reaching us" in page
    assert "<bdi>77</bdi>" in page


def test_the_question_is_answered_once_and_told_to_the_wire(client, order, signed):
    answer = client.post(signed, {"answer": "friend"})
    assert (answer.status_code, "said=answered" in answer["Location"]) == (303, True)
    assert "Thank you, that helps us." in shown(client, answer["Location"])
    client.post(signed, {"answer": "gift"})
    event = Event.objects.get(kind="answer.given")
    assert (event.data["words"], event.data["order"]) == ("A friend told me", order.pk)
    assert "What made you buy today?" not in shown(client, signed)
    client.post(signed, {"answer": XSS})
    assert Event.objects.filter(kind="answer.given").count() == 1


def test_a_yes_needs_the_button_behind_the_mail(client, order, signed, customer):
    for _ in range(2):
        answer = client.post(signed, {"sign_up": "1"})
    assert "We have sent you a mail." in shown(client, answer["Location"])
    message = Message.objects.get(step="sign-up")
    assert (message.to_email, message.purpose) == ("Ana@Example.com", "transactional")
    assert "News and guides: New things, guides, and what goes on in the shop." in message.text.replace("\n", " ")
    link = reverse("public:sign-up", args=[message.token])
    assert link in message.text
    assert "Yes, send them to me" in shown(client, link)
    customer.refresh_from_db()
    assert (customer.marketing, Consent.objects.count()) == ("never", 0)
    assert client.post(link).status_code == 303
    customer.refresh_from_db()
    word = Consent.objects.get()
    assert (customer.marketing, word.source) == ("subscribed", "thank-you page, confirmed by mail")
    assert word.wording == sign_up.wording(order.store, phrases.of("en"))
    assert "You will hear from us" in shown(client, link)
    assert "Hear from us now and then" not in shown(client, signed)


def test_who_types_an_address_is_mailed_and_nothing_else(client, store):
    assert "said=no-address" in client.post("/thanks/marlow/", {"sign_up": "1", "email": "nobody"})["Location"]
    assert not Customer.objects.exists()
    client.post("/thanks/marlow/", {"sign_up": "1", "email": "New@Example.com"})
    assert (Customer.objects.get().marketing, Message.objects.get().to_email) == ("never", "New@Example.com")


def test_a_flood_of_addresses_is_put_off(client, store):
    for number in range(12):
        answer = client.post("/thanks/marlow/", {"sign_up": "1", "email": f"a{number}@example.com"})
    assert "said=often" in answer["Location"]
    assert Message.objects.count() == 10


def test_a_shop_may_frame_it_and_a_form_there_needs_no_cookie(order, signed):
    strict = Client(enforce_csrf_checks=True)
    answer = strict.get(f"{signed}&framed=1")
    assert "frame-ancestors *" in answer["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer
    assert answer.cookies == {}
    assert strict.post(f"{signed}&framed=1", {"answer": "mail"})["Location"].count("framed=1") == 1
    assert "frame-ancestors 'none'" in strict.get("/t/x/")["Content-Security-Policy"]


def test_the_kit_is_a_script_of_this_store(client, store):
    answer = client.get("/thanks/marlow/kit.js")
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert 'frame.src = "http://127.0.0.1:8000/thanks/marlow/?" + query' in answer.content.decode()
    assert client.get("/thanks/nobody/kit.js").status_code == 404


def test_what_came_from_outside_is_shown_as_text(client, store, order):
    store.name, store.account_url = XSS, "https://shop.example/account"
    store.save()
    order.number = XSS
    order.save()
    page = shown(client, f"/thanks/marlow/?order={XSS}&key={tokens.signature(store.thanks_key, XSS)}")
    assert XSS not in page
    assert "https://shop.example/account" in page
    assert not re.search(r"<script(?! type=\"module\" src=\"/static/js/)|\sstyle=|\son\w+=\"", page)


def test_the_owner_finds_the_key_and_the_kit_in_the_settings(client, store, order, alice):
    client.force_login(alice)
    page = shown(client, "/s/marlow/settings/thanks/")
    assert store.thanks_key in page
    assert f"order=1042&amp;key={tokens.signature(store.thanks_key, '1042')}" in page


def test_the_link_of_a_sign_up_ends(client, order, customer, travel):
    sign_up.ask(order.store, customer, phrases.of("en"), now=clock.read())
    message = Message.objects.get()
    travel(message.use_by)
    assert client.get(reverse("public:sign-up", args=[message.token])).status_code == 404
