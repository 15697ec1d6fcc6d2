"""Messages as Segment's libraries send them, and as nobody should."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engagement import messages

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def read(sent_at=None, **fields):
    return messages.read({"type": "track", "anonymousId": "a1", "event": "Product Viewed", **fields}, sent_at=sent_at, now=NOW)


def test_a_wrong_clock_is_put_right_by_what_it_says_now():
    """A device an hour ahead did it ten minutes before it sent it."""
    told = read(timestamp="2026-11-23T12:50:00.000Z", sentAt="2026-11-23T13:00:00.000Z")
    assert told.at == datetime(2026, 11, 23, 11, 50, tzinfo=UTC)


def test_without_a_sending_time_the_timestamp_stands_but_never_ahead():
    assert read(timestamp="2026-11-20T08:00:00+01:00").at == datetime(2026, 11, 20, 7, tzinfo=UTC)
    assert read(timestamp="2031-01-01T00:00:00Z").at == NOW
    assert read(timestamp="yesterday").at == read(timestamp=None).at == read(timestamp={"a": 1}).at == NOW


def test_the_sending_time_of_the_batch_serves_messages_without_their_own():
    assert read(timestamp="2026-11-23T08:00:00Z", sent_at="2026-11-23T09:00:00Z").at == datetime(2026, 11, 23, 11, tzinfo=UTC)


def test_only_what_it_was_about_is_kept():
    told = read(
        properties={
            "product_id": 17, "sku": "K-1", "price": 5, "email": "x@y.example", "url": "https://shop.example/k?email=a@b.example#x",
            "products": [{"product_id": "p1"}, {"sku": "s2"}, "p3", {}, {"product_id": ["x"]}],
        }
    )  # fmt: skip
    assert told.properties == {"product_id": "17", "sku": "K-1", "url": "https://shop.example/k", "products": ["p1", "s2"]}


@pytest.mark.parametrize(
    ("fields", "email"),
    [
        ({"traits": {"email": "Ada@Example.com"}}, "Ada@Example.com"),
        ({"context": {"traits": {"email": "ada@example.com"}}}, "ada@example.com"),
        ({"userId": "ada@example.com"}, "ada@example.com"),
        ({"traits": ["email"], "context": "x"}, ""),
    ],
)
def test_an_address_is_found_where_libraries_put_it(fields, email):
    assert read(**fields).email == email


@pytest.mark.parametrize(
    "raw", [None, 3, "track", [], {}, {"type": "track"}, {"type": "delete", "userId": "u"}, {"type": 3, "userId": "u"}]
)
def test_what_says_nothing_is_left_out(raw):
    assert messages.read(raw, sent_at=None, now=NOW) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NAMES = [
    "type",
    "userId",
    "anonymousId",
    "messageId",
    "timestamp",
    "sentAt",
    "event",
    "name",
    "traits",
    "properties",
    "context",
    "previousId",
]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault
@given(raw=st.dictionaries(st.sampled_from(NAMES), JSON), sent_at=JSON, call=st.sampled_from(["", "page", "track", "identify"]))
def test_any_message_can_be_read(raw, sent_at, call):
    told = messages.read(raw, sent_at=sent_at, now=NOW, call=call)
    assert told is None or (told.at <= NOW and len(told.name) <= 200 and "\0" not in told.user_id)
