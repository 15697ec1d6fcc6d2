import logging

import pytest
from django.test import Client
from django.urls import reverse

from customers.models import Consent, Event
from tests.public.conftest import add_mail

ONE_CLICK = "List-Unsubscribe=One-Click"
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'


@pytest.fixture
def strict() -> Client:
    return Client(enforce_csrf_checks=True)


def at(message) -> str:
    return reverse("public:unsubscribe", args=[message.token])


def ledger():
    return list(Consent.objects.order_by("pk").values_list("topic", "is_granted", "source"))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (ONE_CLICK, URLENCODED),
        (MULTIPART, "multipart/form-data; boundary=b"),
        ("", URLENCODED),
        ("nonsense", "text/plain"),
        ("no parts at all", "multipart/form-data"),
    ],
)
def test_one_click_acts_at_once_without_cookie_token_or_redirect(strict, customer, order, body, kind):
    answer = strict.post(at(add_mail(order)), body, content_type=kind, headers={"origin": "https://mail.example"})
    assert (answer.status_code, answer.content, answer.cookies.output()) == (200, b"Unsubscribed.\n", "")
    customer.refresh_from_db()
    assert customer.marketing == "unsubscribed"
    assert ledger() == [("marketing", False, "one-click unsubscribe")]


def test_one_click_repeated_is_one_word_in_the_ledger(strict, order):
    message = add_mail(order)
    for _ in range(3):
        assert strict.post(at(message), ONE_CLICK, content_type=URLENCODED).status_code == 200
    assert len(ledger()) == 1
    assert Event.objects.filter(kind="consent.withdrawn").count() == 1


def test_one_click_on_a_service_mail_stops_service_and_marketing(strict, customer, order):
    strict.post(at(add_mail(order, "service")), ONE_CLICK, content_type=URLENCODED)
    customer.refresh_from_db()
    assert customer.marketing == "unsubscribed"
    assert customer.objected_to_service_at is not None


@pytest.mark.parametrize("token", ["x", "AAAAAAAAAAAAAAAAAAAAAA", "%00", "'; DROP TABLE--", "ä" * 22])
def test_one_click_with_an_unknown_token_is_answered_and_logged(strict, db, caplog, token):
    with caplog.at_level(logging.WARNING, logger="lifecycle.public.unsubscribe"):
        answer = strict.post(f"/u/{token}/", ONE_CLICK, content_type=URLENCODED)
    assert (answer.status_code, ledger()) == (200, [])
    assert "unknown token" in caplog.text


def test_the_page_has_one_button_and_changes_nothing(client, customer, order):
    page = client.get(at(add_mail(order))).content.decode()
    assert page.count("<button") == 1
    assert "You get no more offers and news from us." in page
    customer.refresh_from_db()
    assert (customer.marketing, ledger()) == ("never", [])


def test_the_button_stops_marketing_and_undo_takes_it_back(client, customer, order):
    message = add_mail(order)
    answer = client.post(at(message), {"act": "stop"})
    assert (answer.status_code, answer["Location"]) == (303, at(message))
    page = client.get(at(message)).content.decode()
    assert "<h1>You are unsubscribed</h1>" in page
    assert "Undo" in page
    client.post(at(message), {"act": "undo", "topic": "marketing"})
    customer.refresh_from_db()
    assert customer.marketing == "subscribed"
    assert customer.objected_to_service_at is None
    assert ledger() == [("marketing", False, "unsubscribe page"), ("marketing", True, "unsubscribe page, undone")]
    assert Consent.objects.latest("pk").wording == "Undo: send me offers and news again"


def test_the_button_and_undo_pressed_twice_are_pressed_once(client, order):
    message = add_mail(order)
    for act in ("stop", "stop", "undo", "undo"):
        client.post(at(message), {"act": act})
    assert [granted for _, granted, _ in ledger()] == [False, True]


def test_after_a_service_mail_each_topic_can_be_undone_by_itself(client, customer, order):
    message = add_mail(order, "service")
    assert "no more tips, questions and offers" in client.get(at(message)).content.decode()
    client.post(at(message), {"act": "stop"})
    client.post(at(message), {"act": "undo", "topic": "service"})
    customer.refresh_from_db()
    assert (customer.marketing, customer.objected_to_service_at) == ("unsubscribed", None)


def test_after_a_marketing_mail_service_mail_may_be_stopped_too(client, customer, order):
    message = add_mail(order)
    client.post(at(message), {"act": "stop"})
    assert "Stop these too" in client.get(at(message)).content.decode()
    client.post(at(message), {"act": "stop", "topic": "service"})
    customer.refresh_from_db()
    assert customer.objected_to_service_at is not None


def test_a_topic_that_is_none_means_that_of_the_mail(client, order):
    client.post(at(add_mail(order)), {"act": "stop", "topic": "everything"})
    assert ledger() == [("marketing", False, "unsubscribe page")]


def test_pressing_the_button_of_an_unknown_link_says_so(client, db):
    assert client.post("/u/AAAAAAAAAAAAAAAAAAAAAA/", {"act": "stop"}).status_code == 404
