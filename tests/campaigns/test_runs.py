"""What staff do with one planned mail, and the sentence that says why it is where it is."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail

from campaigns import runs
from campaigns.models import StepRun
from campaigns.tasks import sweep_until_quiet
from campaigns.travel import travel_to
from customers import consent, tasks_for_staff
from customers.models import Event
from messaging.models import Message
from messaging.reasons import Reason
from stores import clock

pytestmark = pytest.mark.usefixtures("live_flow")
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def delivered(placed, tell, at):
    """An order of the 2nd, delivered on the 6th at 14:00; now it is the 7th at noon."""
    order = placed()
    sweep_until_quiet()
    travel_to(at("2026-11-06 14:00"))
    parcel = {"status": "delivered", "shipped_at": at("2026-11-03 12:00"), "delivered_at": at("2026-11-06 14:00"), "is_scanned": True}
    tell(order, "shipment.delivered", parcel=parcel)
    travel_to(at("2026-11-07 12:00"))
    return order


def run_of(order, step) -> StepRun:
    return StepRun.objects.get(order=order, step_key=step)


def state(order, step) -> tuple[str, str]:
    run = run_of(order, step)
    return run.state, run.reason


def sent_at(step, zone=BERLIN) -> str:
    moment = Message.objects.get(step=step, state="sent").sent_at
    assert moment
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def acts() -> list[str]:
    return list(Event.objects.filter(kind="staff.acted").order_by("pk").values_list("data__text", flat=True))


def test_a_mail_on_hold_goes_when_the_hold_ends(delivered, at, bob):
    runs.hold(run_of(delivered, "check-in"), until=at("2026-11-20 09:00"), by=bob, now=clock.read())
    assert state(delivered, "check-in") == ("held", "paused")
    travel_to(at("2026-11-20 08:59"))
    assert not Message.objects.filter(step="check-in").exists()
    travel_to(at("2026-11-21 09:00"))
    assert sent_at("check-in") == "2026-11-20 09:00"
    assert acts() == ["Check-in: put on hold"]
    assert Event.objects.get(kind="staff.acted").data["until"] == "2026-11-20T08:00:00Z"


def test_a_hold_that_ends_before_the_due_time_changes_no_moment(delivered, at, bob):
    runs.hold(run_of(delivered, "check-in"), until=at("2026-11-09 09:00"), by=bob, now=clock.read())
    assert state(delivered, "check-in") == ("planned", "")
    travel_to(at("2026-11-14 09:00"))
    assert sent_at("check-in") == "2026-11-13 14:00"


def test_a_hold_outlasts_new_plans_and_a_long_one_still_ends_in_the_mail(delivered, tell, at, bob):
    runs.hold(run_of(delivered, "check-in"), until=at("2026-12-20 09:00"), by=bob, now=clock.read())
    tell(delivered, "order.changed")
    sweep_until_quiet()
    assert state(delivered, "check-in") == ("held", "paused")
    travel_to(at("2026-12-21 09:00"))
    assert sent_at("check-in") == "2026-12-20 09:00"


def test_a_waiting_mail_can_be_held_before_its_moment_is_known(placed, tell, at, bob):
    order = placed()
    sweep_until_quiet()
    runs.hold(run_of(order, "check-in"), until=at("2026-11-20 09:00"), by=bob, now=clock.read())
    assert state(order, "check-in") == ("waiting", "paused")
    travel_to(at("2026-11-06 14:00"))
    tell(order, "shipment.delivered", parcel={"status": "delivered", "delivered_at": at("2026-11-06 14:00"), "is_scanned": True})
    travel_to(at("2026-11-25 09:00"))
    assert sent_at("check-in") == "2026-11-20 09:00"


def test_a_released_mail_goes_by_its_plan_again(delivered, at, bob):
    runs.hold(run_of(delivered, "check-in"), until=at("2026-12-20 09:00"), by=bob, now=clock.read())
    runs.release(run_of(delivered, "check-in"), by=bob, now=clock.read())
    run = run_of(delivered, "check-in")
    assert (run.state, run.reason, run.use_by, "held_until" in run.facts) == ("planned", "", at("2026-11-20 14:00"), False)
    travel_to(at("2026-11-14 09:00"))
    assert sent_at("check-in") == "2026-11-13 14:00"


def test_a_skip_by_hand_can_be_undone_and_nothing_else_can(delivered, at, bob):
    runs.skip(run_of(delivered, "check-in"), by=bob, now=clock.read())
    assert state(delivered, "check-in") == ("skipped", "staff")
    runs.release(run_of(delivered, "check-in"), by=bob, now=clock.read())
    travel_to(at("2026-11-14 09:00"))
    assert sent_at("check-in") == "2026-11-13 14:00"
    assert acts() == ["Check-in: skipped", "Check-in: planned again"]
    StepRun.objects.filter(step_key="thanks").update(state="skipped", reason=Reason.NO_CODE)
    with pytest.raises(runs.NotOpen):
        runs.release(run_of(delivered, "thanks"), by=bob, now=clock.read())
    assert state(delivered, "thanks") == ("skipped", "no_code")


def test_a_skipped_mail_is_never_sent_whatever_is_planned_anew(delivered, tell, at, bob):
    runs.skip(run_of(delivered, "check-in"), by=bob, now=clock.read())
    tell(delivered, "order.changed")
    travel_to(at("2026-12-20 09:00"))
    assert state(delivered, "check-in") == ("skipped", "staff")
    assert not Message.objects.filter(step="check-in").exists()


def test_a_planned_mail_can_be_sent_now_and_only_once(delivered, tell, at, bob):
    runs.send_now(run_of(delivered, "thanks"), by=bob, now=clock.read())
    sweep_until_quiet()
    assert sent_at("thanks") == "2026-11-07 12:00"
    tell(delivered, "order.changed")
    travel_to(at("2026-12-20 09:00"))
    assert Message.objects.filter(step="thanks").count() == 1
    assert acts() == ["Thanks, for a time: sent ahead of its time"]


def test_a_waiting_mail_can_be_sent_now(placed, bob):
    order = placed()
    sweep_until_quiet()
    assert state(order, "check-in") == ("waiting", "")
    runs.send_now(run_of(order, "check-in"), by=bob, now=clock.read())
    sweep_until_quiet()
    assert state(order, "check-in") == ("handed_over", "")
    assert [message.subject for message in mail.outbox[1:]] == ["How is life with your Pour-over kettle?"]


def test_sending_now_asks_for_permission_all_the_same(delivered, bob):
    consent.withdraw(delivered.customer, topic="marketing", source="link", now=clock.read())
    runs.send_now(run_of(delivered, "thanks"), by=bob, now=clock.read())
    sweep_until_quiet()
    assert state(delivered, "thanks") == ("skipped", "unsubscribed")
    assert not Message.objects.filter(step="thanks").exists()


def test_news_between_the_press_and_the_sweep_does_not_take_it_back(delivered, tell, bob):
    runs.send_now(run_of(delivered, "check-in"), by=bob, now=clock.read())
    tell(delivered, "order.changed")
    sweep_until_quiet()
    assert state(delivered, "check-in") == ("handed_over", "")


@pytest.mark.parametrize("verb", ["hold", "release", "skip", "send_now"])
@pytest.mark.parametrize("closed", ["handed_over", "cancelled", "skipped"])
def test_what_is_no_longer_open_is_refused_and_stays(delivered, at, bob, verb, closed):
    StepRun.objects.filter(step_key="thanks").update(state=closed, reason="")
    more = {"until": at("2026-12-01 09:00")} if verb == "hold" else {}
    with pytest.raises(runs.NotOpen):
        getattr(runs, verb)(run_of(delivered, "thanks"), by=bob, now=clock.read(), **more)
    assert (state(delivered, "thanks"), acts()) == ((closed, ""), [])


def why(order, step) -> str:
    return runs.why(run_of(order, step), zone=BERLIN)


def test_why_before_shipping_and_after(placed, tell, at):
    order = placed()
    sweep_until_quiet()
    assert why(order, "confirmation") == "Planned because the order was placed on 2 November."
    assert why(order, "tips") == "Goes once the order is shipped, probably about 3 November."
    assert why(order, "check-in") == "Goes once the order has arrived, probably about 8 November."
    travel_to(at("2026-11-03 12:00"))
    parcel = {"status": "in_transit", "shipped_at": at("2026-11-03 12:00"), "expected_at": at("2026-11-04 14:00"), "is_scanned": True}
    tell(order, "shipment.shipped", parcel=parcel)
    sweep_until_quiet()
    assert why(order, "tips") == "Planned to stay ahead of the promised delivery."
    assert why(order, "goes-well") == "Goes once the order has arrived, probably about 4 November."
    tell(order, "shipment.moved", parcel={"expected_at": at("2026-11-09 14:00")})
    sweep_until_quiet()
    assert why(order, "tips") == "Planned because the order was shipped on 3 November."


def test_why_after_the_delivery_in_the_customers_days(delivered, at, bob):
    assert why(delivered, "check-in") == "Planned because the order arrived on 6 November."
    runs.send_now(run_of(delivered, "check-in"), by=bob, now=at("2026-11-08 00:30"))
    assert why(delivered, "check-in") == "Planned because staff asked for it on 8 November."
    assert runs.why(run_of(delivered, "check-in")) == "Planned because staff asked for it on 7 November."


def test_why_of_a_parcel_nobody_scans(placed, tell, at):
    order = placed()
    travel_to(at("2026-11-03 12:00"))
    tell(order, "shipment.shipped", parcel={"status": "pending", "shipped_at": at("2026-11-03 12:00")})
    sweep_until_quiet()
    assert why(order, "check-in") == "Planned because it was shipped without tracking and usually arrives by 8 November."


def test_why_of_what_is_held_skipped_or_cancelled(delivered, tell, at, bob, placed):
    runs.hold(run_of(delivered, "check-in"), until=at("2026-11-20 09:00"), by=bob, now=clock.read())
    assert why(delivered, "check-in") == "On hold: paused."
    runs.skip(run_of(delivered, "check-in"), by=bob, now=clock.read())
    assert why(delivered, "check-in") == "Skipped: skipped by hand."
    now = clock.read()
    tasks_for_staff.open_task(delivered.customer, kind="call", key="k", title="Call her", due_at=now + timedelta(days=1), now=now)
    sweep_until_quiet()
    assert why(delivered, "thanks") == "On hold: waits until an open task is closed."
    tell(delivered, "order.cancelled", cancelled_at=clock.read())
    sweep_until_quiet()
    assert why(delivered, "thanks") == "Cancelled: order was cancelled."
