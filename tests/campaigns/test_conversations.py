"""A second order while the first one's mails still come: one conversation, order mails about each."""

from collections import Counter

import pytest

from campaigns import runs as by_hand
from campaigns.models import StepRun
from campaigns.rehearsal import script, staging
from campaigns.tasks import sweep_until_quiet
from campaigns.travel import travel_to
from catalog.models import Product, ProductGuide
from customers.models import Customer
from messaging.models import Message
from orders.models import OrderLine
from stores import clock

pytestmark = pytest.mark.usefixtures("live_flow")


def deliver(order, tell, at, day: str) -> None:
    parcel = {"status": "delivered", "shipped_at": at("2026-11-03 12:00"), "delivered_at": at(day), "is_scanned": True}
    tell(order, "shipment.delivered", parcel=parcel)


def sent(order) -> set[str]:
    return set(Message.objects.filter(order=order, state="sent").values_list("step", flat=True))


def run_of(order, key: str) -> StepRun:
    return StepRun.objects.select_related("step", "enrollment__flow").get(order=order, step_key=key)


def test_two_orders_get_two_confirmations_and_one_of_everything_else_with_the_later_one(placed, tell, at):
    first = placed("1042")
    travel_to(at("2026-11-05 09:00"))
    deliver(first, tell, at, "2026-11-05 09:00")
    second = placed("1043")
    travel_to(at("2026-11-08 09:00"))
    deliver(second, tell, at, "2026-11-08 09:00")
    travel_to(at("2026-11-12 10:00"))
    assert by_hand.why(run_of(first, "check-in")) == "Waits for order 1043: one mail goes for both."
    travel_to(at("2026-12-20 09:00"))
    assert sent(first) == {"confirmation", "tips"}
    assert sent(second) == {"confirmation", "goes-well", "check-in", "thanks"}
    assert by_hand.why(run_of(first, "check-in")) == "Joined with order 1043’s."
    assert run_of(second, "tips").reason == "knows"


def test_a_rehearsal_of_them_comes_to_what_was_lived(placed, tell, at, live_flow):
    first = placed("1042")
    travel_to(at("2026-11-03 12:00"))
    tell(first, "shipment.shipped", parcel={"status": "in_transit", "shipped_at": at("2026-11-03 12:00"), "is_scanned": True})
    travel_to(at("2026-11-05 09:00"))
    deliver(first, tell, at, "2026-11-05 09:00")
    second = placed("1043")
    travel_to(at("2026-11-08 09:00"))
    deliver(second, tell, at, "2026-11-08 09:00")
    travel_to(at("2026-11-10 09:00"))
    third = placed("1044")
    travel_to(at("2026-11-15 21:00"))
    tell(third, "order.cancelled", cancelled_at=at("2026-11-15 21:00"))
    travel_to(at("2026-12-20 09:00"))
    played = script.write(live_flow, live_flow.version, since=at("2026-11-01 00:00"), until=at("2026-12-01 00:00"), now=clock.read())
    [outcomes] = staging.played(played, [first.customer_id])
    rehearsed = {(each.passage.order, each.part.key): (each.fate.value, each.reason or "") for each in outcomes}
    fates = {StepRun.State.HANDED_OVER: "would_send", StepRun.State.SKIPPED: "skipped", StepRun.State.CANCELLED: "skipped"}
    lived = {
        (run.order_id, run.step_key): (fates[StepRun.State(run.state)], run.facts.get("waited_for") or run.reason)
        for run in StepRun.objects.all()
    }
    assert rehearsed == lived
    assert Counter(reason for _, reason in lived.values()) == {"": 7, "merged": 3, "knows": 1, "cancelled": 4}


def test_where_the_later_order_comes_to_nothing_the_earlier_ones_mail_goes_after_all(placed, tell, at):
    first = placed("1042")
    travel_to(at("2026-11-05 09:00"))
    deliver(first, tell, at, "2026-11-05 09:00")
    second = placed("1043")
    travel_to(at("2026-11-13 10:00"))
    assert run_of(first, "check-in").reason == "merged"
    tell(second, "order.cancelled", cancelled_at=at("2026-11-13 10:00"))
    travel_to(at("2026-12-20 09:00"))
    assert "check-in" in sent(first)
    assert sent(second) == {"confirmation"}


def test_an_order_after_the_earlier_ones_mail_went_has_its_own(placed, tell, at):
    first = placed("1042")
    travel_to(at("2026-11-05 09:00"))
    deliver(first, tell, at, "2026-11-05 09:00")
    travel_to(at("2026-11-13 09:00"))
    second = placed("1043")
    travel_to(at("2026-11-14 09:00"))
    deliver(second, tell, at, "2026-11-14 09:00")
    travel_to(at("2026-12-20 09:00"))
    assert "check-in" in sent(first) and "check-in" in sent(second)
    assert "thanks" not in sent(first) and "thanks" in sent(second)


def test_tips_come_for_what_is_new_in_an_order(placed, store, tell, at):
    grinder = Product.objects.create(store=store, external_id="grinder", title="Grinder")
    ProductGuide.objects.create(store=store, product=grinder, headline="a fine grind", tips=["Turn it."])
    placed("1042")
    travel_to(at("2026-11-03 12:00"))
    second = placed("1043")
    OrderLine.objects.create(
        store=store, order=second, customer=Customer.objects.get(), placed_at=second.placed_at, product=grinder, external_id="2",
        name="Grinder", quantity=1, unit_price_minor=3900, position=2,
    )  # fmt: skip
    sweep_until_quiet()
    tell(second, "shipment.shipped", parcel={"status": "in_transit", "shipped_at": at("2026-11-03 13:00"), "is_scanned": True})
    travel_to(at("2026-11-05 09:00"))
    tips = Message.objects.get(order=second, step="tips").text
    assert "Turn it." in tips and "Rinse it." not in tips
