"""What keeps the tables themselves, beside all other work."""

from celery import shared_task

from stores import clock, partitions


@shared_task(name="stores.tasks.keep_parts")
def keep_parts() -> None:
    """Make the parts of tables that come, and drop those that are no longer kept."""
    partitions.keep_up_all(now=clock.read())
