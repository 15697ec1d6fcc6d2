"""This room's periodic work beside the pulse."""

from celery import shared_task

from messaging import keeping
from messaging.domains import sending_domains
from messaging.returning import day_counts
from stores import clock


@shared_task(name="messaging.tasks.count_mails")
def count_mails() -> None:
    """Count the days of which something was said, for the pages that show figures."""
    day_counts.sweep(now=clock.read())


@shared_task(name="messaging.tasks.look_at_domains")
def look_at_domains() -> None:
    """Look once a day whether the DNS of sending domains still says what it must."""
    sending_domains.look_again(now=clock.read())


@shared_task(name="messaging.tasks.let_copies_go")
def let_copies_go() -> None:
    """Empty the mails whose copies are kept no longer."""
    keeping.sweep(now=clock.read())
