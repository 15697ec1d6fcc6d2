"""A store with a live flow, one order and its planned mails; and each role signed in."""

from datetime import timedelta

import pytest
from django.test import Client

from campaigns import flows, recipes, triggers
from catalog.models import Product, ProductGuide
from orders.models import Order
from stores import clock
from tests.factories.orders import NOW, place


@pytest.fixture(autouse=True)
def now(travel):
    """Stand a minute after the order came in."""
    travel(NOW)
    return clock.read()


@pytest.fixture
def flow(store, now):
    flow = recipes.install(store, "post-purchase", now=NOW - timedelta(days=30))
    flows.activate(flow, now=NOW - timedelta(days=30))
    return flow


@pytest.fixture
def kettle(store):
    product = Product.objects.create(store=store, external_id="p1", title="Kettle", price_minor=5990, currency="EUR")
    ProductGuide.objects.create(store=store, product=product, headline="a first brew", tips=["Rinse it.", "Heat it.", "Pour slowly."])
    return product


@pytest.fixture
def order(flow, store, kettle) -> Order:
    """An order whose five mails are planned."""
    placed = place(store)
    triggers.read(now=NOW)
    return placed


@pytest.fixture
def signed_in():
    """Return a browser in which a person is signed in."""

    def client(user) -> Client:
        browser = Client()
        browser.force_login(user)
        return browser

    return client
