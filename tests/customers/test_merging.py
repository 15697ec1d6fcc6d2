"""Two customers made one and parted again: nothing is lost, a no stays a no, and what comes later finds the right one."""

from datetime import timedelta

import pytest
from django.db import connection

from campaigns.models import Enrollment, Flow, FlowVersion, StepRun
from customers import consent, duplicates, erasure, identity, merging, notes, tasks_for_staff
from customers.identity import Person
from customers.models import Alias, Customer, Duplicate, Event, Identity, Merge, Metrics, Rfm
from customers.rfm_refresh import refresh
from messaging.models import Message
from messaging.returning import suppressions
from orders.models import Order, OrderLine
from surveys import answers
from tests.factories.customers import customer
from tests.factories.messaging import MessageFactory
from tests.factories.orders import NOW, place

pytestmark = pytest.mark.django_db


def rows_of(pk):
    """Return every row of every room that belongs to a customer, as text."""
    found = []
    for tie in merging.ties():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {tie.table} t WHERE {tie.column} = %s", [pk])
            found += [(tie.table, row) for (row,) in cursor.fetchall()]
    return sorted(found)


@pytest.fixture
def ada(store):
    return place(store, "1", placed_at="2026-01-01T11:00:00Z").customer


@pytest.fixture
def twin(store, flow, bob):
    """Ada under another address, with something of every kind."""
    person = {"external_id": "c2", "email": "ada+shop@example.com", "name": "Ada L", "phone": "+44 20 7946 0000", "birthday": "--12-10"}
    order = place(store, "2", customer={**person, "tags": ["vip"]}, placed_at="2026-02-01T11:00:00Z")
    other = order.customer
    notes.add(other, text="Called", by=bob, now=NOW)
    tasks_for_staff.open_task(other, kind="call", key="call:2", title="Call", due_at=NOW, now=NOW)
    MessageFactory(customer=other, order=order)
    answers.ask("check-in", store=store, customer=other, order=order, now=NOW)
    place(store, "3", customer={**person, "tags": ["vip"]}, placed_at="2026-02-20T11:00:00Z")
    refresh(store, now=NOW)
    return Customer.objects.get(pk=other.pk)


@pytest.fixture
def flow(store):
    from campaigns import flows, recipes

    flow = recipes.install(store, "post-purchase", now=NOW - timedelta(days=90))
    flows.activate(flow, now=NOW - timedelta(days=90))
    return flow


def test_everything_of_both_is_the_ones_who_stays(ada, twin):
    before = rows_of(twin.pk)
    merging.merge(ada, twin, by="Bob", now=NOW)
    assert not Customer.objects.filter(pk=twin.pk).exists()
    assert rows_of(twin.pk) == []
    assert {table for table, _ in before} >= {
        "orders_order",
        "orders_orderline",
        "customers_event",
        "messaging_message",
        "surveys_response",
    }
    ada.refresh_from_db()
    assert (ada.metrics.orders_count, ada.metrics.total_spent_minor) == (3, 17970)
    assert (ada.name, ada.phone, ada.tags, ada.birthday, ada.email) == (
        "Ada Lovelace", "+44 20 7946 0000", ["vip"], "--12-10", "ada@example.com",
    )  # fmt: skip
    assert OrderLine.objects.filter(customer=ada).count() == Order.objects.filter(customer=ada).count() == 3
    assert Message.objects.get().customer == ada
    assert ada.notes.count() == ada.tasks.count() == ada.responses.count() == 1
    assert set(Identity.objects.filter(customer=ada).values_list("external_id", flat=True)) == {"c1", "c2"}
    told = Event.objects.get(kind="customer.merged")
    assert (told.customer, told.data["text"]) == (ada, "Ada L became part of Ada Lovelace")


def test_parted_again_both_are_as_they_were(ada, twin, store):
    merge = merging.merge(ada, twin, by="Bob", now=NOW)
    held = Merge.objects.get(pk=merge.pk)
    back = merging.undo(held, by="Bob", now=NOW + timedelta(days=29))
    assert (back.pk, back.name, back.email_key, back.tags, back.token) == (twin.pk, "Ada L", "ada+shop@example.com", ["vip"], twin.token)
    ada.refresh_from_db()
    assert (ada.phone, ada.tags, ada.birthday) == ("", [], "")
    assert (Metrics.objects.get(customer=ada).orders_count, Metrics.objects.get(customer=back).orders_count) == (1, 2)
    assert Order.objects.filter(customer=back).count() == 2
    assert back.notes.count() == back.tasks.count() == back.responses.count() == back.messages.count() == 1
    assert Rfm.objects.filter(customer=back).exists()
    assert not Alias.objects.exists()
    assert Event.objects.filter(kind="customer.merged").count() == 3
    assert Duplicate.objects.get().is_dismissed


def test_rows_go_back_word_for_word(ada, twin):
    before = rows_of(ada.pk), rows_of(twin.pk)
    merging.undo(merging.merge(ada, twin, by="Bob", now=NOW), by="Bob", now=NOW)
    Event.objects.filter(kind="customer.merged").delete()
    Merge.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM customers_unread WHERE NOT EXISTS (SELECT 1 FROM customers_event e WHERE e.id = event_id)")
    assert (rows_of(ada.pk), rows_of(twin.pk)) == before


def test_what_comes_from_the_other_address_or_id_finds_the_one_who_stayed(ada, twin, store):
    merging.merge(ada, twin, by="Bob", now=NOW)
    for number, person in enumerate(({"email": "ADA+shop@example.com"}, {"external_id": "c2"}, {"email": "ada@example.com"}), start=10):
        assert place(store, str(number), customer=person).customer == ada
    ada.refresh_from_db()
    assert (ada.email, ada.email_key) == ("ada@example.com", "ada@example.com")
    assert Customer.objects.count() == 1
    assert ada.metrics.orders_count == 6


def test_who_has_no_address_takes_that_of_the_other(store):
    guest = place(store, "1", customer={"name": "Ada"}).customer
    ada = place(store, "2").customer
    merge = merging.merge(guest, ada, by="Bob", now=NOW)
    guest.refresh_from_db()
    assert (guest.email, guest.email_key) == ("ada@example.com", "ada@example.com")
    assert not Alias.objects.exists()
    back = merging.undo(merge, by="Bob", now=NOW)
    guest.refresh_from_db()
    assert (guest.email_key, back.email_key) == (None, "ada@example.com")


@pytest.mark.parametrize(
    ("kept", "gone", "after"),
    [
        ("subscribed", "unsubscribed", "unsubscribed"), ("never", "unsubscribed", "unsubscribed"), ("subscribed", "never", "subscribed"),
        ("never", "subscribed", "never"), ("unsubscribed", "subscribed", "unsubscribed"),
    ],
)  # fmt: skip
def test_a_no_goes_with_the_person_and_a_yes_stays_with_its_address(store, kept, gone, after):
    first, second = customer(store, marketing=kept), customer(store, "b@example.com", marketing=gone)
    merging.merge(first, second, by="Bob", now=NOW)
    first.refresh_from_db()
    assert first.marketing == after
    assert first.consents.filter(source="merge").count() == (kept != after)


def test_an_objection_to_help_mails_goes_along_and_a_suppressed_address_stays_so(store):
    first, second = customer(store), customer(store, "b@example.com")
    consent.withdraw(second, topic="service", source="preferences", now=NOW)
    suppressions.add(store, "b@example.com", why="bounced", by=None, now=NOW)  # type: ignore[arg-type]
    merging.merge(first, second, by="Bob", now=NOW)
    first.refresh_from_db()
    assert first.objected_to_service_at == NOW
    assert suppressions.active(store, now=NOW).filter(email_key="b@example.com").exists()


def test_two_passages_through_one_flow_become_one(store, flow):
    first, second = customer(store), customer(store, "b@example.com")
    version = FlowVersion.objects.get(flow=flow)
    passages = [
        Enrollment.objects.create(store=store, flow=flow, version=version, customer=each, entry_key="once", entered_at=NOW)
        for each in (first, second)
    ]
    for passage in passages:
        StepRun.objects.create(
            store=store, enrollment=passage, step=version.steps.all()[0], step_key="tips", customer=passage.customer, state="planned",
            due_at=NOW, wake_at=NOW, use_by=NOW + timedelta(days=1),
        )  # fmt: skip
    merging.merge(first, second, by="Bob", now=NOW)
    assert [(each.state, each.left_reason) for each in Enrollment.objects.order_by("pk")] == [("active", ""), ("left", "merged")]
    assert list(StepRun.objects.order_by("pk").values_list("state", "reason", "customer")) == [
        ("planned", "", first.pk), ("cancelled", "merged", first.pk),
    ]  # fmt: skip
    assert Flow.objects.count() == 1


def test_who_is_erased_or_of_another_store_or_the_same_is_not_merged(store, other):
    first, second = customer(store), customer(store, "b@example.com", erased_at=NOW)
    for wrong in (second, first, customer(other)):
        with pytest.raises(merging.NotPossible):
            merging.merge(first, wrong, by="Bob", now=NOW)
    assert Customer.objects.count() == 3


def test_a_merge_cannot_be_undone_twice_too_late_or_out_of_order(store):
    ann, ben, cleo = (customer(store, f"{name}@example.com", name=name) for name in ("ann", "ben", "cleo"))
    first = merging.merge(ann, ben, by="Bob", now=NOW)
    second = merging.merge(ann, cleo, by="Bob", now=NOW + timedelta(hours=1))
    with pytest.raises(merging.NotPossible, match="undo that merge first"):
        merging.undo(first, by="Bob", now=NOW + timedelta(days=1))
    merging.undo(second, by="Bob", now=NOW + timedelta(days=1))
    with pytest.raises(merging.NotPossible, match="parted already"):
        merging.undo(second, by="Bob", now=NOW + timedelta(days=1))
    with pytest.raises(merging.NotPossible, match="for 30 days"):
        merging.undo(first, by="Bob", now=NOW + timedelta(days=31))
    assert set(Customer.objects.values_list("name", flat=True)) == {"ann", "cleo"}


def test_what_was_changed_since_the_merge_stays_when_it_is_undone(store):
    first, second = customer(store), customer(store, "b@example.com", phone="123", name="Ben")
    merge = merging.merge(first, second, by="Bob", now=NOW)
    Customer.objects.filter(pk=first.pk).update(phone="456")
    merging.undo(merge, by="Bob", now=NOW)
    first.refresh_from_db()
    assert (first.phone, first.name) == ("456", "")


def test_a_merge_and_an_order_at_the_same_time_end_with_one_customer(store, ada):
    second = customer(store, "b@example.com")
    merging.merge(ada, second, by="Bob", now=NOW)
    [held] = identity.resolve(store.pk, [Person(email="b@example.com", name="Bea")], now=NOW)
    assert held.id == ada.pk


def test_after_thirty_days_or_an_erasure_nothing_is_kept_of_who_went(store):
    first, second = customer(store, name="Ann"), customer(store, "b@example.com", name="Ben")
    merge = merging.merge(first, second, by="Bob", now=NOW)
    assert merging.forget(now=NOW + timedelta(days=30)) == 0
    assert merging.forget(now=NOW + timedelta(days=31)) == 1
    merge.refresh_from_db()
    assert (merge.moved, merge.taken_out, merge.before) == ({}, [], {})
    erasure.forget(erasure.lock(first.pk))
    assert not Merge.objects.exists()


@pytest.mark.parametrize(
    ("first", "second", "whys"),
    [
        ({"phone": "+49 170 1234567"}, {"phone": "0170/1234567"}, ["phone"]), ({"phone": "12345"}, {"phone": "12345"}, None),
        ({"name": "Ada Lovelace", "postal_code": "BA1 1AA"}, {"name": "ada lovelace ", "postal_code": "ba11aa"}, ["name"]),
        ({"name": "Ada Lovelace"}, {"name": "Ada Lovelace"}, None),
        ({"name": "Ada", "postal_code": "1"}, {"name": "Ada", "postal_code": "1"}, None),
        ({"email": "a.da@example.com"}, {"email": "ada+shop@example.com"}, ["email"]),
        ({"email": "ada@example.com"}, {"email": "ada@example.org"}, None),
        ({"email": "ada+x@example.com", "phone": "1234567"}, {"email": "ada@example.com", "phone": "123 45 67"}, ["email", "phone"]),
    ],
)  # fmt: skip
def test_likely_duplicates_share_a_phone_a_name_and_place_or_an_address(store, other, first, second, whys):
    a, b = (customer(store, **{"email": f"{n}@example.com", **each}) for n, each in enumerate((first, second)))
    customer(other, **{"email": "x@example.com", **first})
    duplicates.find(store)
    assert list(Duplicate.objects.values_list("first", "second", "whys")) == ([(a.pk, b.pk, whys)] if whys else [])


def test_a_pair_called_two_people_is_not_suggested_again_and_one_that_is_mended_goes(store):
    a, b, c = (customer(store, f"{n}@example.com", phone="1234567") for n in range(3))
    duplicates.find(store)
    assert duplicates.of(a).count() == 2
    duplicates.dismiss(b, a)
    Customer.objects.filter(pk=c.pk).update(phone="")
    duplicates.find(store)
    assert duplicates.of(a).count() == 0
    assert Duplicate.objects.get().is_dismissed


def test_what_many_share_is_no_persons(store):
    for number in range(6):
        customer(store, f"{number}@example.com", phone="1234567")
    duplicates.find(store)
    assert not Duplicate.objects.exists()
