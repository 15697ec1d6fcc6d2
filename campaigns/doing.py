"""What steps do that are no mails: each once, within the transaction that decides it, with its event on the wire.

`details` by kind: tag {"tag", "remove": true to take it away} · note {"text"} · task {"title", "text", "days" until it is due} ·
webhook {"url"} (`campaigns.calls`); a coupon is the step's offer, a wait is `campaigns.waits`.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from campaigns import calls, waits
from campaigns.models import Step, StepRun
from campaigns.situation import Loaded
from customers import events, notes, tagging, tasks_for_staff
from customers.models import Customer
from offers.giving import Promise

_DAYS_FOR_A_TASK = 2
Deed = Callable[[StepRun, datetime], list[events.NewEvent]]


def do(loaded: Loaded, *, promise: Promise | None, now: datetime) -> list[events.NewEvent]:
    """Do what a due step is for; return the events to be written that its verbs have not written themselves."""
    run = loaded.run
    if run.step.kind == Step.Kind.WAIT:
        assert loaded.end
        return [waits.close(run, loaded.end, now=now)]
    if run.step.kind == Step.Kind.COUPON:
        assert promise
        return [_given(run, promise, now=now)]
    return _DEEDS[run.step.kind](run, now)


def _given(run: StepRun, promise: Promise, *, now: datetime) -> events.NewEvent:
    given = promise.kept()
    run.facts = {**run.facts, "offer": given}
    return _told(run, events.Kind.COUPON_ISSUED, now, **given)


def _tag(run: StepRun, now: datetime) -> list[events.NewEvent]:
    tag, is_removed = tagging.cleaned(run.step.details["tag"]), bool(run.step.details.get("remove"))
    change = tagging.remove if is_removed else tagging.add
    changed = change(Customer.objects.filter(pk=run.customer_id), tag)
    return [_told(run, events.Kind.CUSTOMER_TAGGED, now, tag=tag, is_removed=is_removed)] if changed else []


def _note(run: StepRun, now: datetime) -> list[events.NewEvent]:
    notes.add(run.customer, text=run.step.details["text"], by=None, signed=run.enrollment.flow.name, now=now)
    return []


def _task(run: StepRun, now: datetime) -> list[events.NewEvent]:
    details = run.step.details
    tasks_for_staff.open_task(
        run.customer, kind="flow", key=f"flow:{run.pk}", title=details["title"], detail=details.get("text", ""),
        order_number=str(run.order or ""), due_at=now + timedelta(days=details.get("days", _DAYS_FOR_A_TASK)), now=now,
    )  # fmt: skip
    return []


def _webhook(run: StepRun, now: datetime) -> list[events.NewEvent]:
    calls.write(run, now=now)
    return []


_DEEDS: dict[str, Deed] = {Step.Kind.TAG: _tag, Step.Kind.NOTE: _note, Step.Kind.TASK: _task, Step.Kind.WEBHOOK: _webhook}


def _told(run: StepRun, kind: str, now: datetime, **data: object) -> events.NewEvent:
    about = {"flow": run.enrollment.flow.key, "step": run.step_key, "name": run.step.name, "order": run.order_id, "run": run.pk}
    return events.NewEvent(run.store_id, run.customer_id, kind, now, f"{kind}:{run.pk}", {**about, **data})
