import io
import json
from pathlib import Path

import pytest

from customers.models import Event
from integrations import connections, inbox
from integrations.models import InboxItem
from integrations.views import receive
from orders.models import Order
from stores import clock, turnstile
from tests.factories.integrations import connect, deliver
from tests.factories.orders import payload

pytestmark = pytest.mark.django_db


def drain():
    now = clock.read()
    while inbox.drain(now=now):
        pass


def test_a_signed_order_is_kept_answered_and_taken_in_by_the_sweep(client, store):
    response = deliver(client, connect(store), "orders/create", payload())
    assert (response.status_code, Order.objects.count()) == (200, 0)
    drain()
    assert Order.objects.get().external_id == "1001"
    item = InboxItem.objects.get()
    assert (item.state, item.attempts, item.reason) == ("done", 1, "")
    item.connection.refresh_from_db()
    assert item.connection.last_event_at is not None


def test_the_same_delivery_twice_is_kept_once(client, store):
    connection = connect(store)
    for _ in range(2):
        assert deliver(client, connection, "orders/create", payload(), delivery_id="one").status_code == 200
    assert InboxItem.objects.count() == 1


def test_a_delivery_without_an_id_is_known_by_its_body(client, store):
    connection = connect(store)
    for number in ("1", "1", "2"):
        deliver(client, connection, "orders", payload(number), delivery_id="")
    assert InboxItem.objects.count() == 2


@pytest.mark.parametrize("platform", ["generic", "shopify"])
@pytest.mark.parametrize("change", ["secret", "none", "garbage", "path"])
def test_a_wrong_signature_and_an_unknown_path_get_the_same_401(client, store, platform, change):
    connection = connect(store, platform)
    wrong = {"X-Doorstep-Signature": "sha256=zz", "X-Shopify-Hmac-Sha256": "é"} if change == "garbage" else {}
    if change == "none":
        wrong = {"X-Doorstep-Signature": "", "X-Shopify-Hmac-Sha256": ""}
    if change == "path":
        connection.token = "nowhere"
    response = deliver(client, connection, "orders/create", payload(), secret="x" if change == "secret" else "s3cret", **wrong)
    assert (response.status_code, response.content) == (401, b"The signature is missing or wrong.\n")
    assert not InboxItem.objects.exists()


def test_while_a_secret_is_rotated_both_are_good(client, store):
    connection = connect(store)
    connections.rotate(connection, secret="fresh")
    for number, (secret, status) in enumerate([("s3cret", 200), ("fresh", 200), ("other", 401)]):
        assert deliver(client, connection, "orders", payload(str(number)), secret=secret).status_code == status
    connections.rotate(connection, secret="fresher")
    assert deliver(client, connection, "orders", payload("9"), secret="s3cret").status_code == 401


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"a": 1,\n "b": }', "line 2 column 7 (char 15)"),
        (b"", "line 1 column 1 (char 0)"),
        (b'{"a": NaN}', "NaN is not JSON"),
        (b'{"a": -Infinity}', "-Infinity is not JSON"),
        (b'{"a": "\xff"}', "not UTF-8: byte 7"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": ' + b"9" * 5000 + b"}", "integer"),
    ],
)
def test_what_is_not_json_is_refused_with_its_place_and_kept_as_failed(client, store, body, reason):
    response = deliver(client, connect(store), "orders", body)
    assert response.status_code == 400
    assert reason in response.content.decode()
    item = InboxItem.objects.get()
    assert (item.state, reason in item.reason) == ("failed", True)


def test_an_unknown_topic_is_answered_and_marked_ignored(client, store):
    assert deliver(client, connect(store), "weather/changed", {}).status_code == 200
    assert InboxItem.objects.get().state == "ignored"


def test_large_orders_pass_and_endless_bodies_do_not(client, store):
    connection = connect(store)
    assert deliver(client, connection, "orders", json.dumps(payload(note="x" * 2_700_000)).encode()).status_code == 200
    assert deliver(client, connection, "orders", b" " * (11 * 1024 * 1024)).status_code == 413
    assert InboxItem.objects.count() == 1


@pytest.mark.parametrize(("megabytes", "unread"), [(11, 0), (82, 2)])
def test_who_sends_too_much_is_heard_out_within_reason_and_so_hears_the_answer(rf, store, megabytes, unread):
    stream = io.BytesIO(b" " * (megabytes * 1024 * 1024))
    request = rf.generic("POST", "/hooks/any/")
    request._stream = stream
    assert receive(request, "any").status_code == 413
    assert len(stream.read()) == max(0, unread * 1024 * 1024 - 1)
    assert InboxItem.objects.count() == 0


def test_a_get_is_not_a_delivery(client, store):
    assert client.get(connect(store).path).status_code == 405


def test_a_bad_payload_fails_alone_with_its_reason_and_can_be_tried_again(client, store):
    connection = connect(store)
    deliver(client, connection, "orders/create", payload("1"))
    bad = {name: value for name, value in payload("2").items() if name != "currency"}
    deliver(client, connection, "orders/create", bad, delivery_id="bad")
    deliver(client, connection, "orders/create", payload("3"))
    drain()
    assert set(Order.objects.values_list("external_id", flat=True)) == {"1", "3"}
    item = InboxItem.objects.get(state="failed")
    assert item.reason == "currency: Field required"
    assert inbox.retry(InboxItem.objects.all()) == 1
    drain()
    item.refresh_from_db()
    assert (item.state, item.attempts) == ("failed", 2)
    deliver(client, connection, "orders/create", payload("2"), delivery_id="bad")
    drain()
    item.refresh_from_db()
    assert (item.state, item.reason) == ("done", "")


def test_a_failed_delivery_that_comes_again_unchanged_stays_failed(client, store):
    connection = connect(store)
    for _ in range(2):
        deliver(client, connection, "orders/create", {}, delivery_id="bad")
        drain()
    assert (InboxItem.objects.get().state, InboxItem.objects.get().attempts) == ("failed", 1)


def test_nul_characters_and_lone_surrogates_do_no_harm(client, store):
    body = json.dumps(payload(customer={"email": "a@example.com", "name": "A\0da \ud800"})).encode()
    deliver(client, connect(store), "orders", body)
    drain()
    assert Order.objects.get().customer.name == "Ada ?"


@pytest.mark.parametrize("topic", ["orders", "orders/create", "orders/update", "order.created", "order.updated", "ORDER"])
def test_generic_topics_are_read_by_their_noun(client, store, topic):
    deliver(client, connect(store), topic, payload())
    drain()
    assert Order.objects.count() == 1


def test_parcels_refunds_people_products_and_carts_come_in_too(client, store):
    connection = connect(store)
    deliver(client, connection, "orders", payload())
    deliver(client, connection, "shipments/create", {"order_external_id": "1001", "external_id": "s", "status": "in_transit"})
    deliver(client, connection, "refunds/create", {"order_external_id": "1001", "external_id": "r", "amount": "1.00"})
    deliver(client, connection, "customers/update", {"external_id": "c1", "email": "ada@example.com", "phone": "1"})
    deliver(client, connection, "products/update", {"external_id": "p1", "title": "Big kettle", "price": "60"})
    cart = {"external_id": "k", "currency": "EUR", "total": "5", "started_at": "2026-03-01T00:00:00Z"}
    deliver(client, connection, "carts/create", {**cart, "customer": {"email": "ada@example.com"}})
    drain()
    assert list(InboxItem.objects.exclude(state="done").values_list("topic", "reason")) == []
    order = Order.objects.get()
    assert (order.shipments.count(), order.refunds.count(), order.customer.phone, order.customer.carts.count()) == (1, 1, "1", 1)
    assert order.lines.values_list("product__title", flat=True)[0] == "Big kettle"
    assert Event.objects.filter(kind="cart.started").count() == 1


def test_naughty_strings_are_kept_as_they_are(client, store):
    path = Path(__file__).parents[3] / "shared/data/nasty/naughty_strings.json"
    if not path.exists():
        pytest.skip("the shared sample data is not here")
    connection = connect(store)
    for number, text in enumerate(json.loads(path.read_text())):
        if not text.strip() or text != text.strip():
            continue
        lines = [{"external_id": "l", "name": text, "sku": text[:100], "quantity": 1, "unit_price": "1"}]
        person = {"email": text, "name": text, "phone": text, "locale": text}
        fields = {"lines": lines, "customer": person, "number": text[:100], "shipping_address": {"name": text, "city": text}}
        deliver(client, connection, "orders", payload(f"n{number}", **fields))
    drain()
    assert list(InboxItem.objects.exclude(state="done").values_list("reason", flat=True)) == []
    assert Order.objects.count() > 200


def test_a_flood_of_one_store_is_told_to_come_back_and_other_stores_are_not(client, store, other, settings):
    settings.HOOKS_PER_SECOND = 1 / 60
    turnstile.forget()
    here, there = connect(store), connect(other)
    answers = [deliver(client, here, "orders/create", payload(str(number))) for number in range(3)]
    assert [(answer.status_code, answer.headers.get("Retry-After")) for answer in answers] == [(200, None), (429, "60"), (429, "60")]
    assert InboxItem.objects.count() == 1
    assert deliver(client, there, "orders/create", payload()).status_code == 200
    assert deliver(client, here, "orders/create", payload(), secret="wrong").status_code == 401
