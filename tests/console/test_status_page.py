"""Signs of life: a dead worker is seen within two minutes, by machines and by people."""

from datetime import timedelta

import pytest

from campaigns import tasks
from messaging import sending
from stores import clock, ticks
from tests.factories.customers import customer
from tests.factories.messaging import MessageFactory

pytestmark = pytest.mark.django_db


def health(client, query=""):
    answer = client.get("/healthz" + query)
    return answer.status_code, answer.json()["status"]


def test_health_is_red_until_a_worker_ran_and_two_minutes_after_it_last_did(client):
    assert health(client) == (503, "no worker")
    tasks.pulse()
    assert health(client) == (200, "ok")
    clock.set_to(clock.read() + timedelta(seconds=119))
    assert health(client) == (200, "ok")
    clock.set_to(clock.read() + timedelta(seconds=2))
    assert health(client) == (503, "no worker")


def test_the_web_server_alone_is_well_without_workers(client):
    assert health(client, "?only=web") == (200, "ok")


def test_a_pulse_that_leaves_nothing_due_is_not_behind():
    tasks.pulse()
    passed = ticks.last(ticks.PULSE, now=clock.read())
    assert passed is not None
    assert (passed.behind, passed.age < timedelta(seconds=30)) == (timedelta(0), True)


def test_a_pulse_that_runs_out_of_time_says_how_long_the_oldest_mail_has_waited(store, monkeypatch):
    now = clock.read()
    ana = customer(store)
    for _ in range(2):
        MessageFactory(customer=ana, purpose="service", due_at=now - timedelta(minutes=7), use_by=now + timedelta(days=1))
    monkeypatch.setattr(tasks, "PULSE_SECONDS", 0)
    monkeypatch.setattr(sending.drain, "__kwdefaults__", {**(sending.drain.__kwdefaults__ or {}), "limit": 1})
    tasks.pulse()
    passed = ticks.last(ticks.PULSE, now=now)
    assert passed is not None
    assert timedelta(minutes=7) <= passed.behind < timedelta(minutes=8)


def test_a_page_says_how_far_behind_sending_is(store, signed_in, mara):
    page = signed_in(mara)
    assert b"behind" not in page.get("/s/marlow/orders/").content
    ticks.passed(ticks.PULSE, now=clock.read() - timedelta(minutes=10), behind=timedelta(minutes=2))
    assert b"Sending is 12 min behind." in page.get("/s/marlow/orders/").content


def test_the_status_page_says_it_in_words(store, signed_in, mara):
    page = signed_in(mara)
    assert "No worker has run yet: start the worker and beat." in page.get("/status/").content.decode()
    ticks.passed(ticks.PULSE, now=clock.read() - timedelta(hours=3, minutes=5))
    assert "Seen 3 h 5 min ago: start the worker and beat" in page.get("/status/").content.decode()
