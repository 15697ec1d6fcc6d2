"""Campaigns: one mail to many, from the draft to the last of them."""

from datetime import date, datetime, time, timedelta

import pytest

from campaigns import flows, runs, steps
from campaigns.models import Enrollment, StepRun
from campaigns.one_off import comparing, drafts, figures, freezing, line, moments, scheduling
from campaigns.one_off.models import Campaign
from campaigns.tasks import sweep_bulk, sweep_until_quiet
from campaigns.travel import travel_to
from customers import merging, tasks_for_staff
from customers.models import Customer, Event
from messaging.models import Click, Link, Message
from orders.models import Order
from segments import saving
from stores import clock
from stores.models import Store
from tests.factories.customers import customer

CONTENT = {
    "subject": "The new kettle is here",
    "preheader": "You see it first.",
    "blocks": [
        {"kind": "heading", "text": "Hello{% if first_name %}, {{ first_name }}{% endif %}"},
        {"kind": "button", "label": "See it", "url": "https://marlow.example/kettle"},
    ],
}


@pytest.fixture
def shop(store: Store, at) -> Store:
    clock.set_to(at("2026-11-02 09:00"))
    store.sender_email, store.postal_address = "jo@marlow.example", "1 Quay Street, Hamburg"
    store.save()
    return store


@pytest.fixture
def people(shop):
    """Make so many subscribers, or people otherwise."""
    made = iter(range(100_000))

    def make(number: int, **fields) -> list[Customer]:
        return [customer(shop, f"p{next(made)}@example.com", **{"marketing": "subscribed", **fields}) for _ in range(number)]

    return make


@pytest.fixture
def draft(shop):
    def make(**fields) -> Campaign:
        made = drafts.create(shop, name="New kettle", content=CONTENT, now=clock.read())
        Campaign.objects.filter(pk=made.pk).update(**fields)
        return scheduling.of_store(shop).get(pk=made.pk)

    return make


def begin(campaign: Campaign, by) -> Campaign:
    """Schedule a draft and travel until its people are frozen, not further."""
    scheduling.schedule(campaign, by=by, now=clock.read())
    assert campaign.starts_at
    clock.set_to(campaign.starts_at)
    freezing.start(campaign, now=clock.read())
    return fresh(campaign)


def fresh(campaign: Campaign) -> Campaign:
    return scheduling.of_store(campaign.store).get(pk=campaign.pk)


def states(campaign: Campaign) -> dict[tuple[str, str], int]:
    return figures.standing(campaign)


def test_it_goes_to_the_people_of_its_segment_once_ten_minutes_have_passed(shop, draft, people, mara, mailoutbox):
    people(3, tags=["vip"])
    people(1, tags=["vip"], marketing="unsubscribed")
    people(1, tags=["vip", "staff"])
    people(2)
    vip = saving.create(shop, name="VIP", rule={"all": [{"what": "tag", "op": "any", "values": ["vip"]}]}, now=clock.read())
    staff = saving.create(shop, name="Staff", rule={"all": [{"what": "tag", "op": "any", "values": ["staff"]}]}, now=clock.read())
    campaign = draft(audience=vip, without=staff)
    pressed = clock.read()
    scheduling.schedule(campaign, by=mara, now=pressed)
    assert campaign.starts_at == pressed + timedelta(minutes=10)
    sweep_until_quiet()
    assert (StepRun.objects.count(), len(mailoutbox)) == (0, 0)
    travel_to(pressed + timedelta(minutes=11))
    campaign = fresh(campaign)
    assert (campaign.state, campaign.people, len(mailoutbox)) == ("done", 4, 3)
    assert states(campaign) == {("handed_over", ""): 3, ("skipped", "unsubscribed"): 1}
    assert mailoutbox[0].subject == "The new kettle is here"
    assert set(Enrollment.objects.values_list("state", flat=True)) == {"done"}
    assert Event.objects.filter(kind="mail.sent", data__flow=campaign.flow.key).count() == 3


def test_what_is_taken_back_in_time_reaches_nobody(draft, people, mara, mailoutbox):
    people(2)
    campaign = draft()
    scheduling.schedule(campaign, by=mara, now=clock.read())
    scheduling.take_back(campaign)
    travel_to(clock.read() + timedelta(hours=1))
    assert (fresh(campaign).state, StepRun.objects.count(), len(mailoutbox)) == ("draft", 0, 0)
    campaign = begin(campaign, mara)
    with pytest.raises(scheduling.TooLate):
        scheduling.take_back(campaign)


def test_each_gets_it_by_their_own_clock(draft, people, mara, at):
    [tokyo], [lisbon], [here] = people(1, timezone="Asia/Tokyo"), people(1, country="PT", timezone="Europe/Lisbon"), people(1)
    campaign = begin(draft(timing="each", day=date(2026, 11, 5), wall=time(10)), mara)
    assert f"{campaign.starts_at:%Y-%m-%dT%H:%M}" == "2026-11-04T20:00"  # ten on the islands where the day begins
    due = {run.customer_id: run.due_at.isoformat()[:16] for run in StepRun.objects.all()}
    assert due == {tokyo.pk: "2026-11-05T01:00", lisbon.pk: "2026-11-05T10:00", here.pk: "2026-11-05T09:00"}
    travel_to(at("2026-11-05 10:30"))
    assert {run.customer_id: run.state for run in StepRun.objects.all()} == {
        tokyo.pk: "handed_over", here.pk: "handed_over", lisbon.pk: "planned",
    }  # fmt: skip
    assert fresh(campaign).state == "sending"
    travel_to(at("2026-11-05 11:30"))
    assert fresh(campaign).state == "done"


def test_only_so_many_are_called_up_that_others_find_room_between(draft, people, mara, monkeypatch):
    people(7)
    monkeypatch.setattr(line, "LINE", 3)
    campaign = begin(draft(), mara)
    assert (line.call_up(campaign, now=clock.read()), line.call_up(campaign, now=clock.read())) == (3, 0)
    assert StepRun.objects.filter(wake_at__isnull=False).count() == 3
    sweep_until_quiet()
    assert states(campaign) == {("handed_over", ""): 7}


def test_while_the_shop_is_paused_the_line_stands_still(shop, draft, people, mara, mailoutbox):
    people(2)
    campaign = begin(draft(), mara)
    flows.pause_store(shop)
    sweep_until_quiet()
    assert (states(campaign), len(mailoutbox)) == ({("planned", ""): 2}, 0)
    flows.resume_store(shop)
    sweep_until_quiet()
    assert (states(campaign), len(mailoutbox)) == ({("handed_over", ""): 2}, 2)


def test_a_pause_stops_what_is_in_line_and_in_the_outbox_and_it_goes_on_after(draft, people, mara, mailoutbox, monkeypatch):
    people(25)
    monkeypatch.setattr(line, "LINE", 5)
    campaign = begin(draft(), mara)
    sweep_bulk()
    line.call_up(campaign, now=clock.read())
    sent = len(mailoutbox)
    scheduling.pause(campaign)
    sweep_until_quiet()
    assert (len(mailoutbox), fresh(campaign).state) == (sent, "paused")
    assert Message.objects.filter(state="queued").count() == 0
    scheduling.resume(campaign, now=clock.read())
    sweep_until_quiet()
    assert (len(mailoutbox), fresh(campaign).state) == (25, "done")
    assert len({mail.to[0] for mail in mailoutbox}) == 25


def test_a_mail_that_is_written_already_is_taken_back_at_the_gate(draft, people, mara, mailoutbox):
    people(3)
    campaign = begin(draft(), mara)
    line.sweep(now=clock.read())
    steps.hand_over(now=clock.read(), is_urgent=False)
    assert Message.objects.filter(state="queued").count() == 3
    scheduling.stop(campaign, now=clock.read())
    sweep_until_quiet()
    assert (len(mailoutbox), states(campaign)) == (0, {("held", "paused"): 3})
    travel_to(clock.read() + timedelta(minutes=11))
    campaign = fresh(campaign)
    assert (campaign.state, campaign.finished_at is not None, states(campaign)) == ("stopped", True, {("cancelled", "called_off"): 3})
    assert set(Enrollment.objects.values_list("state", "left_reason")) == {("left", "called_off")}
    assert not scheduling.may_go_on(campaign, now=clock.read())


def test_a_stop_can_be_undone_within_ten_minutes(draft, people, mara, mailoutbox):
    people(2)
    campaign = begin(draft(), mara)
    scheduling.stop(campaign, now=clock.read())
    travel_to(clock.read() + timedelta(minutes=9))
    scheduling.resume(fresh(campaign), now=clock.read())
    sweep_until_quiet()
    assert (fresh(campaign).state, len(mailoutbox)) == ("done", 2)


def test_the_better_of_two_versions_goes_to_those_who_were_held_back(shop, draft, people, mara, mailoutbox):
    people(300)
    campaign = draft()
    drafts.compare(campaign, percent=50, hours=4)
    drafts.write(campaign, drafts.B, {**CONTENT, "subject": "Tea is served"}, offer=None)
    campaign = begin(fresh(campaign), mara)
    sweep_until_quiet()
    first = {key: tried.sent for key, tried in figures.tried(campaign).items()}
    assert len(mailoutbox) == sum(first.values()) < 200
    assert min(first.values()) >= comparing.LEAST
    for message in Message.objects.filter(step="mail-b")[:20]:
        Click.objects.create(store=shop, link=Link.objects.get(message=message), at=clock.read(), kind="human")
    assert campaign.decides_at
    travel_to(campaign.decides_at + timedelta(minutes=1))
    campaign = fresh(campaign)
    assert campaign.winner
    assert (campaign.state, campaign.winner.key, campaign.verdict["is_sure"]) == ("done", "mail-b", True)
    assert len(mailoutbox) == len({mail.to[0] for mail in mailoutbox}) == 300
    assert Message.objects.filter(step="mail").count() == first["mail"]


@pytest.mark.parametrize(
    ("a", "b", "verdict"),
    [
        ((49, 10), (49, 40), comparing.Verdict("a", is_sure=False)),
        ((500, 50), (500, 55), comparing.Verdict("a", is_sure=False)),
        ((500, 50), (500, 80), comparing.Verdict("b", is_sure=True)),
        ((500, 80), (500, 50), comparing.Verdict("a", is_sure=True)),
        ((500, 0), (500, 0), comparing.Verdict("a", is_sure=False)),
    ],
)
def test_too_few_to_tell_is_said_and_means_a(a, b, verdict):
    assert comparing.judge(comparing.Tried(*a), comparing.Tried(*b)) == verdict


def test_an_open_task_holds_its_mail_and_a_hold_by_hand_stays(draft, people, mara, alice):
    ana, bo = people(2)
    campaign = draft(timing="moment", day=date(2026, 11, 3), wall=time(10))
    task = tasks_for_staff.open_task(ana, kind="note", key="n", title="Call", due_at=clock.read(), now=clock.read())
    campaign = begin(campaign, mara)
    runs.hold(StepRun.objects.get(customer=bo), until=clock.read() + timedelta(days=1), by=alice, now=clock.read())
    sweep_until_quiet()
    assert states(campaign) == {("held", "open_task"): 1, ("held", "paused"): 1}
    tasks_for_staff.close(task, by=None, now=clock.read())
    sweep_until_quiet()
    assert states(campaign) == {("handed_over", ""): 1, ("held", "paused"): 1}
    travel_to(clock.read() + timedelta(days=1, minutes=1))
    assert states(campaign) == {("handed_over", ""): 2}


def test_two_who_become_one_get_one_mail(draft, people, mara, mailoutbox):
    ana, bo = people(2)
    begin(draft(), mara)
    merging.merge(kept=ana, gone=bo, by="Alice", now=clock.read())
    sweep_until_quiet()
    assert [mail.to for mail in mailoutbox] == [[ana.email]]


def test_what_they_bought_within_five_days_of_their_click_is_its_revenue(shop, draft, people, mara):
    ana, bo, cy = people(3)
    campaign = begin(draft(), mara)
    sweep_until_quiet()
    now = clock.read()
    for who in (ana, bo):
        Click.objects.create(store=shop, link=Link.objects.get(message__customer=who), at=now, kind="human")
    Click.objects.create(store=shop, link=Link.objects.get(message__customer=cy), at=now, kind="machine")
    for who, days in ((ana, 4), (bo, 6), (cy, 1)):
        Order.objects.create(
            store=shop, customer=who, external_id=f"{who.pk}", number="1", placed_at=now + timedelta(days=days), created_at=now,
            currency="EUR", total_minor=9000, shop_currency="EUR", shop_total_minor=9000, shop_refunded_minor=1000,
        )  # fmt: skip
    found = figures.count(fresh(campaign), now=now + timedelta(days=7))
    assert found == {"sent": 3, "unsubscribed": 0, "complained": 0, "bounced": 0, "clicked": 2, "orders": 1, "revenue_minor": 8000}


def test_what_stands_against_it_is_said_before_it_is_scheduled(store, at, mara):
    clock.set_to(at("2026-11-02 09:00"))
    campaign = drafts.create(store, name="Late", content={"subject": "", "blocks": []}, now=clock.read())
    store.sender_email, store.postal_address = "", ""
    store.save()
    Campaign.objects.filter(pk=campaign.pk).update(timing="moment", day=date(2026, 11, 1), wall=time(10))
    campaign = scheduling.of_store(store).get(pk=campaign.pk)
    with pytest.raises(scheduling.CannotSchedule) as refused:
        scheduling.schedule(campaign, by=mara, now=clock.read())
    assert {problem.part for problem in refused.value.problems} == {"shop", "time", "mail"}
    assert fresh(campaign).state == "draft"


def test_where_the_day_begins_first_the_wall_time_comes_first():
    wish = moments.Wish("each", "Europe/Berlin", date(2027, 3, 28), time(2, 30))
    assert moments.first(wish, now=clock_at("2027-03-01T00:00+00:00")).isoformat() == "2027-03-27T12:30:00+00:00"
    assert moments.last(wish, now=clock_at("2027-03-01T00:00+00:00")).isoformat() == "2027-03-28T13:30:00+00:00"


def clock_at(text: str) -> datetime:
    return datetime.fromisoformat(text)
