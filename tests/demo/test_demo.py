"""The demo shop: one story, told through the real doors, that mails nobody of the past and keeps going."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from campaigns.tasks import sweep_until_quiet
from catalog.models import Product
from customers.models import Customer, Event, RfmMovement, Unread
from enquiries.models import Enquiry, Mention
from lifecycle.demo import live, load, story, years
from lifecycle.demo.goods import GOODS
from lifecycle.demo.people import FRIENDS_CODE
from messaging.models import Message
from offers.models import OfferCode, Referral
from orders.models import Order
from stores import clock
from stores.models import Store

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_history_is_the_same_every_time_and_has_seasons_moneys_and_regulars():
    told = years.orders(until=NOW)
    assert told == years.orders(until=NOW)
    assert len(told) > 2500
    assert {order["currency"] for order in told} == {"EUR", "GBP", "DKK", "PLN", "CHF", "USD", "JPY", "KWD"}
    buyers = Counter(order["customer"]["email"] for order in told)
    assert max(buyers.values()) >= 5
    months = Counter(order["placed_at"][:7] for order in told)
    assert months["2025-12"] > 2 * months["2026-01"]


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(years, "CUSTOMERS", 40)
    monkeypatch.setattr(story, "ORDERS", 6)


def test_the_shop_opens_with_a_past_that_mailed_nobody_and_a_month_that_did(db, small):
    store = load.load(now=clock.read())
    assert not clock.is_shifted()
    assert Order.objects.filter(store=store, external_id__startswith="h-").count() == len(
        years.orders(until=clock.read() - timedelta(days=28))
    )
    assert not Message.objects.filter(order__external_id__startswith="h-").exists()
    assert Message.objects.filter(state="sent").count() == len(mail.outbox) > 6
    assert Unread.objects.count() == 0
    talks = Counter(Enquiry.objects.filter(store=store).values_list("state", flat=True))
    assert talks["closed"] >= 1 and talks["waiting"] >= 1
    assert Enquiry.objects.get(is_settled_by_offer=True).offered is not None
    assert Mention.objects.get(store=store).user.name == "Jo Marlow"
    assert Referral.objects.get(store=store).state == "rewarded"
    assert OfferCode.objects.get(code=FRIENDS_CODE).state == "used"


def test_an_order_of_the_running_demo_arrives_within_minutes(db, small, monkeypatch):
    store: Store = load.load(now=clock.read())
    monkeypatch.setattr(live, "CHANCE", 1)
    live.step(store, random.Random(1), now=clock.read())
    order = Order.objects.get(external_id__startswith=live.PREFIX)
    monkeypatch.setattr(live, "CHANCE", 0)
    for minutes in (3, 6, 9):
        live.step(store, random.Random(1), now=order.placed_at + timedelta(minutes=minutes))
        live.step(store, random.Random(1), now=order.placed_at + timedelta(minutes=minutes))
    sweep_until_quiet()
    kinds = list(Event.objects.filter(data__order=order.pk).order_by("pk").values_list("kind", flat=True))
    assert [kind for kind in kinds if kind.startswith("shipment")] == [
        "shipment.shipped",
        "shipment.out_for_delivery",
        "shipment.delivered",
    ]
    assert Customer.objects.filter(pk=order.customer_id, messages__order=order, messages__step="confirmation").exists()


def test_the_shops_people_have_places_tags_birthdays_and_sources_and_moved_between_groups(db, small):
    store = load.load(now=clock.read())
    people = Customer.objects.filter(store=store)
    assert people.exclude(city="").count() == people.count() > 30
    assert people.filter(birth_month__isnull=False).count() > people.count() / 3
    assert len({tag for person in people for tag in person.tags}) >= 2
    assert people.filter(metrics__coupon_orders_count__gt=0).exists()
    assert len(set(people.values_list("metrics__first_source", flat=True))) >= 4
    assert people.filter(rfm__isnull=False).count() == people.count()
    assert RfmMovement.objects.filter(store=store).exclude(from_group="").count() >= 3
    shelves = Product.objects.filter(store=store).values_list("category", flat=True)
    assert set(shelves) == {good.category for good in GOODS}
