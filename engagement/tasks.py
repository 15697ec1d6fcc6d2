"""What keeps scores true: reading the wire, taking in history, bringing stores to one moment, tidying up."""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic

from celery import shared_task

from engagement import actions, history, interests, reader, recount, tracking
from stores import clock, ticks

#: What a task takes on for at most so long; the next one goes on.
SECONDS = 60
TIDYING = "engagement-tidying"
TIDY_EVERY = timedelta(hours=6)


def _while_there_is_time() -> Callable[[], bool]:
    end = monotonic() + SECONDS
    return lambda: monotonic() < end


@shared_task(name="engagement.tasks.read_events")
def read_events() -> None:
    """Count what the wire tells."""
    has_time = _while_there_is_time()
    while reader.read(now=clock.read()) and has_time():
        pass


@shared_task(name="engagement.tasks.keep")
def keep() -> None:
    """Take in history, refresh the stores whose turn it is, and tidy up."""
    has_time = _while_there_is_time()
    now = clock.read()
    kept_from = actions.parted().kept_from(now=now)
    last = ticks.last(TIDYING, now=now)
    if last is None or last.age >= TIDY_EVERY:
        tracking.forget(now=now, before=kept_from)
        interests.forget(now=now)
        ticks.passed(TIDYING, now=now)
    if history.is_due(now=now):
        history.take_in(now=now, kept_from=kept_from, has_time=has_time)
    while has_time() and (store := recount.next_store(now=clock.read())) is not None:
        while is_more := recount.refresh_batch(store, now=clock.read()):
            if not has_time():
                break
        if is_more:
            recount.let_go(store)
