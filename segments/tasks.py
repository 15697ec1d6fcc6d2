"""Keeps memberships up to date: apart from the pulse, so that no mail ever waits for a large segment."""

from celery import shared_task

from segments import membership
from stores import clock


@shared_task(name="segments.tasks.keep")
def keep() -> None:
    """Look at touched customers, then refresh what is due, for some seconds."""
    while membership.read(now=clock.read()):
        pass
    membership.sweep(now=clock.read())
