"""Hold, don't skip: caps and quiet hours keep a mail back, visibly, as long as it is of use."""

from collections import Counter
from datetime import time, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from campaigns import flows, gate, runs, steps, triggers
from campaigns.models import Flow, FlowVersion, Step, StepRun
from campaigns.tasks import sweep_until_quiet
from campaigns.travel import travel_to
from customers.models import Customer, Event
from messaging import sending
from messaging.models import Message
from stores import clock
from stores.models import Store
from tests import side_by_side
from tests.factories.messaging import MessageFactory

pytestmark = pytest.mark.usefixtures("live_flow")


@pytest.fixture
def rules(store):
    """Set rules of the store."""

    def change(**fields) -> None:
        Store.objects.filter(pk=store.pk).update(**fields)

    return change


def run(step: str) -> StepRun:
    return StepRun.objects.get(step_key=step)


def sent() -> list[str]:
    return list(Message.objects.filter(state="sent").order_by("sent_at", "pk").values_list("step", flat=True))


def held_for(step: str) -> tuple[str, str]:
    found = run(step)
    return found.state, found.reason


def test_a_capped_mail_waits_until_the_oldest_is_out_of_the_window_to_the_second(placed, another_flow, rules, at):
    rules(cap_mails=1, cap_days=3)
    another_flow("first")
    another_flow("second", hours=2)
    placed()
    travel_to(at("2026-11-02 12:00"))
    assert (sent(), held_for("second-mail")) == (["confirmation", "first-mail"], ("held", "cap"))
    went_at = Message.objects.get(step="first-mail").sent_at
    assert went_at is not None
    freed = went_at + timedelta(days=3)
    assert run("second-mail").wake_at == freed
    travel_to(freed - timedelta(seconds=1))
    assert held_for("second-mail") == ("held", "cap")
    travel_to(freed)
    assert sent() == ["confirmation", "first-mail", "second-mail"]
    assert Event.objects.filter(kind="mail.held").count() == 1


def test_a_capped_mail_is_not_skipped_before_its_use_by_and_then_says_what_it_waited_for(placed, another_flow, rules, at):
    rules(cap_mails=1, cap_days=30)
    another_flow("first")
    another_flow("second", hours=2)
    placed()
    travel_to(at("2026-11-05 10:59"))
    assert (held_for("second-mail"), run("second-mail").wake_at) == (("held", "cap"), run("second-mail").use_by)
    travel_to(at("2026-11-05 11:01"))
    late = run("second-mail")
    assert (late.state, late.reason) == ("skipped", "too_late")
    assert runs.why(late) == "Skipped: too late to be of use, after it was on hold (would be too many mails)."


def test_order_mails_are_never_capped_and_never_count(placed, another_flow, rules, at):
    rules(cap_mails=1, cap_days=7)
    another_flow("help", hours=1)
    another_flow("news-of-the-order", hours=2, purpose="transactional")
    placed()
    travel_to(at("2026-11-02 13:00"))
    assert sent() == ["confirmation", "help-mail", "news-of-the-order-mail"]


def test_the_window_rolls_and_counts_what_was_handed_over_not_what_never_went(placed, another_flow, rules, at):
    rules(cap_mails=2, cap_days=7)
    another_flow("help")
    ana = placed().customer
    now = clock.read()
    for state, days in (("failed", 1), ("cancelled", 1), ("sent", 8), ("sent", 6)):
        MessageFactory(customer=ana, purpose="marketing", state=state, sent_at=now - timedelta(days=days), created_at=now)
    travel_to(at("2026-11-02 11:00"))
    assert sent()[-1] == "help-mail"
    assert not StepRun.objects.filter(reason="cap").exists()


@pytest.mark.parametrize("state", ["queued", "retry", "sending", "unknown"])
def test_a_mail_that_is_on_its_way_counts(placed, another_flow, rules, at, state):
    rules(cap_mails=1, cap_days=7)
    another_flow("help")
    placed()
    MessageFactory(customer=Customer.objects.get(), purpose="service", state=state, due_at=at("2026-11-02 11:00"))
    clock.set_to(at("2026-11-02 10:30"))
    triggers.read(now=clock.read())
    steps.hand_over(now=clock.read(), is_urgent=False)
    assert (held_for("help-mail"), run("help-mail").wake_at) == (("held", "cap"), run("help-mail").use_by)


def test_a_flows_own_cap_counts_only_its_own_mails(placed, another_flow, at):
    Flow.objects.filter(key="post-purchase").update(cap_mails=1, cap_days=7)
    another_flow("help", cap_mails=1, cap_days=1)
    FlowVersion.objects.filter(flow__key="help").update(reentry="every_time")  # else one mail goes for both orders
    placed("1")
    placed("2")
    travel_to(at("2026-11-02 11:00"))
    assert sorted(StepRun.objects.filter(step_key="help-mail").values_list("state", "reason")) == [("handed_over", ""), ("held", "cap")]
    travel_to(at("2026-11-03 11:00"))
    assert sent().count("help-mail") == 2


@pytest.mark.parametrize("first", ["early", "late"])
def test_of_two_flows_due_at_once_the_first_by_priority_goes_and_the_other_waits(placed, another_flow, rules, at, first):
    rules(cap_mails=1, cap_days=2)
    another_flow("early", priority=1 if first == "early" else 9)
    another_flow("late", priority=9 if first == "early" else 1)
    placed()
    travel_to(at("2026-11-02 10:30"))
    second = {"early": "late", "late": "early"}[first]
    assert (sent()[-1], held_for(f"{second}-mail")) == (f"{first}-mail", ("held", "cap"))
    travel_to(at("2026-11-05 09:00"))
    assert sent()[-1] == f"{second}-mail"


def test_the_first_by_priority_goes_though_it_does_not_stand_in_the_same_batch(placed, another_flow, rules, at):
    rules(cap_mails=1, cap_days=2)
    another_flow("low", priority=9)
    another_flow("high", priority=1)
    placed()
    triggers.read(now=clock.read())
    StepRun.objects.filter(step_key="low-mail").update(wake_at=at("2026-11-02 09:59"))
    steps.hand_over(now=at("2026-11-02 10:01"), is_urgent=False, limit=1)
    assert (run("high-mail").state, run("low-mail").state) == ("handed_over", "planned")


def test_what_no_longer_fits_when_it_is_sent_is_taken_back(placed, another_flow, rules, at):
    another_flow("help")
    another_flow("more")
    placed()
    clock.set_to(at("2026-11-02 10:30"))
    triggers.read(now=clock.read())
    steps.hand_over(now=clock.read(), is_urgent=False)
    assert Message.objects.filter(purpose="service", state="queued").count() == 2
    rules(cap_mails=1, cap_days=2)
    sending.drain(gate=gate.check, is_urgent=False, now=clock.read())
    assert sorted(StepRun.objects.filter(step_key__endswith="-mail").values_list("state", "reason")) == [
        ("handed_over", ""),
        ("held", "cap"),
    ]
    assert len(mail.outbox) == 1
    travel_to(at("2026-11-05 09:00"))
    assert len(Message.objects.filter(purpose="service", state="sent")) == 2


def decide_all(*, limit: int) -> None:
    while steps.hand_over(now=clock.read(), is_urgent=False, limit=limit):
        pass


@pytest.mark.django_db(transaction=True)
def test_two_workers_who_decide_for_the_same_customers_at_once_keep_the_cap(placed, another_flow, rules, at):
    rules(cap_mails=1, cap_days=7)
    for number in range(4):
        another_flow(f"flow{number}", priority=number)
    for number in range(30):
        placed(f"{number}", email=f"p{number}@example.com")
    triggers.read(now=clock.read())
    clock.set_to(at("2026-11-02 10:30"))
    side_by_side.run(*[lambda: decide_all(limit=17)] * 2)
    decide_all(limit=200)
    bulk = Message.objects.filter(purpose="service")
    assert Counter(bulk.values_list("flow", flat=True)) == {"flow0": 30}
    assert Counter(StepRun.objects.filter(step_key__startswith="flow").values_list("state", "reason")) == {
        ("handed_over", ""): 30, ("held", "cap"): 90,
    }  # fmt: skip


@pytest.mark.parametrize("size", [10, 40])
def test_a_batch_costs_the_same_queries_however_many_are_capped(placed, another_flow, rules, at, size, django_assert_max_num_queries):
    rules(cap_mails=1, cap_days=7, quiet_from=time(21), quiet_until=time(8))
    another_flow("help")
    for number in range(size):
        placed(f"{number}", email=f"p{number}@example.com")
    triggers.read(now=clock.read())
    with django_assert_max_num_queries(36):
        assert steps.hand_over(now=at("2026-11-02 10:30"), is_urgent=False) == size


def test_at_night_by_the_customers_clock_mails_wait_for_the_morning_and_order_mails_do_not(placed, another_flow, rules, at):
    rules(quiet_from=time(21), quiet_until=time(8))
    another_flow("help", hours=13)  # 22:00 in Berlin, 06:00 in Tokyo the day after
    another_flow("parcel", hours=13, purpose="transactional")
    berlin, tokyo = placed("1"), placed("2", email="yu@example.com", shipping_address={"country": "JP"})
    travel_to(at("2026-11-02 22:01"))
    assert sent() == ["confirmation"] * 2 + ["parcel-mail"] * 2
    waits = {found.order_id: found for found in StepRun.objects.filter(step_key="help-mail")}
    assert {found.reason for found in waits.values()} == {"quiet_hours"}
    quarter = timedelta(minutes=15)
    assert timedelta() <= waits[berlin.pk].wake_at - at("2026-11-03 08:00") < quarter
    assert timedelta() <= waits[tokyo.pk].wake_at - at("2026-11-03 00:00") < quarter
    travel_to(at("2026-11-03 08:15"))
    assert sent().count("help-mail") == 2


def test_the_morning_has_no_rush(placed, another_flow, rules, at):
    rules(quiet_from=time(21), quiet_until=time(8))
    another_flow("help", hours=13)
    for number in range(60):
        placed(f"{number}", email=f"p{number}@example.com")
    travel_to(at("2026-11-02 22:01"))
    wakes = [wake - at("2026-11-03 08:00") for wake in StepRun.objects.filter(reason="quiet_hours").values_list("wake_at", flat=True)]
    minutes = Counter(wake // timedelta(minutes=1) for wake in wakes)
    assert len(wakes) == len(set(wakes)) == 60
    assert set(minutes) == set(range(15)) and max(minutes.values()) <= 6


def test_a_mail_whose_use_by_passes_in_the_night_is_held_until_then_and_skipped_with_both_reasons(placed, another_flow, rules, at):
    rules(quiet_from=time(21), quiet_until=time(8))
    another_flow("help", hours=13)
    Step.objects.filter(key="help-mail").update(use_by_hours=3)
    placed()
    travel_to(at("2026-11-02 23:00"))
    assert (held_for("help-mail"), run("help-mail").wake_at) == (("held", "quiet_hours"), run("help-mail").use_by)
    travel_to(at("2026-11-03 09:00"))
    assert runs.why(run("help-mail")) == "Skipped: too late to be of use, after it was on hold (quiet hours)."
    assert sent() == ["confirmation"]


def test_offers_wait_for_their_days_and_help_mails_do_not(placed, another_flow, rules, at):
    rules(marketing_days="12345", quiet_from=time(21), quiet_until=time(8))
    another_flow("help", hours=24 * 5)  # Saturday 7 November, 9 o'clock
    another_flow("offer", hours=24 * 5, purpose="marketing")
    placed()
    travel_to(at("2026-11-07 09:30"))
    assert (sent(), held_for("offer-mail")) == (["confirmation", "help-mail"], ("held", "quiet_hours"))
    assert run("offer-mail").wake_at - at("2026-11-09 08:00") < timedelta(minutes=15)
    travel_to(at("2026-11-09 08:15"))
    assert sent()[-1] == "offer-mail"


def test_a_mail_that_was_drawn_in_time_but_not_sent_before_the_night_is_taken_back(placed, another_flow, rules, at):
    rules(quiet_from=time(21), quiet_until=time(8))
    another_flow("help", hours=11)
    placed()
    triggers.read(now=clock.read())
    steps.hand_over(now=at("2026-11-02 20:30"), is_urgent=False)
    clock.set_to(at("2026-11-02 21:00"))
    sending.drain(gate=gate.check, is_urgent=False, now=clock.read())
    assert (mail.outbox, held_for("help-mail")) == ([], ("held", "quiet_hours"))
    travel_to(at("2026-11-03 08:15"))
    assert "help-mail" in sent()


def test_of_both_the_longer_wait_is_said(placed, another_flow, rules, at):
    rules(cap_mails=1, cap_days=2, quiet_from=time(21), quiet_until=time(8))
    another_flow("first")
    another_flow("second", hours=13)
    placed()
    travel_to(at("2026-11-02 22:01"))
    assert held_for("second-mail") == ("held", "cap")


def test_changed_rules_are_looked_at_at_once(placed, another_flow, rules, store, at):
    rules(cap_mails=1, cap_days=30)
    another_flow("first")
    another_flow("second", hours=2)
    placed()
    travel_to(at("2026-11-02 12:00"))
    rules(cap_mails=2)
    flows.look_again(store)
    sweep_until_quiet()
    assert sent()[-1] == "second-mail"


@pytest.mark.parametrize(
    "wrong",
    [
        {"cap_mails": 0}, {"cap_days": 0}, {"quiet_from": time(21)}, {"quiet_from": time(8), "quiet_until": time(8)},
        {"marketing_days": ""}, {"marketing_days": "11"}, {"marketing_days": "8"},
    ],
)  # fmt: skip
def test_a_rule_that_would_hold_everything_is_refused_by_the_database(rules, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        rules(**wrong)


def test_a_flows_cap_of_nothing_is_refused_by_the_database():
    with pytest.raises(IntegrityError, match="flow_cap_is_off"), transaction.atomic():
        Flow.objects.update(cap_mails=0)
