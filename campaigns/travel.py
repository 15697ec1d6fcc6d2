"""Walk through time for demos, rehearsals by hand and tests: the stored clock jumps from due time to due time, and each is swept."""

from datetime import datetime

from django.db.models import Min

from campaigns.models import StepRun
from campaigns.one_off import line
from campaigns.tasks import sweep_until_quiet
from messaging.models import Message
from stores import clock


def travel_to(until: datetime, *, learns: bool = True) -> None:
    """Sweep at each due time up to `until` and leave the clock there. If `until` lies in the past, only the clock moves.

    Scores and segments follow where the journey begins and where it ends; without `learns` they wait for a later one.
    """
    sweep_until_quiet(learns=learns)
    while (due := _next_due()) is not None and due < until:
        if due > clock.read():
            clock.set_to(due)
        if not sweep_until_quiet(learns=False):
            break  # due, and yet nothing to be done: a row another process holds
    clock.set_to(until)
    sweep_until_quiet(learns=learns)


def _next_due() -> datetime | None:
    """Return the earliest moment at which a step, a mail or a campaign wants attention."""
    runs = StepRun.objects.filter(state__in=[StepRun.State.PLANNED, StepRun.State.HELD]).aggregate(at=Min("wake_at"))["at"]
    mails = Message.objects.filter(state__in=[Message.State.QUEUED, Message.State.RETRY]).aggregate(at=Min("due_at"))["at"]
    campaigns = line.next_due(now=clock.read())
    return min((at for at in (runs, mails, campaigns) if at is not None), default=None)
