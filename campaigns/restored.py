"""After a backup was put back: what had its time since the backup was taken may have gone already, and does not go again (S24)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from campaigns import enrollment, steps
from campaigns.models import StepRun
from campaigns.one_off import scheduling
from customers import events
from integrations.models import Connection
from messaging import sending
from messaging.reasons import Reason
from stores import rows, stopping

WHY = "A backup was put back. Compare the mails of unknown outcome with what your mail provider says, then run: manage.py sending --go"


@dataclass(frozen=True)
class Aside:
    """How much was put aside: steps that were skipped, and mails whose outcome is unknown now."""

    steps: int
    mails: int


@transaction.atomic
def put_aside(*, taken_at: datetime, now: datetime) -> Aside:
    """Stop all sending, skip the steps whose time came before `now`, call every unsent mail unknown, and let older orders enrol nobody.

    News from a provider still settles an unknown mail. Run it before any worker runs on the restored database.
    """
    stopping.stop(why=WHY, now=now)
    scheduling.put_aside(now=now)
    Connection.objects.filter(live_since__lt=now).update(live_since=now)
    runs = list(StepRun.objects.filter(state__in=StepRun.OPEN, due_at__lte=now).select_related("enrollment__flow", "step"))
    for run in runs:
        run.state, run.reason, run.wake_at, run.decided_at = StepRun.State.SKIPPED, Reason.RESTORED, None, now
    rows.update_many(runs, ["state", "reason", "wake_at", "decided_at"])
    told = [steps.told_of(run, events.Kind.MAIL_SKIPPED, Reason.RESTORED, now=now) for run in runs]
    events.record_many(told, now=now)
    enrollment.finish(run.enrollment_id for run in runs)
    return Aside(len(runs), sending.doubt(f"A backup of {taken_at:%Y-%m-%d %H:%M} UTC was put back: it may have gone since then.", now=now))
