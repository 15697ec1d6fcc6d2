import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from customers import events
from customers.models import Event, Unread
from tests import side_by_side
from tests.factories.customers import customer

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def news(person, key, **data):
    return events.NewEvent(person.store_id, person.pk, "order.changed", NOW - timedelta(hours=1), key, data)


def test_every_reader_is_told_of_each_new_event_in_its_order(store, settings):
    settings.EVENT_READERS = {"flows": ["order."], "segments": ["order."]}
    person = customer(store)
    assert events.record_many([news(person, key) for key in "ba"], now=NOW) == 2
    assert list(Event.objects.order_by("pk").values_list("key", "occurred_at", "recorded_at")) == [
        ("b", NOW - timedelta(hours=1), NOW),
        ("a", NOW - timedelta(hours=1), NOW),
    ]
    for reader in settings.EVENT_READERS:
        assert [event.key for event in events.claim(reader, limit=9)] == ["b", "a"]
    assert set(Unread.objects.values_list("store_id", "customer_id")) == {(store.pk, person.pk)}


def test_a_reader_is_told_only_of_the_kinds_it_asked_for(store, settings):
    settings.EVENT_READERS = {"flows": ["order.", "task."], "segments": ["mail."]}
    person = customer(store)
    kinds = ["order.changed", "mail.sent", "task.opened", "note.added"]
    events.record_many([events.NewEvent(store.pk, person.pk, kind, NOW, kind) for kind in kinds], now=NOW)
    assert [event.kind for event in events.claim("flows", limit=9)] == ["order.changed", "task.opened"]
    assert [event.kind for event in events.claim("segments", limit=9)] == ["mail.sent"]


def test_a_key_seen_before_writes_and_tells_nothing(store):
    person = customer(store)
    assert events.record_many([news(person, "a", was="first"), news(person, "a", was="second")], now=NOW) == 1
    assert not events.record(person, "order.changed", at=NOW, key="a", now=NOW)
    assert (Event.objects.get().data, Unread.objects.filter(reader="flows").count()) == ({"was": "first"}, 1)


def test_the_same_key_at_two_stores_is_two_events(store, other):
    assert events.record_many([news(customer(store), "a"), news(customer(other), "a")], now=NOW) == 2


def test_of_history_nobody_is_told(store):
    assert events.record_many([news(customer(store), "a")], now=NOW, history=True) == 1
    assert (Event.objects.count(), Unread.objects.filter(reader="flows").count()) == (1, 0)


def test_no_events_are_no_statement(store, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert events.record_many([], now=NOW) == 0


def test_long_keys_are_cut_and_odd_values_survive(store):
    data = {"at": NOW, "amount": Decimal("1.50"), "text": 'Ket\0tle "½" \\u0000', "list": [1, None, True]}
    events.record_many([news(customer(store), "k" * 300, **data)], now=NOW)
    held = Event.objects.get()
    assert held.key == "k" * 200
    assert held.data == {"at": "2026-03-01T12:00:00Z", "amount": "1.50", "text": 'Kettle "½" \\u0000', "list": [1, None, True]}


def test_an_event_set_aside_leaves_the_queue_and_is_kept_for_whoever_mends_it(store):
    person = customer(store)
    events.record_many([news(person, key) for key in "abc"], now=NOW)
    first, second, third = events.claim("flows", limit=9)
    events.set_aside("flows", second, now=NOW)
    assert events.claim("flows", limit=9) == [first, third]
    assert (Unread.objects.filter(reader="flows").count(), Unread.objects.get(failed_at=NOW).event_id) == (3, second.pk)


def test_what_one_reader_has_read_the_other_still_reads(store, settings):
    settings.EVENT_READERS = {"flows": ["order."], "segments": ["order."]}
    person = customer(store)
    events.record_many([news(person, key) for key in "ab"], now=NOW)
    events.forget("flows", events.claim("flows", limit=1))
    assert [event.key for event in events.claim("flows", limit=9)] == ["b"]
    assert [event.key for event in events.claim("segments", limit=9)] == ["a", "b"]


def test_a_transaction_that_fails_tells_nobody(store):
    person = customer(store)
    with suppress(ZeroDivisionError), transaction.atomic():
        events.record_many([news(person, "a")], now=NOW)
        raise ZeroDivisionError
    assert (Event.objects.count(), Unread.objects.filter(reader="flows").count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_read_the_same_event_and_neither_waits(store):
    person = customer(store)
    events.record_many([news(person, f"{number}") for number in range(20)], now=NOW)
    gate = threading.Barrier(2, timeout=20)
    read: list[set[str]] = []

    def work():
        with transaction.atomic():
            claimed = events.claim("flows", limit=10)
            read.append({event.key for event in claimed})
            gate.wait()  # both hold theirs now
            events.forget("flows", claimed)

    side_by_side.run(work, work)
    assert (len(read), read[0] & read[1], read[0] | read[1]) == (2, set(), {f"{number}" for number in range(20)})
    assert Unread.objects.filter(reader="flows").count() == 0
