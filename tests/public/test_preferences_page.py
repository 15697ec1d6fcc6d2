import pytest
from django.test import Client
from django.urls import reverse

from campaigns import recipes
from campaigns.models import Flow
from customers.models import Consent, Customer
from lifecycle.public.preferences import masked
from stores import clock
from tests.public.conftest import PLACED


@pytest.fixture
def address(customer) -> str:
    return reverse("public:preferences", args=[customer.token])


def ledger():
    return list(Consent.objects.order_by("pk").values_list("topic", "is_granted", "source"))


def test_shows_what_is_on_and_a_masked_address(client, address):
    page = client.get(address).content.decode()
    assert "A•••@E•••.com" in page
    assert "example.com" not in page.lower()
    assert '<input type="checkbox" name="service" checked>' in page
    assert '<input type="checkbox" name="marketing">' in page
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
    answer = client.post(address, {"marketing": "on"})
    assert (answer.status_code, answer["Location"]) == (303, address + "?saved=1")
    customer.refresh_from_db()
    assert customer.marketing == "subscribed"
    assert customer.objected_to_service_at is not None
    assert sorted(ledger()) == [("marketing", True, "preference page"), ("service", False, "preference page")]
    assert "Saved. It works at once." in client.get(answer["Location"]).content.decode()


def test_saving_twice_is_saving_once(client, address):
    for _ in range(2):
        client.post(address, {"service": "on", "marketing": "on"})
    assert ledger() == [("marketing", True, "preference page")]


def test_a_box_left_empty_by_someone_never_asked_is_no_word(client, customer, address):
    client.post(address, {"service": "on"})
    customer.refresh_from_db()
    assert (customer.marketing, ledger()) == ("never", [])


def test_where_never_asked_buyers_get_offers_the_box_is_ticked_and_can_be_emptied(client, customer, store, address):
    store.soft_opt_in = True
    store.save()
    assert '<input type="checkbox" name="marketing" checked>' in client.get(address).content.decode()
    client.post(address, {"service": "on"})
    assert ledger() == [("marketing", False, "preference page")]


def test_saving_needs_the_forms_token(address):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(address, {}).status_code == 403
    form = {"service": "on", "marketing": "on", "csrfmiddlewaretoken": strict.get(address).context["csrf_token"]}
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
    assert client.post(address, {"service": "on", "birth_day": "31", "birth_month": "2"}).status_code == 422
    assert client.post(address, {"service": "on", "birth_day": "29", "birth_month": ""}).status_code == 422
    kept = Customer.objects.values_list("birth_day", "birth_month", "birth_year")
    assert list(kept) == [(None, None, None)]
    client.post(address, {"service": "on", "birth_day": "29", "birth_month": "2"})
    assert list(kept.all()) == [(29, 2, None)]
    assert '<option value="29" selected>' in client.get(address).content.decode()
    client.post(address, {"service": "on", "birth_day": "", "birth_month": ""})
    assert list(kept.all()) == [(None, None, None)]
