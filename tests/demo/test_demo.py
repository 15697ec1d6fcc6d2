"""The demo shop: one story, told through the real doors, that mails nobody of the past and keeps going."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.test import override_settings

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


def keep_small(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(years, "CUSTOMERS", 40)
    patch.setattr(story, "ORDERS", 6)


@pytest.fixture(scope="module")
def opened(django_db_setup, django_db_blocker) -> Iterator[tuple[Store, int]]:
    """A small shop, opened once for all tests, and how many mails left by then."""
    with django_db_blocker.unblock(), override_settings(NUDGE=False), transaction.atomic():
        with pytest.MonkeyPatch.context() as patch:
            keep_small(patch)
            mail.outbox.clear()
            store = load.load(now=clock.read())
        yield store, len(mail.outbox)
        transaction.set_rollback(True)


@pytest.fixture
def shop(opened, db, monkeypatch) -> Store:
    """What a test does to the shop is taken back after it."""
    keep_small(monkeypatch)
    store: Store = opened[0]
    return store


def test_the_shop_opens_with_a_past_that_mailed_nobody_and_a_month_that_did(shop, opened):
    store, mailed = opened
    assert not clock.is_shifted()
    assert Order.objects.filter(store=store, external_id__startswith="h-").count() == len(
        years.orders(until=clock.read() - timedelta(days=28))
    )
    assert not Message.objects.filter(order__external_id__startswith="h-").exists()
    assert Message.objects.filter(state="sent").count() == mailed > 6
    assert Unread.objects.count() == 0
    talks = Counter(Enquiry.objects.filter(store=store).values_list("state", flat=True))
    assert talks["closed"] >= 1 and talks["waiting"] >= 1
    assert Enquiry.objects.get(is_settled_by_offer=True).offered is not None
    assert Mention.objects.get(store=store).user.name == "Jo Marlow"
    assert Referral.objects.get(store=store).state == "rewarded"
    assert OfferCode.objects.get(code=FRIENDS_CODE).state == "used"


def test_an_order_of_the_running_demo_arrives_within_minutes(shop, monkeypatch):
    monkeypatch.setattr(live, "CHANCE", 1)
    live.step(shop, random.Random(1), now=clock.read())
    order = Order.objects.get(external_id__startswith=live.PREFIX)
    monkeypatch.setattr(live, "CHANCE", 0)
    for minutes in (3, 6, 9):
        live.step(shop, random.Random(1), now=order.placed_at + timedelta(minutes=minutes))
        live.step(shop, random.Random(1), now=order.placed_at + timedelta(minutes=minutes))
    sweep_until_quiet()
    kinds = list(Event.objects.filter(data__order=order.pk).order_by("pk").values_list("kind", flat=True))
    assert [kind for kind in kinds if kind.startswith("shipment")] == [
        "shipment.shipped",
        "shipment.out_for_delivery",
        "shipment.delivered",
    ]
    assert Customer.objects.filter(pk=order.customer_id, messages__order=order, messages__step="confirmation").exists()


def test_the_shops_people_have_places_tags_birthdays_and_sources_and_moved_between_groups(shop):
    people = Customer.objects.filter(store=shop)
    assert people.exclude(city="").count() == people.count() > 30
    assert people.filter(birth_month__isnull=False).count() > people.count() / 3
    assert len({tag for person in people for tag in person.tags}) >= 2
    assert people.filter(metrics__coupon_orders_count__gt=0).exists()
    assert len(set(people.values_list("metrics__first_source", flat=True))) >= 4
    assert people.filter(rfm__isnull=False).count() == people.count()
    assert RfmMovement.objects.filter(store=shop).exclude(from_group="").count() >= 3
    shelves = Product.objects.filter(store=shop).values_list("category", flat=True)
    assert set(shelves) == {good.category for good in GOODS}
