"""The periodic work, as the learner's worker does it."""

from datetime import timedelta

import pytest

from engagement import tasks
from engagement.models import Engagement, Receipt, Upkeep, Visitor
from lifecycle.celery import app
from stores import clock
from tests.factories.orders import NOW, place


@pytest.fixture(autouse=True)
def _now(travel):
    travel(NOW)


def test_one_turn_takes_in_history_and_brings_scores_to_one_moment(store):
    person = place(store, history=True).customer
    tasks.keep()
    assert Engagement.objects.get(customer=person).parts == {"purchase": 0.9998}
    upkeep = Upkeep.objects.get(store=store)
    assert (round(upkeep.value_split or 0), upkeep.lease_until) == (10, None)
    tasks.keep()
    assert Upkeep.objects.get(store=store).refreshed_at == upkeep.refreshed_at


def test_events_are_counted_by_a_turn_of_their_own(store):
    person = place(store).customer
    tasks.read_events()
    assert Engagement.objects.get(customer=person).parts == {"purchase": 0.9998}


def test_what_nothing_asks_for_any_more_is_tidied_away(store):
    Receipt.objects.create(store=store, digest="0" * 32, at=NOW - timedelta(days=4))
    kept = Receipt.objects.create(store=store, digest="1" * 32, at=NOW - timedelta(days=2))
    Visitor.objects.create(store=store, anonymous_id="old", seen_at=NOW - timedelta(days=900))
    Visitor.objects.create(store=store, anonymous_id="new", seen_at=NOW)
    tasks.keep()
    assert list(Receipt.objects.all()) == [kept]
    assert Visitor.objects.get().anonymous_id == "new"


def test_scores_follow_the_clock_a_day_later(store):
    place(store, history=True)
    tasks.keep()
    clock.set_to(NOW + timedelta(days=180))
    tasks.keep()
    assert round(Engagement.objects.get().value, 1) == 5.0


def test_no_mail_stands_behind_what_takes_long():
    routes = {name: app.amqp.router.route({}, name)["queue"].name for name in ("campaigns.tasks.pulse", "engagement.tasks.keep")}
    assert routes == {"campaigns.tasks.pulse": "pulse", "engagement.tasks.keep": "learning"}
    assert app.amqp.router.route({}, "predictions.tasks.refit_stores")["queue"].name == "learning"
