"""A live store seen from outside: deliveries are posted as a shop posts them, mails are read as their recipients read them."""

import hashlib
import hmac
import html
import itertools
import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from campaigns import flows, recipes
from campaigns.tasks import sweep_until_quiet
from campaigns.travel import travel_to
from catalog.models import Pairing, Product, ProductGuide
from integrations import connections
from messaging.models import Message
from offers.models import Offer
from stores import clock
from stores.models import ApiKey, Store

_number = itertools.count(1)


@dataclass
class Shop:
    """One store's way in: it signs and posts generic deliveries, and reads back over the API."""

    store: Store
    path: str
    secret: str
    key: str
    client: Client = field(default_factory=Client)

    def tell(self, topic: str, payload: dict[str, Any], *, delivery: str | None = None) -> None:
        """Post one delivery and sweep."""
        body = json.dumps(payload).encode()
        signature = "sha256=" + hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "X-Doorstep-Topic": topic, "X-Doorstep-Delivery": delivery or f"d{next(_number)}", "X-Doorstep-Signature": signature,
        }  # fmt: skip
        answer = self.client.post(self.path, body, content_type="application/json", headers=headers)
        assert answer.status_code == 200, answer.content
        sweep_until_quiet()

    def get(self, path: str, **query: str) -> Any:
        answer = self.client.get(f"/api/v1{path}", query, headers={"Authorization": f"Bearer {self.key}"})
        assert answer.status_code == 200, answer.content
        return answer.json()

    def planned(self, email: str = "ana@example.com") -> dict[str, dict[str, Any]]:
        """Return a customer's planned steps by key, of their only order."""
        customer = self.get("/customers", email=email)["items"][0]
        return {item["step"]: item for item in self.get(f"/customers/{customer['id']}/planned")["items"]}

    def sent(self, email: str | None = None) -> list[str]:
        """Return the steps mailed, in order."""
        mails = Message.objects.filter(store=self.store, state="sent").order_by("sent_at", "pk")
        return [message.step for message in mails if email is None or message.customer.email_key == email]


def words_of(answer: Any) -> str:
    """Return what is read on a page, without its marks."""
    return html.unescape(re.sub(r"<[^>]+>", "", answer.content.decode()))


def order(number: str = "1042", *, at: datetime, **fields: Any) -> dict[str, Any]:
    """Return an order of a kettle in the generic format."""
    return {
        "external_id": f"ext-{number}", "number": number, "placed_at": at.isoformat(), "updated_at": at.isoformat(), "currency": "EUR",
        "total": "79.00", "financial_status": "paid", "fulfillment_status": "unfulfilled",
        "lines": [{"external_id": "1", "name": "Pour-over kettle", "quantity": 1, "unit_price": "79.00", "product_external_id": "kettle"}],
        "customer": {"email": "ana@example.com", "name": "Ana Ribeiro", "marketing_consent": "subscribed"},
        "shipping_address": {"city": "Porto", "country": "DE"}, **fields,
    }  # fmt: skip


def parcel(number: str = "1042", *, at: datetime, status: str = "in_transit", **fields: Any) -> dict[str, Any]:
    """Return news of an order's only parcel in the generic format."""
    return {
        "external_id": f"p-{number}", "order_external_id": f"ext-{number}", "carrier": "DHL", "tracking_number": "00340434",
        "status": status, "updated_at": at.isoformat(), **fields,
    }  # fmt: skip


def open_shop(store: Store) -> Shop:
    now = clock.read()
    connection, secret = connections.create(store, platform="generic", now=now)
    flow = recipes.install(store, "post-purchase", now=now)
    Offer.objects.filter(store=store).update(code="THANKS10", value="€10 off")
    flows.activate(flow, now=now)
    kettle = Product.objects.create(store=store, external_id="kettle", title="Pour-over kettle")
    ProductGuide.objects.create(store=store, product=kettle, headline="a first brew", tips=["Rinse it.", "Fill it.", "Pour it."])
    filters = Product.objects.create(store=store, external_id="filters", title="Paper filters", url="https://marlow.example/filters")
    Pairing.objects.create(store=store, product=kettle, suggested=filters, reason="38 people added filters within a month")
    return Shop(store, connection.path, secret, ApiKey.issue(store, name="test", now=now))


@pytest.fixture
def shop(store, at) -> Shop:
    clock.set_to(at("2026-11-02 09:00"))
    return open_shop(store)


@pytest.fixture
def other_shop(other, at) -> Shop:
    clock.set_to(at("2026-11-02 09:00"))
    return open_shop(other)


@pytest.fixture
def after():
    """Travel on by days and hours."""

    def go(*, days: float = 0, hours: float = 0) -> datetime:
        moment = clock.read() + timedelta(days=days, hours=hours)
        travel_to(moment)
        return moment

    return go


@pytest.fixture
def mails():
    return lambda: mail.outbox
