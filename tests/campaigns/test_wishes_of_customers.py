"""What a customer has chosen on the preference page holds their mails, in the words of the one list of reasons."""

from datetime import timedelta

import pytest

from campaigns.models import StepRun
from campaigns.travel import travel_to
from customers import preferences, topics
from customers.models import Customer
from messaging.models import Message
from stores import clock

pytestmark = pytest.mark.usefixtures("live_flow")
SHIPPED = {"status": "in_transit", "is_scanned": True}


def run(step: str) -> tuple[str, str]:
    found = StepRun.objects.get(step_key=step)
    return found.state, found.reason


def sent() -> list[str]:
    return list(Message.objects.filter(state="sent").order_by("sent_at", "pk").values_list("step", flat=True))


def delivered(placed, tell):
    order = placed()
    now = clock.read()
    parcel = {"status": "delivered", "is_scanned": True, "shipped_at": now, "delivered_at": now}
    tell(order, "order.received", parcel=parcel)
    return order


def decline(customer: Customer, *keys: str) -> None:
    offered = topics.of(customer.store)
    wanted = {topic.key for topic in offered} - set(keys)
    preferences.choose(customer, wanted=wanted, topics=offered, source="test", now=clock.read())


def test_a_declined_topic_is_skipped_and_the_others_of_its_purpose_go(placed, tell, at):
    order = delivered(placed, tell)
    decline(order.customer, "questions")
    travel_to(at("2026-11-12 12:00"))
    assert (run("check-in"), run("goes-well")) == (("skipped", "declined"), ("handed_over", ""))


def test_a_break_holds_all_but_order_mails_and_its_end_lets_them_go(placed, tell, at):
    order = delivered(placed, tell)
    preferences.pause(order.customer, until=clock.read() + timedelta(days=30), source="test", now=clock.read())
    travel_to(at("2026-11-06 12:00"))
    assert (sent(), run("goes-well")) == (["confirmation"], ("held", "break"))
    preferences.pause(order.customer, until=None, source="test", now=clock.read())
    travel_to(at("2026-11-06 12:05"))
    assert sent() == ["confirmation", "tips", "goes-well"]


def test_who_wants_fewer_gets_an_offer_a_fortnight_and_help_as_ever(placed, tell, at):
    order = delivered(placed, tell)
    preferences.want_fewer(order.customer, is_wanted=True, source="test", now=clock.read())
    travel_to(at("2026-11-17 12:00"))
    assert sent() == ["confirmation", "tips", "goes-well", "check-in"]
    assert run("thanks") == ("held", "fewer")
    went_at = Message.objects.get(step="goes-well").sent_at
    assert went_at is not None
    assert StepRun.objects.get(step_key="thanks").wake_at == went_at + timedelta(days=14)
