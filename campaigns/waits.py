"""Steps that wait for something to happen or for a time to pass, and the steps that hang from their end.

A wait begins when its rule says. It counts what has happened since its customer entered the flow, so nothing slips through between two
steps; it is over at the latest `hours` after it began. `details` is {"event": kind, "where": tests of `campaigns.filters`, "hours": most}.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns import filters, timing
from campaigns.models import Step, StepRun
from customers import events
from customers.models import Event
from messaging.reasons import Reason

#: What was known of waits when runs were planned: by passage and place of the step.
Known = Mapping[tuple[int, int], StepRun]


@dataclass(frozen=True)
class End:
    """When a wait was over, and whether what it waited for had happened."""

    at: datetime
    has_happened: bool


def known(runs: Iterable[StepRun]) -> dict[tuple[int, int], StepRun]:
    """Return the waits that these runs hang from; no query where none does."""
    passages = {run.enrollment_id for run in runs if run.step.anchor == Step.Anchor.WAITED}
    if not passages:
        return {}
    found = StepRun.objects.filter(enrollment__in=passages, step__kind=Step.Kind.WAIT).select_related("step")
    return {(run.enrollment_id, run.step.position): run for run in found}


def plan(run: StepRun, rule: timing.Rule, waits: Known, *, zone: ZoneInfo) -> timing.Plan | None:
    """Return when a step is due that hangs from the wait before it; None if there is none."""
    before = [place for passage, place in waits if passage == run.enrollment_id and place < run.step.position]
    if not before:
        return None
    wait = waits[run.enrollment_id, max(before)]
    end = _end_of(wait)
    basis = "forecast" if end is None else "waited" if end.has_happened else "timed_out"
    return timing.plan_after_wait(rule, end.at if end else limit(wait), zone=zone, basis=basis)


def limit(wait: StepRun) -> datetime:
    """Return when a wait is over at the latest."""
    return wait.due_at + timedelta(hours=wait.step.details["hours"])


def _end_of(wait: StepRun) -> End | None:
    """Return the end of a wait that is decided; one that was left out was over when it was."""
    if "ended_at" in wait.facts:
        return End(datetime.fromisoformat(wait.facts["ended_at"]), wait.facts["happened"])
    return End(wait.decided_at or wait.due_at, False) if wait.state == StepRun.State.SKIPPED else None


def over(runs: Sequence[StepRun], *, now: datetime) -> dict[int, End]:
    """Return how those of these waits ended, by id, that are over; one query, and none without a wait."""
    waits = [run for run in runs if run.step.kind == Step.Kind.WAIT]
    if not waits:
        return {}
    told = Event.objects.filter(
        customer__in={run.customer_id for run in waits}, kind__in={run.step.details["event"] for run in waits},
        occurred_at__gt=min(run.enrollment.entered_at for run in waits),
    ).order_by("occurred_at", "pk")  # fmt: skip
    by_customer: dict[int, list[Event]] = {}
    for event in told:
        by_customer.setdefault(event.customer_id, []).append(event)
    ends = {run.pk: _judged(run, by_customer.get(run.customer_id, ()), now) for run in waits}
    return {pk: end for pk, end in ends.items() if end}


def _judged(run: StepRun, told: Iterable[Event], now: datetime) -> End | None:
    last = limit(run)
    moment = next((max(event.occurred_at, run.due_at) for event in told if _is_meant(run, event)), None)
    if moment is not None and moment <= last:
        return End(moment, True)
    return End(min(last, now), False) if now >= last or run.facts.get("basis") == "staff" else None


def _is_meant(run: StepRun, event: Event) -> bool:
    """Say whether an event ends a wait: it is what it is for, since they entered."""
    return event.occurred_at > run.enrollment.entered_at and filters.is_meant(run.step.details, event.kind, event.data, order=run.order_id)


def wake(batch: Sequence[Event], *, now: datetime) -> None:
    """Have the waits looked at that one of these events may end."""
    waiting = StepRun.objects.filter(customer__in={event.customer_id for event in batch}, state=StepRun.State.HELD, reason=Reason.WAITS)
    waiting.filter(step__details__event__in={event.kind for event in batch}).update(wake_at=now)


def close(run: StepRun, end: End, *, now: datetime) -> events.NewEvent:
    """Keep on a wait how it ended; return the event that has what hangs from it planned."""
    run.facts = {**run.facts, "ended_at": end.at.isoformat(), "happened": end.has_happened}
    data = {
        "flow": run.enrollment.flow.key, "step": run.step_key, "name": run.step.name, "order": run.order_id, "run": run.pk,
        "happened": end.has_happened, "words": Event.Kind(run.step.details["event"]).label,
    }  # fmt: skip
    return events.NewEvent(run.store_id, run.customer_id, events.Kind.FLOW_WAITED, now, f"flow.waited:{run.pk}", data)
