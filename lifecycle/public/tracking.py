"""What the tracker says of an order, in words: the answer on top, one sentence below it, and the stops. Pure rules.

Days are the shop's own calendar days. A parcel is late once the day of its estimate is over, or when the estimate moved to a later
day than was first promised.
"""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from orders import progress
from orders.delivery import Usual
from orders.progress import Milestones, OrderFacts, Parcel, Stage

_STOPS = {
    Stage.ORDERED: "Ordered",
    Stage.PACKED: "Packed",
    Stage.ON_ITS_WAY: "On its way",
    Stage.OUT_FOR_DELIVERY: "Out for delivery",
    Stage.DELIVERED: "Delivered",
}


@dataclass(frozen=True)
class Standing:
    """An order as the tracker sees it; `promised_at` is the first estimate of the parcels still under way,
    `heard_at` the last news of one that has gone silent."""

    facts: OrderFacts
    is_refunded: bool = False
    is_partly_refunded: bool = False
    is_cancelled: bool = False
    cancelled_at: datetime | None = None
    is_unpaid: bool = False
    promised_at: datetime | None = None
    usual: Usual = field(default_factory=lambda: Usual(5, 5))
    heard_at: datetime | None = None
    town: str = ""


@dataclass(frozen=True)
class Answer:
    """The page's heading and the sentence below it; `tone` is good, late, off or plain."""

    heading: str
    detail: str = ""
    tone: str = "plain"


@dataclass(frozen=True)
class Stop:
    """One stop of the bar: `state` is done, now or next."""

    label: str
    state: str
    at: datetime | None = None


@dataclass(frozen=True)
class Calendar:
    """The shop's calendar at this moment."""

    now: datetime
    zone: ZoneInfo

    def days_until(self, moment: datetime) -> int:
        return (moment.astimezone(self.zone).date() - self.now.astimezone(self.zone).date()).days

    def day(self, moment: datetime) -> str:
        """Return "Friday 6 November", with its year when that is another one."""
        local = moment.astimezone(self.zone)
        year = f" {local.year}" if local.year != self.now.astimezone(self.zone).year else ""
        return f"{local:%A} {local.day} {local:%B}{year}"

    def coming(self, moment: datetime) -> str:
        near = {0: "today, ", 1: "tomorrow, "}.get(self.days_until(moment), "")
        return near + self.day(moment)

    def past(self, moment: datetime) -> str:
        return "today" if self.days_until(moment) == 0 else f"on {self.day(moment)}"


def answer(standing: Standing, calendar: Calendar) -> Answer:
    """Return the first answer that fits: called off, back with us, there, failed, late, on its way, in preparation."""
    moments = moments_of(standing)
    if is_off(standing):
        return _off(standing, calendar)
    if not has_parcels(standing.facts):
        return _without_parcel(standing, moments.received, calendar)
    if moments.received:
        count = len(_parcels(standing.facts))
        detail = f"All {count} packages are there." if count > 1 else ""
        return Answer(f"Delivered {calendar.past(moments.received)}", detail or _to(standing.town), "good")
    if any(parcel.status == "failure" for parcel in _open(standing.facts)):
        return Answer(
            "The carrier could not hand it over",
            "Write to us and we arrange another try, or send it somewhere else.",
            "late",
        )
    return _late(standing, moments, calendar) or _coming(standing, moments, calendar)


def stops(standing: Standing) -> list[Stop]:
    """Return the stops of the bar; none for an order that was called off or came back."""
    if is_off(standing):
        return []
    moments = moments_of(standing)
    if not has_parcels(standing.facts):
        last = "Done" if "service" in standing.facts.kinds else "Ready"
        is_there = moments.received is not None
        return [Stop("Ordered", "done" if is_there else "now", moments.placed), Stop(last, "now" if is_there else "next", moments.received)]
    current = list(_STOPS).index(_stage(standing.facts, moments))
    known = {Stage.ORDERED: moments.placed, Stage.ON_ITS_WAY: moments.shipped, Stage.DELIVERED: moments.received}
    states = ["done"] * current + ["now"] + ["next"] * len(_STOPS)
    return [
        Stop(label, state, known.get(stage) if state != "next" else None)
        for (stage, label), state in zip(_STOPS.items(), states, strict=False)
    ]


def has_parcels(facts: OrderFacts) -> bool:
    return "physical" in facts.kinds or bool(facts.parcels)


def is_off(standing: Standing) -> bool:
    """Say whether nothing more will come: cancelled, refunded, or all of it sent back."""
    return standing.is_cancelled or standing.is_refunded or _is_back(standing.facts)


def _is_back(facts: OrderFacts) -> bool:
    sent = [parcel for parcel in facts.parcels if not parcel.is_cancelled]
    return bool(sent) and all(parcel.status == "returned" for parcel in sent)


def _off(standing: Standing, calendar: Calendar) -> Answer:
    if standing.is_cancelled:
        when = f"On {calendar.day(standing.cancelled_at)}. " if standing.cancelled_at else ""
        refunds = "Your money was sent back." if standing.is_refunded else "Write to us if that is a surprise."
        return Answer("Your order was cancelled", when + refunds, "off")
    if standing.is_refunded:
        return Answer("Your order was refunded", "Banks take a few days to show the money.", "off")
    return Answer("Your order came back to us", "Write to us and we send it again or refund it.", "off")


def _without_parcel(standing: Standing, received: datetime | None, calendar: Calendar) -> Answer:
    if "service" in standing.facts.kinds:
        return Answer(f"Done {calendar.past(received)}", tone="good") if received else Answer("Your service is booked", _waiting(standing))
    if received:
        return Answer("Your download is ready", f"Since {calendar.day(received)}.", "good")
    return Answer("We are preparing your download", _waiting(standing))


def _late(standing: Standing, moments: Milestones, calendar: Calendar) -> Answer | None:
    """Return the bad news, said before it is asked for, if a day was promised and is or will be missed."""
    expected, promised = moments.expected, standing.promised_at
    if standing.heard_at and not (expected and calendar.days_until(expected) < 0):
        return Answer(
            "We have heard nothing of it for a while",
            f"The carrier’s last news is of {calendar.day(standing.heard_at)}. We look for it; you need to do nothing.",
            "late",
        )
    if expected is None:
        return None
    if calendar.days_until(expected) < 0:
        return Answer(
            f"It is late: we expected it on {calendar.day(expected)}",
            "We are sorry. There is no new day yet. Write to us and we look for it.",
            "late",
        )
    if promised and calendar.days_until(expected) > calendar.days_until(promised):
        return Answer(
            f"It is late: now arriving {calendar.coming(expected)}",
            f"We are sorry. It was promised for {calendar.day(promised)}. If that is too late for you, write to us.",
            "late",
        )
    return None


def _coming(standing: Standing, moments: Milestones, calendar: Calendar) -> Answer:
    stage = _stage(standing.facts, moments)
    if moments.expected:
        return Answer(f"Arriving {calendar.coming(moments.expected)}", _how_far(standing, stage))
    if stage == Stage.ORDERED:
        rest = "the rest of " if any(parcel.delivered_at for parcel in _parcels(standing.facts)) else ""
        return Answer(f"We are packing {rest}your order", _waiting(standing))
    if stage == Stage.PACKED:
        return Answer("Packed and waiting for the carrier", "It gets an arrival day once the carrier has it.")
    if stage == Stage.OUT_FOR_DELIVERY:
        return Answer("Out for delivery", _how_far(standing, stage))
    sent = f"It left us {calendar.past(moments.shipped)}" if moments.shipped else "It has left us"
    return Answer("On its way" + (f" to {standing.town}" if standing.town else ""), f"{sent} and usually takes {standing.usual.words}.")


def _how_far(standing: Standing, stage: Stage) -> str:
    """Say where the slowest of the parcels is, and how many are already there."""
    parcels = _parcels(standing.facts)
    there = sum(1 for parcel in parcels if parcel.delivered_at)
    if there:
        return f"{there} of {len(parcels)} packages {'is' if there == 1 else 'are'} already there."
    return {
        Stage.PACKED: "It is packed and waits for the carrier.",
        Stage.OUT_FOR_DELIVERY: "It is out for delivery.",
    }.get(stage, f"It is on its way{' to ' + standing.town if standing.town else ''}.")


def _stage(facts: OrderFacts, moments: Milestones) -> Stage:
    """Return the stop; with every parcel there but more to come, the rest is at the first one."""
    stage = progress.stage(facts)
    return Stage.ORDERED if stage == Stage.DELIVERED and not moments.received else stage


def moments_of(standing: Standing) -> Milestones:
    return progress.milestones(standing.facts, usual_days=standing.usual.most)


def _parcels(facts: OrderFacts) -> list[Parcel]:
    return [parcel for parcel in facts.parcels if not parcel.is_cancelled and parcel.status != "returned"]


def _open(facts: OrderFacts) -> list[Parcel]:
    return [parcel for parcel in _parcels(facts) if parcel.delivered_at is None]


def _waiting(standing: Standing) -> str:
    return "Your payment has not reached us yet; we start as soon as it does." if standing.is_unpaid else ""


def _to(town: str) -> str:
    return f"To {town}." if town else ""
