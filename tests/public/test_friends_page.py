"""The link somebody passes on, and the page their friends land on."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from customers.models import Customer
from offers.models import Advocate, Offer, OfferCode, Program, Referral
from tests.public.conftest import PLACED


def shown(client, address, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return str(answer.content.decode())


def test_only_the_button_makes_a_link_and_its_page_names_no_other_token(client, customer, order, program):
    for token in (customer.token, order.token):
        assert "€10</bdi> for a friend, <bdi>€5</bdi> for you" in shown(client, f"/b/{token}/")
        assert not Advocate.objects.exists()
    answer = client.post(f"/b/{order.token}/")
    made = Advocate.objects.get()
    assert (answer.status_code, answer["Location"], made.customer) == (303, f"/a/{made.token}/", customer)
    assert client.get(f"/b/{customer.token}/")["Location"] == f"/a/{made.token}/"
    client.post(f"/b/{customer.token}/")
    assert Advocate.objects.count() == 1
    page, to = shown(client, f"/a/{made.token}/"), f"http://127.0.0.1:8000/f/{made.token}/"
    assert f'href="{to}"' in page and "https://wa.me/?text=" in page and page.count(quote(to)) == 2
    assert customer.token not in page and order.token not in page


def test_a_friend_asks_for_the_code_and_the_page_says_the_same_to_everybody(client, customer, link):
    page = shown(client, f"/f/{link.token}/")
    assert "<bdi>Ana</bdi> gives you <bdi>€10</bdi>" in page and "For your first order at <bdi>Marlow &amp; Finch</bdi>, until" in page
    places = [client.post(f"/f/{link.token}/", {"email": email})["Location"] for email in ("bo@example.com", customer.email)]
    assert places == [f"/f/{link.token}/?to=b%E2%80%A2%E2%80%A2%E2%80%A2%40e%E2%80%A2%E2%80%A2%E2%80%A2.com", places[1]]
    assert "on its way to <bdi>b•••@e•••.com</bdi>" in shown(client, places[0])
    assert list(Referral.objects.values_list("friend__email", flat=True)) == ["bo@example.com"]


def test_a_wrong_address_and_too_many_tries_are_refused_in_words(client, link):
    answer = client.post(f"/f/{link.token}/", {"email": "bo@"})
    assert (answer.status_code, "Write the whole e-mail address" in answer.content.decode()) == (422, True)
    for number in range(11):
        answer = client.post(f"/f/{link.token}/", {"email": f"bo{number}@example.com"})
    assert (answer.status_code, "That was too often for now." in answer.content.decode()) == (422, True)
    assert Customer.objects.count() == 11


def test_what_begins_later_says_when_and_has_it_for_the_calendar(client, link, program):
    calendar = f"/f/{link.token}/offer.ics"
    assert client.get(calendar).status_code == 404
    Offer.objects.filter(name="Friend").update(opens_at=datetime(2099, 11, 27, 8, 0, tzinfo=UTC))
    assert "It begins <time" in (page := shown(client, f"/f/{link.token}/")) and f'href="{calendar}"' in page
    lines = shown(client, calendar).split("\r\n")
    assert "DTSTART:20991127T080000Z" in lines and "SUMMARY:€10 at Marlow & Finch begins" in lines and lines.count("BEGIN:VEVENT") == 1


@pytest.mark.parametrize("why", ["off", "ended", "empty"])
def test_where_there_is_nothing_to_get_the_pages_say_so(client, customer, link, program, why):
    if why == "off":
        Program.objects.update(is_on=False)
    elif why == "ended":
        Offer.objects.filter(name="Friend").update(ends_at=PLACED)
    else:
        OfferCode.objects.all().delete()
    assert "Nothing to pass on just now" in shown(client, f"/f/{link.token}/")
    assert client.post(f"/f/{link.token}/", {"email": "bo@example.com"}).status_code == 200
    assert ("Nothing to pass on just now" in shown(client, f"/a/{link.token}/")) == (why != "empty")
    assert not Referral.objects.exists()


def test_a_link_of_somebody_erased_is_unknown(client, customer, link):
    Customer.objects.update(erased_at=PLACED)
    for path in (f"/f/{link.token}/", f"/a/{link.token}/", f"/b/{customer.token}/"):
        assert "This link does not work" in shown(client, path, 404)
