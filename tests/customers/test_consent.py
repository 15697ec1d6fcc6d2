"""Permission: a ledger that only grows, and the latest word that counts."""

from datetime import UTC, datetime, timedelta

import pytest

from customers import consent, identity, shop_words
from customers.models import Consent, Customer, Event, Unread
from tests.factories.customers import customer

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MARKETING, SERVICE = Consent.Topic.MARKETING, Consent.Topic.SERVICE


def ledger(person) -> list[tuple[str, bool, datetime]]:
    return list(Consent.objects.filter(customer=person).order_by("pk").values_list("topic", "is_granted", "at"))


def kinds(person) -> list[str]:
    return list(person.events.order_by("pk").values_list("kind", flat=True))


def test_a_first_word_is_written_down_with_its_source_and_wording(store):
    person = customer(store)
    consent.grant(person, topic=MARKETING, source="checkout", wording="Yes, send me news.", now=NOW)
    entry = Consent.objects.get()
    assert (entry.is_granted, entry.source, entry.wording, entry.at, entry.recorded_at) == (
        True,
        "checkout",
        "Yes, send me news.",
        NOW,
        NOW,
    )
    assert (person.marketing, person.marketing_changed_at) == ("subscribed", NOW)
    assert Customer.objects.get().marketing == "subscribed"
    assert Event.objects.get().data == {"topic": "marketing", "source": "checkout"}


def test_the_same_word_twice_is_one_entry_and_one_event(store):
    person = customer(store)
    for hours in range(3):
        consent.withdraw(person, topic=MARKETING, source="link", now=NOW + hours * HOUR)
    assert (ledger(person), kinds(person)) == ([("marketing", False, NOW)], ["consent.withdrawn"])


def test_an_older_word_that_comes_late_is_kept_and_changes_nothing(store):
    person = customer(store)
    consent.withdraw(person, topic=MARKETING, source="link", now=NOW)
    consent.grant(person, topic=MARKETING, source="form", at=NOW - HOUR, now=NOW + HOUR)
    assert ledger(person) == [("marketing", False, NOW), ("marketing", True, NOW - HOUR)]
    assert (Customer.objects.get().marketing, kinds(person)) == ("unsubscribed", ["consent.withdrawn"])
    consent.grant(person, topic=MARKETING, source="form", at=NOW - HOUR, now=NOW + 2 * HOUR)
    assert len(ledger(person)) == 2


def test_a_late_objection_to_help_mails_does_not_undo_a_newer_yes(store):
    person = customer(store)
    consent.withdraw(person, topic=SERVICE, source="link", now=NOW)
    consent.grant(person, topic=SERVICE, source="preferences", now=NOW + 2 * HOUR)
    consent.withdraw(person, topic=SERVICE, source="file", at=NOW + HOUR, now=NOW + 3 * HOUR)
    assert Customer.objects.get().objected_to_service_at is None
    assert ledger(person)[-1] == ("service", False, NOW + HOUR)
    assert kinds(person) == ["consent.withdrawn", "consent.granted"]


def test_a_word_on_one_topic_says_nothing_on_the_other(store):
    person = customer(store)
    consent.withdraw(person, topic=SERVICE, source="link", now=NOW)
    held = Customer.objects.get()
    assert (held.marketing, held.objected_to_service_at) == ("never", NOW)
    consent.grant(person, topic=SERVICE, source="preferences", now=NOW + HOUR)
    consent.grant(person, topic=SERVICE, source="preferences", now=NOW + 2 * HOUR)
    held = Customer.objects.get()
    assert (held.marketing, held.objected_to_service_at, kinds(person)) == ("never", None, ["consent.withdrawn", "consent.granted"])


def test_back_and_forth_is_told_each_time_and_the_last_word_holds(store):
    person = customer(store)
    for hours, act in enumerate([consent.grant, consent.withdraw, consent.grant, consent.withdraw]):
        act(person, topic=MARKETING, source="link", now=NOW + hours * HOUR)
    assert [granted for _, granted, _ in ledger(person)] == [True, False, True, False]
    assert (len(kinds(person)), Customer.objects.get().marketing) == (4, "unsubscribed")


def test_a_shops_never_asked_takes_nothing_away(store):
    person = customer(store)
    consent.grant(person, topic=MARKETING, source="form", now=NOW)
    consent.note_from_shop(person, state="never", at=NOW + HOUR, source="shop", now=NOW + HOUR)
    assert (Customer.objects.get().marketing, len(ledger(person))) == ("subscribed", 1)


WORDS = [
    ("subscribed", 0), ("subscribed", 1), ("never", 2), ("unsubscribed", -1), ("unsubscribed", 3), ("unsubscribed", 3), ("subscribed", 2),
    ("subscribed", 5),
]  # fmt: skip


@pytest.mark.parametrize("count", range(1, len(WORDS) + 1))
def test_many_words_at_once_end_as_if_they_were_said_one_by_one(store, other, count):
    one, many = customer(store), customer(other)
    for state, hours in WORDS[:count]:
        consent.note_from_shop(one, state=state, at=NOW + hours * HOUR, source="shop", now=NOW + 9 * HOUR)
    [held] = identity.resolve(other.pk, [identity.Person(email=many.email)], now=NOW)
    shop_words.note([(held, state, NOW + hours * HOUR) for state, hours in WORDS[:count]], now=NOW + 9 * HOUR)
    one.refresh_from_db()
    many.refresh_from_db()
    assert (many.marketing, many.marketing_changed_at) == (one.marketing, one.marketing_changed_at)
    assert kinds(many) == kinds(one)


def test_history_is_written_down_and_tells_nobody(store):
    person = customer(store)
    consent.note_from_shop(person, state="unsubscribed", at=NOW, source="shop", now=NOW, history=True)
    assert (kinds(person), Unread.objects.count(), Customer.objects.get().marketing) == (["consent.withdrawn"], 0, "unsubscribed")
