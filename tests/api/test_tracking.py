"""The tracking API, spoken to by Segment's public client, by browsers, and by people who send anything."""

import base64
import gzip
import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from segment.analytics import request
from segment.analytics.client import Client

from catalog.models import Product
from customers.models import Customer, Identity
from engagement import interests
from engagement.models import Action, Engagement, Interest, Visitor, WriteKey
from stores import clock
from tests.factories.customers import customer
from tests.factories.orders import NOW, place

KEY = "wk_0123456789abcdefghij"


@pytest.fixture(autouse=True)
def _fresh_counts():
    cache.clear()


@pytest.fixture
def now(travel):
    travel(NOW)
    return clock.read()


@pytest.fixture
def key(store, now):
    return WriteKey.objects.create(store=store, key=KEY, made_at=now)


@pytest.fixture
def ada(store):
    person = customer(store)
    Identity.objects.create(store=store, customer=person, external_id="u1")
    return person


@pytest.fixture
def kettle(store):
    return Product.objects.create(store=store, external_id="p1", title="Kettle", sku="K-1", category="Tea", tags=["gift"])


@pytest.fixture
def post(client, key):
    """Post a call as a library does: post("track", {...})."""

    def run(call, body, *, user=KEY, **headers):
        raw = body if isinstance(body, bytes) else json.dumps(body)
        basic = {"Authorization": "Basic " + base64.b64encode(f"{user}:".encode()).decode()} if user else {}
        return client.post(f"/v1/{call}", raw, content_type="application/json", headers={**basic, **headers})

    return run


def view(anonymous="a1", **fields):
    return {"type": "track", "event": "Product Viewed", "anonymousId": anonymous, "properties": {"product_id": "p1"}, **fields}


def parts(person):
    return {name: round(count, 2) for name, count in Engagement.objects.get(customer=person).parts.items()}


@pytest.mark.django_db(transaction=True)
def test_segments_own_client_works_when_it_is_pointed_here(live_server, key, ada, kettle):
    """Batched, gzipped, from a thread of its own, as it comes."""
    failed = []
    client = Client(KEY, host=live_server.url, gzip=True, on_error=lambda error, items: failed.append(error), max_retries=0)
    client.track(anonymous_id="a1", event="Product Viewed", properties={"product_id": "p1"})
    client.page(anonymous_id="a1", name="Kettle", properties={"url": "https://shop.example/kettle"})
    client.identify("u1", anonymous_id="a1", traits={"email": "ada@example.com", "plan": "x"})
    client.track("u1", "Product Added", {"product_id": "p1"})
    client.group("u1", "acme")
    client.alias("a1", "u1")
    client.screen("u1", name="Home")
    client.flush()
    client.join()
    request._session.close()  # else the server's thread, and its connection, outlive the test
    assert failed == []
    assert sorted(Action.objects.values_list("kind", "customer")) == [
        (kind, ada.pk) for kind in ("page", "page", "product_added", "product_viewed")
    ]
    assert parts(ada) == {"page": 2, "product_added": 1, "product_viewed": 1}
    assert set(Interest.objects.values_list("topic", flat=True)) == {"tea", "gift"}


def test_what_a_visitor_did_before_counts_once_they_say_who_they_are(post, ada, kettle):
    earlier = (NOW - timedelta(days=14)).isoformat()
    assert post("track", view(timestamp=earlier)).json() == {"success": True}
    assert not Engagement.objects.exists()
    post("identify", {"anonymousId": "a1", "userId": "u1"})
    assert parts(ada) == {"product_viewed": 0.5}
    assert Visitor.objects.get().customer == ada
    post("track", view())
    assert parts(ada) == {"product_viewed": 1.5}
    assert Interest.objects.get(topic="tea").weight == pytest.approx(1 + 2 ** (-14 / 120), abs=0.001)


def test_an_address_tells_who_it_is_in_any_case_but_makes_nobody(post, ada):
    post("identify", {"anonymousId": "a1", "traits": {"email": " ADA@example.com "}})
    post("identify", {"anonymousId": "a2", "traits": {"email": "nobody@example.com", "marketing_consent": True, "subscribed": "yes"}})
    assert [visitor.customer for visitor in Visitor.objects.order_by("anonymous_id")] == [ada, None]
    assert Customer.objects.get() == ada
    assert Customer.objects.get().marketing == "never"


def test_a_browser_that_two_people_share_gives_each_what_they_did(post, store, ada):
    eve = customer(store, "eve@example.com")
    post("batch", {"batch": [view(), {"type": "identify", "anonymousId": "a1", "userId": "u1"}]})
    post("batch", {"batch": [{"type": "identify", "anonymousId": "a1", "traits": {"email": "eve@example.com"}}]})
    post("track", view())
    assert (parts(ada), parts(eve)) == ({"product_viewed": 1}, {"product_viewed": 1})


def test_a_repeated_message_counts_once_though_its_corrected_time_differs(post, ada):
    message = view(messageId="m1", userId="u1", timestamp="2026-03-01T10:00:00Z")
    for sent in ("2026-03-01T10:00:05Z", "2026-03-01T10:09:11Z"):
        post("batch", {"batch": [message, message], "sentAt": sent})
    assert Action.objects.count() == 1


def test_pages_within_half_an_hour_are_one_visit(post, ada):
    for minutes in (100, 90, 80, 30, 0):
        post("page", {"anonymousId": "a1", "userId": "u1", "timestamp": (NOW - timedelta(minutes=minutes)).isoformat()})
    assert list(Action.objects.order_by("at").values_list("kind", flat=True)) == ["visit", "page", "page", "repeat_visit", "page"]


def test_a_completed_order_counts_only_where_the_shop_tells_of_none(post, store, ada):
    post("track", {"userId": "u1", "event": "Order Completed"})
    assert parts(ada) == {"purchase": 1}
    place(store)
    post("track", {"userId": "u1", "event": "Order Completed"})
    assert parts(ada) == {"purchase": 1, "order_completed": 1}


def test_a_browser_of_any_site_may_call_with_the_key_in_the_body(client, key, ada):
    asked = client.options("/v1/t", headers={"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"})
    assert (asked.status_code, asked["Access-Control-Allow-Origin"]) == (204, "*")
    answer = client.post("/v1/t", json.dumps(view(userId="u1", writeKey=KEY)), content_type="text/plain")
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, "*")
    assert Action.objects.get().customer == ada


def test_another_stores_key_reaches_nobody_here(post, other, now, ada):
    WriteKey.objects.create(store=other, key="wk_other", made_at=now)
    assert post("track", view(userId="u1"), user="wk_other").status_code == 200
    assert Action.objects.get().customer is None
    assert Action.objects.get().store == other


@pytest.mark.parametrize("user", ["", "wk_wrong", "wk\0"])
def test_without_the_key_nothing_is_taken(post, user):
    assert post("track", view(), user=user).status_code == 401
    assert not Action.objects.exists()


@pytest.mark.parametrize(
    ("call", "body", "status"),
    [
        ("track", b"{", 400), ("track", b"[]", 400), ("batch", {"batch": {}}, 400), ("batch", {}, 400), ("nothing", {}, 404),
        ("track", b"\x1f\x8bnot gzip", 400), ("track", b" " * 500_000 + b" " * 20_000, 413),
        ("track", gzip.compress(b" " * 5_000_000), 413), ("track", {}, 200), ("batch", {"batch": [None, 7, "x", [], view(type=1)]}, 200),
        ("batch", {"batch": [view(properties=[1]), view(event={"a": 1}), view(event="\ud83d"), view(timestamp=7)]}, 200),
        ("track", {**view(), "timestamp": "0001-01-01T00:00:00+14:00", "sentAt": "9999-12-31T23:59:59-12:00"}, 200),
        ("identify", {"anonymousId": "a\0b", "userId": "\ud800", "traits": {"email": "@@@"}}, 200),
        ("track", {**view(), "event": "x" * 100_000, "messageId": "m" * 5000, "anonymousId": "a" * 5000}, 200),
        ("track", {**view(), "anonymousId": 10**50, "properties": {"product_id": 10**50, "products": [{"product_id": None}]}}, 200),
    ],
)  # fmt: skip
def test_odd_input_is_answered_in_words_and_never_fails(post, ada, call, body, status):
    answer = post(call, body)
    assert answer.status_code == status
    assert answer.json()["success"] is (status == 200)


def test_too_many_requests_are_asked_to_wait(post, monkeypatch):
    from lifecycle.api import tracking

    monkeypatch.setitem(tracking.PER_MINUTE, "network", 2)
    assert [post("track", view()).status_code for _ in range(3)] == [200, 200, 429]
    assert post("track", view())["Retry-After"] == "60"


def test_who_took_a_guide_cares_for_its_subject_and_only_they_do(post, store, ada):
    post("track", {"userId": "u1", "event": "Guide Downloaded", "properties": {"topic": "Slow  Coffee"}})
    post("track", {"anonymousId": "a9", "event": "Guide Downloaded", "properties": {"topic": "Slow Coffee"}})
    assert list(interests.interested_in(store, "slow coffee", now=NOW)) == [ada]
    assert parts(ada) == {"guide_taken": 1}


def test_an_erased_customer_is_nobody(post, ada, now):
    Customer.objects.update(erased_at=now)
    post("track", view(userId="u1"))
    assert Action.objects.get().customer is None


def test_an_old_action_is_let_go(post, ada):
    post("track", view(userId="u1", timestamp="2020-01-01T00:00:00Z"))
    assert not Action.objects.exists()


def test_a_request_takes_as_many_queries_for_a_hundred_messages_as_for_two(post, ada, kettle, django_assert_max_num_queries):
    post("track", view())
    for number in (2, 100):
        with django_assert_max_num_queries(24):
            post("batch", {"batch": [view(f"a{n}", userId="u1", messageId=f"{number} {n}") for n in range(number)]})
