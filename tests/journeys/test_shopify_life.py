"""A Shopify store from outside: bodies as Shopify documents them, signed as Shopify signs them, up to the mails and the timeline."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from campaigns import flows, recipes
from campaigns.models import StepRun
from campaigns.tasks import sweep_until_quiet
from campaigns.travel import travel_to
from catalog.models import Pairing, Product, ProductGuide
from customers.models import Customer, Event
from integrations.models import Connection, InboxItem
from messaging.models import Message
from offers.models import Offer
from orders.models import Order, Parked, Shipment
from stores import clock
from tests.factories.integrations import connect, deliver

DATA = Path(__file__).parents[3] / "shared/data"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the shared sample data is not here")
BEGIN = datetime(2026, 3, 11, 13, 0, tzinfo=UTC)
PRODUCT = "788032119674292900"


@pytest.fixture
def shopify(store) -> Connection:
    """A store with the recipe live since an hour before the first delivery, tips and a pairing for the documented product."""
    clock.set_to(BEGIN)
    store.currency = "USD"
    store.save()
    flow = recipes.install(store, "post-purchase", now=clock.read())
    Offer.objects.filter(store=store).update(code="THANKS10", value="$10 off")
    flows.activate(flow, now=clock.read())
    glasses = Product.objects.create(store=store, external_id=PRODUCT, title="Aviator sunglasses")
    ProductGuide.objects.create(store=store, product=glasses, headline="a clear view", tips=["Wipe them.", "Put them on."])
    strap = Product.objects.create(store=store, external_id="strap", title="Strap", url="https://marlow.example/strap")
    Pairing.objects.create(store=store, product=glasses, suggested=strap, reason="They stay on")
    connection: Connection = connect(store, "shopify", live_since=BEGIN)
    return connection


@pytest.fixture
def send(client, shopify):
    """Deliver one signed webhook and sweep; return what became of it."""

    def deliver_one(topic: str, body: dict[str, Any], **headers: str) -> InboxItem:
        assert deliver(client, shopify, topic, body, **headers).status_code == 200
        sweep_until_quiet()
        return InboxItem.objects.latest("id")

    return deliver_one


def life() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / "sequences/simple_life.jsonl").read_text().splitlines()]


def documented(topic: str, **fields: Any) -> dict[str, Any]:
    """Return a documented body with some fields changed."""
    body = json.loads((DATA / f"shopify/webhooks/2025-04/{topic.replace('/', '__')}.json").read_text())
    assert isinstance(body, dict)
    return {**body, **fields}


def mails() -> list[tuple[str, str]]:
    """Return the steps mailed with their minute, in order."""
    sent = Message.objects.filter(state="sent").order_by("sent_at")
    return [(mail.step, f"{mail.sent_at:%m-%d %H:%M}") for mail in sent]


@needs_data
def test_a_simple_life_becomes_five_mails_and_a_timeline(send, client, alice, mailoutbox):
    for told in life():
        travel_to(max(clock.read(), datetime.fromisoformat(told["body"]["updated_at"])))
        headers = {name: value for name, value in told["headers"].items() if name != "Content-Type"}
        item = send(headers["X-Shopify-Topic"], told["body"], delivery_id=headers["X-Shopify-Webhook-Id"])
        assert (item.state, item.reason) == ("done", "")
    travel_to(datetime(2026, 4, 10, tzinfo=UTC))
    # Kentucky has two zones, so the store's counts: ten o'clock on 19 March in Berlin is 9 by UTC.
    assert mails() == [
        ("confirmation", "03-11 14:00"), ("tips", "03-13 14:00"), ("goes-well", "03-19 09:00"), ("check-in", "03-22 21:00"),
        ("thanks", "03-29 21:00"),
    ]  # fmt: skip
    assert {tuple(mail.to) for mail in mailoutbox} == {("John Smith <hedy@example.com>",)}
    assert "Aviator sunglasses" in mailoutbox[0].body and "404.95" in mailoutbox[0].body
    assert "Wipe them." in mailoutbox[1].body and "They stay on" in mailoutbox[2].body and "THANKS10" in mailoutbox[4].body
    kinds = Counter(Event.objects.values_list("kind", flat=True))
    assert kinds == {
        "order.placed": 1, "order.paid": 1, "consent.granted": 1, "flow.entered": 1, "shipment.shipped": 1, "shipment.delivered": 1,
        "order.received": 1, "mail.sent": 5,
    }  # fmt: skip
    client.force_login(alice)
    page = client.get(reverse("console:customer", args=["marlow", Customer.objects.get().pk])).content.decode()
    for mail in mailoutbox:
        assert mail.subject in page
    assert [page.count(kind) > 0 for kind in ("Placed", "#1")] == [True, True]


@needs_data
def test_the_whole_life_delivered_again_sends_nothing_twice(send, mailoutbox):
    for told in life():
        travel_to(max(clock.read(), datetime.fromisoformat(told["body"]["updated_at"])))
        send(told["headers"]["X-Shopify-Topic"], told["body"])
    travel_to(datetime(2026, 4, 10, tzinfo=UTC))
    events = Event.objects.count()
    for told in life():
        send(told["headers"]["X-Shopify-Topic"], told["body"])
    travel_to(datetime(2026, 6, 10, tzinfo=UTC))
    assert (len(mailoutbox), Event.objects.count(), Order.objects.count(), Shipment.objects.count()) == (5, events, 1, 1)


@needs_data
def test_a_fulfillment_before_its_order_waits_for_it_and_changes_no_moment(send):
    created, paid, fulfilled, on_its_way, delivered = life()
    travel_to(datetime.fromisoformat(fulfilled["body"]["updated_at"]))
    for told in (fulfilled, on_its_way):
        assert send(told["headers"]["X-Shopify-Topic"], told["body"]).state == "done"
    assert (Parked.objects.count(), Order.objects.count(), mails()) == (2, 0, [])
    send("orders/create", created["body"])
    assert (Parked.objects.count(), Shipment.objects.get().status) == (0, "in_transit")
    assert mails() == [("confirmation", "03-12 14:00")]
    assert StepRun.objects.get(step_key="tips").due_at == datetime(2026, 3, 13, 14, tzinfo=UTC)
    for told in (paid, delivered):
        travel_to(max(clock.read(), datetime.fromisoformat(told["body"]["updated_at"])))
        send(told["headers"]["X-Shopify-Topic"], told["body"])
    travel_to(datetime(2026, 4, 10, tzinfo=UTC))
    assert [step for step, _ in mails()] == ["confirmation", "tips", "goes-well", "check-in", "thanks"]


@needs_data
def test_documented_bodies_of_one_order_end_in_one_confirmation_and_one_parcel(send, store):
    placed = (BEGIN + timedelta(hours=1)).isoformat()
    real = {"test": False, "cancelled_at": None, "financial_status": "paid", "created_at": placed, "processed_at": placed}
    travel_to(BEGIN + timedelta(hours=1))
    for topic in ("orders/create", "orders/paid", "orders/updated"):
        assert send(topic, documented(topic, updated_at=placed, **real)).state == "done"
    travel_to(BEGIN + timedelta(hours=5))
    shipped = (BEGIN + timedelta(hours=5)).isoformat()
    parcel = {"status": "success", "created_at": shipped, "updated_at": shipped}
    for topic in ("fulfillments/create", "fulfillments/update"):
        assert send(topic, documented(topic, **parcel)).state == "done"
    happened = (BEGIN + timedelta(hours=9)).isoformat()
    send("fulfillment_events/create", documented("fulfillment_events/create", happened_at=happened, updated_at=happened))
    order = Order.objects.get()
    [held] = order.shipments.all()
    assert (order.customer.email, order.financial_status, order.total_minor) == ("john@example.com", "paid", 35997)
    assert (held.external_id, held.status, held.is_scanned, held.shipped_at) == ("123456", "in_transit", True, BEGIN + timedelta(hours=5))
    assert mails() == [("confirmation", "03-11 14:00")]
    assert StepRun.objects.get(step_key="tips").due_at == BEGIN + timedelta(hours=29)
    travel_to(BEGIN + timedelta(hours=10))
    ended = clock.read().isoformat()
    send("orders/cancelled", documented("orders/cancelled", **{**real, "cancelled_at": ended, "updated_at": ended}))
    travel_to(BEGIN + timedelta(days=60))
    assert mails() == [("confirmation", "03-11 14:00")]
    assert set(StepRun.objects.exclude(step_key="confirmation").values_list("state", "reason")) == {("cancelled", "cancelled")}


@needs_data
def test_the_documented_test_order_mails_nobody(send, mailoutbox):
    assert send("orders/create", documented("orders/create")).state == "done"
    assert (Order.objects.get().is_test, mailoutbox, StepRun.objects.count()) == (True, [], 0)


@needs_data
def test_an_uninstalled_app_stops_every_mail_at_once_also_those_already_in_the_outbox(send, client, shopify, store, mailoutbox):
    created, _, fulfilled, *_ = life()
    travel_to(datetime.fromisoformat(created["body"]["updated_at"]))
    deliver(client, shopify, "orders/create", created["body"])
    deliver(client, shopify, "app/uninstalled", documented("app/uninstalled"))
    sweep_until_quiet()
    second = {**created["body"], "id": 2, "name": "#2", "email": "tom@example.com", "customer": {"id": 8, "email": "tom@example.com"}}
    send("orders/create", second)
    send("fulfillments/create", fulfilled["body"])
    travel_to(BEGIN + timedelta(hours=30))
    store.refresh_from_db()
    assert (store.is_paused, mailoutbox, Message.objects.count()) == (True, [], 0)
    assert set(StepRun.objects.filter(step_key="confirmation").values_list("state", "reason")) == {("held", "paused")}
    flows.resume_store(store)
    sweep_until_quiet()
    assert sorted(mail.to[0] for mail in mailoutbox if "Got it" in mail.subject) == [
        "John Smith <hedy@example.com>", "Steve Shipper <tom@example.com>",
    ]  # fmt: skip
