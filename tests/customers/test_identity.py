"""Who is meant: addresses in their normal form, and the customer behind an id, an address, or neither."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from customers import identity
from customers.identity import Person, email_key
from customers.models import Customer, Identity

DATA = Path(__file__).parents[3] / "shared/data/nasty"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the shared sample data is not here")
pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("address", "key"),
    [
        (" Ada@Example.COM\n", "ada@example.com"), ("ada+shop@example.com", "ada+shop@example.com"), ("a.d.a@gmail.com", "a.d.a@gmail.com"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"), ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
        ("JÜRGEN@example.com", "jürgen@example.com"), ("ju\N{COMBINING DIAERESIS}rgen@example.com", "jürgen@example.com"),
        ("o'brien@example.com", "o'brien@example.com"), ("", None), ("ada", None), ("ada@localhost", None), ("ada@example..com", None),
        ("ada@example.com, eve@example.com", None), ("ada@example.com\nBcc: eve@example.com", None), ("Ada <ada@example.com>", None),
        ("ada@[127.0.0.1]", None), ("x" * 400 + "@example.com", None), (".ada@example.com", None), ("ada@exa mple.com", None),
    ],
)  # fmt: skip
def test_an_address_has_one_normal_form_or_none(address, key):
    assert email_key(address) == key


@needs_data
def test_published_addresses_are_told_apart_as_their_authors_say():
    wrong = []
    for row in rows("emails_validator.jsonl"):
        key = email_key(row["address"])
        if row["expect"] == "valid" and "<" not in row["address"]:
            local, domain = row["normalized"].rpartition("@")[0], row["ascii_domain"]
            wrong += [] if key == f"{local}@{domain}".casefold() else [(row["address"], key)]
        elif row["test"] == "test_email_invalid_syntax" and row["address"] == row["address"].strip():
            wrong += [] if key is None else [(row["address"], key)]
    for row in rows("emails_isemail.jsonl"):
        key = email_key(row["address"])
        if row["category"] in ("ISEMAIL_VALID_CATEGORY", "ISEMAIL_DNSWARN"):
            wrong += [] if key == row["address"].casefold() else [(row["address"], key)]
        elif "DOMAINLITERAL" in row["diagnosis"] or "IPV6" in row["diagnosis"] or "COMMENT" in row["diagnosis"]:
            wrong += [] if key is None else [(row["address"], key)]
    assert wrong == []


@needs_data
def test_a_normal_form_is_its_own_and_holds_no_control_characters():
    for row in [*rows("emails_validator.jsonl"), *rows("emails_isemail.jsonl")]:
        key = email_key(row["address"])
        if key is not None:
            assert email_key(key) == key
            assert key.isprintable() and len(key) <= 320 and key.rpartition("@")[2].isascii()


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=80), st.emails())
def test_no_text_breaks_it_and_case_never_matters(text, address):
    found = email_key(text)
    assert found is None or email_key(found) == found
    key = email_key(address)
    assert key == email_key(address.upper()) == email_key(f"  {address.lower()}\n")


@pytest.fixture
def meet(store):
    """Let people in, in one batch; return their customers."""

    def resolve(*people: Person) -> list[identity.Held]:
        with transaction.atomic():
            return identity.resolve(store.pk, people, now=NOW)

    return resolve


def later(hours: int) -> datetime:
    return NOW + timedelta(hours=hours)


def test_two_ids_with_one_address_are_one_customer_with_two_identities(meet):
    first, second = meet(Person(external_id="1", email="ada@example.com"), Person(external_id="2", email="ADA@example.com"))
    assert (first.id, first.outcome) == (second.id, "new")
    assert dict(Identity.objects.values_list("external_id", "customer")) == {"1": first.id, "2": first.id}


def test_a_known_id_without_an_address_is_still_the_same_person(meet):
    [first] = meet(Person(external_id="1", email="ada@example.com", name="Ada"))
    [second] = meet(Person(external_id="1"))
    assert (second.id, second.outcome, Customer.objects.get().name) == (first.id, "unchanged", "Ada")


def test_a_new_address_of_a_known_id_moves_the_customer(meet):
    [first] = meet(Person(external_id="1", email="ada@example.com", updated_at=NOW))
    [second] = meet(Person(external_id="1", email="Ada@new.example", updated_at=later(1)))
    assert (second.id, second.outcome) == (first.id, "changed")
    assert Customer.objects.values_list("email", "email_key").get() == ("Ada@new.example", "ada@new.example")


def test_an_address_that_belongs_to_another_takes_the_id_along(meet):
    ada, eve = meet(Person(external_id="1", email="ada@example.com", updated_at=NOW), Person(external_id="2", email="eve@example.com"))
    [found] = meet(Person(external_id="1", email="eve@example.com", updated_at=later(1)))
    assert found.id == eve.id
    assert Identity.objects.get(external_id="1").customer_id == eve.id
    assert Customer.objects.get(pk=ada.id).email_key == "ada@example.com"


def test_an_outdated_address_takes_nobody_away(meet):
    ada, _ = meet(Person(external_id="1", email="ada@example.com", updated_at=later(2)), Person(external_id="2", email="eve@example.com"))
    [found] = meet(Person(external_id="1", email="eve@example.com", updated_at=later(1)))
    assert (found.id, Customer.objects.get(pk=ada.id).email_key) == (ada.id, "ada@example.com")
    assert Identity.objects.get(external_id="1").customer_id == ada.id


def test_buyers_without_id_and_address_are_customers_of_their_own_and_known_again_by_their_order(meet):
    first, second = meet(Person(name="Ada", fallback_id="order:1"), Person(name="Ada", fallback_id="order:2"))
    assert first.id != second.id
    [again] = meet(Person(name="Ada Lovelace", fallback_id="order:1"))
    assert (again.id, again.outcome, Customer.objects.filter(email_key=None).count()) == (first.id, "changed", 2)


def test_older_words_only_fill_gaps_and_empty_ones_say_nothing(meet):
    meet(Person(external_id="1", email="ada@example.com", name="Ada Lovelace", updated_at=later(5)))
    [held] = meet(Person(external_id="1", name="Ada Byron", phone="+44 20", country="GB", updated_at=later(1)))
    assert (held.name, held.phone, held.country) == ("Ada Lovelace", "+44 20", "GB")
    [held] = meet(Person(external_id="1", name="", phone="", updated_at=later(6)))
    assert (held.name, held.phone, held.outcome) == ("Ada Lovelace", "+44 20", "unchanged")


def test_a_gifts_address_names_the_buyer_only_while_there_is_no_other_name(meet):
    meet(Person(external_id="1", likely_name="Tom Gift"))
    [held] = meet(Person(external_id="1", name="Ada Lovelace", likely_name="Eve Gift"))
    assert held.name == "Ada Lovelace"
    [held] = meet(Person(external_id="1", likely_name="Mia Gift"))
    assert held.name == "Ada Lovelace"


def test_endless_words_are_cut_to_what_there_is_room_for(meet):
    [held] = meet(Person(external_id="1", email="ada@example.com", name="n" * 999, phone="1" * 99, language="l" * 99, timezone="t" * 99))
    stored = Customer.objects.get(pk=held.id)
    assert (len(stored.name), len(stored.phone), len(stored.language), len(stored.timezone)) == (200, 40, 20, 64)


def test_the_same_batch_twice_writes_nothing_new(meet, django_assert_max_num_queries):
    people = [Person(external_id=f"{n}", email=f"p{n % 7}@example.com", name=f"P{n % 7}", updated_at=NOW) for n in range(30)]
    meet(*people)
    with django_assert_max_num_queries(10):
        again = meet(*people)
    assert ({held.outcome for held in again}, Customer.objects.count(), Identity.objects.count()) == ({"unchanged"}, 7, 30)
