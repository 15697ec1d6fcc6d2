"""Tags, birthdays: what is kept of what a shop says."""

from datetime import UTC, datetime

import pytest

from customers import traits
from customers.models import Customer
from integrations.generic import adapter
from orders import ingest
from orders.incoming import Unusable

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def say(store, *, at="2026-01-01", **fields):
    data = adapter.customer({"external_id": "c1", "email": "ada@example.com", "updated_at": f"{at}T00:00:00Z", **fields})
    return ingest.upsert_customer(store, data, now=NOW).result


@pytest.mark.parametrize(
    ("text", "read"),
    [("1990-03-14", (1990, 3, 14)), ("--03-14", (None, 3, 14)), ("--02-29", (None, 2, 29)), ("2000-02-29", (2000, 2, 29)), (" ", None)],
)
def test_a_birthday_may_lack_its_year(text, read):
    assert traits.birthday(text) == read


@pytest.mark.parametrize("text", ["14.3.1990", "--13-01", "1990-02-30", "1999-02-29", "1700-01-01", "-03-14", "1990-3-4"])
def test_what_is_no_birthday_is_refused(text):
    with pytest.raises(ValueError, match=r"birthday|year|calendar"):
        traits.birthday(text)


@pytest.mark.django_db
def test_a_shop_that_sends_no_birthday_is_told_which_field_is_wrong(store):
    with pytest.raises(Unusable, match=r"^birthday: .*such as 1990-03-14"):
        say(store, birthday="14.3.1990")
    assert not Customer.objects.exists()


@pytest.mark.django_db
def test_a_newer_birthday_replaces_and_an_older_only_fills(store):
    say(store, birthday="--03-14")
    assert say(store, at="2025-12-01", birthday="1980-01-01") == "unchanged"
    assert say(store, at="2026-01-02", birthday="1990-03-14") == "changed"
    person = Customer.objects.get()
    assert (person.birth_year, person.birth_month, person.birth_day) == (1990, 3, 14)
    assert say(store, at="2026-01-03") == "unchanged"


@pytest.mark.django_db
def test_the_shops_tags_come_and_go_and_the_staffs_stay(store):
    say(store, tags=["vip", " press  list ", "vip"])
    person = Customer.objects.get()
    assert person.tags == ["press list", "vip"]
    person.tags = ["gift buyer", "press list"]  # staff took "vip" away and gave one of their own
    person.save()
    assert say(store, at="2026-01-02", tags=["vip", "press list"]) == "unchanged"
    assert say(store, at="2026-01-03", tags=["vip", "wholesale"]) == "changed"
    person.refresh_from_db()
    assert person.tags == ["gift buyer", "wholesale"]
    say(store, at="2025-01-01", tags=[])
    person.refresh_from_db()
    assert person.tags == ["gift buyer", "wholesale"]
