"""Due rows in turns: every store its share, every row one worker, nothing while sending is stopped."""

import threading
from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from customers.models import Customer
from messaging.models import Message
from stores import clock, stopping, turns
from tests import side_by_side
from tests.factories.customers import customer
from tests.factories.messaging import MessageFactory
from tests.factories.stores import StoreFactory

STATES = ("queued", "retry")


@pytest.fixture
def now(db):
    return clock.read()


@pytest.fixture
def due(now):
    """Queue so many mails of a store, the first a minute ago; return their ids."""

    def make(store, number: int, **fields) -> list[int]:
        person = Customer.objects.filter(store=store).first() or customer(store, "ana@example.com")
        rows = [MessageFactory.build(customer=person, store=store, purpose="service", created_at=now, **fields) for _ in range(number)]
        for place, row in enumerate(rows):
            row.due_at = fields.get("due_at", now - timedelta(minutes=1) + timedelta(milliseconds=place))
        return [row.pk for row in Message.objects.bulk_create(rows)]

    return make


def take(now, limit: int, *, is_urgent: bool = False) -> list[int]:
    with transaction.atomic():
        return turns.due(Message, when="due_at", states=STATES, is_urgent=is_urgent, now=now, limit=limit)


def oldest() -> datetime | None:
    return turns.oldest(Message, when="due_at", states=STATES, is_urgent=False)


def by_store(ids: list[int]) -> Counter[str]:
    return Counter(Message.objects.filter(pk__in=ids).values_list("store__slug", flat=True))


def test_ten_mails_of_one_store_go_at_once_beside_five_thousand_of_another(store, other, due, now):
    many, few = due(store, 5_000), due(other, 10)
    taken = take(now, 100)
    assert by_store(taken) == {"marlow": 50, "other": 10}
    assert [pk for pk in taken if pk in set(many)] == many[:50]  # each store's oldest first
    assert set(few) <= set(taken)


def test_alone_a_store_gets_the_whole_batch(store, due, now):
    assert take(now, 100) == []
    assert len(due(store, 150)) == 150
    assert len(take(now, 100)) == 100


def test_with_more_stores_than_places_each_has_its_turn_by_chance(due, now):
    stores = StoreFactory.create_batch(12)
    for one in stores:
        due(one, 3)
    seen: set[str] = set()
    for _ in range(60):
        taken = by_store(take(now, 5))
        assert (sum(taken.values()), max(taken.values())) == (5, 1)
        seen |= set(taken)
    assert seen == {one.slug for one in stores}


def test_a_store_with_only_future_rows_takes_no_share(store, other, due, now):
    due(store, 80)
    due(other, 80, due_at=now + timedelta(seconds=1))
    assert by_store(take(now, 60)) == {"marlow": 60}


def test_classes_do_not_mix(store, due, now):
    bulk, urgent = due(store, 3), due(store, 2, is_urgent=True)
    assert (take(now, 10), take(now, 10, is_urgent=True)) == (bulk, urgent)


@pytest.mark.django_db(transaction=True)
def test_two_workers_side_by_side_take_different_rows(store, other, due, now):
    due(store, 200)
    due(other, 30)
    both, done = threading.Barrier(2, timeout=20), []

    def work() -> None:
        with transaction.atomic():
            done.append(turns.due(Message, when="due_at", states=STATES, is_urgent=False, now=now, limit=60))
            both.wait()  # both hold what they took

    side_by_side.run(work, work)
    one, two = done
    assert not set(one) & set(two)
    assert by_store(one + two) == {"marlow": 60, "other": 30}


def test_while_sending_is_stopped_nothing_is_due_and_nothing_is_behind(store, due, now):
    waiting = due(store, 5)
    stopping.stop(why="The provider called", now=now)
    assert (take(now, 10), oldest()) == ([], None)
    assert stopping.go()
    assert (take(now, 10), oldest()) == (waiting, now - timedelta(minutes=1))
    assert not stopping.go()
