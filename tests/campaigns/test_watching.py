"""A flow that only watches: everything is decided and written down, nothing is sent, given or asked."""

from dataclasses import replace

import pytest
from django.core import mail

from campaigns import decisions, flows, steps, triggers
from campaigns.decisions import Hold, Send, Skip
from campaigns.models import Enrollment, Flow, Step, StepRun
from campaigns.runs import send_now
from campaigns.tasks import sweep_until_quiet
from campaigns.travel import travel_to
from customers.models import Customer, Event
from messaging.models import Message
from messaging.reasons import Reason
from offers.models import Offer, OfferCode
from stores import clock
from surveys.models import Response

WATCHED, WAITING, SENT = ("skipped", "watch_only"), ("waiting", ""), ("handed_over", "")


@pytest.fixture
def watching(live_flow: Flow) -> Flow:
    flows.watch(live_flow, now=clock.read())
    Offer.objects.update(kind="pool", code="")
    OfferCode.objects.create(store=live_flow.store, offer=Offer.objects.get(), code="ONE")
    return live_flow


def shipped_and_delivered(order, tell, at):
    travel_to(at("2026-11-03 12:00"))
    parcel = {"status": "in_transit", "shipped_at": at("2026-11-03 12:00"), "expected_at": at("2026-11-06 18:00"), "is_scanned": True}
    tell(order, "shipment.shipped", parcel=parcel)
    travel_to(at("2026-11-06 14:00"))
    tell(order, "shipment.delivered", parcel={"status": "delivered", "delivered_at": at("2026-11-06 14:00")})


def test_the_whole_life_is_decided_and_nothing_is_sent_given_or_asked(watching, placed, tell, at, runs):
    order = placed()
    shipped_and_delivered(order, tell, at)
    travel_to(at("2026-12-01 12:00"))
    assert runs(order) == dict.fromkeys(["confirmation", "tips", "goes-well", "check-in", "thanks"], WATCHED)
    assert (mail.outbox, Message.objects.count(), Response.objects.count()) == ([], 0, 0)
    assert OfferCode.objects.get().issued_at is None
    assert Enrollment.objects.get().state == "done"


def test_what_would_have_gone_is_told_with_its_subject(watching, placed, at):
    placed()
    sweep_until_quiet()
    told = Event.objects.get(kind="mail.skipped")
    assert (told.data["reason"], told.data["words"]) == ("watch_only", "Watched only: this mail would have gone")
    assert told.data["subject"].startswith("Got it, Ana")
    run = StepRun.objects.get(step_key="confirmation")
    assert (run.facts["subject"], run.decided_at, run.message) == (told.data["subject"], told.occurred_at, None)


def test_what_would_not_have_gone_keeps_its_own_reason(watching, placed, tell, at, runs):
    order = placed()
    Customer.objects.update(marketing="unsubscribed")
    shipped_and_delivered(order, tell, at)
    travel_to(at("2026-12-01 12:00"))
    assert runs(order)["goes-well"] == ("skipped", "unsubscribed")
    assert runs(order)["check-in"] == WATCHED


def test_a_mail_that_could_not_be_drawn_is_not_called_one_that_would_have_gone(watching, placed, runs):
    step = watching.version.steps.get(key="confirmation")
    Step.objects.filter(pk=step.pk).update(content={**step.content, "subject": "{{ nothing }}"})
    order = placed()
    sweep_until_quiet()
    assert runs(order)["confirmation"] == ("skipped", "render")


def test_once_it_sends_for_real_people_go_on_from_their_next_step(watching, placed, tell, at, runs):
    order = placed()
    sweep_until_quiet()
    flows.activate(watching, now=clock.read())
    sweep_until_quiet()
    assert runs(order) == {"confirmation": WATCHED, "tips": WAITING, "goes-well": WAITING, "check-in": WAITING, "thanks": WAITING}
    assert mail.outbox == []
    shipped_and_delivered(order, tell, at)
    travel_to(at("2026-12-01 12:00"))
    assert [message.step for message in Message.objects.order_by("pk")] == ["tips", "goes-well", "check-in", "thanks"]
    assert runs(order)["confirmation"] == WATCHED


def test_a_live_flow_that_is_told_to_watch_sends_not_even_what_lies_in_the_outbox(live_flow, placed, runs):
    order = placed()
    triggers.read(now=clock.read())
    steps.hand_over(now=clock.read(), is_urgent=True)
    assert runs(order)["confirmation"] == SENT
    flows.watch(live_flow, now=clock.read())
    sweep_until_quiet()
    assert mail.outbox == []
    assert runs(order)["confirmation"] == WATCHED
    assert (Message.objects.get().state, Message.objects.get().reason) == ("cancelled", "watch_only")


def test_watching_takes_up_what_a_pause_held(live_flow, placed, runs):
    flows.pause(live_flow, now=clock.read())
    order = placed()
    sweep_until_quiet()
    assert runs(order)["confirmation"] == ("held", "paused")
    flows.watch(live_flow, now=clock.read())
    sweep_until_quiet()
    assert runs(order)["confirmation"] == WATCHED


def test_sending_one_mail_by_hand_does_not_break_the_watch(watching, placed, alice, runs):
    order = placed()
    sweep_until_quiet()
    tips = StepRun.objects.get(step_key="tips")
    send_now(tips, by=alice, now=clock.read())
    sweep_until_quiet()
    assert (mail.outbox, runs(order)["tips"]) == ([], WATCHED)


def test_who_sends_a_step_stays_as_it_was_answered(live_flow, placed, runs):
    flows.activate(live_flow, now=clock.read(), shop_sends=frozenset({"confirmation"}))
    flows.watch(live_flow, now=clock.read())
    order = placed()
    sweep_until_quiet()
    assert runs(order)["confirmation"] == ("skipped", "shop_sends_it")
    flows.activate(live_flow, now=clock.read())
    assert live_flow.switches.get(step_key="confirmation").choice == "shop"


def test_watching_needs_no_senders_address_and_a_flow_with_steps(live_flow):
    live_flow.store.sender_email = ""
    flows.watch(live_flow, now=clock.read())
    assert Flow.objects.get().state == "watching"
    with pytest.raises(flows.CannotActivate, match="Enter the address"):
        flows.activate(live_flow, now=clock.read())
    live_flow.version = None
    with pytest.raises(flows.CannotActivate, match="no steps"):
        flows.watch(live_flow, now=clock.read())


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({}, Skip(Reason.WATCH_ONLY)),
        ({"refusal": Reason.NO_CONSENT}, Skip(Reason.NO_CONSENT)),
        ({"conditions": ("has_tips",)}, Skip(Reason.NO_TIPS)),
        ({"is_paused": True}, "hold"),
        ({"is_watched": False}, Send()),
    ],
)
def test_watching_is_the_last_word_only_where_the_mail_could_go(at, more, verdict):
    situation = decisions.Situation(now=at("2026-11-02 09:00"), use_by=at("2026-11-03 09:00"), is_selling=False)
    decided = decisions.decide(replace(situation, **{"is_watched": True, **more}))
    assert isinstance(decided, Hold) if verdict == "hold" else decided == verdict
