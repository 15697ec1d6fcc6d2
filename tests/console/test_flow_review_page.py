"""The review sheet: what is missing, what the last weeks would have been, and the two buttons."""

import pytest

from campaigns.models import Flow
from messaging.models import Message
from offers.models import Offer
from stores.models import Store
from tests.factories.orders import place

URL = "/s/marlow/flows/post-purchase/"
REVIEW = ["/s/marlow/flows/post-purchase/activate/", "/s/marlow/start/activate/"]


@pytest.fixture
def draft(flow: Flow) -> Flow:
    Flow.objects.update(state="draft", activated_at=None)
    return flow


@pytest.mark.parametrize("url", REVIEW)
def test_asks_for_the_rehearsal_in_place_and_links_to_it_without_script(draft, mara, signed_in, url):
    page = signed_in(mara).get(url).content.decode()
    assert f'hx-get="{URL}rehearsal/"' in page
    assert f'<a href="{URL}rehearsal/">' in page
    assert "Past orders get nothing." in page


def test_the_rehearsal_says_how_many_mails_and_why_the_others_not(draft, store, kettle, mara, signed_in):
    there = {"external_id": "s1", "status": "delivered", "shipped_at": "2026-03-01T11:10:00Z", "delivered_at": "2026-03-01T11:30:00Z"}
    place(store, shipments=[there])
    place(store, "1002", customer={"email": "bo@example.com", "name": "Bo"}, lines=[], shipments=[there])
    place(store, "1003", customer={"email": "cy@example.com", "name": "Cy"})
    browser = signed_in(mara)
    page = browser.get(f"{URL}rehearsal/").content.decode()
    assert "Of 3 orders: 6 mails, 5 left out, 4 waiting." in page
    assert "<li>The products have no tips yet: 1</li>" in page
    assert "<li>No discount code was left: 2</li>" not in page  # both never agreed to offers, which is looked at first
    part = browser.get(f"{URL}rehearsal/", headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<section class="card rehearsal" id="rehearsal"')
    assert not Message.objects.exists()


def test_without_orders_it_says_when_figures_come(draft, mara, signed_in):
    assert "No order came in during the last 30 days." in signed_in(mara).get(f"{URL}rehearsal/").content.decode()


@pytest.mark.parametrize("url", REVIEW)
def test_lists_what_is_missing_with_the_way_to_mend_it(draft, store, alice, signed_in, url):
    Store.objects.update(postal_address="")
    page = signed_in(alice).get(url).content.decode()
    assert "The postal address is missing at the foot of every mail." in page
    assert f'href="/s/marlow/offers/{Offer.objects.get().pk}/"' in page
    assert '<button class="button primary" type="submit" name="activate"' in page


@pytest.mark.parametrize("url", REVIEW)
def test_only_a_missing_senders_address_stands_in_the_way(draft, mara, signed_in, url):
    Store.objects.update(sender_email="")
    browser = signed_in(mara)
    page = browser.get(url).content.decode()
    assert "There is no sender’s address." in page
    assert 'name="activate"' not in page
    assert browser.post(url, {"activate": "1"}).status_code == 422
    assert Flow.objects.get().state == "draft"
    assert browser.post(url, {"watch": "1"}).status_code == 303
    assert Flow.objects.get().state == "watching"


@pytest.mark.parametrize(("button", "state"), [("activate", "live"), ("watch", "watching")])
def test_either_button_keeps_the_answer_who_sends_the_confirmation(draft, mara, signed_in, button, state):
    page = signed_in(mara).post(REVIEW[1], {button: "1", "shop-confirmation": "shop"}, follow=True)
    assert page.redirect_chain == [(URL, 303)]
    flow = Flow.objects.get()
    assert (flow.state, flow.switches.get().choice) == (state, "shop")


def test_the_set_up_ends_on_it(draft, mara, signed_in):
    setup = signed_in(mara).get("/s/marlow/start/").context["setup"]
    assert setup.stages[-1].address == "/s/marlow/start/activate/"


def test_support_does_not_review(draft, bob, mallory, signed_in):
    for url in (*REVIEW, f"{URL}rehearsal/"):
        assert signed_in(bob).get(url).status_code == 403
        assert signed_in(mallory).get(url).status_code == 404
