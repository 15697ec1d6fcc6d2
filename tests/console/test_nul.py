"""A NUL is in nothing that people mean: it is taken out where they send it, on every page."""

import pytest

from customers.models import Note

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["messages/?step=a%00b&q=%0%000", "customers/?q=%00", "flows/%00/", "orders/?view=%00late"])
def test_a_nul_in_an_address_breaks_no_page(store, alice, signed_in, address):
    assert signed_in(alice).get(f"/s/{store.slug}/{address}").status_code == (404 if address.startswith("flows") else 200)


def test_a_nul_in_a_form_is_left_out_and_the_rest_kept(store, alice, signed_in, order):
    signed_in(alice).post(f"/s/{store.slug}/customers/{order.customer_id}/note/", {"text": "Rang \0twice"})
    assert Note.objects.get().text == "Rang twice"
