"""Flows and their steps, switched on and off: nothing is lost, nothing is sent meanwhile, a person's own hold stays."""

import pytest
from django.core import mail

from campaigns import flows, recipes, runs
from campaigns.models import Enrollment, Flow, StepRun, StepSwitch
from campaigns.tasks import sweep_until_quiet
from campaigns.travel import travel_to
from messaging.models import Message
from stores import clock

Choice = StepSwitch.Choice


def states(step) -> list[tuple[str, str]]:
    return list(StepRun.objects.filter(step_key=step).order_by("pk").values_list("state", "reason"))


def switches() -> dict[str, str]:
    return dict(StepSwitch.objects.values_list("step_key", "choice"))


@pytest.mark.parametrize("change", ["no sender", "no steps"])
def test_without_a_sender_or_steps_a_flow_is_not_activated_and_the_reason_says_what_to_do(store, change):
    flow = recipes.install(store, "post-purchase", now=clock.read())
    if change == "no sender":
        store.sender_email = ""
        store.save()
        flow.refresh_from_db()
    else:
        flow.version = None
        flow.save()
    with pytest.raises(flows.CannotActivate, match=r"address your mails come from|no steps yet"):
        flows.activate(flow, now=clock.read())
    flow.refresh_from_db()
    assert (flow.state, flow.activated_at, switches()) == ("draft", None, {})


def test_activating_asks_who_sends_what_and_keeps_its_first_moment(store, at):
    flow = recipes.install(store, "post-purchase", now=clock.read())
    flows.activate(flow, now=at("2026-11-02 09:00"), shop_sends=frozenset({"confirmation"}))
    assert (flow.state, flow.activated_at, switches()) == ("live", at("2026-11-02 09:00"), {"confirmation": "shop"})
    flows.pause(flow, now=at("2026-11-03 09:00"))
    flows.activate(flow, now=at("2026-11-04 09:00"))
    assert (flow.activated_at, switches()) == (at("2026-11-02 09:00"), {"confirmation": "shop"})
    flows.activate(flow, now=at("2026-11-05 09:00"), shop_sends=frozenset())
    assert switches() == {"confirmation": "ours"}


def test_installing_twice_is_installing_once(store):
    first = recipes.install(store, "post-purchase", now=clock.read())
    again = recipes.install(store, "post-purchase", now=clock.read())
    assert (first.pk, Flow.objects.count(), again.version.steps.count() if again.version else 0) == (again.pk, 1, 5)
    with pytest.raises(recipes.UnknownRecipe, match="no recipe 'moon-phase'; there are: post-purchase, order-status"):
        recipes.install(store, "moon-phase", now=clock.read())


def test_a_paused_flow_lets_orders_in_and_sends_when_it_goes_on(live_flow, placed, at):
    placed("before")
    sweep_until_quiet()
    flows.pause(live_flow, now=clock.read())
    placed("meanwhile", email="tom@example.com")
    travel_to(at("2026-11-03 09:00"))
    assert (len(mail.outbox), Enrollment.objects.count()) == (1, 2)
    assert states("confirmation") == [("handed_over", ""), ("held", "paused")]
    flows.activate(live_flow, now=clock.read())
    sweep_until_quiet()
    assert (len(mail.outbox), states("confirmation")) == (2, [("handed_over", "")] * 2)


def test_what_was_paused_past_its_use_by_is_skipped_not_sent_late(live_flow, placed, at):
    flows.pause(live_flow, now=clock.read())
    placed()
    travel_to(at("2026-11-04 09:01"))
    assert states("confirmation") == [("skipped", "too_late")]
    flows.activate(live_flow, now=clock.read())
    sweep_until_quiet()
    assert mail.outbox == []


def test_resuming_keeps_a_persons_own_hold(live_flow, placed, tell, at, bob):
    order = placed()
    sweep_until_quiet()
    travel_to(at("2026-11-06 14:00"))
    tell(order, "shipment.delivered", parcel={"status": "delivered", "delivered_at": at("2026-11-06 14:00"), "is_scanned": True})
    sweep_until_quiet()
    runs.hold(StepRun.objects.get(step_key="check-in"), until=at("2026-11-25 09:00"), by=bob, now=clock.read())
    flows.pause(live_flow, now=clock.read())
    assert states("goes-well") + states("check-in") == [("held", "paused")] * 2
    flows.activate(live_flow, now=clock.read())
    assert states("goes-well") + states("check-in") == [("planned", ""), ("held", "paused")]
    travel_to(at("2026-11-24 09:00"))
    assert not Message.objects.filter(step="check-in").exists()
    travel_to(at("2026-11-26 09:00"))
    assert Message.objects.get(step="check-in").state == "sent"


def test_a_paused_store_stops_all_its_flows_and_no_other_stores(live_flow, placed, store, other, at):
    placed()
    flows.pause_store(store)
    sweep_until_quiet()
    assert (mail.outbox, states("confirmation")) == ([], [("held", "paused")])
    other.refresh_from_db()
    assert not other.is_paused
    flows.resume_store(store)
    sweep_until_quiet()
    assert len(mail.outbox) == 1


def test_resuming_the_store_does_not_send_what_the_flow_still_holds(live_flow, placed, store):
    flows.pause(live_flow, now=clock.read())
    flows.pause_store(store)
    placed()
    sweep_until_quiet()
    flows.resume_store(store)
    sweep_until_quiet()
    assert (mail.outbox, states("confirmation")) == ([], [("held", "paused")])


@pytest.mark.parametrize(
    ("choice", "state", "mails"),
    [(Choice.SHOP, ("skipped", "shop_sends_it"), 0), (Choice.PAUSED, ("held", "paused"), 0), (Choice.OURS, ("handed_over", ""), 1)],
)
def test_a_switched_step_goes_its_way_and_the_others_theirs(live_flow, placed, choice, state, mails):
    flows.switch_step(live_flow, "confirmation", choice, now=clock.read())
    placed()
    sweep_until_quiet()
    assert (states("confirmation"), states("tips"), len(mail.outbox)) == ([state], [("waiting", "")], mails)


def test_a_paused_step_that_is_ours_again_is_sent_by_its_plan(live_flow, placed, tell, at):
    order = placed()
    travel_to(at("2026-11-03 12:00"))
    tell(order, "shipment.shipped", parcel={"status": "in_transit", "shipped_at": at("2026-11-03 12:00"), "is_scanned": True})
    sweep_until_quiet()
    flows.switch_step(live_flow, "tips", Choice.PAUSED, now=clock.read())
    assert states("tips") == [("held", "paused")]
    flows.switch_step(live_flow, "tips", Choice.OURS, now=clock.read())
    assert states("tips") == [("planned", "")]
    travel_to(at("2026-11-05 09:00"))
    assert Message.objects.get(step="tips").state == "sent"


def test_a_mail_that_is_drawn_but_not_sent_is_taken_back_when_its_flow_pauses(live_flow, placed):
    from campaigns import gate, steps, triggers
    from messaging import sending

    placed()
    triggers.read(now=clock.read())
    steps.hand_over(now=clock.read(), is_urgent=True)
    flows.pause(live_flow, now=clock.read())
    sending.drain(gate=gate.check, is_urgent=True, now=clock.read())
    assert (mail.outbox, Message.objects.count(), states("confirmation")) == ([], 0, [("held", "paused")])
    flows.activate(live_flow, now=clock.read())
    sweep_until_quiet()
    assert len(mail.outbox) == 1
