"""Finding an order by its number and address, without learning what is not one's own."""

import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from customers.models import Customer
from lifecycle import networks
from lifecycle.public import tries
from messaging.models import Message
from orders.models import Order

URL = "/track/marlow/"
NOW = datetime(2026, 11, 2, 9, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _at_nine(travel, db):
    travel(NOW)


def ask(client, number, email, **more):
    return client.post(URL, {"number": number, "email": email}, **more)


def plain(answer) -> str:
    """Return a page without what differs from one request to the next anyway."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return re.sub(r'(id="(?:number|email)" name="\w+"[^>]*?value=")[^"]*', r"\1", text)


@pytest.mark.parametrize("number", ["1042", "#1042", " # 1042 "])
@pytest.mark.parametrize("email", ["ana@example.com", " ANA@Example.com"])
def test_the_pair_leads_to_the_tracker(client, order, number, email):
    answer = ask(client, number, email)
    assert (answer.status_code, answer["Location"]) == (303, reverse("public:tracker", args=[order.token]))


def test_an_order_without_a_number_is_found_by_the_name_it_is_shown_by(client, order):
    Order.objects.update(number="")
    assert ask(client, "9001", "ana@example.com").status_code == 303


def test_what_does_not_match_is_one_answer_whatever_is_wrong(client, order):
    pairs = [("1042", "bo@example.com"), ("9999", "ana@example.com"), ("9999", "bo@example.com"), ("9001", "ana@example.com")]
    answers = [ask(client, *pair) for pair in pairs]
    assert {answer.status_code for answer in answers} == {422}
    assert len({plain(answer) for answer in answers}) == 1
    page = answers[0].content.decode()
    assert "We found no order with this number and this e-mail address together." in page
    assert "<title>Error: Where is my order?" in page


def test_a_hit_a_miss_and_a_stranger_ask_the_database_alike(client, order, django_assert_num_queries):
    for pair in [("1042", "bo@example.com"), ("9999", "ana@example.com"), ("1042", "ana@example.com")]:
        with django_assert_num_queries(3):  # the store, the clock, the order
            ask(client, *pair)


@pytest.mark.parametrize(
    ("number", "email", "words"),
    [
        ("", "ana@example.com", "Write the order number."),
        ("1042", "", "Write the whole e-mail"),
        ("1042", "ana@", "Write the whole e-mail"),
    ],
)
def test_what_is_missing_is_said_beside_its_field(client, order, number, email, words):
    answer = ask(client, number, email)
    assert answer.status_code == 422
    assert words in answer.content.decode()


@pytest.mark.parametrize("ten", [{"email": "ana@example.com"}, {"REMOTE_ADDR": "203.0.113.9"}])
def test_after_ten_tries_of_an_address_or_a_network_the_hour_of_the_next_is_said(client, order, ten):
    """By the store's clock in Berlin: the quarter began at 10:00."""
    for number in range(tries.MOST):
        address, network = ten.get("email", f"x{number}@example.com"), ten.get("REMOTE_ADDR", f"198.51.{number}.7")
        assert ask(client, str(number), address, REMOTE_ADDR=network).status_code == 422
    last = ask(client, "1042", "ana@example.com", REMOTE_ADDR="203.0.113.250")
    assert last.status_code == 429
    assert "Try again from <time" in last.content.decode()
    assert ">10:15</time> (<bdi>Berlin time</bdi>)" in last.content.decode()
    assert ask(client, "1", "other@example.com", REMOTE_ADDR="192.0.2.1").status_code == 422


def test_the_next_quarter_is_open_again(client, order, travel):
    for _ in range(tries.MOST + 1):
        ask(client, "1", "ana@example.com")
    travel(datetime(2026, 11, 2, 9, 15, 1, tzinfo=UTC))
    assert ask(client, "1042", "ana@example.com").status_code == 303


@pytest.mark.parametrize(
    ("address", "network"),
    [("203.0.113.77", "203.0.113.0/24"), ("2001:db8:1:23ff::9", "2001:db8:1:2300::/56"), ("::1", "::/56")],
)
def test_a_network_is_what_a_household_has(rf, address, network):
    assert networks.network_of(rf.get("/", REMOTE_ADDR=address)) == network


def test_the_client_is_whom_the_trusted_proxy_names(rf, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "192.0.2.66, 203.0.113.77"})
    assert networks.network_of(request) == "203.0.113.0/24"


def test_a_link_to_all_orders_is_mailed_to_whom_we_know_and_promised_to_everybody(client, order):
    pages = []
    for address in ("ana@example.com", "bo@example.com"):
        answer = client.post(URL, {"by_mail": "1", "email": address}, follow=True)
        assert answer.redirect_chain == [(f"{URL}?mailed", 303)]
        pages.append(plain(answer))
    assert pages[0] == pages[1]
    assert "If we know an order of this address" in pages[0]
    message = Message.objects.get()
    assert (message.to_email, message.purpose, message.is_urgent) == ("Ana@Example.com", "transactional", True)


def test_the_mail_is_written_once_a_quarter_of_an_hour(client, order):
    for _ in range(3):
        client.post(URL, {"by_mail": "1", "email": "ana@example.com"})
    assert Message.objects.count() == 1


def test_a_mail_to_no_address_is_refused_in_words(client, order):
    answer = client.post(URL, {"by_mail": "1", "email": "ana"})
    assert answer.status_code == 422
    assert 'id="mail-to-error"' in answer.content.decode()
    assert not Message.objects.exists()


def test_an_erased_customer_gets_nothing(client, order):
    Customer.objects.update(erased_at=NOW)
    client.post(URL, {"by_mail": "1", "email": "ana@example.com"})
    assert not Message.objects.exists()


def test_an_unknown_store_is_not_there(client, order):
    assert client.get("/track/nobody/").status_code == 404
    assert client.post("/track/nobody/", {"number": "1042", "email": "ana@example.com"}).status_code == 404


def test_an_order_of_another_store_is_not_found(client, order, other):
    answer = client.post("/track/other/", {"number": "1042", "email": "ana@example.com"})
    assert answer.status_code == 422
