"""The page where reviews are read: what waits, what is shown and hidden, and what staff do with each."""

import re

import pytest
from django.test import Client

from stores.models import ApiKey
from surveys import reviews
from surveys.models import Review
from tests.factories.orders import NOW, place

URL = "/s/marlow/reviews/"


@pytest.fixture
def review(store, order) -> Review:
    return reviews.give(reviews.ask(order, now=NOW), stars=2, text="It <b>leaks</b>", now=NOW)


def act(browser: Client, review: Review, verb: str, **said: str) -> str:
    path = f"{URL}{review.pk}/{verb}/"
    return browser.post(path, {"next": URL, **said}, headers={"HX-Request": "true"}, follow=True).content.decode()


def test_what_was_only_asked_for_is_not_listed(store, flow, bob, signed_in):
    reviews.ask(place(store), now=NOW)
    assert "No review waits" in signed_in(bob).get(URL).content.decode()


def test_support_shows_hides_and_puts_back(review, bob, signed_in):
    browser = signed_in(bob)
    page = browser.get(URL).content.decode()
    assert "It &lt;b&gt;leaks&lt;/b&gt;" in page and "2 of 5 stars" in page and "1 review<" in page
    assert "No review waits" in act(browser, review, "show")
    assert re.findall(r'id="review-(\d+)"', browser.get(URL, {"state": "shown"}).content.decode()) == [str(review.pk)]
    assert "Choose why it is hidden" in act(browser, review, "hide", because="bad")
    act(browser, review, "hide", because="abuse")
    assert "Hidden: it insults somebody" in browser.get(URL, {"state": "hidden"}).content.decode()
    assert "It &lt;b&gt;leaks" in act(browser, review, "wait")


def test_an_answer_stands_under_it(review, bob, signed_in):
    browser = signed_in(bob)
    assert "We send you a new lid" in act(browser, review, "answer", text="We send you a new lid")
    review.refresh_from_db()
    assert (review.answer, review.answered_by) == ("We send you a new lid", bob)


def test_a_viewer_decides_nothing(review, vic, signed_in):
    page = signed_in(vic).get(URL).content.decode()
    assert "It &lt;b&gt;leaks" in page and "/reviews/" not in page[page.index('id="results"') :]


def test_the_api_gives_what_is_shown_and_nothing_of_who_wrote_it(review, store, order):
    reader = Client(headers={"Authorization": f"Bearer {ApiKey.issue(store, name='site', now=NOW)}"})
    assert reader.get("/api/v1/reviews").json()["items"] == []
    reviews.show(review)
    [item] = reader.get("/api/v1/reviews", {"product": "p1"}).json()["items"]
    assert (item["stars"], item["text"], item["product_external_id"], item["answer"]) == (2, "It <b>leaks</b>", "p1", "")
    assert {"customer_id", "email", "order"}.isdisjoint(item)
    assert reader.get("/api/v1/reviews", {"product": "other"}).json()["items"] == []
