"""What a flow would have done with the latest orders: exact counts, by the live rules, and nothing written."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import recipes, stops
from campaigns.models import Flow, StepRun, StepSwitch
from campaigns.rehearsal import asking, past, quickly, script
from campaigns.tasks import sweep_until_quiet
from customers import tasks_for_staff
from customers.models import Customer
from offers.models import Offer, OfferCode
from orders.models import Order, OrderLine, Refund, Shipment
from segments import rules, saving
from stores import clock
from surveys import answers

DAY = timedelta(days=1)


@pytest.fixture
def flow(store, at) -> Flow:
    """The five mails as a draft on 2 December 2026, with soft opt-in and a code for everybody."""
    clock.set_to(at("2026-12-02 09:00"))
    store.soft_opt_in = True
    store.save()
    draft = recipes.install(store, "post-purchase", now=clock.read())
    Offer.objects.filter(store=store).update(code="THANKS10")
    return draft


@pytest.fixture
def ordered(placed, at):
    """Make an order of so many days ago that was shipped a day later and arrived two days after."""

    def make(number: str, *, days: int = 20, email: str = "", **fields) -> Order:
        moment = clock.read() - timedelta(days=days)
        order: Order = placed(number, moment=moment, email=email or f"p{number}@example.com", **fields)
        day = timedelta(days=1)
        Shipment.objects.create(
            store=order.store, order=order, external_id="p1", status="delivered", is_scanned=True, shipped_at=moment + day,
            delivered_at=moment + 3 * day,
        )  # fmt: skip
        return order

    return make


def counted(flow: Flow) -> dict[str, tuple[int, dict[str, int]]]:
    assert flow.version is not None
    found = quickly.rehearse(flow, flow.version, now=clock.read())
    return {count.step.key: (count.sent, {str(reason): number for reason, number in count.others}) for count in found.steps}


def test_three_orders_and_five_mails_each(flow, ordered):
    for number in ("1", "2", "3"):
        ordered(number, is_history=number == "3")
    found = quickly.rehearse(flow, flow.version, now=clock.read())
    assert (found.orders, found.sent, found.left_out, found.is_bounded) == (3, 15, 0, False)
    assert counted(flow) == dict.fromkeys(["confirmation", "tips", "goes-well", "check-in", "thanks"], (3, {}))


def test_only_real_orders_of_thirty_days_of_this_store_count(flow, ordered, other):
    ordered("1", days=29)
    ordered("2", days=31)
    ordered("3", is_test=True)
    assert quickly.rehearse(flow, flow.version, now=clock.read()).orders == 1
    assert quickly.rehearse(recipes.install(other, "post-purchase", now=clock.read()), flow.version, now=clock.read()).orders == 0


def test_each_left_out_mail_has_its_reason(flow, ordered, kettle):
    orders = {number: ordered(number) for number in "123456"}
    moment = orders["1"].placed_at
    Order.objects.filter(pk=orders["1"].pk).update(cancelled_at=moment + timedelta(hours=12))
    Customer.objects.filter(pk=orders["2"].customer_id).update(marketing="unsubscribed")
    OrderLine.objects.filter(order=orders["3"]).update(product=None)
    ordered("7", days=12, email="p4@example.com")
    tasks_for_staff.open_task(orders["5"].customer, kind="call", key="k", title="Call", due_at=clock.read(), now=moment + 4 * DAY)
    Shipment.objects.filter(order=orders["6"]).update(status="returned", source_updated_at=moment + 5 * DAY)
    found = quickly.rehearse(flow, flow.version, now=clock.read())
    assert [count.waiting for count in found.steps] == [0, 0, 1, 1, 1]  # what came back is not there any more
    assert counted(flow) == {
        "confirmation": (7, {}),
        "tips": (4, {"cancelled": 1, "no_tips": 1, "knows": 1}),
        "goes-well": (2, {"cancelled": 1, "unsubscribed": 1, "no_pairing": 1, "open_task": 1}),
        "check-in": (4, {"cancelled": 1, "merged": 1}),
        "thanks": (2, {"cancelled": 1, "unsubscribed": 1, "merged": 1, "open_task": 1}),
    }


def test_what_came_after_a_step_does_not_count_against_it(flow, ordered, store):
    late = ordered("1")
    Refund.objects.create(
        store=store, order=late, external_id="r", amount_minor=7900, shop_amount_minor=7900, at=late.placed_at + timedelta(days=8)
    )
    Order.objects.filter(pk=late.pk).update(refunded_minor=7900, financial_status="refunded")
    assert counted(flow) == {
        "confirmation": (1, {}), "tips": (1, {}), "goes-well": (1, {}), "check-in": (0, {"refunded": 1}), "thanks": (0, {"refunded": 1}),
    }  # fmt: skip


def test_an_answer_before_the_check_in_makes_it_needless(flow, ordered, store):
    order = ordered("1")
    asked = answers.ask("check-in", store=store, customer=order.customer, order=order, now=order.placed_at)
    answers.answer(asked, score=5, now=order.placed_at + timedelta(days=5))
    assert counted(flow)["check-in"] == (0, {"answered": 1})


def test_trouble_is_where_the_live_engine_sees_it(live_flow, ordered, placed, at):
    """Each parcel is asked about every half day, of the database and of the rehearsal."""
    placed("live")
    sweep_until_quiet()
    run = StepRun.objects.get(step_key="thanks")
    sent = clock.read() - 20 * DAY
    parcel = Shipment.objects.get(order=ordered("1", days=21, email="ana@example.com"))
    told = {"shipped_at": sent, "is_scanned": True, "status": "in_transit", "delivered_at": None}
    promised = {"expected_at": sent + 3 * DAY, "first_expected_at": sent + 3 * DAY}
    moved = {"expected_at": sent + 6 * DAY, "first_expected_at": sent + 3 * DAY}
    cases = [
        {**told, **promised}, {**told, **promised, "is_scanned": False}, {**told, **promised, "is_cancelled": True}, told,
        {**told, **promised, "status": "delivered", "delivered_at": sent + 5 * DAY},
        {**told, **moved, "said": {"estimates": [[sent.isoformat(), moved["first_expected_at"].isoformat()],
                                                 [sent.isoformat(), moved["expected_at"].isoformat()]]}},
        {**told, "status": "failure", "source_updated_at": sent}, {**told, **promised, "status": "returned", "source_updated_at": sent},
        {**told, "said": {"stalled": [sent.isoformat(), sent.isoformat()]}, "scans": [[sent.isoformat(), "in_transit", "", ""]]},
    ]  # fmt: skip
    clean: dict[str, Any] = {
        "is_cancelled": False,
        "expected_at": None,
        "first_expected_at": None,
        "source_updated_at": None,
        "said": {},
        "scans": [],
    }
    played = script.write(live_flow, live_flow.version, since=sent - 9 * DAY, until=clock.read(), now=clock.read())
    troubled = []
    for case in cases:
        Shipment.objects.filter(pk=parcel.pk).update(**{**clean, **case})
        [[passage, *_]] = past.load(played, [parcel.order.customer_id])
        moments = [sent + DAY * half / 2 for half in range(12 if case.get("delivered_at") is None else 13, 130, 3)]
        seen = [asking.within(passage.person.troubles, moment) for moment in moments]
        assert seen == [stops.of_runs([run.pk], now=moment)[run.pk].is_in_trouble for moment in moments], case
        troubled.append(any(seen))
    assert troubled == [True, False, False, False, False, True, True, False, True]


def test_a_pool_gives_no_more_codes_than_it_has(flow, ordered, store):
    Offer.objects.update(kind="pool", code="")
    for number in "12":
        OfferCode.objects.create(store=store, offer=Offer.objects.get(), code=number)
    for number in "12345":
        ordered(number)
    assert counted(flow)["thanks"] == (2, {"no_code": 3})
    Offer.objects.update(kind="shared")
    assert counted(flow)["thanks"] == (0, {"no_code": 5})


def test_the_merchants_switches_count_and_a_pause_of_everything_does_not(flow, ordered, store):
    ordered("1")
    StepSwitch.objects.create(store=store, flow=flow, step_key="confirmation", choice="shop")
    store.is_paused = True
    store.save()
    assert counted(flow)["confirmation"] == (0, {"shop_sends_it": 1})
    assert counted(flow)["tips"] == (1, {})


def test_the_flows_audience_is_kept_to(flow, ordered, store):
    ordered("1")
    flow.version.audience = saving.create(store, name="Everyone", rule=rules.EVERYONE, now=clock.read())
    assert quickly.rehearse(flow, flow.version, now=clock.read()).orders == 1


def test_more_orders_than_the_most_are_bounded_to_the_latest(flow, ordered, monkeypatch):
    monkeypatch.setattr(quickly, "MOST", 2)
    for number in "123":
        ordered(number)
    found = quickly.rehearse(flow, flow.version, now=clock.read())
    assert (found.orders, found.is_bounded, found.sent) == (2, True, 10)


def test_nothing_is_written_and_twenty_queries_are_enough_however_many_orders(flow, ordered):
    def queries() -> int:
        now = clock.read()
        with CaptureQueriesContext(connection) as seen:
            quickly.rehearse(flow, flow.version, now=now)
        return len(seen)

    for number in range(10):
        ordered(str(number))
    Offer.objects.update(kind="pool")
    before = {model._meta.label: model._default_manager.count() for model in apps.get_models()}
    ten = queries()
    assert {model._meta.label: model._default_manager.count() for model in apps.get_models()} == before
    for number in range(10, 20):
        ordered(str(number))
    assert queries() == ten
    assert ten <= 20


def test_without_orders_there_is_nothing_to_count(flow):
    found = quickly.rehearse(flow, flow.version, now=clock.read())
    assert (found.orders, found.sent, found.left_out, len(found.steps)) == (0, 0, 0, 5)
