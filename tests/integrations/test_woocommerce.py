"""WooCommerce's webhooks, by the bodies of its documentation and of its own app's tests."""

import base64
import hashlib
import hmac
import json
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from catalog.models import Product
from customers.models import Event
from integrations import inbox, payloads, reconciling
from integrations.asking import CannotAsk
from integrations.models import Asking, InboxItem
from integrations.woocommerce import adapter, rest_api
from orders.incoming import Unneeded, Unusable
from orders.models import Order, Refund, Shipment
from stores import clock
from tests.factories.integrations import connect

pytestmark = pytest.mark.django_db

DATA = Path(__file__).parents[3] / "shared/data"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the shared sample data is not here")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def order(**fields):
    """Return an order of two mugs as its webhook has it, paid and not yet sent."""
    return {
        "id": 501, "number": "501", "status": "processing", "currency": "EUR", "prices_include_tax": True, "created_via": "checkout",
        "date_created_gmt": "2026-11-20T10:00:00", "date_modified_gmt": "2026-11-20T10:05:00", "date_paid_gmt": "2026-11-20T10:01:00",
        "discount_total": "2.00", "discount_tax": "0.38", "shipping_total": "4.00", "shipping_tax": "0.76", "total": "26.18",
        "total_tax": "4.18", "customer_id": 7, "coupon_lines": [{"code": "hello"}], "refunds": [],
        "billing": {"first_name": "Ana", "last_name": "Sá", "email": "ana@example.com", "country": "PT", "phone": "+351 1"},
        "shipping": {"first_name": "Ana", "last_name": "Sá", "address_1": "Rua 1", "city": "Porto", "postcode": "4000", "country": "PT"},
        "shipping_lines": [{"method_title": "DHL Paket"}],
        "line_items": [{
            "id": 9, "name": "Mug &ndash; blue", "product_id": 93, "quantity": 2, "subtotal": "20.00", "subtotal_tax": "3.80", "sku": "M",
        }],
        "meta_data": [
            {"key": "wpml_language", "value": "pt-pt"}, {"key": "_wc_order_attribution_utm_source", "value": "Newsletter"},
        ],
        **fields,
    }  # fmt: skip


def send(client, connection, topic, payload, *, secret="s3cret"):
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    signature = base64.b64encode(hmac.new(secret.encode(), raw, hashlib.sha256).digest()).decode()
    headers = {"X-WC-Webhook-Topic": topic, "X-WC-Webhook-Delivery-ID": "1f2e", "X-WC-Webhook-Signature": signature}
    answer = client.post(connection.path, raw, content_type="application/json", headers=headers)
    while inbox.drain(now=clock.read()):
        pass
    return answer


@pytest.fixture
def shop(store, travel):
    travel(NOW)
    return connect(store, "woocommerce")


def test_an_order_reads_exactly(client, shop):
    assert send(client, shop, "order.created", order()).status_code == 200
    held = Order.objects.select_related("customer").get()
    assert (held.external_id, held.number, held.email, held.total_minor, held.currency) == ("501", "501", "ana@example.com", 2618, "EUR")
    assert (held.discount_minor, held.shipping_minor, held.tax_minor) == (238, 476, 418)
    assert (held.placed_at, held.financial_status, held.language) == (datetime(2026, 11, 20, 10, tzinfo=UTC), "paid", "pt-pt")
    assert (held.source, held.discount_codes, held.shipping_method) == ("newsletter", ["hello"], "DHL Paket")
    assert held.shipping_address == {"name": "Ana Sá", "address1": "Rua 1", "city": "Porto", "zip": "4000", "country_code": "PT"}
    assert held.lines.values_list("name", "quantity", "unit_price_minor", "kind").get() == ("Mug – blue", 2, 1190, "physical")
    assert (held.customer.email, held.customer.first_name, held.customer.marketing) == ("ana@example.com", "Ana", "never")


@pytest.mark.parametrize(
    ("state", "financial", "fulfillment", "is_cancelled"),
    [
        ("pending", "pending", "unfulfilled", False),
        ("on-hold", "pending", "unfulfilled", False),
        ("failed", "pending", "unfulfilled", False),
        ("wc-processing", "paid", "unfulfilled", False),
        ("completed", "paid", "fulfilled", False),
        ("refunded", "refunded", "unfulfilled", False),
        ("cancelled", "paid", "unfulfilled", True),
        ("trash", "paid", "unfulfilled", True),
        ("in-production", "paid", "unfulfilled", False),
    ],
)
def test_every_state_has_its_meaning_and_one_of_a_plugin_is_told_by_what_was_paid(state, financial, fulfillment, is_cancelled):
    data = adapter.order(order(status=state))
    assert (data.financial_status, data.fulfillment_status, data.cancelled_at is not None) == (financial, fulfillment, is_cancelled)


@pytest.mark.parametrize("state", ["checkout-draft", "auto-draft"])
def test_a_draft_is_set_aside_and_no_failure(client, shop, state):
    send(client, shop, "order.created", order(status=state))
    item = InboxItem.objects.get()
    assert (item.state, item.reason, Order.objects.count()) == ("ignored", "It is a draft: nothing has been ordered yet.", 0)


def test_a_parcel_that_was_sent_before_it_had_a_number_stays_one_parcel(client, shop):
    send(client, shop, "order.created", order())
    sent = order(status="completed", date_completed_gmt="2026-11-20T11:00:00", date_modified_gmt="2026-11-20T11:00:00")
    send(client, shop, "order.updated", sent)
    assert Shipment.objects.values_list("tracking_number", "shipped_at").get() == ("", datetime(2026, 11, 20, 11, tzinfo=UTC))
    noted = [{"tracking_provider": "DHL", "tracking_number": "JD01", "date_shipped": "1795161600"}, "junk of a plugin"]
    numbered = {**sent, "date_modified_gmt": "2026-11-20T11:30:00", "meta_data": [{"key": "_wc_shipment_tracking_items", "value": noted}]}
    send(client, shop, "order.updated", numbered)
    assert Shipment.objects.values_list("external_id", "carrier", "tracking_number").get() == ("501-1", "DHL", "JD01")
    assert Event.objects.filter(kind="shipment.shipped").count() == 1


def test_what_is_refunded_counts_once(client, shop):
    back = order(refunds=[{"id": 70, "total": "-10.00"}], date_modified_gmt="2026-11-20T11:00:00")
    for _ in range(2):
        send(client, shop, "order.updated", back)
    assert Refund.objects.values_list("amount_minor", flat=True).get() == 1000
    assert Order.objects.values_list("financial_status", "refunded_minor").get() == ("partially_refunded", 1000)


def test_deliveries_of_one_second_share_their_id_and_both_count(client, shop):
    send(client, shop, "order.created", order())
    send(client, shop, "order.created", order(id=502, number="502"))
    send(client, shop, "order.created", order(id=502, number="502"))  # tried again by hand
    assert (InboxItem.objects.count(), sorted(Order.objects.values_list("number", flat=True))) == (2, ["501", "502"])


def test_what_the_shop_deletes_ends(client, store, shop):
    send(client, shop, "product.created", {"id": 93, "name": "Mug", "status": "publish", "stock_status": "instock"})
    send(client, shop, "order.created", order())
    send(client, shop, "order.deleted", {"id": 501})
    send(client, shop, "product.deleted", {"id": 93})
    assert Order.objects.filter(cancelled_at__range=(NOW, clock.read())).count() == 1
    assert Event.objects.filter(kind="order.cancelled").count() == 1
    assert list(Product.objects.filter(external_id="93").values_list("is_available", flat=True)) == [False]
    send(client, shop, "order.updated", order(status="processing", date_modified_gmt="2026-11-20T10:06:00"))  # late, of before
    assert Order.objects.get().cancelled_at is not None


def test_the_knock_of_a_saved_webhook_is_answered_and_kept_nowhere(client, shop):
    answer = client.post(shop.path, b"webhook_id=12", content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, InboxItem.objects.count()) == (200, 0)
    assert client.post("/hooks/nobody/", b"webhook_id=12", content_type="application/x-www-form-urlencoded").status_code == 200
    assert client.post(shop.path, b"webhook_id=12&x=1", content_type="application/x-www-form-urlencoded").status_code == 401


def test_a_secret_is_good_as_wordpress_keeps_it(client, store, travel):
    travel(NOW)
    shop = connect(store, "woocommerce", secret="a&amp;b&lt;c")
    assert send(client, shop, "order.created", order(), secret="a&b<c").status_code == 200
    assert send(client, shop, "order.created", order(id=2), secret="a&amp;b&lt;c").status_code == 401


@needs_data
def test_the_published_vector_is_taken(client, store):
    vectors = json.loads((DATA / "hmac/vectors.json").read_text())
    [vector] = [each for each in vectors if each["provider"] == "woocommerce" and "signature" in each]
    shop = connect(store, "woocommerce", secret=vector["secret"])
    headers = {"X-WC-Webhook-Topic": "order.updated", "X-WC-Webhook-Signature": vector["signature"]}
    assert client.post(shop.path, vector["body"].encode(), content_type="application/json", headers=headers).status_code == 200


@needs_data
@pytest.mark.parametrize(
    ("path", "topic", "count"),
    [
        ("docs_v3/orders.json", "order.updated", 4),
        ("docs_v3/products.json", "product.updated", 5),
        ("docs_v3/customers.json", "customer.updated", 3),
        ("ios_fixtures/order.json", "order.updated", 1),
        ("ios_fixtures/order-with-charge.json", "order.updated", 1),
        ("ios_fixtures/order-with-composite-product.json", "order.updated", 1),
        ("ios_fixtures/product-on-sale-with-empty-sale-price.json", "product.updated", 1),
    ],
)
def test_every_documented_body_is_taken_in(client, shop, path, topic, count):
    told = json.loads((DATA / "woocommerce" / path).read_text())
    for body in told if isinstance(told, list) else [told]:
        send(client, shop, topic, body)
    assert {(item.state, item.reason) for item in InboxItem.objects.all()} == {("done", "")}
    assert InboxItem.objects.count() == count


@needs_data
def test_the_documented_order_adds_up():
    body = payloads.read((DATA / "woocommerce/docs_v3/orders.json").read_bytes())[0]
    data = adapter.order(body)
    assert [(line.name, line.quantity, line.unit_price_minor) for line in data.lines] == [
        ("Woo Single #1", 2, 300), ("Ship Your Idea – Color: Black, Size: M Test", 1, 1200),
    ]  # fmt: skip
    assert (data.total_minor, data.shipping_minor, data.tax_minor) == (2935, 1000, 135)


def test_amounts_finer_than_money_are_rounded_and_weighed_goods_counted_up():
    lines = [{"id": 1, "name": "Cheese", "quantity": Decimal("0.5"), "subtotal": "6.6667", "subtotal_tax": "0.4667", "product_id": 1}]
    data = adapter.order(order(currency="KWD", total="26.180", line_items=lines))
    assert (data.lines[0].quantity, data.lines[0].unit_price_minor, data.total_minor) == (1, 14267, 26180)


def test_a_guest_is_nobodys_account_and_the_shops_own_people_are_no_customers():
    assert adapter.order(order(customer_id=0)).customer.external_id == ""
    with pytest.raises(Unneeded, match=r"one of the shop’s own people \(shop_manager\)"):
        adapter.read("customer.updated", {"id": 3, "role": "shop_manager"}, shop_currency="EUR")
    with pytest.raises(Unusable, match="missing: status, total"):
        adapter.order({"id": 1, "currency": "EUR"})


class Woo:
    """A shop's `wp-json/wc/v3/orders`, by pages; `status` is another one to answer with."""

    def __init__(self) -> None:
        self.orders: list[dict[str, object]] = []
        self.status = 200
        woo = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                expected = "Basic " + base64.b64encode(b"ck_1:cs_2").decode()
                status = woo.status if self.headers["Authorization"] == expected else 401
                query = {name: value for name, [value] in parse_qs(urlsplit(self.path).query).items()}
                between = [
                    each for each in woo.orders if query["modified_after"] <= str(each["date_modified_gmt"]) <= query["modified_before"]
                ]
                start = (int(query["page"]) - 1) * int(query["per_page"])
                body = json.dumps(between[start : start + int(query["per_page"])]).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def woo(settings):
    settings.PRIVATE_MAIL_SERVERS = True
    held = Woo()
    yield held
    held.server.shutdown()
    held.server.server_close()


def test_a_shop_that_lost_deliveries_is_asked_page_by_page(client, shop, woo, monkeypatch):
    monkeypatch.setattr(rest_api, "PER_PAGE", 2)
    woo.orders = [order(id=number, number=str(number)) for number in range(600, 605)]
    send(client, shop, "order.created", woo.orders[0])
    shop.live_since = NOW - timedelta(days=1)
    reconciling.put(shop, shop=woo.url, token="ck_1:cs_2", now=NOW)
    assert reconciling.sweep(now=NOW) == 4
    while inbox.drain(now=NOW):
        pass
    assert sorted(Order.objects.values_list("number", flat=True)) == ["600", "601", "602", "603", "604"]
    assert reconciling.sweep(now=NOW + reconciling.EVERY) == 0


@pytest.mark.parametrize(
    ("status", "problem"), [(401, "The shop refuses the key."), (404, "There is no WooCommerce at this address."), (500, "answered 500")]
)
def test_a_shop_that_cannot_be_asked_says_why(shop, woo, status, problem):
    woo.status = status
    reconciling.put(shop, shop=woo.url, token="ck_1:cs_2", now=NOW)
    assert reconciling.sweep(now=NOW) == 0
    assert problem in Asking.objects.get().problem


@pytest.mark.parametrize(
    ("typed", "token", "problem"),
    [
        ("s.example/?a=1", "ck_1:cs_2", "address"),
        ("http://s.example", "ck_1:cs_2", "address"),
        ("s.example", "ck_1", "both parts"),
    ],
)
def test_what_is_no_address_or_no_key_is_refused_in_words(shop, settings, typed, token, problem):
    settings.PRIVATE_MAIL_SERVERS = False
    with pytest.raises(CannotAsk, match=problem):
        reconciling.put(shop, shop=typed, token=token, now=NOW)
