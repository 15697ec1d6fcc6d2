"""Whom a step takes: only a segment, one of two on a rung, a comparison group, one of several wordings."""

import pytest

from campaigns import lots
from campaigns.models import Enrollment, Flow, Step, StepRun
from campaigns.tasks import sweep_until_quiet
from campaigns.travel import travel_to
from customers.models import Customer, Event
from messaging.models import Message
from segments import saving
from segments.models import Segment
from stores import clock

SENT, OTHER = ("handed_over", ""), ("skipped", "instead")


@pytest.fixture
def tagged(store, live_flow) -> Segment:
    """The segment of those with the tag vip."""
    return saving.create(store, name="VIP", rule={"all": [{"what": "tag", "op": "any", "values": ["vip"]}]}, now=clock.read())


@pytest.fixture
def pair(tagged, another_flow):
    """A flow whose one mail, an hour after the order, is another one for those in the segment."""
    flow = another_flow("note")
    step = Step.objects.get(key="note-mail")
    step.pk, step.key, step.position, step.only_if, step.instead_of = None, "note-vip", 2, tagged, "note-mail"
    step.save()
    return flow


def of(runs, order, flow="note"):
    return {key: outcome for key, outcome in runs(order).items() if key.startswith(flow)}


def tag(order, *tags):
    Customer.objects.filter(pk=order.customer_id).update(tags=list(tags))


def test_exactly_one_of_two_on_a_rung_goes_and_the_segment_says_which(pair, placed, runs, at):
    plain, vip = placed("1042"), placed("1043", email="bea@example.com")
    tag(vip, "vip")
    travel_to(at("2026-11-02 12:00"))
    assert of(runs, plain) == {"note-mail": SENT, "note-vip": OTHER}
    assert of(runs, vip) == {"note-mail": OTHER, "note-vip": SENT}
    assert Message.objects.filter(flow="note").count() == 2
    told = Event.objects.filter(kind="mail.skipped", data__reason="instead").values_list("customer_id", "data__step")
    assert set(told) == {(plain.customer_id, "note-vip"), (vip.customer_id, "note-mail")}


def test_what_was_taken_once_stays_however_the_segment_moves_until_the_other_is_looked_at(pair, placed, runs, at):
    order = placed()
    sweep_until_quiet()
    later = StepRun.objects.get(order=order, step_key="note-vip")
    later.facts, later.state, later.wake_at = {**later.facts, "held_until": at("2026-11-04 09:00").isoformat()}, "held", None
    later.save()
    travel_to(at("2026-11-02 12:00"))
    assert of(runs, order)["note-mail"] == SENT
    assert Enrollment.objects.get(flow=pair).rungs == {"note-mail": "note-mail"}
    tag(order, "vip")
    StepRun.objects.filter(pk=later.pk).update(wake_at=clock.read())
    sweep_until_quiet()
    assert of(runs, order) == {"note-mail": SENT, "note-vip": OTHER}


def test_a_step_for_a_segment_asks_when_it_is_due(tagged, another_flow, placed, runs, at):
    another_flow("note")
    Step.objects.filter(key="note-mail").update(only_if=tagged)
    early, late = placed("1042"), placed("1043", email="bea@example.com")
    tag(early, "vip")
    sweep_until_quiet()
    tag(early)
    tag(late, "vip")
    travel_to(at("2026-11-02 12:00"))
    assert of(runs, early) == {"note-mail": ("skipped", "not_among")}
    assert of(runs, late) == {"note-mail": SENT}


def test_who_is_held_out_gets_what_they_need_and_nothing_that_sells(another_flow, placed, runs, at):
    Flow.objects.update(holdout_percent=100)
    selling, helping = another_flow("deal", purpose="marketing", holdout_percent=100), another_flow("help", holdout_percent=100)
    order = placed()
    travel_to(at("2026-11-02 12:00"))
    assert runs(order)["confirmation"] == SENT
    assert of(runs, order, "help") == {"help-mail": SENT}
    assert of(runs, order, "deal") == {"deal-mail": ("skipped", "holdout")}
    assert set(Enrollment.objects.filter(flow__in=[selling, helping]).values_list("is_held_out", flat=True)) == {True}


def test_each_customer_gets_the_wording_that_their_lot_says_and_the_run_keeps_which(another_flow, placed, at):
    flow = another_flow("note")
    wording = {"key": "b", "share": 50, "content": {"subject": "The other way to say it"}}
    Step.objects.filter(key="note-mail").update(variants=[wording])
    orders = [placed(f"10{number}", email=f"{number}@example.com") for number in range(8)]
    travel_to(at("2026-11-02 12:00"))
    lot = {order.customer_id: lots.variant(flow.pk, "note-mail", [wording], order.customer_id) for order in orders}
    assert dict(StepRun.objects.filter(step_key="note-mail").values_list("customer_id", "variant")) == lot
    subjects = dict(Message.objects.filter(flow="note").values_list("customer_id", "subject"))
    assert subjects == {pk: "The other way to say it" if key else "From note" for pk, key in lot.items()}
    assert set(lot.values()) == {"", "b"}
