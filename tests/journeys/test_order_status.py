"""Where the order is, told before anybody asks: the seven mails of the order-status recipe, each only when it is true."""

import pytest

from campaigns import estimates, flows, recipes
from campaigns.models import Enrollment, Flow, StepRun, StepSwitch
from campaigns.tasks import look_round
from campaigns.travel import travel_to
from customers.models import Event
from stores import clock
from tests.journeys.conftest import order, parcel


@pytest.fixture
def status_shop(shop):
    """A shop that lets us send its order-status mails beside the five."""
    flow = recipes.install(shop.store, "order-status", now=clock.read())
    flows.activate(flow, now=clock.read(), shop_sends=frozenset())
    return shop


def status_steps(shop) -> list[str]:
    return [step for step in shop.sent() if step in {run["key"] for run in recipes.RECIPES["order-status"].STEPS}]


def status_runs() -> dict[str, tuple[str, str]]:
    runs = StepRun.objects.filter(enrollment__flow__key="order-status")
    return {run.step_key: (run.state, run.reason) for run in runs}


def state_of_passage() -> str:
    return Enrollment.objects.get(flow__key="order-status").state


def ship(shop, at, *, when: str = "2026-11-03 12:00", expected: str = "2026-11-06 18:00", number: str = "1042"):
    travel_to(at(when))
    moments = {"shipped_at": clock.read().isoformat(), "expected_at": at(expected).isoformat()}
    shop.tell("shipments/create", parcel(number, at=clock.read(), **moments))


def news(shop, **fields):
    shop.tell("shipments/update", parcel(at=clock.read(), **fields))


def subjects(mails) -> list[str]:
    return [each.subject for each in mails()]


def test_a_parcel_that_comes_in_time_is_told_of_three_times(status_shop, at, mails):
    status_shop.tell("orders/create", order(at=clock.read()))
    ship(status_shop, at)
    travel_to(at("2026-11-06 08:00"))
    news(status_shop, status="out_for_delivery")
    travel_to(at("2026-11-06 14:00"))
    news(status_shop, status="delivered", delivered_at=clock.read().isoformat())
    assert status_steps(status_shop) == ["shipped", "out-for-delivery", "delivered"]
    told = {each.subject for each in mails()}
    assert {"It left us: arriving Friday", "Today: Pour-over kettle is out for delivery", "It is here: Pour-over kettle"} <= told
    assert status_runs() == {
        "shipped": ("handed_over", ""), "out-for-delivery": ("handed_over", ""), "delivered": ("handed_over", ""),
        "late": ("cancelled", "not_needed"), "problem": ("cancelled", "not_needed"), "refund-done": ("cancelled", "not_needed"),
        "ready": ("cancelled", "not_needed"),
    }  # fmt: skip
    assert state_of_passage() == "done"
    travel_to(at("2026-12-30 12:00"))
    assert status_steps(status_shop) == ["shipped", "out-for-delivery", "delivered"]


def test_a_parcel_to_be_fetched_is_told_of_with_its_place_and_last_day_and_is_never_late(status_shop, at, mails):
    status_shop.tell("orders/create", order(at=clock.read()))
    ship(status_shop, at)
    travel_to(at("2026-11-06 09:00"))
    news(status_shop, status="ready", pickup_place="Corner Shop, Rua Nova 9", pickup_until=at("2026-11-13 18:00").isoformat())
    assert status_steps(status_shop) == ["shipped", "ready"]
    told = next(each for each in mails() if each.subject == "Ready to be picked up: Pour-over kettle")
    assert "you can fetch it from DHL until Friday 13 November.\n\nWhere: Corner Shop, Rua Nova 9\n" in told.body
    travel_to(at("2026-11-10 12:00"))
    news(status_shop, status="delivered", delivered_at=clock.read().isoformat())
    assert status_steps(status_shop) == ["shipped", "ready", "delivered"]
    there = next(each for each in mails() if each.subject == "It is here: Pour-over kettle")
    assert "neighbours" not in there.body  # nobody else can have it


def test_a_parcel_that_does_not_come_is_late_by_the_clock_alone(status_shop, at, mails):
    status_shop.tell("orders/create", order(at=clock.read()))
    assert status_runs()["late"] == ("waiting", "")
    ship(status_shop, at)
    assert StepRun.objects.get(step_key="late").due_at == at("2026-11-07 18:00")
    travel_to(at("2026-11-07 17:59"))
    assert status_steps(status_shop) == ["shipped"]
    travel_to(at("2026-11-07 18:00"))
    assert status_steps(status_shop) == ["shipped", "late"]
    look_round()
    assert Event.objects.filter(kind="shipment.late", data__number="1042").count() == 1
    late = next(each for each in mails() if "late" in each.subject)
    assert late.subject == "It is late. We are sorry"
    assert "It was promised for Friday 6 November, and that did not hold." in late.body.replace("\n", " ")
    assert "DHL has not named a new day yet." in late.body.replace("\n", " ")
    travel_to(at("2026-11-09 11:00"))
    news(status_shop, status="delivered", delivered_at=clock.read().isoformat())
    assert status_steps(status_shop) == ["shipped", "late", "delivered"]
    assert state_of_passage() == "done"


def test_an_estimate_that_moves_by_a_day_is_told_at_once_and_one_that_moves_by_hours_is_not(status_shop, at, mails):
    status_shop.tell("orders/create", order(at=clock.read()))
    ship(status_shop, at)
    travel_to(at("2026-11-04 09:00"))
    news(status_shop, expected_at=at("2026-11-07 10:00").isoformat())
    assert status_steps(status_shop) == ["shipped"]
    assert StepRun.objects.get(step_key="late").due_at == at("2026-11-08 10:00")
    travel_to(at("2026-11-05 09:00"))
    news(status_shop, expected_at=at("2026-11-09 12:00").isoformat())
    assert status_steps(status_shop) == ["shipped", "late"]
    assert "It is late: now Monday. We are sorry" in subjects(mails)


def test_an_estimate_that_moves_back_in_time_takes_the_late_mail_away(status_shop, at):
    status_shop.tell("orders/create", order(at=clock.read()))
    ship(status_shop, at)
    travel_to(at("2026-11-07 12:00"))
    news(status_shop, expected_at=at("2026-11-07 17:00").isoformat())
    travel_to(at("2026-11-08 12:00"))
    news(status_shop, status="delivered", delivered_at=clock.read().isoformat())
    assert status_steps(status_shop) == ["shipped", "delivered"]


def test_a_failed_delivery_is_told_and_forgotten_when_it_goes_on(status_shop, at):
    status_shop.tell("orders/create", order(at=clock.read()))
    ship(status_shop, at)
    travel_to(at("2026-11-06 15:00"))
    news(status_shop, status="failure")
    assert status_steps(status_shop) == ["shipped", "problem"]
    travel_to(at("2026-11-07 10:00"))
    news(status_shop, status="delivered", delivered_at=clock.read().isoformat())
    assert status_steps(status_shop) == ["shipped", "problem", "delivered"]


def test_money_that_goes_back_long_after_the_parcel_is_told_and_ends_what_sells(status_shop, at, mails):
    placed = order(at=clock.read())
    status_shop.tell("orders/create", placed)
    ship(status_shop, at)
    travel_to(at("2026-11-06 14:00"))
    news(status_shop, status="delivered", delivered_at=clock.read().isoformat())
    travel_to(at("2026-11-08 14:00"))
    refund = {"external_id": "r1", "order_external_id": "ext-1042", "amount": "79.00", "at": clock.read().isoformat(), "lines": []}
    status_shop.tell("refunds/create", refund)
    assert status_steps(status_shop) == ["shipped", "delivered", "refund-done"]
    assert "Your money is on its way: €79.00" in subjects(mails)
    travel_to(at("2026-12-30 12:00"))
    assert status_shop.sent() == ["confirmation", "shipped", "tips", "delivered", "refund-done"]
    assert state_of_passage() == "done"


def test_a_cancelled_order_gets_word_of_its_money_and_of_nothing_else(status_shop, at):
    placed = order(at=clock.read())
    status_shop.tell("orders/create", placed)
    travel_to(at("2026-11-02 15:00"))
    now = clock.read().isoformat()
    status_shop.tell("orders/update", {**placed, "cancelled_at": now, "updated_at": now})
    assert {state for state, _ in status_runs().values()} == {"cancelled"}
    assert (state_of_passage(), Enrollment.objects.get(flow__key="order-status").left_reason) == ("left", "cancelled")
    travel_to(at("2026-11-03 15:00"))
    refund = {"external_id": "r1", "order_external_id": "ext-1042", "amount": "79.00", "at": clock.read().isoformat(), "lines": []}
    status_shop.tell("refunds/create", refund)
    travel_to(at("2026-12-03 15:00"))
    assert status_shop.sent() == ["confirmation", "refund-done"]
    assert Event.objects.filter(kind="flow.left", data__reason="cancelled").count() == 2


def test_without_tracking_nothing_is_claimed_that_nobody_knows(status_shop, at):
    """Shipped is a fact; that it arrived would only be taken for granted."""
    status_shop.tell("orders/create", order(at=clock.read()))
    travel_to(at("2026-11-03 12:00"))
    status_shop.tell("shipments/create", parcel(at=clock.read(), status="pending", shipped_at=clock.read().isoformat()))
    travel_to(at("2026-12-30 12:00"))
    assert status_steps(status_shop) == ["shipped"]
    assert status_runs()["delivered"] == ("skipped", "not_sure")
    assert state_of_passage() == "done"


def test_a_late_parcel_holds_what_other_flows_sell_until_it_is_there(status_shop, at):
    """Of two orders the first is late: the second one's offer waits for it, its check-in does not."""
    status_shop.tell("orders/create", order("1", at=clock.read()))
    ship(status_shop, at, when="2026-11-02 12:00", expected="2026-11-04 12:00", number="1")
    travel_to(at("2026-11-03 12:00"))
    status_shop.tell("orders/create", order("2", at=clock.read()))
    travel_to(at("2026-11-04 12:00"))
    now = clock.read().isoformat()
    status_shop.tell("shipments/create", parcel("2", at=clock.read(), status="delivered", shipped_at=now, delivered_at=now))
    travel_to(at("2026-11-09 12:00"))
    goes_well = StepRun.objects.get(step_key="goes-well", order__number="2")
    assert (goes_well.state, goes_well.reason) == ("held", "trouble")
    travel_to(at("2026-11-12 12:00"))
    assert status_shop.sent()[-1] == "check-in"
    status_shop.tell("shipments/update", parcel("1", at=clock.read(), status="delivered", delivered_at=clock.read().isoformat()))
    goes_well.refresh_from_db()
    assert (goes_well.state, goes_well.reason) == ("handed_over", "")


def test_the_shop_keeps_the_mails_it_sends_itself(status_shop, at):
    flow = Flow.objects.get(key="order-status")
    flows.switch_step(flow, "shipped", StepSwitch.Choice.SHOP, now=clock.read())
    status_shop.tell("orders/create", order(at=clock.read()))
    ship(status_shop, at)
    assert status_steps(status_shop) == []
    assert status_runs()["shipped"] == ("skipped", "shop_sends_it")


def test_an_estimate_that_comes_without_other_news_makes_a_parcel_late_too(status_shop, at):
    status_shop.tell("orders/create", order(at=clock.read()))
    travel_to(at("2026-11-03 12:00"))
    status_shop.tell("shipments/create", parcel(at=clock.read(), shipped_at=clock.read().isoformat()))
    travel_to(at("2026-11-03 15:00"))
    news(status_shop, expected_at=at("2026-11-06 18:00").isoformat())
    assert status_runs()["late"] == ("waiting", "")
    look_round()
    assert estimates.take_up(now=clock.read()) == 0
    assert StepRun.objects.get(step_key="late").due_at == at("2026-11-07 18:00")
    travel_to(at("2026-11-07 18:00"))
    assert status_steps(status_shop) == ["shipped", "late"]


def scanned(shop, moment, words="Sorted", **more):
    scan = {"at": moment.isoformat(), "status": "in_transit", "text": words, "place": "Bremen"}
    shop.tell("tracking/update", {"tracking_number": "JD1", "carrier": "DHL", "scans": [scan], "updated_at": moment.isoformat(), **more})


def test_a_parcel_that_falls_silent_is_told_before_anybody_asks_and_only_once(status_shop, at, mails):
    status_shop.tell("orders/create", order(at=clock.read()))
    travel_to(at("2026-11-03 12:00"))
    shipped = parcel(at=clock.read(), shipped_at=clock.read().isoformat(), tracking_number="JD1", carrier="DHL", status="pending")
    status_shop.tell("shipments/create", shipped)
    scanned(status_shop, at("2026-11-03 18:00"))
    travel_to(at("2026-11-08 17:00"))
    look_round()
    assert not Event.objects.filter(kind="shipment.stalled").exists()
    travel_to(at("2026-11-08 19:00"))
    for _ in range(2):
        look_round()
    travel_to(at("2026-11-08 19:05"))
    assert Event.objects.get(kind="shipment.stalled").data["days"] == 5
    assert status_steps(status_shop) == ["shipped", "late"]
    assert "No news of your parcel: we look for it" in subjects(mails)
    goes_well = StepRun.objects.get(step_key="goes-well")
    scanned(status_shop, at("2026-11-08 20:00"), expected_at=at("2026-11-10 12:00").isoformat())
    look_round()
    goes_well.refresh_from_db()
    assert (Event.objects.filter(kind="shipment.stalled").count(), goes_well.state) == (1, "waiting")


def test_a_first_silent_estimate_keeps_the_tips_ahead_of_the_parcel(status_shop, at):
    status_shop.tell("orders/create", order(at=clock.read()))
    travel_to(at("2026-11-03 12:00"))
    status_shop.tell("shipments/create", parcel(at=clock.read(), shipped_at=clock.read().isoformat(), tracking_number="JD1", carrier="DHL"))
    tips = StepRun.objects.get(step_key="tips")
    assert tips.due_at.replace(second=0, microsecond=0) == at("2026-11-04 12:00")
    scanned(status_shop, at("2026-11-03 13:00"), expected_at=at("2026-11-04 12:00").isoformat())
    look_round()
    tips.refresh_from_db()
    assert tips.due_at == at("2026-11-04 06:00")
    assert estimates.take_up(now=clock.read()) == 0
