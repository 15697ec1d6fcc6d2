"""This room's periodic work beside the pulse."""

from celery import shared_task

from messaging.returning import day_counts
from stores import clock


@shared_task(name="messaging.tasks.count_mails")
def count_mails() -> None:
    """Count the days of which something was said, for the pages that show figures."""
    day_counts.sweep(now=clock.read())
