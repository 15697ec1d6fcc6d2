"""The clock's hand: one task that sweeps inbox, events, steps and outbox, and what a test or the sweep command calls instead."""

from datetime import timedelta
from time import monotonic
from typing import Any

from celery import shared_task
from celery.signals import worker_ready

from campaigns import bulk, calls, codes, estimates, forgetting, gate, lateness, moving, occasions, steps, triggers
from campaigns.one_off import figures, line
from campaigns.rehearsal import running
from engagement import reader as scores
from enquiries import arriving, desk_work
from integrations import inbox
from integrations import tasks as doors
from messaging import links, second_tries, sending, unknown
from messaging.returning import coming_back
from offers import alarms as offer_alarms
from offers import reader as codes_used
from offers.referral import rewarding
from orders import overdue, stalling
from segments import membership
from stores import clock, ticks
from stores.failpoints import reach

#: A pulse ends after this many seconds even if bulk mail is left: the next one goes on, and stop switches are read anew.
PULSE_SECONDS = 20
#: A routine pulse this soon after another finds nothing new.
JUST_NOW = timedelta(seconds=0.5)
#: So often a worker asks for a pulse by its own steady clock: beat may be dead, or silent since its clock was set back.
WITHOUT_BEAT = 10.0


@shared_task(name="campaigns.tasks.pulse")
def pulse(*, is_routine: bool = False) -> None:
    """Sweep until nothing is due, the urgent class first and between any two batches of the rest.

    A routine pulse ends at once where one has just passed: so those that piled up while no worker ran are gone in a moment. They carry
    no expiry, which a worker whose clock is ahead would hold against all of them.
    """
    if is_routine and _has_just_passed():
        return
    end = monotonic() + PULSE_SECONDS
    _tidy()
    while is_busy := sweep_urgent() or sweep_bulk():
        if monotonic() > end:
            break
    now = clock.read()
    ticks.passed(ticks.PULSE, now=now, behind=lateness.behind(now=now) if is_busy else timedelta(0))


def _has_just_passed() -> bool:
    now = clock.read()
    last = ticks.last(ticks.PULSE, now=now)
    return last is not None and timedelta(0) <= now - last.ran_at < JUST_NOW  # a clock that was set back leaves it in the future


@worker_ready.connect
def _go_on_without_beat(sender: Any, **_: Any) -> None:
    """Have a worker that is ready ask for pulses by itself."""
    broker = doors.to_broker()

    def ask() -> None:
        if not doors.send_pulse(broker, is_routine=True):
            broker.release()

    sender.timer.call_repeatedly(WITHOUT_BEAT, ask)


@shared_task(name="campaigns.tasks.look_round")
def look_round() -> None:
    """Do what nothing on the wire asks for: occasions, silent and late parcels, estimates, mails nobody knows of, figures of campaigns."""
    now = clock.read()
    occasions.note(now=now)
    stalling.note(now=now)
    overdue.note(now=now)
    estimates.take_up(now=now)
    unknown.ask(now=now)
    figures.refresh(now=now)
    bulk.forget(now=now)


@shared_task(name="campaigns.tasks.rehearse")
def rehearse() -> None:
    """Go on with rehearsals for some seconds."""
    running.sweep(now=clock.read())


@shared_task(name="campaigns.tasks.keep_codes")
def keep_codes() -> None:
    """Note which codes were used, have those made that are wanted, mail friends theirs, raise alarms of low pools; shops may be slow."""
    now = clock.read()
    codes_used.read(now=now)
    codes.keep(now=now)
    rewarding.sweep(now=now)
    offer_alarms.sweep(now=now)


@shared_task(name="campaigns.tasks.make_calls")
def make_calls() -> None:
    """Tell other systems what steps have for them; beside the pulse, for they may be slow."""
    calls.sweep(now=clock.read())


def sweep_until_quiet(*, learns: bool = True) -> int:
    """Sweep everything that is due by the clock, with no time limit; return how many rows were looked at.

    Without `learns` only what sends mail does its work: scores, segments and what is tidied up wait for another sweep.
    """
    total = _tidy() if learns else 0
    while moved := sweep_urgent() or sweep_bulk() or (_learn() if learns else 0):
        total += moved
    return total


def _tidy() -> int:
    """Do what is due however quiet it is: outcomes of dead processes, second tries, what may no longer be kept, who clicked."""
    now = clock.read()
    old = coming_back.forget_raw(now=now) + arriving.forget_raw(now=now)
    return sending.recover(now=now) + second_tries.queue(now=now) + desk_work.wake(now=now) + old + links.judge(now=now)


def _learn() -> int:
    """Do what the tasks of the rooms below do beside the pulse, as far as what happened asks for it."""
    now = clock.read()
    touched = scores.read(now=now) + codes_used.read(now=now) + rewarding.sweep(now=now)
    return touched + membership.read(now=now) + membership.read_touched(now=now) + membership.sweep(now=now)


def sweep_urgent() -> int:
    """Take in what arrived, act on events, and send transactional mail; return how many rows were looked at."""
    now = clock.read()
    read = inbox.drain(now=now) + coming_back.drain(now=now) + arriving.drain(now=now) + triggers.read(now=now) + forgetting.read(now=now)
    reach("after_plan_commit")
    return read + steps.hand_over(now=now, is_urgent=True) + sending.drain(gate=gate.check, is_urgent=True, now=now)


def sweep_bulk() -> int:
    """Move people and campaigns on, then decide and send one batch of everything else."""
    now = clock.read()
    moved = moving.sweep(now=now) + line.sweep(now=now)
    return moved + steps.hand_over(now=now, is_urgent=False) + sending.drain(gate=gate.check, is_urgent=False, now=now)
