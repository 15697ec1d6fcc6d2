"""What staff do with one planned mail, and why it is where it is."""

from datetime import UTC, datetime, timedelta, tzinfo

from babel.dates import format_date
from django.db import transaction

from campaigns import enrollment, planning, waits
from campaigns.models import StepRun
from customers import events
from customers.models import Event
from messaging.reasons import Reason
from stores.models import User

State = StepRun.State


class NotOpen(Exception):
    """The mail was already sent, skipped or cancelled, so it can no longer be changed."""


@transaction.atomic
def hold(run: StepRun, *, until: datetime, by: User, now: datetime) -> None:
    """Keep a planned mail back until a moment. Raises NotOpen."""
    held = _open(run)
    held.facts = {**held.facts, "held_until": until.isoformat()}
    _plan_again(held, now=now)
    _tell(held, "put on hold", by=by, now=now, until=until)


@transaction.atomic
def release(run: StepRun, *, by: User, now: datetime) -> None:
    """Take back what a person did: the mail goes by its plan again. Raises NotOpen."""
    held = _open(run, also=State.SKIPPED)
    if not may_return(held):
        raise NotOpen
    held.facts = {}
    held.state = State.PLANNED
    _plan_again(held, now=now)
    enrollment.reopen([held.enrollment_id])
    _tell(held, "planned again", by=by, now=now)


@transaction.atomic
def skip(run: StepRun, *, by: User, now: datetime) -> None:
    """Leave one mail out. Raises NotOpen."""
    held = _open(run)
    held.state, held.reason, held.wake_at, held.decided_at = State.SKIPPED, Reason.STAFF, None, now
    held.save(update_fields=["state", "reason", "wake_at", "decided_at"])
    enrollment.finish([held.enrollment_id])
    _tell(held, "skipped", by=by, now=now)


@transaction.atomic
def send_now(run: StepRun, *, by: User, now: datetime) -> None:
    """Send a mail with the next sweep; permission and every other check still hold. Raises NotOpen."""
    held = _open(run)
    ask_for(held, at=now, now=now)
    held.save(update_fields=ASKED_FIELDS)
    _tell(held, "sent ahead of its time", by=by, now=now)


@transaction.atomic
def move(run: StepRun, *, at: datetime, by: User, now: datetime) -> None:
    """Send a mail at another moment than its rule says; every check still holds then. Raises NotOpen."""
    held = _open(run)
    ask_for(held, at=at, now=now)
    held.save(update_fields=ASKED_FIELDS)
    _tell(held, "moved", by=by, now=now, until=at)


ASKED_FIELDS = ["state", "reason", "facts", "due_at", "wake_at", "use_by"]


def ask_for(run: StepRun, *, at: datetime, now: datetime) -> None:
    """Put on an open run that staff want it at a moment; news about its order does not change that."""
    run.facts = {"basis": "staff", "anchor": run.step.anchor, "anchor_at": now.isoformat()}
    run.state, run.reason, run.due_at, run.wake_at = State.PLANNED, "", at, at
    run.use_by = at + timedelta(hours=run.step.use_by_hours)


def may_return(run: StepRun) -> bool:
    """Say whether it is staff who hold, skipped or moved it: that can be taken back."""
    if run.state in StepRun.OPEN:
        return "held_until" in run.facts or run.facts.get("basis") == "staff"
    return run.state == State.SKIPPED and run.reason == Reason.STAFF


def _open(run: StepRun, also: str | None = None) -> StepRun:
    """Return the run as it is now, locked."""
    held = StepRun.objects.select_for_update(of=("self",), no_key=True).select_related("step", "enrollment__flow").get(pk=run.pk)
    if held.state not in (*StepRun.OPEN, also):
        raise NotOpen
    return held


def _plan_again(run: StepRun, *, now: datetime) -> None:
    orders = planning.orders_for_planning([run.order_id]) if run.order_id else []
    around = planning.look_around(orders, [run.customer_id])
    order = orders[0] if orders else None
    around.waits.update(waits.known([run]))
    plan = planning.plan_run(run, order.customer if order else run.customer, order, around)
    enrollment.settle(run, plan, selling_waits=run.customer_id in around.has_open_task)
    run.save(update_fields=enrollment.PLANNED_FIELDS)


def _tell(run: StepRun, what: str, *, by: User, now: datetime, until: datetime | None = None) -> None:
    events.record_many([told_of(run, what, by=by, now=now, until=until)], now=now)


def told_of(run: StepRun, what: str, *, by: User, now: datetime, until: datetime | None = None) -> events.NewEvent:
    """Return the event of what a person did with a mail."""
    data = {"text": f"{run.step.name}: {what}", "by": str(by), "run": run.pk, "order": run.order_id, "until": until}
    key = f"staff.acted:run:{run.pk}:{now.isoformat()}"
    return events.NewEvent(run.store_id, run.customer_id, events.Kind.STAFF_ACTED, now, key, data)


_BASIS = {
    "placed": "because the order was placed on {at}",
    "shipped": "because the order was shipped on {at}",
    "expected": "because the parcel is expected on {at}",
    "delivered": "because the order arrived on {at}",
    "usual": "because it was shipped without tracking and usually arrives by {at}",
    "promised": "to stay ahead of the promised delivery",
    "answer": "because of a happy answer",
    "entered": "because of what happened on {at}",
    "out_for_delivery": "because it went out for delivery on {at}",
    "ready": "because it became ready to be picked up on {at}",
    "problem": "because the carrier could not hand it over on {at}",
    "refunded": "because money was given back on {at}",
    "staff": "because staff asked for it on {at}",
    "waited": "because what was waited for happened on {at}",
    "timed_out": "because what was waited for had not happened by {at}",
}
_WAITS = {
    "shipped": "once the order is shipped, probably about {at}",
    "expected": "once a delivery date is known",
    "received": "once the order has arrived, probably about {at}",
    "out_for_delivery": "when the parcel goes out for delivery, if the carrier says so",
    "ready": "only if it is to be picked up, once the carrier says so",
    "late": "only if the order is late",
    "problem": "only if the carrier cannot hand it over",
    "refunded": "only if money is given back",
    "waited": "when the wait before it is over, by {at} at the latest",
}


def why(run: StepRun, *, zone: tzinfo = UTC) -> str:
    """Return in one sentence why a run is planned, waiting, held, skipped or cancelled; days are those of `zone`."""
    if run.state == State.HELD and run.reason == Reason.WAITS:
        return f"Waits for “{Event.Kind(run.step.details['event']).label}”, until {_day(waits.limit(run), zone)} at the latest."
    if run.reason == Reason.MERGED and run.facts.get("joins"):
        number = run.facts["joins"]
        return f"Waits for order {number}: one mail goes for both." if run.state == State.HELD else f"Joined with order {number}’s."
    if run.state in (State.SKIPPED, State.CANCELLED, State.HELD):
        word = {State.SKIPPED: "Skipped", State.CANCELLED: "Cancelled", State.HELD: "On hold"}[State(run.state)]
        label = Reason(run.reason).label if run.reason else "no reason kept"
        return f"{word}: {label[0].lower()}{label[1:]}{_after_waiting(run)}."
    facts, at = run.facts, ""
    if facts.get("anchor_at"):
        at = _day(datetime.fromisoformat(facts["anchor_at"]), zone)
    if run.enrollment.flow.is_one_off:
        return f"Goes as part of a campaign to many, on {at}."
    if run.state == State.WAITING:
        return f"Goes {_WAITS.get(run.step.anchor, 'once its moment is known').format(at=at)}."
    if facts.get("basis") == "late":
        return f"Goes only if the order is late: if it is not there by {at}."
    return f"Planned {_BASIS.get(facts.get('basis', ''), 'by its rule').format(at=at)}."


def _day(moment: datetime, zone: tzinfo) -> str:
    return str(format_date(moment.astimezone(zone), "d MMMM", locale="en_GB"))


def _after_waiting(run: StepRun) -> str:
    """Return what had held a mail until it was too late, as the end of a sentence."""
    waited_for = run.facts.get("waited_for")
    if run.state != State.SKIPPED or waited_for not in Reason.values:
        return ""
    label = Reason(waited_for).label
    return f", after it was on hold ({label[0].lower()}{label[1:]})"
