"""The source: a connection whose secret is shown once, an example that works, a test order, Shopify, demo data."""

import json
import shlex

import pytest

from campaigns import recipes
from campaigns.models import StepRun
from customers.models import Metrics
from integrations import inbox
from integrations.models import Connection, InboxItem
from integrations.shopify import adapter, topics
from messaging.models import Message
from orders.models import Order
from stores import clock, tokens
from tests.factories.integrations import refused
from tests.factories.orders import NOW, place


@pytest.fixture
def browser(store, alice, signed_in):
    return signed_in(alice)


def test_offers_three_ways_and_demo_data(browser):
    page = browser.get("/s/marlow/start/source/").content.decode()
    for words in ("Connect your shop", "Connect Shopify", "Load demo data"):
        assert words in page


def test_makes_one_connection_and_shows_its_secret_once(browser):
    made = browser.post("/s/marlow/start/connect/")
    connection = Connection.objects.get()
    secret = tokens.unseal(connection.sealed_secret)
    assert secret in made.content.decode()
    assert connection.path in made.content.decode()
    assert secret not in browser.get("/s/marlow/start/connect/").content.decode()
    assert secret not in browser.post("/s/marlow/start/connect/").content.decode()
    assert Connection.objects.count() == 1


def test_a_new_secret_is_made_on_request(browser):
    first = browser.post("/s/marlow/start/connect/").context["secret"]
    second = browser.post("/s/marlow/start/connect/", {"renew": "1"}).context["secret"]
    connection = Connection.objects.get()
    assert [tokens.unseal(connection.sealed_secret), tokens.unseal(connection.sealed_old_secret)] == [second, first]


def test_the_example_is_a_delivery_that_is_taken(browser, client):
    browser.post("/s/marlow/start/connect/")
    words = shlex.split(browser.get("/s/marlow/start/connect/").context["command"].replace("\\\n", " "))
    headers = dict(word.split(": ", 1) for word in words[3:-2:1] if ": " in word and not word.startswith("{"))
    answer = client.post(Connection.objects.get().path, words[-1], content_type=headers.pop("Content-Type"), headers=headers)
    assert answer.status_code == 200
    inbox.drain(now=clock.read())
    order = Order.objects.get()
    assert (order.number, order.is_test, order.total_minor) == ("TEST-CURL", True, 5000)


def test_a_test_order_comes_through_the_inbox_and_counts_nowhere(browser, flow):
    browser.post("/s/marlow/start/connect/")
    assert "Waiting for the first delivery" in browser.get("/s/marlow/start/connect/").content.decode()
    assert browser.post("/s/marlow/start/connect/try/").status_code == 303
    item = InboxItem.objects.get()
    assert (item.topic, item.state, json.loads(inbox.body_of(item) or "")["test"]) == ("orders/create", "received", True)
    inbox.drain(now=clock.read())
    page = browser.get("/s/marlow/start/connect/").content.decode()
    assert "It works." in page
    assert "Last delivery: <code>orders/create</code>" in page
    assert Order.objects.get().is_test
    assert not StepRun.objects.exists()
    assert not Metrics.objects.exclude(orders_count=0).exists()


def test_a_test_order_needs_a_connection(browser):
    assert "There is no connection yet." in browser.post("/s/marlow/start/connect/try/", follow=True).content.decode()
    assert not InboxItem.objects.exists()


def test_says_why_the_last_delivery_failed(browser, store):
    browser.post("/s/marlow/start/connect/")
    connection = Connection.objects.get()
    refused(connection, reason="total: Field required")
    assert "could not be understood:</strong> total: Field required" in browser.get("/s/marlow/start/connect/").content.decode()


def test_shopify_takes_its_own_secret_and_lists_the_topics(browser):
    assert browser.post("/s/marlow/start/shopify/", {"secret": " "}).status_code == 422
    assert browser.post("/s/marlow/start/shopify/", {"secret": " shpss_1 "}).status_code == 303
    connection = Connection.objects.get()
    assert (connection.platform, tokens.unseal(connection.sealed_secret)) == ("shopify", "shpss_1")
    page = browser.get("/s/marlow/start/shopify/").content.decode()
    assert connection.path in page
    assert "shpss_1" not in page
    assert "Fulfillment event creation" in page
    assert all(adapter.knows(topic) for _, topic, _ in topics.WORDS)


def test_demo_data_fills_an_empty_store_in_its_own_money_and_mails_nobody(browser, store, settings):
    settings.EMAIL_URL = "smtp://mail.example"
    store.currency = "JPY"
    store.save()
    recipes.install(store, "post-purchase", now=NOW)
    answer = browser.post("/s/marlow/start/demo/", follow=True)
    assert "12 demo orders are here, with their products, tips and parcels." in answer.content.decode()
    assert Order.objects.filter(store=store, currency="JPY", is_history=True).count() == 12
    assert all(order.total_minor < 1000 for order in Order.objects.all())
    assert not Message.objects.exists()


def test_demo_data_stays_out_of_a_store_with_orders(browser, store):
    place(store)
    told = browser.post("/s/marlow/start/demo/", follow=True).content.decode()
    assert "This store has orders already. Demo data goes into empty stores only." in told
    assert Order.objects.count() == 1


@pytest.mark.parametrize("path", ["source/", "connect/", "shopify/"])
def test_only_an_owner_connects(store, mara, signed_in, path):
    assert signed_in(mara).get(f"/s/marlow/start/{path}").status_code == 403
    assert signed_in(mara).post("/s/marlow/start/connect/").status_code == 403
    assert not Connection.objects.exists()
