"""The order page: staff say that an order has left, or has arrived, and take it back."""

import pytest

from customers.models import Event
from orders.models import Order
from tests.factories.orders import place


@pytest.fixture
def url(order):
    return f"/s/marlow/orders/{order.pk}/"


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_support_marks_an_order_as_shipped_and_undoes_it(url, order, bob, signed_in, headers):
    browser = signed_in(bob)
    form = {"carrier": "DHL", "tracking_number": "JD01"}
    page = browser.post(f"{url}mark/shipped/", form, headers=headers, follow=True)
    assert page.redirect_chain == [(url, 303)]
    words = page.content.decode()
    assert "Marked as shipped by Bob," in words
    assert "is marked as shipped." in words
    assert ("<!doctype" in words.lower()) == (not headers)
    assert order.shipments.get().tracking_number == "JD01"
    words = browser.post(f"{url}mark/not-shipped/", headers=headers, follow=True).content.decode()
    assert "No parcel yet." in words
    assert not order.shipments.exists()


def test_support_marks_an_order_as_received_and_undoes_it(url, order, bob, signed_in):
    browser = signed_in(bob)
    words = browser.post(f"{url}mark/received/", follow=True).content.decode()
    assert "marked by Bob" in words
    assert 'id="mark-received"' not in words
    assert 'id="mark-not-received"' in words
    order.refresh_from_db()
    assert order.received_by == "Bob"
    browser.post(f"{url}mark/not-received/")
    order.refresh_from_db()
    assert (order.received_at, order.received_by) == (None, "")
    past = browser.get(f"/s/marlow/customers/{order.customer_id}/").content.decode()
    assert "marked by Bob" in past
    assert "“received” taken back" in past


def test_what_cannot_be_is_said_and_changes_nothing(url, order, bob, signed_in):
    browser, events = signed_in(bob), Event.objects.count()
    assert "Nobody marked it as received" in browser.post(f"{url}mark/not-received/", follow=True).content.decode()
    assert "at most 80 letters" in browser.post(f"{url}mark/shipped/", {"carrier": "x" * 81}, follow=True).content.decode()
    assert browser.post(f"{url}mark/lost/").status_code == 404
    assert (Event.objects.count(), order.shipments.count()) == (events, 0)


def test_a_viewer_sees_the_marks_and_is_shown_nothing_to_press(url, order, bob, vic, signed_in):
    signed_in(bob).post(f"{url}mark/shipped/")
    page = signed_in(vic).get(url).content.decode()
    assert "Marked as shipped by Bob," in page
    assert "mark/" not in page
    assert signed_in(vic).post(f"{url}mark/received/").status_code == 403


def test_an_order_marked_as_shipped_leaves_the_list_of_what_is_to_ship(url, order, store, bob, signed_in):
    place(store, "1002", customer={"external_id": "c2", "email": "bo@example.com", "name": "Bo"})
    browser = signed_in(bob)
    assert "2 orders" in browser.get("/s/marlow/orders/?state=to-ship").content.decode()
    browser.post(f"{url}mark/shipped/")
    page = browser.get("/s/marlow/orders/?state=to-ship").content.decode()
    assert ("1 order<" in page, ">#1002</a>" in page, ">#1001</a>" in page) == (True, True, False)


def test_nothing_is_offered_for_a_cancelled_order(store, flow, bob, signed_in):
    gone: Order = place(store, cancelled_at="2026-03-01T11:30:00Z")
    assert "/mark/" not in signed_in(bob).get(f"/s/marlow/orders/{gone.pk}/").content.decode()
