"""The list of addresses that get no mail: how one gets on it and off it, and the files it goes out and comes in by."""

import csv
import io
from datetime import timedelta

import pytest

from messaging import standing
from messaging.models import Suppression
from messaging.returning import suppressions
from messaging.returning.suppressions import Imported, Proof
from stores import clock
from tests.factories.customers import customer


@pytest.fixture
def now(db):
    return clock.read()


def keys(store, now) -> list[str]:
    return sorted(suppressions.active(store, now=now).values_list("email_key", flat=True))


def test_an_address_added_by_hand_gets_no_mail_and_a_lifted_one_does(store, alice, now):
    ana = customer(store, "ana@example.com")
    assert suppressions.add(store, " Ana@Example.com ", why="asked on the phone", by=alice, now=now)
    assert not suppressions.add(store, "ana@example.com", why="", by=alice, now=now)
    assert standing.standings([ana.pk])[ana.pk].is_suppressed
    held = Suppression.objects.get()
    assert (held.cause, held.evidence) == ("manual", "Alice: asked on the phone")
    suppressions.lift(held, why="wrong number", by=alice, now=now)
    assert not standing.standings([ana.pk])[ana.pk].is_suppressed
    event = ana.events.get()
    assert (event.kind, event.data) == ("staff.acted", {"text": "Mail to ana@example.com allowed again: wrong number", "by": "Alice"})


def test_lifting_twice_notes_it_once_and_adding_again_counts_again(store, alice, now):
    ana = customer(store, "ana@example.com")
    suppressions.add(store, "ana@example.com", why="", by=alice, now=now)
    held = Suppression.objects.get()
    suppressions.lift(held, why="a", by=alice, now=now)
    suppressions.lift(held, why="b", by=alice, now=now)
    assert ana.events.count() == 1
    assert suppressions.add(store, "ana@example.com", why="", by=alice, now=now + timedelta(seconds=1))
    assert keys(store, now) == ["ana@example.com"]


def test_what_was_put_there_until_a_day_is_over_with_that_day(store, alice, now):
    suppressions.add(store, "ana@example.com", why="", by=alice, now=now, until=now + timedelta(days=1))
    assert keys(store, now) == ["ana@example.com"]
    assert keys(store, now + timedelta(days=1)) == []


def test_of_two_proofs_the_earlier_stays_and_a_hand_is_not_overruled(store, alice, now):
    earlier = now - timedelta(hours=1)
    suppressions.put([Proof(store.pk, "a@example.com", "hard_bounce", "550 late", now)])
    suppressions.put([Proof(store.pk, "a@example.com", "invalid", "550 early", earlier)])
    suppressions.put([Proof(store.pk, "a@example.com", "hard_bounce", "550 later", now)])
    assert Suppression.objects.values_list("cause", "evidence", "at").get() == ("invalid", "550 early", earlier)
    suppressions.add(store, "b@example.com", why="", by=alice, now=now)
    suppressions.put([Proof(store.pk, "b@example.com", "hard_bounce", "550", earlier)])
    assert Suppression.objects.get(email_key="b@example.com").cause == "manual"


@pytest.mark.parametrize("address", ["", "nobody", "a b@example.com", "a@b@c.example"])
def test_what_is_no_address_is_refused(store, alice, now, address):
    with pytest.raises(ValueError, match="is not an e-mail address"):
        suppressions.add(store, address, why="", by=alice, now=now)


@pytest.mark.parametrize(
    ("text", "added", "bad"),
    [
        ("ana@example.com\nben@example.com\n", 2, ()),
        ("email,reason\nana@example.com,hard_bounce\n", 1, ()),
        ("\ufeffE-Mail;x\n", 0, ((1, "E-Mail;x"),)),
        ("Note,Email Address\nhello,ana@example.com\n\nagain,ANA@example.com\n", 1, ()),
        ("email\nana@example.com\nnot one\n", 1, ((3, "not one"),)),
        ("", 0, ()),
    ],
)
def test_lists_of_other_providers_are_read(store, alice, now, text, added, bad):
    assert suppressions.take_in(store, text, by=alice, now=now) == Imported(added, 0, bad)


def test_causes_come_along_and_a_second_reading_adds_nothing(store, alice, now):
    text = "email,cause,note\nana@example.com,complaint,from the old provider\nben@example.com,whatever,\n"
    assert suppressions.take_in(store, text, by=alice, now=now).added == 2
    assert suppressions.take_in(store, text, by=alice, now=now) == Imported(0, 2, ())
    assert dict(Suppression.objects.values_list("cause", "evidence")) == {
        "complaint": "from the old provider",
        "manual": "From a file, by Alice",
    }


def test_a_file_goes_out_without_formulas_and_comes_in_as_it_was(store, other, alice, now):
    evidence = {"=a@example.com": "=1+1", "+b@example.com": "@SUM(A1)", "c@example.com": "\ttab", "d@example.com": "550 fine, “quoted”"}
    suppressions.put([Proof(store.pk, key, "hard_bounce", words, now) for key, words in evidence.items()])
    text = "".join(suppressions.as_csv(suppressions.active(store, now=now).order_by("email_key")))
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert suppressions.take_in(other, text, by=alice, now=now).added == 4
    assert {row.email_key: row.evidence.strip() for row in suppressions.active(other, now=now)} == {
        k: v.strip() for k, v in evidence.items()
    }
