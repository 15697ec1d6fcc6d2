"""Keeps memberships up to date: apart from the pulse, so that no mail ever waits for a large segment."""

from time import monotonic

from celery import shared_task

from segments import bulk, membership
from stores import clock

#: A turn reads for at most so long before it looks at what is due; the next one goes on.
SECONDS = 60


@shared_task(name="segments.tasks.keep")
def keep() -> None:
    """Look at touched customers, then refresh what is due, for some seconds."""
    end = monotonic() + SECONDS
    for read in (membership.read, membership.read_touched):
        while read(now=clock.read()) and monotonic() < end:
            pass
    membership.sweep(now=clock.read())
    bulk.forget(now=clock.read())
