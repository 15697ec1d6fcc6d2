"""What the flow page shows: the stops of the line, their steps with dates and counts."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil

from django.db.models import Count, OuterRef, Prefetch, Subquery, Value, prefetch_related_objects
from django.db.models.functions import Coalesce

from campaigns import step_words
from campaigns.models import Flow, FlowVersion, Step, StepRun, StepSwitch
from campaigns.writing import preview
from lifecycle.console import flow_people
from lifecycle.console.read_as import ReadAs
from messaging.reasons import Reason
from messaging.rendering import Rendered, RenderError
from orders import delivery, facts
from orders.models import Order
from stores.models import Store


@dataclass(frozen=True)
class Drawn:
    """A mail to look at, or why there is none."""

    mail: Rendered | None
    problem: str


@dataclass(frozen=True)
class Counts:
    """What became of one step so far; each number is a link to the people behind it."""

    sent: int = 0
    waiting: int = 0
    held: int = 0
    watched: int = 0
    skipped: int = 0
    main_reason: str = ""


@dataclass(frozen=True)
class Rung:
    """One step on the line, with its date for the chosen order."""

    step: Step
    number: int
    due_at: datetime | None
    is_forecast: bool
    note: str
    counts: Counts
    when: str
    bound: str
    only_if: str
    subject: str


@dataclass
class Stop:
    """A filled stop of the line, and the steps that hang from it."""

    anchor: str
    name: str
    at: datetime | None
    is_known: bool
    says: str
    rungs: list[Rung] = field(default_factory=list)


@dataclass(frozen=True)
class Line:
    stops: list[Stop]
    selected: Step | None
    drawn: Drawn | None
    zone: str


def line(flow: Flow, version: FlowVersion, shown: ReadAs, step_key: str, *, now: datetime) -> Line:
    """Return the line of a version with the dates of an order, if it is a real one, and its mails as they are read."""
    _with_switches(flow, version)
    steps = list(version.steps.all())
    order = None if shown.is_made_up else shown.sample.order
    drawn = {step.key: _drawn(step, shown.sample, now=now) for step in steps}
    dates = {date.step.key: date for date in preview.dates_for(steps, shown.sample)} if order else {}
    counts = _counts(flow)
    rungs = [_rung(number, step, dates.get(step.key), counts, drawn[step.key]) for number, step in enumerate(steps, 1)]
    selected = next((step for step in steps if step.key == step_key), steps[0] if steps else None)
    stops = _stops(flow.store, order, rungs) if version.is_about_order else []
    if begun := [rung for rung in rungs if rung.step.anchor == Step.Anchor.ENTERED or not version.is_about_order]:
        words = step_words.starts(version)
        stops.append(Stop("entered", f"{words[0].upper()}{words[1:]}", None, True, " ".join(step_words.rules(version)[1:]), begun))
    return Line(stops, selected, drawn[selected.key] if selected else None, str(shown.sample.zone))


def _drawn(step: Step, shown: preview.Sample, *, now: datetime) -> Drawn:
    """Draw a step's mail for the sample, or say why it cannot be drawn."""
    if not step.is_mail:
        return Drawn(None, step_words.does(step))
    try:
        return Drawn(preview.mail_for(step, shown, now=now), "")
    except RenderError as error:
        return Drawn(None, f"This mail cannot be drawn: {error}")


def _with_switches(flow: Flow, version: FlowVersion) -> None:
    """Load a version's steps once for everybody, each with the merchant's switch as `choice`."""
    choice = StepSwitch.objects.filter(flow=flow, step_key=OuterRef("key")).values("choice")[:1]
    steps = Step.objects.select_related("offer__store", "only_if", "writer").annotate(choice=Coalesce(Subquery(choice), Value("")))
    prefetch_related_objects([version], Prefetch("steps", steps))


def _rung(number: int, step: Step, date: preview.StepDate | None, counts: dict[str, Counts], drawn: Drawn) -> Rung:
    return Rung(
        step=step,
        number=number,
        due_at=date.due_at if date else None,
        is_forecast=bool(date and date.is_forecast),
        note=date.note if date else "",
        counts=counts.get(step.key, Counts()),
        when=step_words.when(step),
        bound=step_words.bound(step),
        only_if=step_words.only_if(step),
        subject=drawn.mail.subject if drawn.mail else step_words.does(step) or step_words.in_brackets(step.content.get("subject")),
    )


def _counts(flow: Flow) -> dict[str, Counts]:
    """Count a flow's step runs by step, state and reason in one query."""
    of_flow = StepRun.objects.filter(step__version__flow=flow)
    rows = of_flow.order_by().values_list("step__key", "state", "reason").annotate(number=Count("*"))
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for key, state, reason, number in rows:
        group = flow_people.group_of(state, reason)
        groups[key][group] += number
        if group == "skipped":
            reasons[key][reason] += number
    return {
        key: Counts(
            sent=of["sent"],
            waiting=of["waiting"],
            held=of["held"],
            watched=of["watched"],
            skipped=of["skipped"],
            main_reason=next((Reason(reason).label for reason, _ in reasons[key].most_common(1) if reason in Reason.values), ""),
        )
        for key, of in groups.items()
    }


def _days_on_the_way(store: Store) -> str:
    usual = delivery.usual(store.delivery_times, said_days=store.usual_delivery_days)
    days = ceil(usual.most)
    return f"{days} day{'' if days == 1 else 's'}{f', learned from {usual.parcels} parcels' if usual.parcels else ''}"


def _stops(store: Store, order: Order | None, rungs: list[Rung]) -> list[Stop]:
    """Hang each step from its anchor; the expected day, and what may never happen, are stops only where a step hangs from them."""
    usual = f"No tracking? Shipping + {_days_on_the_way(store)}."
    stops = [
        Stop("placed", "Order placed", None, True, "Not a test, not from before. Enters once an order."),
        Stop("shipped", "Order shipped", None, False, ""),
        Stop("expected", "Delivery expected", None, True, "By the carrier's latest word."),
        Stop("out_for_delivery", "Out for delivery", None, True, "When the carrier says so."),
        Stop("ready", "Only if it is to be picked up", None, True, "When it waits at a pick-up point or in the shop."),
        Stop("late", "Only if it is late", None, True, "A day after the latest estimate, or when that moves a day behind the promise."),
        Stop("problem", "Only if delivery fails", None, True, "When the carrier could not hand it over."),
        Stop("received", "Order received", None, False, usual),
        Stop("waited", "When the wait is over", None, True, "By what it waits for, or by its time."),
        Stop("refunded", "Only if money goes back", None, True, "Also long after the order arrived, or was cancelled."),
    ]
    if order is not None:
        known = facts.milestones_of(order, store)
        placed, shipped, expected, out, ready, late, problem, received, *_ = stops
        placed.at, expected.at = known.placed, known.expected
        out.at, ready.at, late.at, problem.at = known.out_for_delivery, known.ready, known.late, known.problem
        shipped.at, shipped.is_known = known.shipped or known.shipped_forecast, known.shipped is not None
        received.at, received.is_known = known.received or known.received_forecast, known.received is not None
    for stop in stops:
        stop.rungs = [rung for rung in rungs if rung.step.anchor == stop.anchor]
    return [stop for stop in stops if stop.rungs or stop.anchor in ("placed", "shipped", "received")]
