"""What staff do with many planned mails of a flow at once: hold, skip, send; and taking it back, of just those that it changed."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Func, IntegerField, QuerySet

from campaigns import enrollment, planning, runs
from campaigns.models import Flow, RunAct, StepRun
from customers import events
from messaging.reasons import Reason
from stores import rows
from stores.models import User

State, Verb = StepRun.State, RunAct.Verb
KEPT_FOR = timedelta(days=30)
#: So many at once; the rest stays in the list, for a second press.
MOST = 2000
#: Many mails sent by hand wait so long before they go: until then it can be taken back.
REGRET = timedelta(minutes=10)
_FIELDS = [*enrollment.PLANNED_FIELDS, "decided_at"]
Change = Callable[[StepRun, datetime, int], None]


@transaction.atomic
def act(flow: Flow, found: QuerySet[StepRun], verb: RunAct.Verb, *, days: int, by: User, now: datetime) -> RunAct | None:
    """Do this to what is still open of a flow's planned mails, at most MOST; return what was done, None if nothing was open.

    A hold lasts `days` beyond each mail's own moment. What is in the line of a campaign can only be skipped.
    """
    open_runs = found.filter(step__version__flow=flow, state__in=StepRun.OPEN)
    if verb != Verb.SKIP:
        open_runs = open_runs.exclude(state=State.PLANNED, wake_at=None)
    changed = _locked(open_runs)
    if not changed:
        return None
    for run in changed:
        _CHANGES[verb](run, now, days)
    _write(changed, _SAYS[verb], by=by, now=now)
    enrollment.finish(run.enrollment_id for run in changed if run.state == State.SKIPPED)
    return RunAct.objects.create(store_id=flow.store_id, flow=flow, verb=verb, runs=[run.pk for run in changed], by=by, at=now)


def _locked(found: QuerySet[StepRun]) -> list[StepRun]:
    ids = list(found.order_by("due_at", "pk").values_list("pk", flat=True)[:MOST])
    held = StepRun.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids)
    return list(held.select_related("step").order_by("pk"))


def _hold(run: StepRun, now: datetime, days: int) -> None:
    until = max(now, run.due_at) + timedelta(days=days)
    run.facts = {**run.facts, "held_until": until.isoformat()}
    run.reason, run.use_by = Reason.PAUSED, max(run.use_by, until + timedelta(hours=run.step.use_by_hours))
    if run.state != State.WAITING:
        run.state, run.wake_at = State.HELD, until


def _skip(run: StepRun, now: datetime, days: int) -> None:
    run.state, run.reason, run.wake_at, run.decided_at = State.SKIPPED, Reason.STAFF, None, now


def _send(run: StepRun, now: datetime, days: int) -> None:
    runs.ask_for(run, at=now + REGRET, now=now)


_CHANGES: dict[str, Change] = {Verb.HOLD: _hold, Verb.SKIP: _skip, Verb.SEND_NOW: _send}
_SAYS = {Verb.HOLD: "put on hold", Verb.SKIP: "skipped", Verb.SEND_NOW: "sent ahead of its time"}


def _write(changed: Sequence[StepRun], what: str, *, by: User, now: datetime) -> None:
    rows.update_many(changed, _FIELDS)
    events.record_many([runs.told_of(run, what, by=by, now=now) for run in changed], now=now)


@transaction.atomic
def undo(act: RunAct, *, by: User, now: datetime) -> int | None:
    """Take an act back; return of how many mails that changed something, None if that was done already. What was sent stays sent."""
    held = RunAct.objects.select_for_update(of=("self",)).filter(pk=act.pk, undone_at=None).first()
    if held is None:
        return None
    RunAct.objects.filter(pk=held.pk).update(undone_at=now)
    changed = [run for run in _locked(StepRun.objects.filter(pk__in=held.runs)) if runs.may_return(run)]
    for run in changed:
        run.facts, run.decided_at, run.wake_at = {}, None, run.due_at
        run.state, run.reason = State.PLANNED, ""
    _write(changed, "planned again", by=by, now=now)
    enrollment.reopen(run.enrollment_id for run in changed)
    alone = {run.customer_id for run in changed if run.order_id is None}
    orders = planning.orders_for_planning({run.order_id for run in changed if run.order_id})
    enrollment.replan(orders, now=now, people=alone)
    return len(changed)


def lately(flow: Flow, *, now: datetime, most: int = 5) -> QuerySet[RunAct]:
    """Return what was done last with a flow's mails and can still be taken back."""
    acts = RunAct.objects.filter(flow=flow, undone_at=None, at__gte=now - KEPT_FOR).select_related("by").defer("runs")
    number = Func(F("runs"), function="cardinality", output_field=IntegerField())
    return acts.annotate(number=number).order_by("-at", "-pk")[:most]


def forget(*, now: datetime) -> None:
    """Delete acts that are too old to be taken back."""
    RunAct.objects.filter(at__lt=now - KEPT_FOR).delete()
