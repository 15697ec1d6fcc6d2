import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from customers.models import Customer, Event
from integrations import inbox, platforms
from integrations.models import InboxItem
from integrations.shopify import adapter
from orders.incoming import Unusable
from orders.models import Cart, Order, Parked, Shipment
from stores import clock
from tests.factories.integrations import connect, deliver

pytestmark = pytest.mark.django_db

DATA = Path(__file__).parents[3] / "shared/data"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the shared sample data is not here")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def body(path):
    found = json.loads((DATA / path).read_text())
    return found.get("order", found)


def send(client, connection, topic, payload, **headers):
    assert deliver(client, connection, topic, payload, **headers).status_code == 200
    while inbox.drain(now=clock.read()):
        pass
    return InboxItem.objects.latest("id")


def hooks():
    return sorted((DATA / "shopify/webhooks/2025-04").glob("*.json")) if DATA.exists() else []


@needs_data
@pytest.mark.parametrize("path", hooks(), ids=lambda path: path.stem)
def test_every_documented_body_is_taken_in_or_ignored(client, store, path):
    topic = path.stem.replace("__", "/")
    item = send(client, connect(store, "shopify"), topic, path.read_bytes())
    expected = "done" if adapter.knows(topic) else "ignored"
    assert (item.state, item.reason if expected == "done" else "") == (expected, "")


@needs_data
def test_the_documented_order_reads_exactly(client, store):
    send(client, connect(store, "shopify"), "orders/create", body("shopify/webhooks/2025-04/orders__create.json"))
    order = Order.objects.get()
    assert (order.external_id, order.number, order.email) == ("820982911946154500", "#9999", "jon@example.com")
    assert (order.currency, order.total_minor, order.financial_status, order.is_test) == ("USD", 35997, "voided", True)
    assert order.placed_at.isoformat() == "2022-01-01T00:00:00+00:00"
    assert order.lines.values_list("name", "quantity", "unit_price_minor")[0] == ("Aviator sunglasses", 1, 8999)
    assert (order.customer.email, order.customer.country) == ("john@example.com", "US")


@needs_data
@pytest.mark.parametrize(
    ("name", "total", "currency"),
    [
        ("currency_jpy", 40495, "JPY"),
        ("custom_item_no_product", 40495, "USD"),
        ("customer_null", 40495, "USD"),
        ("digital_no_shipping", 40495, "USD"),
        ("mixed_case_email", 40495, "USD"),
        ("zero_total", 0, "USD"),
    ],
)
def test_odd_orders_go_in(client, store, name, total, currency):
    item = send(client, connect(store, "shopify"), "orders/create", body(f"nasty/shopify_orders/{name}.json"))
    assert (item.state, item.reason) == ("done", "")
    order = Order.objects.get()
    assert (order.total_minor, order.currency) == (total, currency)
    if name == "mixed_case_email":
        assert order.customer.email_key == "ada@example.com"
    if name == "digital_no_shipping":
        assert set(order.lines.values_list("kind", flat=True)) == {"digital"}


@needs_data
def test_an_order_without_the_needed_keys_fails_naming_them(client, store):
    item = send(client, connect(store, "shopify"), "orders/create", body("nasty/shopify_orders/missing_required_keys.json"))
    assert item.state == "failed"
    assert item.reason.startswith("missing: ")
    assert "currency" in item.reason


@needs_data
@pytest.mark.parametrize("path", sorted((DATA / "shopify/captured_shapes").glob("*")) if DATA.exists() else [], ids=lambda path: path.stem)
def test_captured_shapes_are_read_or_refused_in_words(path):
    topic = path.stem.split("__")[1].replace("draft_orders", "orders") + "/create"
    try:
        adapter.read(topic, json.loads(path.read_text()), shop_currency="EUR")
    except Unusable as error:
        assert str(error)


@needs_data
@pytest.mark.parametrize(("name", "lines"), [("order", 3), ("order_with_properties", 2)])
def test_rest_bodies_of_orders_are_read(client, store, name, lines):
    item = send(client, connect(store, "shopify"), "orders/create", body(f"shopify/rest_fixtures/{name}.json"))
    assert (item.state, item.reason) == ("done", "")
    order = Order.objects.get()
    assert (order.number, order.total_minor, order.lines.count()) == ("#1001", 40994, lines)
    assert order.shipments.filter(is_cancelled=False).count() == 0


@needs_data
@pytest.mark.parametrize("turn", [1, -1])
def test_a_simple_life_ends_delivered_whichever_way_round_it_comes(client, store, turn):
    connection = connect(store, "shopify")
    for line in (DATA / "sequences/simple_life.jsonl").read_text().splitlines()[::turn]:
        told = json.loads(line)
        headers = {name: value for name, value in told["headers"].items() if name != "Content-Type"}
        item = send(client, connection, headers["X-Shopify-Topic"], told["body"], delivery_id=headers["X-Shopify-Webhook-Id"])
        assert (item.state, item.reason) == ("done", "")
    order = Order.objects.get()
    parcel = order.shipments.get()
    assert (order.number, order.financial_status, parcel.status, parcel.carrier) == ("#1", "paid", "delivered", "UPS")
    assert parcel.shipped_at == datetime(2026, 3, 12, 14, tzinfo=UTC)
    assert parcel.delivered_at == datetime(2026, 3, 15, 21, tzinfo=UTC)
    assert parcel.expected_at == datetime(2026, 3, 15, 14, tzinfo=UTC)
    kinds = sorted(Event.objects.exclude(kind__startswith="consent").values_list("kind", flat=True))
    assert kinds == ["order.paid", "order.placed", "order.received", "shipment.delivered", "shipment.shipped"]
    assert not Parked.objects.exists()
    assert order.customer.marketing == "subscribed"


@needs_data
def test_published_signatures_verify(rf):
    for vector in json.loads((DATA / "hmac/vectors.json").read_text()):
        if vector["provider"] != "shopify":
            continue
        headers = {"X-Shopify-Hmac-Sha256": vector["signature"]}
        shopify = platforms.of("shopify")
        assert platforms.is_signed(shopify, headers, vector["body"].encode(), ["new", vector["secret"]])
        assert not platforms.is_signed(shopify, headers, vector["body"].encode() + b" ", [vector["secret"]])


def order(**fields):
    return {
        "id": 1, "name": "#1", "created_at": "2026-03-01T10:00:00Z", "updated_at": "2026-03-01T10:00:00Z", "currency": "EUR",
        "total_price": "20.00", "email": "ada@example.com", "financial_status": "paid", "customer": {"id": 7, "email": "ada@example.com"},
        "line_items": [{"id": 11, "name": "Cup", "quantity": 2, "price": "10.00", "product_id": 5}],
        **fields,
    }  # fmt: skip


def test_an_order_leads_to_its_page_at_the_shop_and_into_a_cart_of_the_same(client, store):
    page = "https://marlow.example/690933842/orders/b1946ac/authenticate?key=3f"
    cups = {"id": 11, "name": "Cup", "quantity": 2, "price": "10.00", "variant_id": 447654529}
    said = {"order_status_url": page, "shipping_lines": [{"title": "Express"}], "line_items": [cups]}
    connection = connect(store, "shopify")
    send(client, connection, "orders/create", order(**said))
    held = Order.objects.get()
    assert (held.invoice_url, held.reorder_url, held.shipping_method) == (page, "https://marlow.example/cart/447654529:2", "Express")
    send(client, connection, "orders/create", order(**said, id=2) | {"line_items": [cups, cups | {"id": 12, "variant_id": None}]})
    assert Order.objects.get(external_id="2").reorder_url == ""


def test_an_order_keeps_the_money_the_customer_saw_and_the_shops(client, store):
    sets = {"shop_money": {"amount": "20.00", "currency_code": "EUR"}, "presentment_money": {"amount": "3200", "currency_code": "JPY"}}
    price = {"shop_money": {"amount": "10.00"}, "presentment_money": {"amount": "1600"}}
    line = {"id": 11, "name": "Cup", "quantity": 2, "price": "10.00", "price_set": price}
    paid_back = [{"amount": "1600", "currency": "JPY", "kind": "refund", "status": "success"}]
    refund = {"id": 3, "created_at": "2026-03-01T11:00:00Z", "transactions": paid_back}
    send(client, connect(store, "shopify"), "orders/create",
         order(presentment_currency="JPY", total_price_set=sets, line_items=[line], refunds=[refund]))  # fmt: skip
    held = Order.objects.get()
    assert (held.currency, held.total_minor, held.shop_currency, held.shop_total_minor) == ("JPY", 3200, "EUR", 2000)
    assert (held.refunded_minor, held.shop_refunded_minor, held.financial_status) == (1600, 1000, "partially_refunded")
    assert held.customer.metrics.total_spent_minor == 1000


def test_an_order_keeps_what_its_total_is_made_of_as_its_customer_saw_it(client, store):
    connection = connect(store, "shopify")
    told = {"total_discounts": "2.00", "total_tax": "3.60", "total_shipping_price_set": {"presentment_money": {"amount": "4.50"}}}
    send(client, connection, "orders/create", order(**told))
    held = Order.objects.get()
    assert (held.discount_minor, held.shipping_minor, held.tax_minor) == (200, 450, 360)
    send(client, connection, "orders/updated", order(total_discounts="0.00", updated_at="2026-03-01T11:00:00Z"))
    held.refresh_from_db()
    assert (held.discount_minor, held.shipping_minor, held.tax_minor) == (0, 450, 360)


def test_one_merchant_action_over_two_topics_is_applied_twice(client, store):
    connection = connect(store, "shopify")
    for topic in ("orders/create", "orders/paid"):
        send(client, connection, topic, order(), **{"X-Shopify-Event-Id": "same"})
    assert InboxItem.objects.filter(state="done").count() == 2


def test_a_made_fulfillment_is_shipped_but_not_scanned_until_the_carrier_speaks(client, store):
    connection = connect(store, "shopify")
    send(client, connection, "orders/create", order())
    made = {"id": 9, "order_id": 1, "status": "success", "shipment_status": None, "created_at": "2026-03-02T10:00:00Z"}
    send(client, connection, "fulfillments/create", made)
    parcel = Shipment.objects.get()
    assert (parcel.status, parcel.is_scanned, parcel.shipped_at) == ("pending", False, datetime(2026, 3, 2, 10, tzinfo=UTC))
    send(client, connection, "fulfillments/update", {**made, "shipment_status": "in_transit", "updated_at": "2026-03-02T11:00:00Z"})
    parcel.refresh_from_db()
    assert (parcel.status, parcel.is_scanned) == ("in_transit", True)
    send(client, connection, "fulfillments/update", {**made, "status": "cancelled", "updated_at": "2026-03-02T12:00:00Z"})
    parcel.refresh_from_db()
    assert parcel.is_cancelled


@pytest.mark.parametrize(
    ("record", "word"),
    [
        ({"email_marketing_consent": {"state": "subscribed", "consent_updated_at": "2026-02-01T00:00:00Z"}}, "subscribed"),
        ({"email_marketing_consent": {"state": "unsubscribed", "consent_updated_at": "2026-02-01T00:00:00Z"}}, "unsubscribed"),
        ({"email_marketing_consent": {"state": "not_subscribed"}}, "never"),
        ({"accepts_marketing": True}, "subscribed"),
        ({"accepts_marketing": False}, "never"),
    ],
)
def test_permission_is_read_from_the_customer(client, store, record, word):
    send(client, connect(store, "shopify"), "customers/update", {"id": 7, "email": "ada@example.com", "first_name": "Ada", **record})
    assert (Customer.objects.get().marketing, Customer.objects.get().first_name) == (word, "Ada")


def test_an_uninstalled_app_stops_the_store_at_once(client, store):
    connection = connect(store, "shopify")
    send(client, connection, "app/uninstalled", {"id": 1})
    store.refresh_from_db()
    connection.refresh_from_db()
    assert store.is_paused
    assert connection.uninstalled_at is not None


def test_a_checkout_becomes_a_cart_of_its_customer(client, store):
    checkout = {"token": "t", "created_at": "2026-03-01T10:00:00Z", "currency": "EUR", "total_price": "9.00", "email": "ada@example.com"}
    send(client, connect(store, "shopify"), "checkouts/create", checkout)
    assert Cart.objects.values_list("total_minor", "customer__email").get() == (900, "ada@example.com")


@pytest.mark.parametrize(
    ("told", "source"),
    [
        ({"landing_site": "/products/x?utm_source=Newsletter&utm_medium=email", "referring_site": "https://www.google.com/"}, "newsletter"),
        ({"landing_site": "/", "referring_site": "https://www.google.com/search?q=mug", "source_name": "web"}, "google.com"),
        ({"landing_site": None, "referring_site": "", "source_name": "web"}, "web"),
        ({"source_name": "pos", "referring_site": "https://www.google.com/"}, "pos"),
        ({"landing_site": "//[", "referring_site": "http://[x"}, ""),
        ({}, ""),
    ],
)
def test_the_source_of_an_order_is_the_campaign_else_the_site_else_the_channel(told, source):
    order = adapter.order({"id": 1, "created_at": "2026-01-01T00:00:00Z", "currency": "EUR", "total_price": "1.00", **told})
    assert order.source == source


def test_codes_places_tags_and_categories_are_read():
    order = adapter.order({
        "id": 1, "created_at": "2026-01-01T00:00:00Z", "currency": "EUR", "total_price": "1.00", "discount_codes": [{"code": "TEN"}, {}],
        "shipping_address": {"city": "Porto", "province": "Norte", "zip": "4000-001", "country_code": "PT"},
        "customer": {"id": 2, "tags": "vip, press  list,"},
    })  # fmt: skip
    assert order.discount_codes == ["TEN"]
    assert (order.customer.city, order.customer.region, order.customer.postal_code) == ("Porto", "Norte", "4000-001")
    assert order.customer.tags == ("press list", "vip")
    product = adapter.product({"id": 1, "title": "Mug", "product_type": "Cups", "tags": "clay, blue"})
    assert (product.category, product.tags) == ("Cups", ["blue", "clay"])
    bare = adapter.product({"id": 1, "title": "Mug"})
    assert (bare.category, bare.tags) == (None, None)
