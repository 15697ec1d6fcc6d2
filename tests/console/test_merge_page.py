"""Two customers side by side: what is shown, who may merge, and the way back."""

import pytest

from customers import duplicates
from customers.models import Customer, Duplicate, Merge
from tests.factories.orders import place


@pytest.fixture
def pair(order, store):
    """The buyer of the order, and one who ordered twice from a variant of the address."""
    person = {"email": "ada+shop@example.com", "name": "Ada L", "external_id": "c2"}
    twin = place(store, "2", customer=person).customer
    place(store, "3", customer=person)
    duplicates.find(store)
    return order.customer, twin


def test_a_likely_duplicate_is_told_on_the_customers_page_and_leads_to_both_side_by_side(pair, bob, vic, signed_in):
    ada, twin = pair
    browser = signed_in(vic)
    page = browser.get(f"/s/marlow/customers/{ada.pk}/").content.decode()
    assert "May stand here twice" in page
    assert f"/s/marlow/customers/{ada.pk}/merge/?with={twin.pk}" in page
    side = browser.get(f"/s/marlow/customers/{ada.pk}/merge/?with={twin.pk}").content.decode()
    assert "They share one address written two ways." in side
    assert "Merge the two" not in side  # a viewer looks
    side = signed_in(bob).get(f"/s/marlow/customers/{ada.pk}/merge/?with={twin.pk}").content.decode()
    assert f'value="{twin.pk}" checked' in side  # more orders: the likelier to stay


def test_support_merges_and_parts_again(pair, bob, signed_in):
    ada, twin = pair
    browser = signed_in(bob)
    answer = browser.post(f"/s/marlow/customers/{ada.pk}/merge/", {"other": twin.pk, "keep": twin.pk, "verb": "merge"})
    assert (answer.status_code, answer["Location"]) == (303, f"/s/marlow/customers/{twin.pk}/")
    page = browser.get(answer["Location"]).content.decode()
    assert "Ada Lovelace is part of Ada L now." in page
    assert "Part them again" in page
    assert browser.get(f"/s/marlow/customers/{ada.pk}/").status_code == 404
    browser.post(f"/s/marlow/customers/merges/{Merge.objects.get().pk}/undo/")
    page = browser.get(f"/s/marlow/customers/{ada.pk}/").content.decode()
    assert "Ada Lovelace is a customer of their own again" in page
    assert "May stand here twice" not in page


def test_two_people_are_not_suggested_again(pair, bob, signed_in):
    ada, twin = pair
    signed_in(bob).post(f"/s/marlow/customers/{ada.pk}/merge/", {"other": twin.pk, "verb": "apart"})
    assert Duplicate.objects.get().is_dismissed
    assert Customer.objects.count() == 2


def test_anybody_else_of_the_store_can_be_found_and_nobody_of_another(pair, other, bob, signed_in):
    ada, twin = pair
    elsewhere = place(other).customer
    browser = signed_in(bob)
    page = browser.get(f"/s/marlow/customers/{ada.pk}/merge/?q=ada").content.decode()
    assert f"?with={twin.pk}" in page
    assert f"?with={elsewhere.pk}" not in page
    browser.post(f"/s/marlow/customers/{ada.pk}/merge/", {"other": elsewhere.pk, "verb": "merge"})
    assert "Choose the other customer first" in browser.get(f"/s/marlow/customers/{ada.pk}/merge/").content.decode()
    assert Customer.objects.count() == 3
    assert "Who else is" in browser.get(f"/s/marlow/customers/{ada.pk}/merge/?with={elsewhere.pk}").content.decode()
    assert browser.get(f"/s/marlow/customers/{ada.pk}/merge/?with=zzz").status_code == 200


def test_merging_with_oneself_is_refused_in_words(pair, bob, signed_in):
    ada, _ = pair
    browser = signed_in(bob)
    browser.post(f"/s/marlow/customers/{ada.pk}/merge/", {"other": ada.pk, "verb": "merge"})
    assert "Choose two different customers" in browser.get(f"/s/marlow/customers/{ada.pk}/").content.decode()
