"""The clock's hand: one task that sweeps inbox, events, steps and outbox, and what a test or the sweep command calls instead."""

from time import monotonic

from celery import shared_task

from campaigns import gate, steps, triggers
from integrations import inbox
from messaging import sending
from stores import clock

#: A pulse ends after this many seconds even if bulk mail is left: the next one goes on, and stop switches are read anew.
PULSE_SECONDS = 20


@shared_task(name="campaigns.tasks.pulse")
def pulse() -> None:
    """Sweep until nothing is due, the urgent class first and between any two batches of the rest."""
    end = monotonic() + PULSE_SECONDS
    sending.recover(now=clock.read())
    while monotonic() < end and (sweep_urgent() or sweep_bulk()):
        pass


def sweep_until_quiet() -> int:
    """Sweep everything that is due by the clock, with no time limit; return how many rows were looked at."""
    total = sending.recover(now=clock.read())
    while moved := sweep_urgent() or sweep_bulk():
        total += moved
    return total


def sweep_urgent() -> int:
    """Take in what arrived, act on events, and send transactional mail; return how many rows were looked at."""
    now = clock.read()
    return (
        inbox.drain(now=now)
        + triggers.read(now=now)
        + steps.hand_over(now=now, is_urgent=True)
        + sending.drain(gate=gate.check, is_urgent=True, now=now)
    )


def sweep_bulk() -> int:
    """Decide and send one batch of everything else."""
    now = clock.read()
    return steps.hand_over(now=now, is_urgent=False) + sending.drain(gate=gate.check, is_urgent=False, now=now)
