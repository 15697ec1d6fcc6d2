"""From what happens in the shop to scores and interests."""

from datetime import timedelta

import pytest

from catalog.models import Product
from customers import consent, events, merging
from customers.models import Customer, Unread
from engagement import actions, history, interests, kinds, reader, recount
from engagement.models import Action, ActionKind, Engagement, Interest
from stores import partitions
from tests.factories.customers import customer
from tests.factories.orders import NOW, place

PLACED = NOW - timedelta(hours=1)


@pytest.fixture
def kettle(store):
    return Product.objects.create(
        store=store,
        external_id="p1",
        title="Kettle",
        category="Tea  Ware",
        tags=["gift", "Slow Morning"],
        url="https://shop.example/kettle",
    )


def score(person):
    row = Engagement.objects.get(customer=person)
    return row.value, row.impact, row.parts


def tell(person, kind, data, key="k"):
    events.record(person, kind, at=NOW, key=key, now=NOW, data=data)
    reader.read(now=NOW)


def test_an_order_counts_once_however_often_it_is_told(store, kettle):
    person = place(store).customer
    reader.read(now=NOW)
    assert score(person) == (9.998, 1.0, {"purchase": 0.9998})
    events.record(person, events.Kind.ORDER_CHANGED, at=NOW, key="again", now=NOW, data={"order": person.orders.get().pk})
    reader.read(now=NOW)
    assert score(person)[2] == {"purchase": 0.9998}
    assert list(Action.objects.values_list("kind", "at", "data")) == [("purchase", PLACED, {"order": person.orders.get().pk})]


def test_a_cancelled_order_leaves_nothing_behind(store, kettle):
    person = place(store).customer
    reader.read(now=NOW)
    place(store, updated_at="2026-03-01T11:30:00Z", cancelled_at="2026-03-01T11:30:00Z")
    reader.read(now=NOW)
    assert score(person) == (0, 0, {})
    assert not Action.objects.exists()


def test_test_orders_are_nobodys_purchase(store, kettle):
    place(store, test=True)
    reader.read(now=NOW)
    assert not Action.objects.exists()


def test_what_was_bought_is_what_they_care_for(store, kettle):
    person = place(store).customer
    reader.read(now=NOW)
    assert [each.topic for each in interests.interest_of(person, now=NOW)] == ["gift", "slow morning", "tea ware"]
    assert interests.interested_in(store, "Tea ware", now=NOW).get() == person
    faded = NOW + timedelta(days=241)
    assert list(interests.interested_in(store, "tea ware", now=faded)) == []
    assert interests.interest_of(person, now=faded) == []


def test_a_click_on_a_product_counts_and_shows_an_interest(store, kettle):
    person = customer(store)
    tell(person, events.Kind.MAIL_CLICKED, {"url": kettle.url, "label": "Kettle", "message": 1})
    assert score(person) == (2, 0, {"mail_clicked": 1})
    assert Interest.objects.get(topic="tea ware").weight == 1


@pytest.mark.parametrize(("given", "kind"), [(5, "praised"), (4, "praised"), (3, "answered"), (1, "answered"), (None, "answered")])
def test_a_high_answer_moves_others(store, given, kind):
    person = customer(store)
    tell(person, events.Kind.ANSWER_GIVEN, {"score": given})
    assert Engagement.objects.get(customer=person).parts == {kind: 1}


def test_permission_for_offers_counts_and_its_withdrawal_says_nothing(store):
    person = customer(store)
    consent.grant(person, topic="marketing", source="test", now=NOW)
    consent.withdraw(person, topic="marketing", source="test", now=NOW)
    reader.read(now=NOW)
    assert Engagement.objects.get(customer=person).parts == {"subscribed": 1}


def test_a_sent_mail_is_not_even_told_to_the_reader(store):
    person = customer(store)
    events.record(person, events.Kind.MAIL_SENT, at=NOW, key="m", now=NOW)
    assert not Unread.objects.filter(reader=reader.READER).exists()


def test_history_is_taken_in_once_with_its_age(store, kettle):
    person = place(store, history=True).customer
    place(store, "1002", history=True, placed_at="2025-09-02T11:00:00Z", updated_at="2025-09-02T11:00:00Z")
    place(store, "1003", history=True, placed_at="2019-01-01T11:00:00Z", updated_at="2019-01-01T11:00:00Z")
    kept_from = NOW - timedelta(days=730)
    assert reader.read(now=NOW) == 0
    assert history.take_in(now=NOW, kept_from=kept_from, has_time=lambda: True) == 2
    assert history.take_in(now=NOW, kept_from=kept_from, has_time=lambda: True) == 0
    assert Engagement.objects.get(customer=person).parts == {"purchase": 1.4998}
    assert list(partitions.existing(actions.parted())) == ["engagement_action_2025_09", "engagement_action_2026_03"]
    assert Interest.objects.get(topic="tea ware").weight == pytest.approx(2 + 2 * 2 ** (-180 / 120), abs=0.01)


def test_an_order_that_was_told_is_not_taken_in_again(store, kettle):
    person = place(store).customer
    reader.read(now=NOW)
    assert history.take_in(now=NOW, kept_from=NOW - timedelta(days=730), has_time=lambda: True) == 0
    assert score(person)[2] == {"purchase": 0.9998}


def test_a_recount_finds_what_the_steps_found(store, kettle):
    person = place(store).customer
    tell(person, events.Kind.MAIL_CLICKED, {"url": "https://elsewhere.example/"})
    before = score(person)
    Engagement.objects.update(parts={"purchase": 99}, value=1, impact=1)
    recount.of_customers([person.pk], now=NOW)
    assert score(person) == before


def test_a_store_is_brought_to_one_moment_with_its_own_kinds(store, kettle):
    person = place(store).customer
    reader.read(now=NOW)
    ActionKind.objects.create(store=store, key=kinds.PURCHASE, name="Bought", value=20, impact=0, half_life_days=90)
    later = PLACED + timedelta(days=90)
    assert recount.next_store(now=later) == store.pk
    assert not recount.refresh_batch(store.pk, now=later)
    value, impact, parts = score(person)
    assert (round(value, 2), impact, round(parts["purchase"], 3)) == (10.0, 0, 0.5)
    assert recount.next_store(now=later) is None
    recount.ask_for_refresh(store.pk)
    assert recount.next_store(now=later) == store.pk
    assert recount.next_store(now=later) is None  # leased


def test_a_bad_event_is_set_aside_and_the_others_count(store):
    good, bad = customer(store), customer(store, "eve@example.com")
    events.record(bad, events.Kind.ORDER_PLACED, at=NOW, key="bad", now=NOW, data={"order": "not a number"})
    tell(good, events.Kind.MAIL_CLICKED, {"url": "https://elsewhere.example/"})
    assert Engagement.objects.get().customer == good
    assert Unread.objects.get(reader=reader.READER).failed_at == NOW
    assert Customer.objects.count() == 2


def test_two_customers_who_become_one_have_one_score_and_apart_again_two(store, kettle):
    ada = place(store).customer
    eve = customer(store, "eve@example.com")
    tell(eve, events.Kind.MAIL_CLICKED, {"url": "https://elsewhere.example/"})
    merge = merging.merge(ada, eve, by="Alice", now=NOW)
    reader.read(now=NOW)
    assert Engagement.objects.get().parts == {"purchase": 0.9998, "mail_clicked": 1}
    apart = merging.undo(merge, by="Alice", now=NOW + timedelta(seconds=1))
    reader.read(now=NOW)
    assert {row.customer_id: row.parts for row in Engagement.objects.all()} == {
        ada.pk: {"purchase": 0.9998}, apart.pk: {"mail_clicked": 1}
    }  # fmt: skip
