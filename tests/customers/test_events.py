from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from customers import events
from customers.models import Event, Unread
from tests.factories.customers import customer

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def news(person, key, **data):
    return events.NewEvent(person.store_id, person.pk, "note.added", NOW - timedelta(hours=1), key, data)


def test_every_reader_is_told_of_each_new_event_in_its_order(store, settings):
    settings.EVENT_READERS = ["flows", "segments"]
    person = customer(store)
    assert events.record_many([news(person, key) for key in "ba"], now=NOW) == 2
    assert list(Event.objects.order_by("pk").values_list("key", "occurred_at", "recorded_at")) == [
        ("b", NOW - timedelta(hours=1), NOW),
        ("a", NOW - timedelta(hours=1), NOW),
    ]
    for reader in settings.EVENT_READERS:
        assert [event.key for event in events.claim(reader, limit=9)] == ["b", "a"]
    assert set(Unread.objects.values_list("store_id", "customer_id")) == {(store.pk, person.pk)}


def test_a_key_seen_before_writes_and_tells_nothing(store):
    person = customer(store)
    assert events.record_many([news(person, "a", was="first"), news(person, "a", was="second")], now=NOW) == 1
    assert not events.record(person, "note.added", at=NOW, key="a", now=NOW)
    assert (Event.objects.get().data, Unread.objects.count()) == ({"was": "first"}, 1)


def test_the_same_key_at_two_stores_is_two_events(store, other):
    assert events.record_many([news(customer(store), "a"), news(customer(other), "a")], now=NOW) == 2


def test_of_history_nobody_is_told(store):
    assert events.record_many([news(customer(store), "a")], now=NOW, history=True) == 1
    assert (Event.objects.count(), Unread.objects.count()) == (1, 0)


def test_no_events_are_no_statement(store, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert events.record_many([], now=NOW) == 0


def test_long_keys_are_cut_and_odd_values_survive(store):
    data = {"at": NOW, "amount": Decimal("1.50"), "text": 'Ket\0tle "½" \\u0000', "list": [1, None, True]}
    events.record_many([news(customer(store), "k" * 300, **data)], now=NOW)
    held = Event.objects.get()
    assert held.key == "k" * 200
    assert held.data == {"at": "2026-03-01T12:00:00Z", "amount": "1.50", "text": 'Kettle "½" \\u0000', "list": [1, None, True]}
