"""The step sweep: due steps are decided, drawn and handed over to the outbox."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction

from campaigns import caps, codes, decisions, doing, enrollment, letters, lots, situation
from campaigns.decisions import Hold, Send, Skip, Verdict
from campaigns.models import StepRun
from campaigns.situation import Loaded
from customers import events
from messaging import outbox
from messaging.models import Message
from messaging.reasons import Reason
from offers import giving
from offers.allowance import Lack
from offers.giving import Promise
from stores import rows, turns

State = StepRun.State
DUE = (State.PLANNED.value, State.HELD.value)
DECIDED_FIELDS = ["state", "reason", "facts", "wake_at", "decided_at", "message", "variant"]


@transaction.atomic
def hand_over(*, now: datetime, is_urgent: bool, limit: int = 200) -> int:
    """Decide what is due, of the urgent class or the rest; return how many runs were decided. One bad step does not stop the others."""
    ids = turns.due(StepRun, when="wake_at", states=DUE, is_urgent=is_urgent, now=now, limit=limit)
    if ids and not is_urgent:
        ids = caps.one_each(ids, now=now)
    if ids:
        runs = list(situation.runs_with_facts(StepRun.objects.filter(pk__in=ids)).order_by("wake_at", "pk"))
        rows.in_halves(runs, lambda batch: _act(batch, now=now), lambda run, error: _give_up(run, error, now=now))
    return len(ids)


def _act(runs: Sequence[StepRun], *, now: datetime) -> None:
    messages: list[tuple[StepRun, Message]] = []
    told: list[events.NewEvent] = []
    for loaded, verdict, promise in _decide(situation.load(runs, now=now), now=now):
        run = loaded.run
        run.decided_at = now
        if not isinstance(verdict, Send):
            if verdict.reason == Reason.MERGED:
                run.facts = {**run.facts, "joins": loaded.joins}
            told += _put_aside(run, verdict, now=now)
        elif run.step.is_mail:
            messages.append((run, letters.write(loaded, offer=promise, now=now)))
        else:
            told += doing.do(loaded, promise=promise, now=now)
            run.state, run.reason, run.wake_at = State.HANDED_OVER, "", None
    outbox.queue([message for _, message in messages])
    for run, message in messages:
        run.message, run.state, run.reason, run.wake_at = message, State.HANDED_OVER, "", None
    rows.update_many(list(runs), DECIDED_FIELDS)
    events.record_many(told, now=now)
    enrollment.finish(run.enrollment_id for run in runs if run.state not in StepRun.OPEN)


def _decide(batch: Sequence[Loaded], *, now: datetime) -> Iterator[tuple[Loaded, Verdict, Promise | None]]:
    """Return each run with its verdict, and what is promised with it if it goes. Without a code, what would go does not, or not yet."""
    verdicts = [_verdict(loaded, now=now) for loaded in batch]
    promising = [loaded.run for loaded, verdict in zip(batch, verdicts, strict=True) if isinstance(verdict, Send) and loaded.run.step.offer]
    given = dict(zip((run.pk for run in promising), giving.issue(list(map(codes.want, promising)), now=now), strict=True))
    for loaded, verdict in zip(batch, verdicts, strict=True):
        match given.get(loaded.run.pk):
            case Lack() as lack:
                yield loaded, codes.verdict(lack, loaded.run, now=now), None
            case promise:
                yield loaded, verdict, promise


def _verdict(loaded: Loaded, *, now: datetime) -> Verdict:
    verdict, run = decisions.decide(loaded.situation), loaded.run
    if not isinstance(verdict, Hold) and run.step.variants:
        run.variant = lots.variant(run.enrollment.flow_id, run.step_key, run.step.variants, run.customer_id)
    if verdict == decisions.WATCHED and run.step.is_mail:
        run.facts = {**run.facts, "subject": letters.imagine(loaded, now=now).subject}
    return verdict


def _put_aside(run: StepRun, verdict: Verdict, *, now: datetime) -> list[events.NewEvent]:
    """Skip or hold a run; return the event that says so. That a wait waits is no news."""
    if isinstance(verdict, Hold):
        run.state, run.reason, run.wake_at = State.HELD, verdict.reason, verdict.until
        return [told_of(run, events.Kind.MAIL_HELD, verdict.reason, now=now)] if verdict.reason != Reason.WAITS else []
    assert isinstance(verdict, Skip)
    if verdict.reason == Reason.TOO_LATE and run.state == State.HELD:
        run.facts = {**run.facts, "waited_for": run.reason}
    run.state, run.reason, run.wake_at = State.SKIPPED, verdict.reason, None
    return [told_of(run, events.Kind.MAIL_SKIPPED, verdict.reason, now=now)]


def told_of(run: StepRun, kind: str, reason: Reason, *, now: datetime) -> events.NewEvent:
    """Return the event of a skip or a hold; the same hold, found again, is the same event."""
    data = {
        "flow": run.enrollment.flow.key, "step": run.step_key, "name": run.step.name, "order": run.order_id, "run": run.pk,
        "reason": reason.value, "words": reason.label, "due_at": run.due_at, "subject": run.facts.get("subject", ""),
        "until": run.wake_at, "waited_for": run.facts.get("waited_for", ""),
    }  # fmt: skip
    key = f"{kind}:{run.pk}:{reason.value}:{(run.wake_at or now).isoformat()}"
    return events.NewEvent(run.store_id, run.customer_id, kind, now, key, data)


def _give_up(run: StepRun, error: Exception, *, now: datetime) -> None:
    """Skip a step whose mail cannot be drawn, and say what was wrong: trying it again would fail again."""
    run.facts = {**run.facts, "error": f"{type(error).__name__}: {error}"[:500]}
    run.decided_at = now
    told = _put_aside(run, Skip(Reason.RENDER), now=now)
    run.message = None
    rows.update_many([run], DECIDED_FIELDS)
    events.record_many(told, now=now)
    enrollment.finish([run.enrollment_id])
