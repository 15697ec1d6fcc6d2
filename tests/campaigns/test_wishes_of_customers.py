"""What a customer has chosen on the preference page holds their mails, in the words of the one list of reasons."""

from datetime import timedelta

import pytest

from campaigns.models import Step, StepRun
from campaigns.rehearsal import script, staging
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


def test_a_rehearsal_keeps_to_the_wishes_as_life_did(placed, tell, at, live_flow):
    customer = delivered(placed, tell).customer
    travel_to(at("2026-11-05 12:00"))
    decline(customer, "questions")
    preferences.want_fewer(customer, is_wanted=True, source="test", now=clock.read())
    preferences.pause(customer, until=at("2026-11-07 12:00"), source="test", now=clock.read())
    travel_to(at("2026-12-20 12:00"))
    lived = {run.step_key: (run.state, run.reason, f"{run.decided_at:%d %H:%M:%S}") for run in StepRun.objects.all()}
    now = clock.read()
    played = script.write(live_flow, live_flow.version, since=at("2026-11-01 00:00"), until=now, now=now, is_beside=True)
    [outcomes] = staging.played(played, [customer.pk])
    states = {"would_send": "handed_over"}
    assert {each.part.key: (states.get(each.fate, each.fate), each.reason or "", f"{each.at:%d %H:%M:%S}") for each in outcomes} == lived
    assert lived["goes-well"] == ("handed_over", "", "07 11:00:00")
    assert lived["thanks"] == ("handed_over", "", "21 11:00:00")
    assert lived["check-in"][:2] == ("skipped", "declined")


def test_a_declined_topic_keeps_no_note_from_being_written(placed, tell, at):
    Step.objects.filter(key="check-in").update(kind="note", details={"text": "Has had it for a week"})
    order = delivered(placed, tell)
    decline(order.customer, "tips", "questions")
    preferences.pause(order.customer, until=at("2026-12-20 12:00"), source="test", now=clock.read())
    travel_to(at("2026-11-12 12:00"))
    assert run("check-in") == ("handed_over", "")
