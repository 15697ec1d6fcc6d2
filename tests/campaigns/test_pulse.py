"""The pulse: routine ones do not pile up, whichever way a clock is wrong, and workers go on without beat."""

from datetime import timedelta

import pytest
from celery.signals import worker_ready
from django.conf import settings
from django.core import mail
from kombu.asynchronous.timer import Timer
from redis import Redis

from campaigns import tasks
from lifecycle.celery import app
from stores import clock, ticks


class Consumer:
    """What Celery sends along of a worker that is ready, as far as it is used."""

    def __init__(self, timer: Timer) -> None:
        self.timer = timer


@pytest.fixture
def waiting(live_flow, placed) -> None:
    placed("1042")


def test_a_routine_pulse_right_after_another_ends_at_once(waiting):
    ticks.passed(ticks.PULSE, now=clock.read())
    tasks.pulse(is_routine=True)
    assert mail.outbox == []
    tasks.pulse()
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("last", [timedelta(seconds=-1), timedelta(hours=2)], ids=["a second ago", "before the clock was set back"])
def test_a_routine_pulse_sweeps_when_the_last_is_over_or_in_the_future(waiting, last):
    ticks.passed(ticks.PULSE, now=clock.read() + last)
    tasks.pulse(is_routine=True)
    assert len(mail.outbox) == 1


def test_no_routine_work_expires_since_a_workers_clock_may_be_ahead():
    assert [name for name, entry in app.conf.beat_schedule.items() if "expires" in entry.get("options", {})] == []


def test_a_worker_asks_for_pulses_by_itself():
    timer = Timer()
    worker_ready.send(Consumer(timer))
    before = _queued()
    for _, _, entry in timer.queue:
        entry()
    assert (_queued() - before, tasks.WITHOUT_BEAT) == (1, 10.0)


def _queued() -> int:
    with Redis.from_url(settings.CELERY_BROKER_URL) as queue:
        return int(queue.llen("pulse"))
