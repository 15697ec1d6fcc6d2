"""Erasing a person: nothing says who they were, no mail goes, the figures stay, and no repeat of the shop brings them back."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.db import connection

from campaigns import forgetting, tasks
from campaigns.models import StepRun
from campaigns.travel import travel_to
from customers import disguises, erasure, notes, tasks_for_staff
from customers.models import Consent, Customer, Identity, Metrics
from enquiries import conversations
from enquiries.letters import Letter
from enquiries.models import Arrival
from messaging import sending
from messaging.models import Click, Link, Message, ProviderEvent, Suppression
from messaging.reasons import Reason
from messaging.returning import coming_back, suppressions
from orders.models import Order, Shipment
from stores import clock, failpoints
from surveys.models import Response, Survey
from tests.journeys.conftest import open_shop, order, parcel
from tests.messaging.providers_speaking import SPEAKERS, Tale, account

State = Message.State
EMAIL = "zyta.quell@example.com"
#: Each stands for the person somewhere; none may be left.
SECRETS = ("zyta", "quell", "0151555", "Birnbaumweg", "00340434", "left-hand kettle", "cust-778899")
ZYTA: dict[str, Any] = {
    "external_id": "cust-778899", "email": EMAIL, "name": "Zyta Quell", "phone": "+49 0151555 1", "marketing_consent": "subscribed",
}  # fmt: skip


@pytest.fixture
def shop(store, at):
    clock.set_to(at("2026-11-02 09:00"))
    return open_shop(store)


@pytest.fixture
def zyta(shop, alice) -> Customer:
    """Somebody with an order, and all that may come of one."""
    now = clock.read()
    address = {"address1": "Birnbaumweg 9", "city": "Ulm", "country": "DE"}
    shop.tell("order", order("770042", at=now, customer=ZYTA, shipping_address=address))
    shop.tell(
        "shipment",
        parcel("770042", at=now, shipped_at=now.isoformat(), tracking_url="https://dhl.example/00340434", pickup_place="Birnbaumweg 2"),
    )
    person = Customer.objects.get()
    notes.add(person, text="Zyta rang about the left-hand kettle", by=alice, now=now)
    tasks_for_staff.open_task(person, kind="call", key="k", title="Call Zyta Quell", due_at=now, now=now)
    asked = Survey.objects.create(store=person.store, key="kettles", question="And?")
    given = {"store": person.store, "customer": person, "order": Order.objects.get(), "asked_at": now}
    Response.objects.create(survey=asked, score=4, comment="Zyta loves the left-hand kettle", **given)
    sent = Message.objects.get()
    link = Link.objects.create(store=person.store, message=sent, url="https://m.example/?q=zyta")
    Click.objects.create(store=person.store, link=link, at=now, agent="Zyta's phone", ip_prefix="10.0.0.0/24", kind="human")
    road = account(person.store, "postmark", now=now, stream="marketing")
    told = [Tale(what, sent.token, EMAIL, now, number) for number, what in enumerate(("delivered", "soft"))]
    coming_back.keep(road, [SPEAKERS["postmark"](tale) for tale in told], now=now)
    coming_back.drain(now=now)
    unread = {"store": person.store, "account": road, "received_at": now, "error": "It could not be read.", "dedupe_key": "unread"}
    ProviderEvent.objects.create(raw={"RecordType": "?", "To": EMAIL}, **unread)
    suppressions.add(person.store, EMAIL, why="Zyta asked", by=alice, now=now)
    letter = Letter(EMAIL, "Zyta Quell", "The left-hand kettle", "Zyta", message_id="zyta@quell.example", refuses_answers=True)
    came = Arrival.objects.create(store=person.store, digest="d", content_type="", raw=b"From: Zyta", provider="mime", received_at=now)
    conversations.receive(person.store, letter, arrival=came, now=now)
    Arrival.objects.create(
        store=person.store, digest="e", content_type="", raw=f"To: {EMAIL}".encode(), provider="mime", received_at=now, error="It broke."
    )
    return person


def forget(person: Customer) -> None:
    erasure.ask(person, by="Alice", now=clock.read())
    tasks.sweep_until_quiet()
    person.refresh_from_db()


def everything() -> Iterator[tuple[str, str]]:
    """Yield every row of every table as text, with its table's name."""
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            yield from ((table, row) for (row,) in cursor.fetchall())


def test_nothing_is_left_that_says_who_somebody_was(zyta):
    assert {secret for secret in SECRETS if any(secret.lower() in row.lower() for _, row in everything())} == set(SECRETS)
    forget(zyta)
    assert set(Arrival.objects.values_list("raw", flat=True)) == {None}
    assert [(table, secret) for table, row in everything() for secret in SECRETS if secret.lower() in row.lower()] == []
    assert str(zyta) == "Erased customer"


def test_what_the_figures_rest_on_stays(zyta):
    before = Metrics.objects.values().get()
    forget(zyta)
    assert Metrics.objects.values().get() == before
    assert (Order.objects.get().total_minor, Response.objects.get().score, Click.objects.get().kind) == (7900, 4, "human")
    assert list(ProviderEvent.objects.order_by("pk").values_list("kind", flat=True)) == ["delivered", "soft", "other"]
    assert (Consent.objects.filter(customer=zyta).count(), zyta.events.filter(kind="order.placed").count()) == (1, 1)


def test_every_mail_to_come_ends_also_a_claimed_one(zyta):
    Suppression.objects.all().delete()
    claimed = Message.objects.get()
    Message.objects.filter(pk=claimed.pk).update(state=State.CLAIMED, sent_at=None, lease_until=clock.read())
    forget(zyta)
    claimed.refresh_from_db()
    assert (claimed.state, claimed.reason, claimed.html) == (State.CANCELLED, Reason.ERASED, "")
    assert set(StepRun.objects.exclude(step_key="confirmation").values_list("state", "reason")) == {("cancelled", "erased")}
    mail.outbox.clear()
    travel_to(clock.read() + timedelta(days=30))
    assert mail.outbox == []


def test_a_mail_under_way_is_finished_first(zyta):
    Message.objects.update(state=State.SENDING, lease_until=clock.read())
    erasure.ask(zyta, by="Alice", now=clock.read())
    assert forgetting.read(now=clock.read()) == 0
    zyta.refresh_from_db()
    assert zyta.email == EMAIL
    clock.set_to(clock.read() + sending.MAIL_AT_WORST)
    tasks.sweep_until_quiet()
    zyta.refresh_from_db()
    assert (zyta.email, Message.objects.get().state) == ("", State.UNKNOWN)


def test_a_death_in_the_middle_forgets_nothing_by_half(zyta):
    erasure.ask(zyta, by="Alice", now=clock.read())
    failpoints.arm("in_erase:raise")
    assert forgetting.read(now=clock.read()) == 0
    zyta.refresh_from_db()
    assert (zyta.email, Message.objects.get().to_email, Response.objects.get().comment != "") == (EMAIL, EMAIL, True)
    tasks.sweep_until_quiet()
    zyta.refresh_from_db()
    assert (zyta.email, Message.objects.get().to_email, Response.objects.get().comment) == ("", "", "")


def test_no_repeat_of_the_shop_brings_them_back(shop, zyta):
    placed = Order.objects.get().placed_at
    forget(zyta)
    clock.set_to(clock.read() + sending.MAIL_AT_WORST)
    now = clock.read()
    address = {"address1": "Birnbaumweg 9", "country": "DE"}
    shop.tell("order", order("770042", at=placed, updated_at=now.isoformat(), customer=ZYTA, shipping_address=address, total="80.00"))
    shop.tell(
        "shipment",
        parcel(
            "770042", at=now, status="delivered", delivered_at=now.isoformat(), tracking_number="00340434-2", pickup_place="Birnbaumweg 4"
        ),
    )
    shop.tell("customer", {**ZYTA, "updated_at": now.isoformat()})
    assert Customer.objects.get().email == ""
    assert (Order.objects.get().total_minor, Order.objects.get().email, Order.objects.get().shipping_address) == (8000, "", {})
    assert (Shipment.objects.get().status, Shipment.objects.get().tracking_number) == ("delivered", "")


def test_who_orders_again_is_a_new_person_to_whom_nothing_is_sold(shop, zyta):
    forget(zyta)
    mail.outbox.clear()
    clock.set_to(clock.read() + sending.MAIL_AT_WORST)
    quiet = {**ZYTA, "marketing_consent": "never"}
    shop.tell("order", order("880001", at=clock.read(), customer=quiet))
    shop.store.soft_opt_in = True
    shop.store.save()
    shop.tell("shipment", parcel("880001", at=clock.read(), status="delivered", delivered_at=clock.read().isoformat()))
    travel_to(clock.read() + timedelta(days=30))
    new = Customer.objects.exclude(pk=zyta.pk).get()
    assert (new.email, new.marketing, new.objected_to_service_at is not None) == (EMAIL, "unsubscribed", True)
    assert shop.sent(EMAIL) == ["confirmation"]
    shop.tell("customer", {**quiet, "name": "Zyta Q.", "updated_at": clock.read().isoformat()})
    new.refresh_from_db()
    assert new.name == "Zyta Q."
    shop.tell("order", order("770042", at=zyta.created_at, customer=ZYTA))
    assert Order.objects.get(number="770042").customer_id == zyta.pk


def test_only_who_has_the_key_can_tell_whose_digest_it_is(zyta, settings):
    forget(zyta)
    names = set(Identity.objects.values_list("external_id", flat=True))
    assert names == {disguises.of(EMAIL)[0], disguises.of("cust-778899")[0]}
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-key-of-fifty-letters", [settings.SECRET_KEY]
    assert names <= {*disguises.of(EMAIL), *disguises.of("cust-778899")}
    settings.SECRET_KEY_FALLBACKS = []
    assert not names & {*disguises.of(EMAIL), *disguises.of("cust-778899")}


def test_the_same_person_at_another_store_is_another(zyta, other):
    there = Customer.objects.create(store=other, email=EMAIL, email_key=EMAIL, name="Zyta Quell", created_at=clock.read())
    forget(zyta)
    there.refresh_from_db()
    assert (there.email, there.erased_at) == (EMAIL, None)


def test_asking_twice_is_asking_once(zyta):
    assert [erasure.ask(zyta, by="Alice", now=clock.read()) for _ in range(2)] == [True, False]
    tasks.sweep_until_quiet()
    assert list(zyta.events.filter(kind="customer.erased").values_list("data", flat=True)) == [{"by": "Alice"}]
