"""Enrolling, planning, re-planning, deciding and sending, with real rows and the real sweeps."""

import pytest
from django.core import mail

from campaigns import flows
from campaigns.models import Enrollment, Flow, StepRun, StepSwitch
from campaigns.tasks import sweep_until_quiet
from campaigns.travel import travel_to
from customers import consent, tasks_for_staff
from customers.models import Customer, Event, Task, Unread
from messaging.models import Message
from messaging.reasons import Reason
from offers.models import Offer, OfferCode
from orders.models import OrderLine
from stores import clock
from surveys import answers
from surveys.models import Response

pytestmark = pytest.mark.usefixtures("live_flow")

WAITING, PLANNED, HELD, SENT = ("waiting", ""), ("planned", ""), ("held", "open_task"), ("handed_over", "")


def sent() -> list[str]:
    return list(Message.objects.filter(state="sent").order_by("sent_at", "pk").values_list("step", flat=True))


def due(order, step, at_zone="Europe/Berlin") -> str:
    from zoneinfo import ZoneInfo

    return StepRun.objects.get(order=order, step_key=step).due_at.astimezone(ZoneInfo(at_zone)).strftime("%Y-%m-%d %H:%M")


def deliver(order, tell, at, day="2026-11-06 14:00"):
    parcel = {"status": "delivered", "shipped_at": at("2026-11-03 12:00"), "delivered_at": at(day), "is_scanned": True}
    tell(order, "shipment.delivered", parcel=parcel)


def ship(order, tell, at, expected="2026-11-06 18:00"):
    parcel = {"status": "in_transit", "shipped_at": at("2026-11-03 12:00"), "expected_at": at(expected), "is_scanned": True}
    tell(order, "shipment.shipped", parcel=parcel)


def test_an_order_enters_once_gets_its_confirmation_at_once_and_a_plan_for_the_rest(placed, runs):
    order = placed()
    sweep_until_quiet()
    sweep_until_quiet()
    assert sent() == ["confirmation"]
    assert [message.to for message in mail.outbox] == [["Ana Ribeiro <ana@example.com>"]]
    assert runs(order) == {"confirmation": SENT, "tips": WAITING, "goes-well": WAITING, "check-in": WAITING, "thanks": WAITING}
    assert Enrollment.objects.get().state == "active"
    assert Unread.objects.filter(reader="flows").count() == 0


def test_the_whole_life_sends_five_mails_each_at_its_moment(placed, tell, at, runs):
    order = placed()
    travel_to(at("2026-11-03 12:00"))
    ship(order, tell, at)
    travel_to(at("2026-11-06 14:00"))
    deliver(order, tell, at)
    travel_to(at("2026-12-01 09:00"))
    moments = {message.step: message.sent_at for message in Message.objects.filter(state="sent") if message.sent_at}
    assert {step: moment.replace(microsecond=0, second=0) for step, moment in moments.items()} == {
        "confirmation": at("2026-11-02 09:00"),
        "tips": at("2026-11-04 12:00"),
        "goes-well": at("2026-11-10 10:00"),
        "check-in": at("2026-11-13 14:00"),
        "thanks": at("2026-11-20 14:00"),
    }
    assert Enrollment.objects.get().state == "done"
    assert Event.objects.filter(kind="mail.sent").count() == 5
    assert "THANKS10" in mail.outbox[-1].body


def test_a_moved_estimate_moves_the_tips_and_the_forecasts(placed, tell, at, runs):
    order = placed()
    travel_to(at("2026-11-03 12:00"))
    ship(order, tell, at, expected="2026-11-04 14:00")
    sweep_until_quiet()
    assert due(order, "tips") == "2026-11-04 08:00"
    assert due(order, "goes-well") == "2026-11-08 10:00"
    ship(order, tell, at, expected="2026-11-09 18:00")
    sweep_until_quiet()
    assert due(order, "tips") == "2026-11-04 12:00"
    assert due(order, "goes-well") == "2026-11-13 10:00"
    assert runs(order)["goes-well"] == WAITING


def test_an_estimate_that_passes_sends_nothing_that_waits_for_the_delivery(placed, tell, at, runs):
    order = placed()
    travel_to(at("2026-11-03 12:00"))
    ship(order, tell, at)
    travel_to(at("2026-12-20 12:00"))
    assert sent() == ["confirmation", "tips"]
    assert runs(order)["check-in"] == WAITING


def test_a_parcel_nobody_scans_counts_as_there_after_the_usual_days(placed, tell, at):
    order = placed()
    travel_to(at("2026-11-03 12:00"))
    tell(order, "shipment.shipped", parcel={"status": "pending", "shipped_at": at("2026-11-03 12:00")})
    travel_to(at("2026-12-01 12:00"))
    assert sent() == ["confirmation", "tips", "goes-well", "check-in", "thanks"]


def test_a_cancelled_order_sends_nothing_more(placed, tell, at, runs):
    order = placed()
    travel_to(at("2026-11-03 12:00"))
    ship(order, tell, at)
    travel_to(at("2026-11-05 09:00"))
    tell(order, "order.cancelled", cancelled_at=clock.read())
    travel_to(at("2026-12-20 12:00"))
    assert sent() == ["confirmation", "tips"]
    assert runs(order)["thanks"] == ("cancelled", "cancelled")
    assert (Enrollment.objects.get().state, Enrollment.objects.get().left_reason) == ("left", "cancelled")


def test_a_cancellation_between_drawing_and_sending_is_caught_by_the_gate(placed, runs, monkeypatch):
    from campaigns import steps
    from messaging import sending

    order = placed()
    from campaigns import triggers

    triggers.read(now=clock.read())
    steps.hand_over(now=clock.read(), is_urgent=True)
    type(order).objects.filter(pk=order.pk).update(cancelled_at=clock.read())
    from campaigns import gate

    sending.drain(gate=gate.check, is_urgent=True, now=clock.read())
    assert (mail.outbox, runs(order)["confirmation"]) == ([], ("skipped", "cancelled"))
    assert Message.objects.get().state == "cancelled"


@pytest.mark.parametrize("fields", [{"is_test": True}, {"is_history": True}])
def test_test_orders_and_history_enter_nothing(placed, fields):
    placed(**fields)
    sweep_until_quiet()
    assert (Enrollment.objects.count(), mail.outbox) == (0, [])


def test_an_order_past_its_confirmations_use_by_at_first_sight_enters_nothing(placed, at):
    placed("old", moment=at("2026-10-31 08:59"))
    recent = placed("recent", email="other@example.com", moment=at("2026-10-31 09:30"))
    sweep_until_quiet()
    assert list(Enrollment.objects.values_list("order", flat=True)) == [recent.pk]


def test_what_the_shop_sends_itself_is_skipped(placed, live_flow, runs):
    flows.switch_step(live_flow, "confirmation", StepSwitch.Choice.SHOP, now=clock.read())
    order = placed()
    sweep_until_quiet()
    assert (mail.outbox, runs(order)["confirmation"]) == ([], ("skipped", "shop_sends_it"))


def test_without_permission_selling_is_skipped_and_service_goes(placed, tell, at, store, runs):
    store.soft_opt_in = False
    store.save()
    order = placed()
    travel_to(at("2026-11-06 14:00"))
    deliver(order, tell, at)
    travel_to(at("2026-12-01 12:00"))
    assert sent() == ["confirmation", "tips", "check-in"]
    assert runs(order)["thanks"] == ("skipped", "no_consent")


def test_who_unsubscribes_gets_no_offer(placed, tell, at, runs):
    order = placed()
    travel_to(at("2026-11-06 14:00"))
    deliver(order, tell, at)
    travel_to(at("2026-11-12 12:00"))
    consent.withdraw(order.customer, topic="marketing", source="unsubscribe link", now=clock.read())
    travel_to(at("2026-12-01 12:00"))
    assert runs(order)["thanks"] == ("skipped", "unsubscribed")
    assert runs(order)["check-in"] == SENT


def test_a_low_answer_opens_a_task_and_holds_what_sells_until_it_is_closed(placed, tell, at, runs, bob):
    order = placed()
    travel_to(at("2026-11-06 14:00"))
    deliver(order, tell, at)
    travel_to(at("2026-11-13 15:00"))
    answers.answer(Response.objects.get(order=order), score=1, now=clock.read())
    sweep_until_quiet()
    assert (Task.objects.get().state, runs(order)["thanks"]) == ("open", HELD)
    travel_to(at("2026-11-22 15:00"))
    assert "thanks" not in sent()
    tasks_for_staff.close(Task.objects.get(), by=bob, now=clock.read())
    sweep_until_quiet()
    assert "thanks" in sent()


def test_a_task_left_open_past_the_use_by_ends_in_too_late(placed, tell, at, runs):
    order = placed()
    travel_to(at("2026-11-06 14:00"))
    deliver(order, tell, at)
    travel_to(at("2026-11-13 15:00"))
    answers.answer(Response.objects.get(order=order), score=2, now=clock.read())
    travel_to(at("2026-12-20 15:00"))
    assert runs(order)["thanks"] == ("skipped", "too_late")


def test_a_high_answer_brings_thanks_forward_to_three_days_later(placed, tell, at):
    order = placed()
    travel_to(at("2026-11-06 14:00"))
    deliver(order, tell, at)
    travel_to(at("2026-11-13 16:00"))
    answers.answer(Response.objects.get(order=order), score=5, now=clock.read())
    sweep_until_quiet()
    assert due(order, "thanks") == "2026-11-16 16:00"


def test_who_buys_again_gets_no_offer_for_the_first_order(placed, tell, at, runs):
    order = placed()
    travel_to(at("2026-11-06 14:00"))
    deliver(order, tell, at)
    travel_to(at("2026-11-15 12:00"))
    placed("1043")
    travel_to(at("2026-12-01 12:00"))
    assert runs(order)["thanks"] == ("skipped", "merged")


def test_nothing_is_suggested_that_is_in_the_order_or_owned_already(placed, store, kettle):
    filters = kettle.pairings.get().suggested
    order = placed(email="new@example.com")
    OrderLine.objects.create(
        store=store, order=order, customer=order.customer, placed_at=order.placed_at, product=filters, external_id="2",
        name="Paper filters", quantity=1, unit_price_minor=750, position=2,
    )  # fmt: skip
    again = placed("1043", email="new@example.com")
    without = placed("1044", email="other@example.com")
    sweep_until_quiet()
    texts = {message.order_id: message.text for message in Message.objects.all()}
    assert "38 people added filters" in texts[without.pk]
    assert "38 people added filters" not in texts[order.pk] + texts[again.pk]


def test_without_tips_pairings_or_a_code_each_step_says_so(placed, tell, at, runs, kettle):
    kettle.guide.delete()
    kettle.pairings.all().delete()
    Offer.objects.update(code="")
    order = placed()
    travel_to(at("2026-11-06 14:00"))
    deliver(order, tell, at)
    travel_to(at("2026-12-01 12:00"))
    got = runs(order)
    assert (got["tips"], got["goes-well"], got["thanks"]) == (("skipped", "no_tips"), ("skipped", "no_pairing"), ("skipped", "no_code"))


def test_a_pool_gives_each_person_one_code_and_runs_dry_in_words(placed, tell, at, runs, store):
    offer = Offer.objects.get()
    offer.kind, offer.code = Offer.Kind.POOL, ""
    offer.save()
    OfferCode.objects.create(store=store, offer=offer, code="ONE-OFF-1")
    first, second = placed("1"), placed("2", email="tom@example.com")
    travel_to(at("2026-11-06 14:00"))
    deliver(first, tell, at)
    deliver(second, tell, at)
    travel_to(at("2026-12-01 12:00"))
    assert sorted([runs(first)["thanks"], runs(second)["thanks"]]) == [SENT, ("skipped", "no_code")]
    assert OfferCode.objects.get().state == "given"
    assert sum("ONE-OFF-1" in message.body for message in mail.outbox) == 1


def test_a_paused_flow_holds_and_goes_on_when_resumed(placed, live_flow, runs):
    flows.pause(live_flow, now=clock.read())
    order = placed()
    sweep_until_quiet()
    assert (mail.outbox, runs(order)["confirmation"]) == ([], ("held", "paused"))
    flows.activate(Flow.objects.get(), now=clock.read())
    sweep_until_quiet()
    assert sent() == ["confirmation"]


def test_a_refunded_item_leaves_and_a_full_refund_ends_everything(placed, tell, at, runs):
    order = placed()
    sweep_until_quiet()
    tell(order, "order.refunded", refunded_minor=7900, financial_status="refunded")
    sweep_until_quiet()
    assert runs(order)["tips"] == ("cancelled", "refunded")


def test_a_mail_that_cannot_be_drawn_is_skipped_and_the_others_go(placed, live_flow, runs):
    step = live_flow.version.steps.get(key="confirmation")
    good = [placed(f"good-{n}", email=f"good{n}@example.com") for n in range(3)]
    bad = placed("bad", email="bad@example.com")
    from campaigns import triggers

    triggers.read(now=clock.read())
    StepRun.objects.filter(order=bad, step_key="confirmation").update(step=_broken(step))
    sweep_until_quiet()
    assert runs(bad)["confirmation"] == ("skipped", "render")
    assert [runs(order)["confirmation"] for order in good] == [SENT] * 3


def _broken(step):
    step.pk, step.key, step.position = None, "broken", 99
    step.content = {"subject": "{{ ", "blocks": [{"kind": "text", "text": "{% if"}]}
    step.save()
    return step


def test_a_buyer_without_an_address_gets_nothing_and_says_why(placed, runs):
    order = placed()
    Customer.objects.update(email="", email_key=None)
    sweep_until_quiet()
    assert (mail.outbox, runs(order)["confirmation"]) == ([], ("skipped", Reason.NO_ADDRESS))
