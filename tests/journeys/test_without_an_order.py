"""Flows that no order begins: for whom, how often, when they end, and what their mails can say."""

from datetime import timedelta

import pytest

from campaigns import flows, recipes
from campaigns.models import Enrollment, StepRun
from campaigns.occasions import birthdays
from campaigns.recipes import win_back
from campaigns.tasks import sweep_until_quiet
from campaigns.travel import travel_to
from customers import consent, tasks_for_staff
from customers.models import Consent, Customer, Event
from offers.models import Offer
from stores import clock
from tests.journeys.conftest import order


@pytest.fixture
def live(shop):
    """Install a recipe and let it send, with a code to give."""

    def go(key: str):
        flow = recipes.install(shop.store, key, now=clock.read())
        Offer.objects.filter(store=shop.store).update(code="FOR-YOU")
        flows.activate(flow, now=clock.read())
        sweep_until_quiet()
        return flow

    return go


def live_through(until) -> None:
    """Travel on night by night: in each of them segments are looked at."""
    while (tomorrow := clock.read() + timedelta(days=1)) < until:
        travel_to(tomorrow)
    travel_to(until)


def of_flow(key: str) -> dict[str, tuple[str, str]]:
    return {run.step_key: (run.state, run.reason) for run in StepRun.objects.filter(enrollment__flow__key=key)}


def buys(shop, number: str, **fields) -> None:
    shop.tell("orders/create", order(number, at=clock.read(), **fields))


def person(shop, **fields) -> Customer:
    given = {"email": "bo@example.com", "email_key": "bo@example.com", "name": "Bo Lind", "first_name": "Bo", "marketing": "subscribed"}
    return Customer.objects.create(store=shop.store, created_at=clock.read(), **{**given, **fields})


def test_who_used_to_come_back_hears_twice_and_no_more(shop, live, at, mails):
    live("win-back")
    buys(shop, "1")
    travel_to(at("2026-11-20 09:00"))
    buys(shop, "2")
    mails().clear()
    travel_to(at("2027-05-18 12:00"))
    assert of_flow("win-back") == {}
    live_through(at("2027-06-30 12:00"))
    own = [each for each in mails() if each.subject.startswith(("Your Pour-over", "€10", "10%"))]
    assert [each.subject for each in own] == ["Your Pour-over kettle, half a year on", "10% off for you, until Thursday 10 June"]
    assert "customer of Marlow & Finch" in own[0].body.replace("\n", " ")
    assert "FOR-YOU" in own[1].body
    assert Enrollment.objects.get(flow__key="win-back").state == "done"
    sent = Event.objects.filter(kind="mail.sent", data__flow="win-back").order_by("occurred_at").values_list("occurred_at", flat=True)
    assert [moment.isoformat()[:16] for moment in sent] == ["2027-05-20T08:00", "2027-05-27T08:00"]


def test_buying_ends_a_win_back_at_any_moment(shop, live, at):
    live("win-back")
    buys(shop, "1")
    travel_to(at("2026-11-20 09:00"))
    buys(shop, "2")
    travel_to(at("2027-05-17 12:00"))
    live_through(at("2027-05-24 12:00"))
    assert of_flow("win-back") == {"how-is-it": ("handed_over", ""), "a-reason": ("planned", "")}
    buys(shop, "3")
    assert of_flow("win-back")["a-reason"] == ("cancelled", "bought_since")
    passage = Enrollment.objects.get(flow__key="win-back")
    assert (passage.state, passage.left_reason, passage.order) == ("left", "bought_since", None)


def test_who_unsubscribes_leaves_at_once(shop, live):
    live("birthday")
    bo = person(shop, birth_month=11, birth_day=2)
    birthdays.note(now=clock.read())
    sweep_until_quiet()
    consent.withdraw(bo, topic=Consent.Topic.MARKETING, source="link", now=clock.read())
    sweep_until_quiet()
    assert Enrollment.objects.get(customer=bo).left_reason in ("", "unsubscribed")
    assert of_flow("birthday")["greeting"][0] in ("cancelled", "handed_over")


def test_a_birthday_is_greeted_in_its_own_morning_once_a_year(shop, live, at, mails):
    live("birthday")
    bo = person(shop, birth_month=11, birth_day=12, country="US", timezone="America/Los_Angeles")
    person(shop, email="cy@example.com", email_key="cy@example.com", birth_month=11, birth_day=13)
    for hours in range(0, 24, 2):
        travel_to(at("2026-11-12 00:00") + timedelta(hours=hours))
        birthdays.note(now=clock.read())
    travel_to(at("2026-11-12 23:00"))
    greeting = StepRun.objects.get(customer=bo, step_key="greeting")
    assert greeting.due_at.isoformat() == "2026-11-12T17:00:00+00:00"  # nine in Los Angeles
    assert [(each.subject, each.to) for each in mails()] == [("Happy birthday, Bo", ["Bo Lind <bo@example.com>"])]
    assert Event.objects.filter(kind="customer.birthday").count() == 1


def test_a_leap_day_is_kept_on_the_28th_where_there_is_no_29th(shop, live, at):
    live("birthday")
    person(shop, birth_month=2, birth_day=29)
    travel_to(at("2027-02-28 01:00"))
    assert birthdays.note(now=clock.read()) == 1
    assert birthdays.note(now=clock.read()) == 0


def test_a_store_without_such_a_flow_writes_no_birthdays(shop):
    person(shop, birth_month=11, birth_day=2)
    assert birthdays.note(now=clock.read()) == 0


def test_a_subscriber_who_never_bought_is_welcomed_and_a_buyer_is_not(shop, live, mails):
    live("welcome")
    bo = person(shop, marketing="never")
    consent.grant(bo, topic=Consent.Topic.SERVICE, source="form", now=clock.read())
    sweep_until_quiet()
    assert of_flow("welcome") == {}
    consent.grant(bo, topic=Consent.Topic.MARKETING, source="form", now=clock.read())
    sweep_until_quiet()
    assert [each.subject for each in mails()] == ["You are in, Bo: 10% off to begin with"]
    buys(shop, "1")
    ana = Customer.objects.get(email_key="ana@example.com")
    assert StepRun.objects.get(customer=ana, step_key="welcome").reason == "bought_since"


def test_a_second_yes_does_not_welcome_twice(shop, live, mails):
    live("welcome")
    bo = person(shop, marketing="never")
    consent.grant(bo, topic=Consent.Topic.MARKETING, source="form", now=clock.read())
    sweep_until_quiet()
    travel_to(clock.read() + timedelta(days=3))
    consent.withdraw(bo, topic=Consent.Topic.MARKETING, source="link", now=clock.read())
    travel_to(clock.read() + timedelta(days=3))
    consent.grant(bo, topic=Consent.Topic.MARKETING, source="form", now=clock.read())
    sweep_until_quiet()
    assert (len(mails()), Enrollment.objects.filter(customer=bo).count()) == (1, 1)


def test_an_open_task_holds_what_no_order_began_and_lets_it_go_when_it_is_closed(shop, live, at):
    live("win-back")
    buys(shop, "1")
    travel_to(at("2026-11-20 09:00"))
    buys(shop, "2")
    travel_to(at("2027-05-19 12:00"))
    live_through(at("2027-05-20 08:00"))
    ana = Customer.objects.get(email_key="ana@example.com")
    task = tasks_for_staff.open_task(ana, kind="note", key="n1", title="Call back", due_at=clock.read(), now=clock.read())
    travel_to(at("2027-05-21 12:00"))
    assert of_flow("win-back")["how-is-it"] == ("held", "open_task")
    tasks_for_staff.close(task, by=None, now=clock.read())
    sweep_until_quiet()
    assert of_flow("win-back")["how-is-it"] == ("handed_over", "")


def test_the_best_get_one_letter(shop, live, at, mails):
    live("vip-thanks")
    buys(shop, "1", total="900.00")
    live_through(at("2026-11-05 12:00"))
    assert [each.subject for each in mails() if "thank-you" in each.subject] == ["A thank-you from Marlow & Finch"]
    assert Enrollment.objects.filter(flow__key="vip-thanks").count() == 1


def test_installing_makes_the_segment_and_takes_one_that_is_there(store, other):
    now = clock.read()
    flow = recipes.install(store, "win-back", now=now)
    assert flow.version and flow.version.audience
    assert (flow.version.audience.name, flow.version.audience.is_watched, flow.version.exits) == (
        "Used to come back", True, ["bought", "unsubscribed"],
    )  # fmt: skip
    assert flow.version.only_where == [{"name": "segment", "test": "is", "value": flow.version.audience.pk}]
    there = win_back.SEGMENT.of(store, now=now)
    assert there == flow.version.audience
