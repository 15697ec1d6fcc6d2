"""The test world: store `marlow` and its people, store `other` and its owner, and time that stands where a test puts it."""

import gc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import TransactionTestCase

from messaging.roads import line
from stores import clock
from stores.models import Store, User
from tests.factories.stores import MembershipFactory, StoreFactory

#: What takes longest: begun first, no core waits for it at the end.
LONG = {"browser", "localstack"}
#: Every table that was ever written to, but those that only migrations fill.
FILLED = """
    SELECT string_agg(format('DELETE FROM %I', relname), '; ') FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
        AND relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')"""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.parent.name not in LONG)


def pytest_collection_finish() -> None:
    """Spare the collector of garbage from walking through thousands of tests and modules again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _what_was_committed_goes_quickly() -> Iterator[None]:
    """Have the few rows of a test that commits deleted: Django would truncate every table, which takes forty times as long."""

    def empty(case: TransactionTestCase) -> None:
        with connection.cursor() as cursor:
            cursor.execute(FILLED)
            if (found := cursor.fetchone()) and found[0]:
                cursor.execute(found[0])  # one transaction: foreign keys are looked at when all is gone

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty)
        yield


@pytest.fixture(autouse=True)
def _no_nudges(settings):
    settings.NUDGE = False


@pytest.fixture(autouse=True)
def _no_kept_lines():
    yield
    line.hang_up()


@pytest.fixture
def at() -> Callable[[str], datetime]:
    """Turn "2025-03-01 09:00" (Berlin's wall clock) into a moment."""

    def moment(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)

    return moment


def _store(slug: str, name: str) -> Store:
    store: Store = StoreFactory(slug=slug, name=name)
    return store


@pytest.fixture
def store(db) -> Store:
    return _store("marlow", "Marlow & Finch")


@pytest.fixture
def other(db) -> Store:
    return _store("other", "Other Goods")


def _member(store: Store, name: str, role: str) -> User:
    user: User = MembershipFactory(store=store, role=role, user__name=name.title()).user
    return user


@pytest.fixture
def alice(store) -> User:
    return _member(store, "alice", "owner")


@pytest.fixture
def mara(store) -> User:
    return _member(store, "mara", "marketer")


@pytest.fixture
def bob(store) -> User:
    return _member(store, "bob", "support")


@pytest.fixture
def vic(store) -> User:
    return _member(store, "vic", "viewer")


@pytest.fixture
def mallory(other) -> User:
    return _member(other, "mallory", "owner")


@pytest.fixture
def travel(db) -> Callable[[datetime], None]:
    """Put the clock at a moment."""
    return clock.set_to
