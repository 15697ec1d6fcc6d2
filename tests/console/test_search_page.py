"""The search: what it finds, for the page and for the palette; and the keys, which stand in one registry."""

import json
import re

import pytest

from campaigns import steps
from lifecycle.console import search
from orders.models import Order
from tests.factories.orders import NOW, place

PARCEL = {"external_id": "s1", "status": "in_transit", "shipped_at": "2026-03-01T11:30:00Z", "carrier": "DHL", "tracking_number": "JD0146"}
HTMX = {"HX-Request": "true"}


def found(browser, words, **headers):
    return browser.get("/s/marlow/search/", {"q": words}, headers=headers).content.decode()


@pytest.mark.parametrize("words", ["JD0146", "jd0146", "JD 0146"])
def test_finds_a_parcel_by_its_tracking_number(order, store, vic, signed_in, words):
    sent = place(store, "1002", shipments=[PARCEL], fulfillment_status="fulfilled")
    page = found(signed_in(vic), words)
    assert f'<a href="/s/marlow/orders/{sent.pk}/"><b>JD0146</b> DHL' in page
    assert "on its way, order #1002" in page


def test_finds_customers_and_orders(order, vic, signed_in):
    page = found(signed_in(vic), "ada")
    assert f'<a href="/s/marlow/customers/{order.customer_id}/"><b>Ada Lovelace</b>' in page
    assert f'<a href="/s/marlow/orders/{order.pk}/"><b>#1001</b> Ada Lovelace' in page


@pytest.mark.parametrize("few", [0, 1000])
@pytest.mark.parametrize("words", ["lovel", "ADA@EX", "1001", "#1001", "former@example.com"])
def test_a_list_holds_what_fits_however_many_bear_the_name(order, flow, vic, signed_in, monkeypatch, words, few):
    """Of few people the rows are looked up, of many the list is walked: the answer is the same."""
    monkeypatch.setattr(search, "_FEW", few)
    Order.objects.filter(pk=order.pk).update(email="Former@example.com")
    steps.hand_over(now=NOW, is_urgent=True)
    mail = order.messages.get()
    browser = signed_in(vic)
    orders = browser.get("/s/marlow/orders/", {"q": words}).content.decode()
    assert f'href="/s/marlow/orders/{order.pk}/"' in orders
    mails = browser.get("/s/marlow/messages/", {"q": words}).content.decode()
    assert f'href="/s/marlow/customers/{order.customer_id}/mails/{mail.pk}/"' in mails
    nothing = browser.get("/s/marlow/messages/", {"q": words + "x"}).content.decode()
    assert "No such mail" in nothing


def test_goes_to_screens_by_name_and_by_other_words(order, vic, alice, signed_in):
    assert '<a href="/s/marlow/offers/"><b>Offers</b></a>' in found(signed_in(vic), "coupon")
    assert "API keys" not in found(signed_in(vic), "api")
    assert '<a href="/s/marlow/keys/"><b>API keys</b></a>' in found(signed_in(alice), "api")


def test_the_palette_gets_the_results_alone(order, vic, signed_in):
    part = found(signed_in(vic), "ada", **HTMX)
    assert "<html" not in part
    assert part.count('id="found-palette"') == 1
    assert "Ada Lovelace" in part


def test_says_what_may_be_searched_when_nothing_is_found(order, vic, signed_in):
    assert "Nothing has “zzz” in it." in found(signed_in(vic), "zzz")


def test_finds_nothing_of_another_store(order, mallory, other, signed_in):
    page = signed_in(mallory).get("/s/other/search/?q=ada").content.decode()
    assert "Ada Lovelace" not in page


def test_keys_lead_where_the_help_page_says(order, vic, signed_in):
    browser = signed_in(vic)
    page = browser.get("/s/marlow/").content.decode()
    attribute = re.search(r'data-keys="([^"]*)"', page)
    assert attribute
    keys = json.loads(attribute[1].replace("&quot;", '"'))
    assert keys["g c"] == "/s/marlow/customers/"
    help_page = browser.get("/help/keys/").content.decode()
    for pair in keys:
        assert f"<kbd>{pair}</kbd>" in help_page
        assert browser.get(keys[pair]).status_code == 200


def test_keys_are_switched_off_on_ones_page(order, vic, signed_in):
    browser = signed_in(vic)
    browser.post("/me/", {"name": "Vic", "theme": "system", "toast_seconds": 10})
    assert "data-keys" not in browser.get("/s/marlow/").content.decode()
    browser.post("/me/", {"name": "Vic", "theme": "system", "toast_seconds": 10, "shortcuts": "on"})
    assert "data-keys" in browser.get("/s/marlow/").content.decode()
