"""A shop is asked itself for what its deliveries left out: the same orders are here in the end, and nobody is mailed for old news."""

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from campaigns import flows, recipes
from campaigns.tasks import sweep_until_quiet
from integrations import reconciling
from integrations.asking import CannotAsk
from integrations.models import Asking, InboxItem
from messaging.models import Message
from orders.models import Order
from stores import clock
from tests.factories.integrations import connect, deliver

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TOKEN = "shpat_not-a-real-one"
SHOP = "marlow.myshopify.com"


def order(number: int, *, at: datetime, **fields):
    """Return an order as both the hook and the Admin API have it."""
    return {
        "id": 5_000_000_000 + number, "name": f"#{number}", "created_at": at.isoformat(), "processed_at": at.isoformat(),
        "updated_at": at.isoformat(), "currency": "EUR", "total_price": "20.00", "financial_status": "paid", "fulfillment_status": None,
        "email": f"p{number}@example.com", "customer": {"id": 70 + number, "email": f"p{number}@example.com", "first_name": "Ana"},
        "line_items": [{"id": 900 + number, "title": "Kettle", "quantity": 1, "price": "20.00", "product_id": 1}],
        "shipping_lines": [{"title": "Post"}], "shipping_address": {"country_code": "DE"}, "fulfillments": [], "refunds": [], **fields,
    }  # fmt: skip


class Shop:
    """Shopify's answer to `orders.json`: filtered, by pages of three, for one token; `mode` is another status to answer with."""

    def __init__(self) -> None:
        self.orders: list[dict[str, Any]] = []
        self.mode = 200
        self.asked: list[dict[str, str]] = []
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status = 401 if self.headers["X-Shopify-Access-Token"] != TOKEN else shop.mode
                query = {name: value for name, [value] in parse_qs(urlsplit(self.path).query).items()}
                shop.asked.append(query)
                found, onward = shop.page(query)
                self.send_response(status)
                if onward and status == 200:
                    self.send_header("Link", f'<http://{self.headers["Host"]}{urlsplit(self.path).path}?{onward}>; rel="next"')
                body = json.dumps({"orders": found}).encode()
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/{{shop}}/admin/api/2026-01/"

    def page(self, query) -> tuple[list[dict[str, Any]], str]:
        if "page_info" in query:
            since, until, start = query["page_info"].split("_")
        else:
            assert (query["status"], query["limit"]) == ("any", "250")
            since, until, start = query["updated_at_min"], query["updated_at_max"], "0"
        between = [each for each in self.orders if moment(since) <= moment(each["updated_at"]) <= moment(until)]
        place = int(start)
        onward = f"limit=250&page_info={plain(since)}_{plain(until)}_{place + 3}" if len(between) > place + 3 else ""
        return between[place : place + 3], onward


def moment(text: str) -> datetime:
    return datetime.fromtimestamp(int(text), UTC) if text.isdigit() else datetime.fromisoformat(text)


def plain(text: str) -> str:
    return str(int(moment(text).timestamp()))


@pytest.fixture
def shop(settings, travel):
    travel(NOW)
    held = Shop()
    settings.SHOPIFY_ADMIN_URL = held.url
    yield held
    held.server.shutdown()
    held.server.server_close()


@pytest.fixture
def flow(store, travel):
    installed = recipes.install(store, "post-purchase", now=NOW - timedelta(days=30))
    flows.activate(installed, now=NOW - timedelta(days=30))
    return installed


@pytest.fixture
def connection(store, shop):
    held = connect(store, "shopify", live_since=NOW - timedelta(days=3))
    reconciling.put(held, shop=SHOP, token=TOKEN, now=NOW)
    return held


def ask(after: timedelta = timedelta()) -> int:
    clock.set_to(clock.read() + after)
    missed = reconciling.sweep(now=clock.read())
    sweep_until_quiet()
    return missed


def test_a_shop_that_loses_every_fifth_delivery_ends_with_the_same_orders(client, store, flow, shop, connection):
    shop.orders = [order(number, at=NOW - timedelta(hours=2, minutes=number)) for number in range(10)]
    for number, each in enumerate(shop.orders):
        if number % 5:
            assert deliver(client, connection, "orders/create", each).status_code == 200
    sweep_until_quiet()
    assert (Order.objects.count(), Message.objects.filter(step="confirmation").count()) == (8, 8)
    assert ask() == 2
    assert sorted(Order.objects.values_list("external_id", flat=True)) == sorted(str(each["id"]) for each in shop.orders)
    assert (Message.objects.filter(step="confirmation").count(), Asking.objects.get().missed) == (10, 2)
    assert ask(reconciling.EVERY) == 0  # all is here; the piece of time that is looked at again brings nothing
    assert InboxItem.objects.filter(delivery_id__startswith="asked:").count() == 2


def test_a_lost_cancellation_is_noticed_and_stops_the_mails(client, store, flow, shop, connection):
    first = order(1, at=NOW - timedelta(hours=2))
    deliver(client, connection, "orders/create", first)
    sweep_until_quiet()
    at = (NOW - timedelta(hours=1)).isoformat()
    shop.orders = [{**first, "cancelled_at": at, "updated_at": at}]
    assert ask() == 1
    assert Order.objects.get().cancelled_at == NOW - timedelta(hours=1)


def test_what_changed_just_now_is_left_to_its_delivery_and_old_orders_mail_nobody(store, flow, shop, connection):
    shop.orders = [order(1, at=NOW - timedelta(minutes=2)), order(2, at=NOW - timedelta(days=5), updated_at=NOW.isoformat())]
    assert ask() == 0
    assert ask(reconciling.EVERY) == 2
    assert list(Message.objects.values_list("to_email", flat=True)) == ["p1@example.com"]


def test_a_long_time_away_is_caught_up_day_by_day_and_a_refusal_is_said_and_tried_again(store, shop, connection):
    shop.orders = [order(number, at=NOW - timedelta(hours=6 * number)) for number in range(1, 12)]
    shop.mode = 429
    assert ask() == 0
    held = Asking.objects.get()
    assert (held.problem, held.asked_to) == ("Shopify asks us to come back later; that is done by itself.", NOW - timedelta(days=3))
    assert ask() == 0 and len(shop.asked) == 1  # not before its turn
    shop.mode = 200
    assert ask(reconciling.EVERY) == 11
    held.refresh_from_db()
    assert (held.problem, Order.objects.count()) == ("", 11)
    assert held.asked_at is not None and held.asked_to == held.asked_at - reconciling.GRACE
    assert len([query for query in shop.asked if "updated_at_min" in query]) == 5


@pytest.mark.parametrize(("mode", "words"), [(401, "refuses the token"), (404, "no shop of this name"), (500, "answered 500")])
def test_what_is_wrong_is_said_in_words(store, shop, connection, mode, words):
    shop.mode = mode
    ask()
    assert words in Asking.objects.get().problem


@pytest.mark.parametrize("name", ["", "marlow", "marlow.example.com", "127.0.0.1/.myshopify.com", "a.myshopify.com.evil.example"])
def test_only_shopifys_own_names_are_asked(store, shop, connection, name):
    with pytest.raises(CannotAsk):
        reconciling.put(connection, shop=name, token=TOKEN, now=NOW)
