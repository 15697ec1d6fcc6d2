"""The privacy page: a copy of everything, and the address typed before anybody is erased."""

import json

import pytest
from django.urls import reverse

from customers.models import Customer
from enquiries import conversations, files
from enquiries.letters import Letter
from stores import clock
from tests.factories.customers import customer
from tests.factories.messaging import MessageFactory
from tests.factories.orders import place


@pytest.fixture
def ada(store) -> Customer:
    place(store, customer={"email": "Ada@example.com", "name": "Ada Byron", "phone": "0151"})
    ada = Customer.objects.get()
    MessageFactory(customer=ada, text="Dear Ada", state="sent")
    asked = Letter("ada@example.com", "Ada", "My kettle", "It leaks", refuses_answers=True, files=(files.file("a.pdf", b"%PDF-"),))
    conversations.receive(store, asked, now=clock.read())
    return ada


@pytest.fixture
def url(ada) -> str:
    return reverse("console:customer_privacy", args=["marlow", ada.pk])


def test_an_owner_takes_a_copy_of_everything_and_that_is_noted(client, alice, ada):
    client.force_login(alice)
    answer = client.post(reverse("console:customer_export", args=["marlow", ada.pk]))
    assert answer["Content-Disposition"] == f'attachment; filename="customer-{ada.pk}.json"'
    copy = json.loads(answer.content)
    assert (copy["customer"]["email"], copy["customer"]["phone"], copy["messages"][0]["text"]) == ("Ada@example.com", "0151", "Dear Ada")
    assert len(copy["orders"]) == 1
    assert [one["subject"] for one in copy["enquiries"]] == ["My kettle"]
    assert [one["text"] for one in copy["enquiry messages"]] == ["It leaks"]
    assert [(one["name"], one["kind"], one["size"]) for one in copy["attachments"]] == [("a.pdf", "application/pdf", 5)]
    assert not {"token", "claim"} & copy["customer"].keys() | copy["messages"][0].keys() & {"token", "claim", "html"}
    event = ada.events.get(kind="staff.acted")
    assert event.data == {"text": "A copy of their data was taken", "by": "Alice"}


@pytest.mark.parametrize("typed", ["", "ada", "someone@example.com"])
def test_nobody_is_erased_by_a_slip(client, alice, ada, url, typed):
    client.force_login(alice)
    answer = client.post(url, {"address": typed})
    assert answer.status_code == 422
    assert "Nobody was erased." in answer.content.decode()
    ada.refresh_from_db()
    assert (ada.erased_at, ada.name) == (None, "Ada Byron")


def test_their_address_however_it_is_written_erases_them_at_once(client, alice, ada, url):
    client.force_login(alice)
    answer = client.post(url, {"address": " ada@EXAMPLE.com "}, follow=True)
    page = answer.content.decode()
    assert "Erased. Orders and figures stay" in page
    assert "<h1>Erased customer</h1>" in page
    assert "Ada" not in page.replace("Erased", "")
    assert client.get(url).status_code == 404
    assert client.post(reverse("console:customer_export", args=["marlow", ada.pk])).status_code == 200


def test_who_has_no_address_is_erased_by_a_word(client, alice, store):
    guest = customer(store, "", email_key=None, name="At the till")
    url = reverse("console:customer_privacy", args=["marlow", guest.pk])
    client.force_login(alice)
    assert client.post(url, {"address": "till"}).status_code == 422
    assert client.post(url, {"address": "Erase"}).status_code == 303
    guest.refresh_from_db()
    assert guest.name == ""


def test_only_owners_see_the_way_there(client, alice, mara, ada, url):
    there = reverse("console:customer", args=["marlow", ada.pk])
    for user, sees in ((alice, True), (mara, False)):
        client.force_login(user)
        assert (url in client.get(there).content.decode()) is sees
    assert client.get(url).status_code == 403
