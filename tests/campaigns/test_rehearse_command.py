"""The command that rehearses: exact counts and moments in a small world, its JSON, and what it says of wrong words."""

import io
import json
from datetime import time, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from campaigns.models import Flow, Step
from customers import tasks_for_staff
from messaging.models import Message
from offers.models import Offer
from orders.models import Order, Refund, Shipment
from stores import clock
from surveys import answers

DAY = timedelta(days=1)


@pytest.fixture
def played(live_flow, placed, at):
    """Rehearse the five mails over March 2026, from the summer after it."""
    clock.set_to(at("2026-07-01 09:00"))
    Offer.objects.update(value="€10 off")

    def rehearse(*words: str, flow: str = "post-purchase", first: str = "2026-03-01", last: str = "2026-03-31") -> dict[str, Any]:
        out = io.StringIO()
        call_command("rehearse", flow, "--store", "marlow", "--from", first, "--to", last, "--json", *words, stdout=out)
        told: dict[str, Any] = json.loads(out.getvalue())
        return told

    return rehearse


@pytest.fixture
def bought(placed, at):
    """Make an order of March, shipped after a day and there after three."""

    def make(number: str, when: str, **fields) -> Order:
        moment = at(when)
        order: Order = placed(number, moment=moment, email=fields.pop("email", f"p{number}@example.com"), **fields)
        Shipment.objects.create(
            store=order.store, order=order, external_id="p", status="delivered", is_scanned=True, shipped_at=moment + DAY,
            delivered_at=moment + 3 * DAY,
        )  # fmt: skip
        return order

    return make


def counts(found: dict[str, Any]) -> dict[str, Any]:
    return {step["step"]: (step["would_send"], step["skipped"], step["held"]) for step in found["steps"]}


def test_the_whole_answer_for_one_order(played, bought, store, at):
    order = bought("1", "2026-03-02 12:00")
    sent = {
        "confirmation": "2026-03-02T11:00:00+00:00", "tips": "2026-03-04T11:00:00+00:00", "goes-well": "2026-03-09T09:00:00+00:00",
        "check-in": "2026-03-12T11:00:00+00:00", "thanks": "2026-03-19T11:00:00+00:00",
    }  # fmt: skip
    assert played("--orders") == {
        "store": "marlow", "flow": "post-purchase", "version": 1, "from": "2026-03-01", "to": "2026-03-31", "beside": False,
        "begun": 1, "customers": 1, "mails": 5,
        "steps": [
            {"step": step, "name": name, "would_send": 1, "skipped": {}, "held": {}, "waiting": 0,
             "cost_minor": 1000 if step == "thanks" else None}
            for step, name in Step.objects.order_by("position").values_list("key", "name")
        ],
        "days": {moment[:10]: {"mails": 1, "others": 0} for moment in sent.values()},
        "people_by_mails": {"5": 1},
        "most_per_person": {"mails": 5, "customer": order.customer_id},
        "collisions": {"days": 0, "customers": 0, "with": {}},
        "sample": [
            {"customer": order.customer_id, "order": order.pk, "began_at": sent["confirmation"],
             "steps": [{"step": step, "fate": "would_send", "reason": "", "at": moment} for step, moment in sent.items()]}
        ],
        "orders": [
            {"order": "1", "external_id": "1", "customer": order.customer_id, "began_at": sent["confirmation"],
             "steps": {
                 step: {"fate": "would_send", "planned_at": moment, "at": moment, "reason": "", "held": []} for step, moment in sent.items()
             }}
        ],
    }  # fmt: skip
    assert Message.objects.count() == 0


def test_days_are_the_stores_and_both_ends_are_played(played, bought):
    bought("1", "2026-03-01 00:00")
    bought("2", "2026-03-31 23:59")
    bought("3", "2026-02-28 23:59")
    bought("4", "2026-04-01 00:00")
    bought("5", "2026-03-15 12:00", is_test=True)
    assert {order["order"] for order in played("--orders")["orders"]} == {"1", "2"}


def test_the_clocks_change_neither_skips_nor_doubles_a_mail(played, bought):
    Step.objects.filter(key="goes-well").update(time_of_day=time(2, 30))
    bought("1", "2026-03-22 12:00")  # there on the 25th, and four days later the night has no 2:30
    bought("2", "2026-03-23 12:00")
    [first, second] = played("--orders")["orders"]
    assert first["steps"]["goes-well"]["at"] == "2026-03-29T01:00:00+00:00"
    assert second["steps"]["goes-well"]["at"] == "2026-03-30T00:30:00+00:00"
    assert second["steps"]["check-in"]["at"] == "2026-04-02T11:00:00+00:00"  # so many hours, whatever the clocks say


def test_ends_count_from_their_moment_on(played, bought, store):
    cancelled, refunded, late = (bought(number, "2026-03-02 12:00") for number in "123")
    Order.objects.filter(pk=cancelled.pk).update(cancelled_at=cancelled.placed_at + DAY / 2)
    Refund.objects.create(
        store=store, order=refunded, external_id="r", amount_minor=7900, shop_amount_minor=7900, at=refunded.placed_at + 8 * DAY
    )
    Order.objects.filter(pk=refunded.pk).update(refunded_minor=7900, financial_status="refunded")
    Shipment.objects.filter(order=late).update(delivered_at=None, status="in_transit")
    found = played()
    assert counts(found) == {
        "confirmation": (3, {}, {}), "tips": (2, {"cancelled": 1}, {}), "goes-well": (1, {"cancelled": 1}, {}),
        "check-in": (0, {"cancelled": 1, "refunded": 1}, {}), "thanks": (0, {"cancelled": 1, "refunded": 1}, {}),
    }  # fmt: skip
    assert [step["waiting"] for step in found["steps"]] == [0, 0, 1, 1, 1]


def test_without_the_soft_opt_in_who_was_never_asked_is_sold_nothing(played, bought, store):
    bought("1", "2026-03-02 12:00")
    store.soft_opt_in = False
    store.save()
    assert [step for step, (sent, why, _) in counts(played()).items() if (sent, why) == (0, {"no_consent": 1})] == ["goes-well", "thanks"]


def test_tips_go_by_what_was_promised_while_the_parcel_was_on_its_way(played, bought):
    order = bought("1", "2026-03-02 12:00")
    Shipment.objects.update(expected_at=order.placed_at + 1.5 * DAY, first_expected_at=order.placed_at + 1.5 * DAY)
    assert played("--orders")["orders"][0]["steps"]["tips"]["at"] == "2026-03-03T17:00:00+00:00"


def test_a_task_that_was_open_holds_what_sells_until_it_was_closed(played, bought):
    order = bought("1", "2026-03-02 12:00")
    task = tasks_for_staff.open_task(order.customer, kind="call", key="k", title="Call", due_at=clock.read(), now=order.placed_at + 5 * DAY)
    type(task).objects.update(state="closed", closed_at=order.placed_at + 9 * DAY)
    assert counts(played())["goes-well"] == (1, {}, {"open_task": 1})
    assert played("--orders")["orders"][0]["steps"]["goes-well"]["at"] == "2026-03-11T11:00:00+00:00"


def test_beside_the_others_with_cap_and_quiet_hours(played, bought, store, another_flow):
    order = bought("1", "2026-03-02 23:30")  # there on the 5th at 23:30
    another_flow("news", hours=24 * 9 + 10, priority=90)  # on the 12th at 9:30
    store.cap_mails, store.cap_days, store.quiet_from, store.quiet_until = 2, 7, time(22), time(8)
    store.save()
    alone, beside = played("--orders"), played("--beside", "--orders")
    assert counts(alone)["check-in"] == (1, {}, {})
    steps = beside["orders"][0]["steps"]
    quiet = steps["tips"]["at"]
    assert "2026-03-05T07:00:00+00:00" <= quiet < "2026-03-05T07:15:00+00:00"  # due on the 4th at 23:30
    assert (steps["goes-well"]["at"], steps["goes-well"]["held"]) == ("2026-03-09T09:00:00+00:00", [])
    # two within seven days: the other flow's mail waits for the tips to be a week ago, the check-in for the second
    assert (steps["check-in"]["at"], steps["check-in"]["held"]) == ("2026-03-16T09:00:00+00:00", ["cap"])
    assert beside["days"][quiet[:10]] == {"mails": 1, "others": 0}
    assert beside["days"]["2026-03-12"] == {"mails": 0, "others": 1}
    assert (beside["most_per_person"], beside["mails"]) == ({"mails": 6, "customer": order.customer_id}, 5)


def test_two_flows_on_one_day_are_a_collision(played, bought, another_flow):
    bought("1", "2026-03-02 12:00")
    another_flow("news", hours=24 * 10 + 2)
    assert played("--beside")["collisions"] == {"days": 1, "customers": 1, "with": {"news": 1}}
    assert played()["collisions"]["days"] == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"flow": "nothing"}, "marlow has no flow 'nothing'; there are: post-purchase."),
        ({"first": "yesterday"}, "--from 'yesterday' is not a date such as 2026-01-31."),
        ({"last": "2026-02-30"}, "--to '2026-02-30' is not a date such as 2026-01-31."),
        ({"flow": "post-purchase", "draft": True}, "post-purchase has no draft beside its version."),
        ({"last": "2026-02-01"}, "--to 2026-02-01 lies before --from 2026-03-01."),
    ],
)
def test_wrong_words_are_answered_in_words(played, words, says):
    with pytest.raises(CommandError) as refused:
        played(*["--draft"] * words.pop("draft", False), **words)
    assert str(refused.value) == says
    assert Flow.objects.count() == 1


def test_a_store_that_is_not_there(db):
    with pytest.raises(CommandError, match="There is no store 'nowhere'"):
        call_command("rehearse", "post-purchase", "--store", "nowhere", "--from", "2026-01-01", "--to", "2026-01-31")


@pytest.mark.parametrize(("answered", "step"), [(5, "thanked"), (None, "reminded")])
def test_steps_after_a_wait_go_by_what_happened(played, bought, store, answered, step):
    order = bought("1", "2026-03-02 12:00")
    version = Flow.objects.get().version
    waits = {"event": "answer.given", "where": [{"name": "score", "test": "at_least", "value": 4}], "hours": 72}
    rest = {"store": store, "version": version, "use_by_hours": 48, "purpose": "service"}
    Step.objects.filter(version=version).update(is_off=True)
    Step.objects.bulk_create(
        [
            Step(key="wait", name="Wait", position=11, kind="wait", details=waits, anchor="received", offset_hours=24, **rest),
            Step(key="thanked", name="Thanks", position=12, anchor="waited", conditions=["happened"], **rest),
            Step(key="reminded", name="Reminder", position=13, anchor="waited", offset_hours=1, conditions=["not_happened"], **rest),
        ]
    )
    if answered:
        asked = answers.ask("check-in", store=store, customer=order.customer, order=order, now=order.placed_at)
        answers.answer(asked, score=answered, now=order.placed_at + 5 * DAY)
    found = played("--orders")["orders"][0]["steps"]
    assert found.keys() == {"thanked", "reminded"}
    at = {"thanked": "2026-03-07T11:00:00+00:00", "reminded": "2026-03-09T12:00:00+00:00"}[step]
    assert {name: its["at"] for name, its in found.items() if its["fate"] == "would_send"} == {step: at}
    assert {its["reason"] for its in found.values()} == {"", {"thanked": "happened", "reminded": "not_happened"}[step]}
