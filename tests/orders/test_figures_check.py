"""The nightly check: what drifted is mended, logged and kept."""

import logging
from datetime import timedelta

import pytest

from customers.models import Metrics
from orders import figures_check
from orders.models import FiguresCheck
from stores import clock
from tests.factories.orders import NOW, place

pytestmark = pytest.mark.django_db


def test_a_drift_is_mended_logged_and_kept(store, other, caplog):
    order = place(store)
    place(other)
    Metrics.objects.update(total_spent_minor=1)
    with caplog.at_level(logging.ERROR):
        said = figures_check.look(store, now=NOW)
    assert (said.looked_at, said.wrong, said.examples) == (1, 1, [order.customer_id])
    assert "Figures of 1 of 1 customers of store marlow were wrong" in caplog.text
    assert Metrics.objects.get(store=store).total_spent_minor == 5990
    assert Metrics.objects.get(store=other).total_spent_minor == 1
    assert figures_check.found([store.pk], now=NOW) == figures_check.Found(NOW, 1)
    assert figures_check.found([other.pk], now=NOW) == figures_check.Found(None, 0)
    assert figures_check.found([store.pk], now=NOW + timedelta(days=8)) == figures_check.Found(None, 0)


def test_figures_that_are_right_are_left_alone(store, caplog):
    place(store)
    assert figures_check.look(store, now=NOW).wrong == 0
    assert caplog.text == ""


def test_no_more_than_a_sample_is_looked_at_and_old_checks_go(store):
    for number in range(3):
        place(store, f"{number}", customer={"email": f"p{number}@example.com"})
    figures_check.look(store, now=NOW)
    assert figures_check.look(store, now=NOW + timedelta(days=91), sample=2).looked_at == 2
    assert FiguresCheck.objects.count() == 1


def test_a_drift_is_shown_on_home_and_on_the_status_page(store, alice, client):
    client.force_login(alice)
    place(store)
    now = clock.read()

    def pages():
        return client.get("/s/marlow/").content.decode(), client.get("/status/").content.decode()

    assert ["figures did not match" in page for page in pages()] == [False, False]
    assert "Not checked in the last 7 days" in pages()[1]
    figures_check.look(store, now=now)
    assert "As the orders say, last check" in pages()[1]
    Metrics.objects.update(orders_count=7)
    figures_check.look(store, now=now)
    home, status = pages()
    assert "found 1 customer whose figures did not match their orders" in home
    assert "1 did not match the orders in the last 7 days, and were mended" in status
