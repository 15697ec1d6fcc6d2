"""Rehearsals in the background, slice by slice: each lot of people is kept with how far it reaches, so a killed worker loses only one."""

import logging
import uuid
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.db.models import F, Q, QuerySet

from campaigns.models import Flow, FlowVersion, RehearsalRun
from campaigns.rehearsal import past, script, staging
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


class _TakenAway(Exception):
    """The run was cancelled, or another sweep has it."""


def ask(flow: Flow, version: FlowVersion, *, days: int, is_beside: bool, by: User, now: datetime) -> RehearsalRun:
    """Have a version of a flow rehearsed over the days up to now; the oldest runs of the flow beyond KEPT are forgotten."""
    kept = RehearsalRun.objects.filter(flow=flow).order_by("-pk").values_list("pk", flat=True)[: KEPT - 1]
    RehearsalRun.objects.filter(flow=flow).exclude(pk__in=list(kept)).delete()
    return RehearsalRun.objects.create(
        store_id=flow.store_id, flow=flow, version=version, days=days, since=now - timedelta(days=days), until=now, is_beside=is_beside,
        asked_by=by, asked_at=now,
    )  # fmt: skip


def cancel(run: RehearsalRun, *, now: datetime) -> bool:
    """Stop a run; return whether it was still going."""
    stopped = RehearsalRun.objects.filter(pk=run.pk, state=State.RUNNING)
    return bool(stopped.update(state=State.CANCELLED, finished_at=now, claim=None, lease_until=None, counted={}))


def sweep(*, now: datetime, seconds: float = SLICE_SECONDS) -> bool:
    """Go on with one run for so many seconds, the one that waited longest; return whether there was one."""
    run = _claim(now)
    if run is None:
        return False
    try:
        _work(run, monotonic() + seconds)
    except _TakenAway:
        log.info("Rehearsal %s was taken away.", run.pk)
    except Exception:
        log.exception("Rehearsal %s failed.", run.pk)
        problem = "Something in the flow or in the orders could not be worked out. The log of the learner says what."
        _mine(run).update(state=State.FAILED, problem=problem, finished_at=now, claim=None, lease_until=None)
    return True


@transaction.atomic
def _claim(now: datetime) -> RehearsalRun | None:
    """Lease the run that was worked on longest ago; one whose worker died is free again when its lease ends."""
    free = RehearsalRun.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), state=State.RUNNING)
    runs = free.select_related("flow__store", "version__audience").select_for_update(skip_locked=True, of=("self",))
    run = runs.order_by(F("worked_at").asc(nulls_first=True), "pk").first()
    if run is not None:
        run.claim, run.lease_until, run.worked_at = uuid.uuid4(), now + LEASE, now
        run.save(update_fields=["claim", "lease_until", "worked_at"])
    return run


def _work(run: RehearsalRun, end: float) -> None:
    """Play lots of people until all are played or the time is up."""
    played = script.write(run.flow, run.version, since=run.since, until=run.until, now=run.until, is_beside=run.is_beside)
    counted, everybody = Tally.again(run.counted), past.people(played)
    _keep(run, people=len(everybody))
    for ids in staging.lots_of_people(everybody, after=run.reached):
        staging.count(played, ids, counted)
        run.reached, run.played = ids[-1], run.played + len(ids)
        _keep(run, counted=counted.kept(), reached=run.reached, played=run.played, lease_until=clock.read() + LEASE)
        if monotonic() > end:
            _keep(run, lease_until=None)
            return
    found = staging.result(played, counted)
    _keep(run, result=found, counted={}, state=State.DONE, finished_at=clock.read(), claim=None, lease_until=None)


def _keep(run: RehearsalRun, **changes: object) -> None:
    """Write to a run that is still this sweep's; raise _TakenAway."""
    if not _mine(run).update(**changes):
        raise _TakenAway


def _mine(run: RehearsalRun) -> QuerySet[RehearsalRun]:
    return RehearsalRun.objects.filter(pk=run.pk, claim=run.claim, state=State.RUNNING)
