"""Rehearsals in the background, in parts that workers play side by side: each lot of people is kept with how far it reaches, so a killed
worker loses only one. Who ends the last part puts all of them together.
"""

import logging
import uuid
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.db.models import F, Q, QuerySet

from campaigns.models import Flow, FlowVersion, RehearsalPart, RehearsalRun
from campaigns.rehearsal import past, script, staging
from campaigns.rehearsal.script import Script
from campaigns.rehearsal.tally import Tally
from stores import clock
from stores.models import User

log = logging.getLogger(__name__)
State = RehearsalRun.State
#: What may be asked for, in days up to now.
DAYS = (30, 90, 365)
LEASE = timedelta(seconds=60)
SLICE_SECONDS = 10.0
#: Of each flow so many are kept.
KEPT = 20
#: So many workers may play one rehearsal at once.
PARTS = 4


class _TakenAway(Exception):
    """The run was cancelled, or another sweep has the part."""


@transaction.atomic
def ask(flow: Flow, version: FlowVersion, *, days: int, is_beside: bool, by: User, now: datetime) -> RehearsalRun:
    """Have a version of a flow rehearsed over the days up to now; the oldest runs of the flow beyond KEPT are forgotten."""
    kept = RehearsalRun.objects.filter(flow=flow).order_by("-pk").values_list("pk", flat=True)[: KEPT - 1]
    RehearsalRun.objects.filter(flow=flow).exclude(pk__in=list(kept)).delete()
    run = RehearsalRun.objects.create(
        store_id=flow.store_id, flow=flow, version=version, days=days, since=now - timedelta(days=days), until=now, is_beside=is_beside,
        asked_by=by, asked_at=now,
    )  # fmt: skip
    RehearsalPart.objects.bulk_create(RehearsalPart(store_id=flow.store_id, run=run, number=number) for number in range(PARTS))
    return run


@transaction.atomic
def cancel(run: RehearsalRun, *, now: datetime) -> bool:
    """Stop a run; return whether it was still going."""
    return _end(run, state=State.CANCELLED, finished_at=now)


def sweep(*, now: datetime, seconds: float = SLICE_SECONDS) -> bool:
    """Go on with parts of runs for so many seconds, those first that waited longest; return whether there was one."""
    end, is_any = monotonic() + seconds, False
    while (part := _claim(now)) is not None:
        is_any = True
        try:
            _work(part, end)
        except _TakenAway:
            log.info("A part of rehearsal %s was taken away.", part.run_id)
        except Exception:
            log.exception("Rehearsal %s failed.", part.run_id)
            problem = "Something in the flow or in the orders could not be worked out. The log of the learner says what."
            with transaction.atomic():
                _end(part.run, state=State.FAILED, problem=problem, finished_at=now)
        if monotonic() > end:
            break
    return is_any


@transaction.atomic
def _claim(now: datetime) -> RehearsalPart | None:
    """Lease the part that was worked on longest ago; one whose worker died is free again when its lease ends."""
    free = RehearsalPart.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), is_played=False)
    parts = free.select_related("run__flow__store", "run__version__audience").select_for_update(skip_locked=True, of=("self",))
    part = parts.order_by(F("worked_at").asc(nulls_first=True), "pk").first()
    if part is not None:
        part.claim, part.lease_until, part.worked_at = uuid.uuid4(), now + LEASE, now
        part.save(update_fields=["claim", "lease_until", "worked_at"])
    return part


def _work(part: RehearsalPart, end: float) -> None:
    """Play lots of a part's people until all are played or the time is up."""
    run = part.run
    played = script.write(run.flow, run.version, since=run.since, until=run.until, now=run.until, is_beside=run.is_beside)
    counted, everybody = Tally.of([part.counted]), past.people(played)
    _say(run, people=len(everybody))
    for ids in staging.lots_of_people(staging.share(everybody, part.number, of=PARTS), after=part.reached):
        staging.count(played, ids, counted)
        _keep(part, counted=counted.kept(), reached=ids[-1], lease_until=clock.read() + LEASE)
        _say(run, played=F("played") + len(ids))
        if monotonic() > end:
            _keep(part, lease_until=None)
            return
    _finish(part, played, counted)


@transaction.atomic
def _finish(part: RehearsalPart, played: Script, counted: Tally) -> None:
    """Keep a part as played; the last one of a run makes its result. Who comes second waits for the run's row, and then sees the first."""
    RehearsalRun.objects.select_for_update(no_key=True).get(pk=part.run_id)
    _keep(part, counted=counted.kept(), is_played=True, claim=None, lease_until=None)
    others = list(RehearsalPart.objects.filter(run=part.run_id).exclude(pk=part.pk))
    if all(other.is_played for other in others):
        whole = Tally.of([counted.kept(), *(other.counted for other in others)])
        _end(part.run, state=State.DONE, result=staging.result(played, whole), finished_at=clock.read())


def _end(run: RehearsalRun, **changes: object) -> bool:
    """Close a run that is still going, in a transaction; return whether it was. Nothing is kept of its parts."""
    is_ended = bool(RehearsalRun.objects.filter(pk=run.pk, state=State.RUNNING).update(**changes))
    RehearsalPart.objects.filter(run=run.pk).delete()
    return is_ended


def _say(run: RehearsalRun, **progress: object) -> None:
    RehearsalRun.objects.filter(pk=run.pk).update(**progress)


def _keep(part: RehearsalPart, **changes: object) -> None:
    """Write to a part that is still this sweep's; raise _TakenAway."""
    if not _mine(part).update(**changes):
        raise _TakenAway


def _mine(part: RehearsalPart) -> QuerySet[RehearsalPart]:
    return RehearsalPart.objects.filter(pk=part.pk, claim=part.claim)
