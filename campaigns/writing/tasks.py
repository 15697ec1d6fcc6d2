"""What is done beside the writing, in the background."""

from celery import shared_task

from campaigns.writing import following
from stores import clock


@shared_task(name="campaigns.writing.tasks.follow_links")
def follow_links() -> None:
    """Follow the links of mails that are due; the pages at their ends may be slow."""
    following.sweep(now=clock.read())
