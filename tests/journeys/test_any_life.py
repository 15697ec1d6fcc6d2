"""Whatever happens in whatever order, and wherever a worker dies: nobody is mailed twice, and nobody who must not be.

A state machine draws lives of three customers: orders, repeats, parcels, cancellations, refunds, permission given and withdrawn, bounces,
erasures, hours that pass, and workers that fail at a named place. FAULTS=all draws many more.
"""

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from campaigns.models import StepRun
from campaigns.tasks import sweep_until_quiet
from campaigns.travel import travel_to
from customers import consent, erasure
from customers.models import Consent, Customer
from messaging.models import Message
from messaging.returning import coming_back
from stores import clock, failpoints
from stores.models import Store
from tests.journeys.conftest import open_shop, order, parcel
from tests.thoroughness import ALL

PEOPLE = ("ana@example.com", "bo@example.com", "cy@example.com")
ELSEWHERE = {"before_publish", "in_webhook_insert", "in_reconcile", "mid_body", "after_dot"}
PLACES = sorted(failpoints.NAMES - failpoints.OF_CAMPAIGNS - ELSEWHERE)
BEGIN = datetime(2026, 11, 2, 9, tzinfo=ZoneInfo("Europe/Berlin"))

people = st.sampled_from(PEOPLE)
MOST = 6


class Life(RuleBasedStateMachine):
    """One store's three customers. What the shop and they did is kept here too, told apart from the database."""

    @initialize()
    def open(self) -> None:
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        clock.set_to(BEGIN)
        self.shop = open_shop(Store.objects.get(slug="marlow"))
        mail.outbox.clear()
        self.read = 0
        self.orders: dict[int, str] = {}
        self.over: set[int] = set()
        self.allows = dict.fromkeys(PEOPLE, True)
        self.closed: set[str] = set()
        self.told: list[tuple[str, dict[str, object], str]] = []
        for number, person in enumerate(PEOPLE):
            self.orders_something(number, person)
            self.a_parcel_moves(number, "in_transit" if number else "delivered")

    def teardown(self) -> None:
        try:
            failpoints.arm("")
            travel_to(clock.read() + timedelta(days=90))
            self.nobody_is_mailed_twice_or_against_their_will()
            assert set(Message.objects.values_list("state", flat=True)) <= {"sent", "unknown", "failed", "cancelled"}
            assert not StepRun.objects.filter(state__in=["planned", "held"]).exists()
        finally:
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    def tell(self, topic: str, payload: dict[str, object]) -> None:
        self.told.append((topic, payload, f"t{len(self.told)}"))
        self.shop.tell(*self.told[-1][:2], delivery=self.told[-1][2])

    @precondition(lambda self: len(self.orders) < MOST)
    @rule(person=people)
    def orders_again(self, person: str) -> None:
        self.orders_something(len(self.orders), person)

    def orders_something(self, number: int, person: str) -> None:
        self.orders[number] = person
        if not Customer.objects.filter(email_key=person).exists():  # as new, to whoever was erased
            self.closed.discard(person)
        state = "subscribed" if self.allows[person] else "unsubscribed"
        customer = {"email": person, "name": "Ana Ribeiro", "marketing_consent": state}
        self.tell("order", order(f"{number}", at=clock.read(), customer=customer))

    @precondition(lambda self: self.told)
    @rule(data=st.data())
    def the_shop_repeats_itself(self, data) -> None:
        topic, payload, delivery = data.draw(st.sampled_from(self.told))
        self.shop.tell(topic, payload, delivery=data.draw(st.sampled_from([delivery, f"again-{delivery}"])))

    @rule(data=st.data(), status=st.sampled_from(["in_transit", "delivered"]))
    def some_parcel_moves(self, data, status: str) -> None:
        self.a_parcel_moves(data.draw(st.sampled_from(sorted(self.orders))), status)

    def a_parcel_moves(self, number: int, status: str) -> None:
        now = clock.read()
        moments = {"shipped_at": now.isoformat()} | ({"delivered_at": now.isoformat()} if status == "delivered" else {})
        self.tell("shipment", parcel(f"{number}", at=now, status=status, **moments))

    @precondition(lambda self: len(self.over) < len(self.orders))
    @rule(data=st.data())
    def an_order_is_cancelled(self, data) -> None:
        number, now = data.draw(st.sampled_from(sorted(set(self.orders) - self.over))), clock.read()
        customer = {"email": self.orders[number], "name": "Ana Ribeiro"}
        self.over.add(number)
        self.tell("order", order(f"{number}", at=BEGIN, updated_at=now.isoformat(), cancelled_at=now.isoformat(), customer=customer))

    @rule(person=people, allows=st.booleans())
    def somebody_changes_their_mind(self, person: str, allows: bool) -> None:
        if found := Customer.objects.filter(email_key=person).first():
            say = consent.grant if allows else consent.withdraw
            say(found, topic=Consent.Topic.MARKETING, source="link", now=clock.read())
            self.allows[person] = allows

    @rule(person=people)
    def an_address_bounces(self, person: str) -> None:
        if sent := Message.objects.filter(to_email=person, state="sent").first():
            coming_back.note_refusals([(sent, "550 5.1.1 user unknown")], now=clock.read())
            self.closed.add(person)

    @rule(person=people)
    def somebody_is_erased(self, person: str) -> None:
        if found := Customer.objects.filter(email_key=person).first():
            erasure.ask(found, by="Alice", now=clock.read())
            self.closed.add(person)
            clock.set_to(clock.read() + timedelta(seconds=1))
            sweep_until_quiet()
            theirs = Message.objects.filter(customer=found)
            assert theirs.filter(state="sending").exists() or not theirs.filter(to_email=person).exists()

    @rule(hours=st.integers(1, 200))
    def time_passes(self, hours: int) -> None:
        travel_to(clock.read() + timedelta(hours=hours))

    @rule(place=st.sampled_from(PLACES), passing=st.integers(1, 3), hours=st.integers(1, 100))
    def a_worker_fails(self, place: str, passing: int, hours: int) -> None:
        clock.set_to(clock.read() + timedelta(hours=hours))
        failpoints.arm(f"{place}:raise@{passing}")
        try:
            sweep_until_quiet()
        except failpoints.Injected:
            pass  # what was committed before stays: here, what its savepoint kept
        finally:
            failpoints.arm("")

    @invariant()
    def nobody_is_mailed_twice_or_against_their_will(self) -> None:
        if not hasattr(self, "shop"):
            return
        tokens = Counter(token_of(each) for each in mail.outbox)
        assert [token for token, times in tokens.items() if times > 1] == []
        steps = Message.objects.filter(state__in=["sent", "unknown"]).values_list("order__number", "step")
        assert [step for step, times in Counter(steps).items() if times > 1] == []
        for each in mail.outbox[self.read :]:
            message = Message.objects.get(token=token_of(each))
            assert message.to_email not in self.closed, f"{message.step} to a closed address"
            assert message.purpose != "marketing" or self.allows[message.to_email], f"{message.step} against their will"
            assert message.order is not None
            assert int(message.order.number) not in self.over, f"{message.step} of a cancelled order"
        self.read = len(mail.outbox)


def token_of(sent) -> str:
    return str(sent.extra_headers["Message-ID"])[1:].partition("@")[0]


@pytest.mark.usefixtures("store")
def test_any_life_mails_nobody_twice_and_nobody_against_their_will():
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=300 if ALL else 6, stateful_step_count=30 if ALL else 15, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
