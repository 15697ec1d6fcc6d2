import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from campaigns import recipes
from campaigns.models import Flow
from customers import topics
from customers.models import Consent, Customer, Event
from lifecycle.public.preferences import masked
from stores import clock
from tests.public.conftest import PLACED


@pytest.fixture
def address(customer) -> str:
    return reverse("public:preferences", args=[customer.token])


def ticked(page: str) -> list[str]:
    return re.findall(r'name="topic" value="(\w+)" checked', page)


def ledger():
    return list(Consent.objects.order_by("pk").values_list("topic", "is_granted", "source"))


def test_shows_what_is_on_and_a_masked_address(client, address):
    page = client.get(address).content.decode()
    assert "A•••@E•••.com" in page
    assert "example.com" not in page.lower()
    assert ticked(page) == ["tips", "questions"]
    assert "Such as “<bdi>A thank-you, until Sunday</bdi>”" in page
    assert "Mails about your orders" in page


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("ana@example.com", "a•••@e•••.com"),
        ("a@b.co.uk", "a•••@b•••.uk"),
        ('"x@y"@z.example', '"•••@z•••.example'),
        ("", ""),
        ("nobody", ""),
    ],
)
def test_masks_an_address(email, shown):
    assert masked(email) == shown


def test_saving_changes_what_differs_and_writes_it_down(client, customer, address):
    answer = client.post(address, {"topic": ["offers", "news"]})
    assert (answer.status_code, answer["Location"]) == (303, address + "?saved=1")
    customer.refresh_from_db()
    assert (customer.marketing, customer.declined_topics) == ("subscribed", [])
    assert customer.objected_to_service_at is not None
    assert sorted(ledger()) == [("marketing", True, "preference page"), ("service", False, "preference page")]
    page = client.get(answer["Location"]).content.decode()
    assert "Saved. It works at once." in page
    assert ticked(page) == ["offers", "news"]


def test_one_topic_of_a_purpose_can_be_declined_and_taken_back(client, customer, address):
    client.post(address, {"topic": ["tips", "news"]})
    customer.refresh_from_db()
    assert (customer.marketing, customer.objected_to_service_at, customer.declined_topics) == ("subscribed", None, ["offers", "questions"])
    assert ticked(client.get(address).content.decode()) == ["tips", "news"]
    assert ("offers", False, "preference page") in ledger()
    client.post(address, {"topic": ["tips", "questions", "offers", "news"]})
    customer.refresh_from_db()
    assert customer.declined_topics == []
    assert ledger()[-2:] == [("questions", True, "preference page"), ("offers", True, "preference page")]
    told = Event.objects.filter(kind__startswith="consent.").order_by("pk").values_list("kind", "data__topic")
    assert ("consent.withdrawn", "offers") in told
    assert ("consent.granted", "offers") in told


def test_saving_twice_is_saving_once(client, address):
    for _ in range(2):
        client.post(address, {"topic": ["tips", "questions", "offers", "news"], "amount": "fewer", "language": "de"})
    assert ledger() == [("marketing", True, "preference page"), ("fewer", False, "preference page")]


def test_a_box_left_empty_by_someone_never_asked_is_no_word(client, customer, address):
    client.post(address, {"topic": ["tips", "questions"]})
    customer.refresh_from_db()
    assert (customer.marketing, ledger()) == ("never", [])


def test_where_never_asked_buyers_get_offers_the_boxes_are_ticked_and_can_be_emptied(client, customer, store, address):
    store.soft_opt_in = True
    store.save()
    assert ticked(client.get(address).content.decode()) == ["tips", "questions", "offers", "news"]
    client.post(address, {"topic": ["tips", "questions"]})
    assert ledger() == [("marketing", False, "preference page")]


@pytest.mark.parametrize("days", [30, 90])
def test_a_break_is_written_down_shown_and_can_be_ended(client, customer, address, days):
    client.post(address, {"act": f"pause-{days}"})
    customer.refresh_from_db()
    assert timedelta(days=days) - timedelta(minutes=1) < customer.paused_until - clock.read() <= timedelta(days=days)
    assert "You take a break until" in client.get(address).content.decode()
    for _ in range(2):
        client.post(address, {"act": "end-pause"})
    assert ledger() == [("pause", False, "preference page"), ("pause", True, "preference page")]
    assert "Pause for 30 days" in client.get(address).content.decode()


@pytest.mark.parametrize("act", ["pause-31", "pause-", "pause-99999999999999", "destroy"])
def test_what_no_button_says_changes_nothing(client, customer, address, act):
    assert client.post(address, {"act": act}).status_code == 303
    assert ledger() == []


def test_order_mails_alone_stops_everything_else_at_once(client, customer, address):
    client.post(address, {"topic": ["tips", "offers"]})
    client.post(address, {"act": "orders-only"})
    page = client.get(address).content.decode()
    assert ticked(page) == []
    assert "Only mails about my orders" not in page
    customer.refresh_from_db()
    assert (customer.marketing, customer.objected_to_service_at is None) == ("unsubscribed", False)


def test_the_language_of_mails_can_be_chosen_of_those_we_have_words_in(client, customer, address):
    page = client.get(address).content.decode()
    assert '<option value="en" lang="en" selected>English</option>' in page
    client.post(address, {"topic": ["tips", "questions"], "language": "xx"})
    client.post(address, {"topic": ["tips", "questions"], "language": "de"})
    customer.refresh_from_db()
    assert (customer.language, ledger()) == ("de", [])
    assert '<option value="de" lang="de" selected>Deutsch</option>' in client.get(address).content.decode()


def test_the_stores_own_words_are_read_and_shown_as_text(client, store, alice, address):
    client.force_login(alice)
    page = client.get("/s/marlow/settings/topics/").content.decode()
    assert "Help with what you bought" in page
    form = {f"{key}_{part}": f"<b>{key} {part}</b>" for key in topics.DEFAULTS for part in ("name", "sentence", "example")}
    assert client.post("/s/marlow/settings/topics/", form | {"tips_name": ""}).status_code == 422
    assert client.post("/s/marlow/settings/topics/", form).status_code == 303
    store.refresh_from_db()
    assert [words.name for words in topics.of(store)] == [f"<b>{key} name</b>" for key in topics.DEFAULTS]
    page = client.get(address).content.decode()
    assert "&lt;b&gt;news sentence&lt;/b&gt;" in page
    assert "<b>news" not in page


def test_saving_needs_the_forms_token(address):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(address, {}).status_code == 403
    form = {"topic": "tips", "csrfmiddlewaretoken": strict.get(address).context["csrf_token"]}
    assert strict.post(address, form).status_code == 303


def test_an_erased_customer_has_no_page(client, customer, address):
    customer.erased_at = PLACED
    customer.save()
    assert client.get(address).status_code == 404


def test_a_birthday_is_asked_for_only_where_it_is_greeted_and_kept_without_a_year(client, customer, store):
    address = reverse("public:preferences", args=[customer.token])
    assert "birth_day" not in client.get(address).content.decode()
    recipes.install(store, "birthday", now=clock.read())
    Flow.objects.update(state="live")
    assert 'name="birth_month"' in client.get(address).content.decode()
    assert client.post(address, {"topic": ["tips", "questions"], "birth_day": "31", "birth_month": "2"}).status_code == 422
    assert client.post(address, {"topic": ["tips", "questions"], "birth_day": "29", "birth_month": ""}).status_code == 422
    kept = Customer.objects.values_list("birth_day", "birth_month", "birth_year")
    assert list(kept) == [(None, None, None)]
    client.post(address, {"topic": ["tips", "questions"], "birth_day": "29", "birth_month": "2"})
    assert list(kept.all()) == [(29, 2, None)]
    assert '<option value="29" selected>' in client.get(address).content.decode()
    client.post(address, {"topic": ["tips", "questions"], "birth_day": "", "birth_month": ""})
    assert list(kept.all()) == [(None, None, None)]
