"""The stop switch of the whole installation: while its row stands, no worker takes up a step or a mail, and the gate lets none through.

Nothing is lost by it: what is due stays due, and goes when sending goes on, if it is still of use.
"""

from datetime import datetime

from stores.models import SendingStop


def stop(*, why: str, now: datetime) -> SendingStop:
    """Let no mail out from now on; a second stop changes only the reason."""
    found, _ = SendingStop.objects.update_or_create(pk=1, defaults={"why": why[:250]}, create_defaults={"why": why[:250], "at": now})
    return found


def go() -> bool:
    """Let mails go again; return whether they were stopped."""
    return SendingStop.objects.all().delete()[0] > 0


def standing() -> SendingStop | None:
    """Return the stop that stands, if one does."""
    return SendingStop.objects.first()
