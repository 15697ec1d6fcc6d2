"""What keeps the tables themselves, beside all other work."""

from celery import shared_task

from stores import clock, partitions


@shared_task(name="stores.tasks.keep_months")
def keep_months() -> None:
    """Make the months that come, and drop those that are no longer kept."""
    partitions.keep_up_all(now=clock.read())
