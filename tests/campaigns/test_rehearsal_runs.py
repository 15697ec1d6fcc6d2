"""Rehearsals in the background: in parts and lot by lot, two at once, cancelled, and gone on with after a worker died."""

from datetime import timedelta

import pytest

from campaigns.models import Flow, RehearsalPart, RehearsalRun, Step
from campaigns.rehearsal import running, script, sharing, staging
from stores import clock

DAY = timedelta(days=1)


@pytest.fixture
def orders(live_flow, placed):
    """Five buyers, each of one order of the last days."""
    clock.set_to(clock.read() + 60 * DAY)
    return [placed(str(number), email=f"p{number}@example.com", moment=clock.read() - number * 3 * DAY) for number in range(1, 6)]


@pytest.fixture
def ask(live_flow, alice):
    def asked(*, days: int = 30, is_beside: bool = False) -> RehearsalRun:
        flow = Flow.objects.select_related("version", "store").get()
        assert flow.version
        return running.ask(flow, flow.version, days=days, is_beside=is_beside, by=alice, now=clock.read())

    return asked


@pytest.fixture(autouse=True)
def _lots_of_two(monkeypatch):
    """Play people by twos, and all of a rehearsal in one part."""
    monkeypatch.setattr(staging, "LOT", 2)
    monkeypatch.setattr(running, "PARTS", 1)


def sweep(seconds: float = 10.0) -> bool:
    return running.sweep(now=clock.read(), seconds=seconds)


def test_a_run_is_played_to_its_end_and_kept(orders, ask):
    run = ask()
    assert sweep()
    run.refresh_from_db()
    assert (run.state, run.people, run.played, run.problem) == ("done", 5, 5, "")
    assert (run.result["begun"], run.result["steps"][0]["would_send"], run.result["mails"]) == (5, 5, 5)
    assert not sweep()


def test_a_killed_run_goes_on_where_it_was_and_comes_to_the_same(orders, ask):
    whole = ask()
    sweep()
    killed = ask()
    assert sweep(0)  # one lot, then the time is up
    killed.refresh_from_db()
    part = RehearsalPart.objects.get()
    assert (killed.state, killed.played, part.reached) == ("running", 2, orders[1].customer_id)
    RehearsalPart.objects.update(lease_until=clock.read() + 5 * running.LEASE)  # its worker died with the lease
    assert not sweep()
    RehearsalPart.objects.update(lease_until=clock.read() - DAY)
    assert sweep()
    whole.refresh_from_db()
    killed.refresh_from_db()
    assert (killed.state, killed.played, killed.result) == ("done", 5, whole.result)


def test_two_runs_at_once_take_turns_and_do_not_mix(orders, ask):
    month, week = ask(), ask(days=8)
    assert sweep(0) and sweep(0)
    assert list(RehearsalRun.objects.order_by("pk").values_list("state", "played")) == [("running", 2), ("running", 2)]
    while sweep(0):
        pass
    month.refresh_from_db()
    week.refresh_from_db()
    assert (month.state, month.result["begun"], week.state, week.result["begun"]) == ("done", 5, "done", 2)


def test_parts_that_are_played_side_by_side_come_to_the_same(orders, ask, monkeypatch):
    whole = ask(is_beside=True)
    sweep()
    monkeypatch.setattr(running, "PARTS", 3)
    shared = ask(is_beside=True)
    for part in RehearsalPart.objects.order_by("-number"):  # each but the last by a worker of its own, which keeps what it counted
        RehearsalPart.objects.exclude(pk=part.pk).update(lease_until=clock.read() + DAY)
        RehearsalPart.objects.filter(pk=part.pk).update(lease_until=None)
        assert sweep()
        shared.refresh_from_db()
        assert shared.state == ("running" if part.number else "done")
    whole.refresh_from_db()
    assert (shared.people, shared.played, shared.result) == (5, 5, whole.result)
    assert list(shared.result["steps"][0]) == list(whole.result["steps"][0])
    assert not RehearsalPart.objects.exists()


def test_a_cancelled_run_keeps_nothing_and_is_not_gone_on_with(orders, ask):
    run = ask()
    sweep(0)
    assert running.cancel(run, now=clock.read())
    assert not sweep()
    run.refresh_from_db()
    assert (run.state, run.parts.count(), run.result) == ("cancelled", 0, {})
    assert not running.cancel(run, now=clock.read())


def test_cancelling_stops_the_sweep_that_is_at_work(orders, ask, monkeypatch):
    run = ask()
    count = staging.count

    def cancelled_meanwhile(*args, **rest):
        count(*args, **rest)
        running.cancel(run, now=clock.read())

    monkeypatch.setattr(staging, "count", cancelled_meanwhile)
    assert sweep()
    run.refresh_from_db()
    assert (run.state, run.played, run.result) == ("cancelled", 0, {})


def test_what_cannot_be_played_fails_with_words_and_the_next_goes_on(orders, ask):
    broken = ask()
    Step.objects.filter(key="tips").update(anchor="nowhere")
    sweep()
    broken.refresh_from_db()
    assert (broken.state, broken.parts.count()) == ("failed", 0)
    assert "could not be worked out" in broken.problem
    Step.objects.filter(key="tips").update(anchor="shipped")
    assert ask().pk and sweep()
    assert RehearsalRun.objects.filter(state="done").count() == 1


def test_the_oldest_of_very_many_are_forgotten(orders, ask, monkeypatch):
    monkeypatch.setattr(running, "KEPT", 2)
    _, second, third = ask(), ask(), ask()
    assert list(RehearsalRun.objects.order_by("pk")) == [second, third]


@pytest.mark.django_db(transaction=True)
def test_a_command_shares_many_people_out_to_processes_and_comes_to_the_same(orders, live_flow, monkeypatch):
    now = clock.read()
    played = script.write(live_flow, live_flow.version, since=now - 30 * DAY, until=now, now=now)
    alone = staging.result(played, sharing.count(played))
    monkeypatch.setattr(sharing, "FEW", 2)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert staging.result(played, sharing.count(played)) == alone
    assert (alone["begun"], alone["mails"]) == (5, 5)
