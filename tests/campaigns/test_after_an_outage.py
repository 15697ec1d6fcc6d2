"""Days without a worker: what is of no use any more is skipped and says so, the rest goes, order mails first, and nobody gets a burst."""

from collections import Counter

from django.core import mail

from campaigns import tasks
from campaigns.models import StepRun
from messaging.models import Message
from orders.models import Order
from stores import clock

MANY = 30


def ship(placed, tell, at) -> list[Order]:
    """Ship many orders at noon of 3 November: their tips are due a day later, six hours before the promised delivery at the latest."""
    orders = [placed(f"{number}", email=f"p{number}@example.com") for number in range(MANY)]
    tasks.sweep_until_quiet()
    clock.set_to(at("2026-11-03 12:00"))
    for order in orders:
        parcel = {"status": "in_transit", "shipped_at": at("2026-11-03 12:00"), "expected_at": at("2026-11-05 18:00"), "is_scanned": True}
        tell(order, "shipment.shipped", parcel=parcel)
    tasks.sweep_until_quiet()
    mail.outbox.clear()
    return orders


def test_days_late_a_mail_speaks_of_the_parcel_as_it_is_by_then(live_flow, placed, tell, at):
    orders = ship(placed, tell, at)
    clock.set_to(at("2026-11-06 12:00"))
    for order in orders:
        tell(order, "shipment.delivered", parcel={"status": "delivered", "delivered_at": at("2026-11-05 17:00")})
    tasks.sweep_until_quiet()
    assert {each.subject for each in mail.outbox} == {"Now that it is here: 3 steps to a first brew"}
    assert {"on its way" in str(each.body) for each in mail.outbox} == {False}


def test_what_is_of_no_use_any_more_is_skipped_and_says_why(live_flow, placed, tell, at):
    ship(placed, tell, at)
    clock.set_to(at("2026-11-08 12:01"))
    tasks.sweep_until_quiet()
    assert mail.outbox == []
    assert Counter(StepRun.objects.filter(step_key="tips").values_list("state", "reason")) == {("skipped", "too_late"): MANY}


def test_of_what_piled_up_the_order_mail_goes_first_and_nobody_gets_two_at_once(live_flow, placed, tell, at):
    ship(placed, tell, at)
    clock.set_to(at("2026-11-04 20:00"))
    placed("late", email="late@example.com")
    tasks.sweep_until_quiet()
    lately = Message.objects.filter(state="sent", sent_at__gte=at("2026-11-04 12:00"))
    sent = list(lately.order_by("sent_at", "pk").values_list("step", "to_email"))
    assert sent[0] == ("confirmation", "late@example.com")
    assert Counter(step for step, _ in sent) == {"confirmation": 1, "tips": MANY}
    assert max(Counter(to for _, to in sent).values()) == 1
