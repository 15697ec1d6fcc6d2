"""A shop on this machine that speaks as Shopify and WooCommerce do about discount codes, and an offer whose codes it makes."""

import base64
import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from offers.models import Counter, Offer
from stores import clock, tokens
from tests.offers.conftest import NOW

KEY = "ck_notarealone:cs_neither"


class Shop:
    """Speaks as Shopify's Admin API and as WooCommerce's REST API do about discount codes, and keeps what it made.

    `moods` are how it takes its next requests: "silent" makes the code and then says nothing, a number is another status; Shopify's own are
    "throttled", and "fault", which makes it all the same.
    """

    def __init__(self) -> None:
        self.codes: dict[str, dict[str, Any]] = {}
        self.moods: list[str | int] = []
        self.asked: list[tuple[str, Any]] = []
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self._take(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def do_GET(self) -> None:
                self._take(None)

            def _take(self, body) -> None:
                answer = shop.answer(self.path, body, (self.headers["X-Shopify-Access-Token"], self.headers["Authorization"]))
                if answer is None:
                    self.close_connection = True
                    return
                raw = json.dumps(answer[1]).encode()
                self.send_response(answer[0])
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *args) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, path: str, body, keys) -> tuple[int, Any] | None:
        mood = self.moods.pop(0) if self.moods else ""
        if isinstance(mood, int):
            return mood, {}
        if mood == "throttled":
            return 200, {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]}
        if KEY not in keys and f"Basic {base64.b64encode(KEY.encode()).decode()}" not in keys:
            return 401, {"errors": "Invalid API key"}
        said = self.graphql(body) if path.endswith("graphql.json") else self.rest(path, body)
        if mood == "fault":
            return 200, {"errors": [{"message": "Internal error", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}], "data": None}
        return None if mood == "silent" else said

    def graphql(self, body) -> tuple[int, Any]:
        variables, name = body["variables"], body["query"].split("(")[0].split()[1]
        self.asked.append((name, variables))
        if name == "codeDiscountNodeByCode":
            held = self.codes.get(variables["code"].upper())
            return 200, {"data": {"found": held and self.node(held)}}
        wanted = variables["input"]
        errors = []
        if wanted["code"].upper() in self.codes:
            errors = [{"field": ["basicCodeDiscount", "code"], "code": "TAKEN", "message": "Code must be unique."}]
        elif wanted.get("customerGets", {}).get("value", {}).get("percentage", 0.5) > 1:
            errors = [{"field": ["basicCodeDiscount"], "code": "VALUE_OUTSIDE_RANGE", "message": "Value must be between 0.0 and 1.0"}]
        else:
            self.codes[wanted["code"].upper()] = {**wanted, "id": len(self.codes) + 1}
        node = None if errors else self.node(self.codes[wanted["code"].upper()])
        return 200, {"data": {"made": {"codeDiscountNode": node, "userErrors": errors}}}

    def node(self, held) -> dict[str, Any]:
        ends = datetime.fromisoformat(held["endsAt"]).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"id": f"gid://shopify/DiscountCodeNode/{held['id']}", "codeDiscount": {"title": held["title"], "endsAt": ends}}

    def rest(self, path: str, body) -> tuple[int, Any]:
        parts = urlsplit(path)
        assert parts.path == "/wp-json/wc/v3/coupons"
        if body is None:
            self.asked.append(("GET", parts.query))
            held = self.codes.get(parse_qs(parts.query)["code"][0].upper())
            return 200, [held] if held else []
        self.asked.append(("POST", body))
        if body["code"].upper() in self.codes:
            return 400, {"code": "woocommerce_rest_coupon_code_already_exists", "message": "The coupon code already exists"}
        gmt = datetime.fromisoformat(body["date_expires"]) - timedelta(hours=1)  # the site is in Berlin
        made = {**body, "id": len(self.codes) + 1, "code": body["code"].lower(), "date_expires_gmt": gmt.isoformat()}
        self.codes[body["code"].upper()] = made
        return 201, made


@pytest.fixture
def shop(settings):
    held = Shop()
    settings.SHOPIFY_ADMIN_URL = f"{held.url}/{{shop}}/admin/api/2026-01/"
    yield held
    held.server.shutdown()
    held.server.server_close()


@pytest.fixture(params=["shopify", "woocommerce"])
def counter(request, store, shop) -> Counter:
    where = "marlow.myshopify.com" if request.param == "shopify" else shop.url
    made: Counter = Counter.objects.create(store=store, platform=request.param, shop=where, sealed_key=tokens.seal(KEY))
    return made


@pytest.fixture
def made_offer(store) -> Offer:
    clock.set_to(NOW)
    made: Offer = Offer.objects.create(
        store=store, name="Thanks", kind="made", value="€10 off", gives="money", amount_minor=1000, worth_minor=1000, prefix="THX-"
    )
    return made
