"""What the tracker says of an order, in words: the answer on top, one sentence below it, and the stops. Pure rules.

Days are the shop's own calendar days. A parcel is late once the day of its estimate is over, or when the estimate moved to a later
day than was first promised.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from campaigns import wording
from lifecycle.public import days
from lifecycle.public.days import Calendar
from orders import progress
from orders.delivery import Usual
from orders.pickup import NOWHERE, Pickup
from orders.progress import Milestones, OrderFacts, Parcel, Stage
from stores.phrases import Phrases


@dataclass(frozen=True)
class Standing:
    """An order as the tracker sees it; `promised_at` is the first estimate of the parcels still under way,
    `heard_at` the last news of one that has gone silent, `pickup` where one waits to be picked up."""

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
    pickup: Pickup = NOWHERE

    @cached_property
    def moments(self) -> Milestones:
        return progress.milestones(self.facts, usual_days=self.usual.most)

    @property
    def has_parcels(self) -> bool:
        return "physical" in self.facts.kinds or bool(self.facts.parcels)

    @property
    def is_off(self) -> bool:
        """Say whether nothing more will come: cancelled, refunded, or all of it sent back."""
        return self.is_cancelled or self.is_refunded or _is_back(self.facts)

    @property
    def is_over(self) -> bool:
        return self.moments.received is not None or self.is_off

    @property
    def expected(self) -> datetime | None:
        """Return the day that is promised, of an order that is still to come."""
        return None if self.is_over else self.moments.expected

    @property
    def may_say(self) -> bool:
        """Say whether the customer may be asked if it is there: it has left, and nobody has said so."""
        return self.moments.shipped is not None and self.has_parcels and not self.is_over


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


def answer(standing: Standing, calendar: Calendar) -> Answer:
    """Return the first answer that fits: called off, back with us, there, failed, late, on its way, in preparation."""
    moments, words = standing.moments, calendar.words
    if standing.is_off:
        return _off(standing, calendar)
    if not standing.has_parcels:
        return _without_parcel(standing, moments.received, calendar)
    if moments.received:
        detail = words.say("All packages are there.") if len(_parcels(standing.facts)) > 1 else ""
        return Answer(_there(moments.received, calendar), detail or _to(standing.town, words), "good")
    if any(parcel.status == "failure" for parcel in _open(standing.facts)):
        return Answer(
            words.say("The carrier could not hand it over"),
            words.say("Write to us and we arrange another try, or send it somewhere else."),
            "late",
        )
    if progress.is_ready(standing.facts):
        return Answer(words.say("It is ready to be picked up"), _kept(standing.pickup, calendar), "good")
    return _late(standing, moments, calendar) or _coming(standing, moments, calendar)


def stops(standing: Standing, words: Phrases) -> list[Stop]:
    """Return the stops of the bar; none for an order that was called off or came back."""
    if standing.is_off:
        return []
    moments = standing.moments
    if not standing.has_parcels:
        first, last = (
            wording.stage_words(Stage.ORDERED, words),
            words.say("Done") if "service" in standing.facts.kinds else words.say("Ready"),
        )
        is_there = moments.received is not None
        return [Stop(first, "done" if is_there else "now", moments.placed), Stop(last, "now" if is_there else "next", moments.received)]
    current = list(Stage).index(_stage(standing.facts, moments))
    known = {Stage.ORDERED: moments.placed, Stage.ON_ITS_WAY: moments.shipped, Stage.DELIVERED: moments.received}
    is_ready = progress.is_ready(standing.facts)
    states = ["done"] * current + ["now"] + ["next"] * len(Stage)
    return [
        Stop(wording.stage_words(stage, words, is_ready=is_ready), state, known.get(stage) if state != "next" else None)
        for stage, state in zip(Stage, states, strict=False)
    ]


def _is_back(facts: OrderFacts) -> bool:
    sent = [parcel for parcel in facts.parcels if not parcel.is_cancelled]
    return bool(sent) and all(parcel.status == "returned" for parcel in sent)


def _off(standing: Standing, calendar: Calendar) -> Answer:
    words = calendar.words
    if standing.is_cancelled:
        when = words.say("On {day}.", day=calendar.day(standing.cancelled_at)) if standing.cancelled_at else ""
        rest = words.say("Your money was sent back.") if standing.is_refunded else words.say("Write to us if that is a surprise.")
        return Answer(words.say("Your order was cancelled"), f"{when} {rest}".strip(), "off")
    if standing.is_refunded:
        return Answer(words.say("Your order was refunded"), words.say("Banks take a few days to show the money."), "off")
    return Answer(words.say("Your order came back to us"), words.say("Write to us and we send it again or refund it."), "off")


def _without_parcel(standing: Standing, received: datetime | None, calendar: Calendar) -> Answer:
    words, waiting = calendar.words, _waiting(standing, calendar.words)
    if "service" in standing.facts.kinds:
        if received is None:
            return Answer(words.say("Your service is booked"), waiting)
        is_today = calendar.days_until(received) == 0
        return Answer(words.say("Done today") if is_today else words.say("Done on {day}", day=calendar.day(received)), tone="good")
    if received:
        return Answer(words.say("Your download is ready"), words.say("Since {day}.", day=calendar.day(received)), "good")
    return Answer(words.say("We are preparing your download"), waiting)


def _there(received: datetime, calendar: Calendar) -> str:
    if calendar.days_until(received) == 0:
        return calendar.words.say("Delivered today")
    return calendar.words.say("Delivered on {day}", day=calendar.day(received))


def _kept(pickup: Pickup, calendar: Calendar) -> str:
    """Say where a parcel waits, and until when, as far as that was told."""
    words = calendar.words
    where = words.say("Where: {place}.", place=pickup.place) if pickup.place else ""
    until = words.say("It is kept for you until {day}.", day=calendar.day(pickup.until)) if pickup.until else ""
    said = f"{where} {until}".strip()
    return said or words.say("The carrier keeps it for you for some days; its own page says where, and until when.")


def _late(standing: Standing, moments: Milestones, calendar: Calendar) -> Answer | None:
    """Return the bad news, said before it is asked for, if a day was promised and is or will be missed."""
    expected, promised, words = moments.expected, standing.promised_at, calendar.words
    if standing.heard_at and not (expected and calendar.days_until(expected) < 0):
        heard = calendar.day(standing.heard_at)
        return Answer(
            words.say("We have heard nothing of it for a while"),
            words.say("The carrier’s last news is of {day}. We look for it; you need to do nothing.", day=heard),
            "late",
        )
    if expected is None:
        return None
    if calendar.days_until(expected) < 0:
        return Answer(
            words.say("It is late: we expected it on {day}", day=calendar.day(expected)),
            words.say("We are sorry. There is no new day yet. Write to us and we look for it."),
            "late",
        )
    if promised and calendar.days_until(expected) > calendar.days_until(promised):
        return Answer(
            words.say("It is late: now arriving {day}", day=calendar.coming(expected)),
            words.say("We are sorry. It was promised for {day}. If that is too late for you, write to us.", day=calendar.day(promised)),
            "late",
        )
    return None


def _coming(standing: Standing, moments: Milestones, calendar: Calendar) -> Answer:
    stage, words = _stage(standing.facts, moments), calendar.words
    if moments.expected:
        return Answer(words.say("Arriving {day}", day=calendar.coming(moments.expected)), _how_far(standing, stage, words))
    if stage == Stage.ORDERED:
        is_rest = any(parcel.delivered_at for parcel in _parcels(standing.facts))
        heading = words.say("We are packing the rest of your order") if is_rest else words.say("We are packing your order")
        soon = words.say("Once it has left us, it usually takes {days}.", days=days.usually(standing.usual, words))
        return Answer(heading, _waiting(standing, words) or soon)
    if stage == Stage.PACKED:
        return Answer(words.say("Packed and waiting for the carrier"), words.say("It gets an arrival day once the carrier has it."))
    if stage == Stage.OUT_FOR_DELIVERY:
        return Answer(words.say("Out for delivery"), _how_far(standing, stage, words))
    heading = words.say("On its way to {town}", town=standing.town) if standing.town else words.say("On its way")
    return Answer(heading, _left(standing, moments.shipped, calendar))


def _left(standing: Standing, shipped: datetime | None, calendar: Calendar) -> str:
    words, usual = calendar.words, days.usually(standing.usual, calendar.words)
    if shipped is None:
        return words.say("It has left us and usually takes {days}.", days=usual)
    if calendar.days_until(shipped) == 0:
        return words.say("It left us today and usually takes {days}.", days=usual)
    return words.say("It left us on {day} and usually takes {days}.", day=calendar.day(shipped), days=usual)


def _how_far(standing: Standing, stage: Stage, words: Phrases) -> str:
    """Say where the slowest of the parcels is, and how many are already there."""
    parcels = _parcels(standing.facts)
    there = sum(1 for parcel in parcels if parcel.delivered_at)
    if there:
        return words.say_many(
            there, "{n} of {all} packages is already there.", "{n} of {all} packages are already there.", all=len(parcels)
        )
    if stage == Stage.PACKED:
        return words.say("It is packed and waits for the carrier.")
    if stage == Stage.OUT_FOR_DELIVERY:
        return words.say("It is out for delivery.")
    return words.say("It is on its way to {town}.", town=standing.town) if standing.town else words.say("It is on its way.")


def _stage(facts: OrderFacts, moments: Milestones) -> Stage:
    """Return the stop; with every parcel there but more to come, the rest is at the first one."""
    stage = progress.stage(facts)
    return Stage.ORDERED if stage == Stage.DELIVERED and not moments.received else stage


def _parcels(facts: OrderFacts) -> list[Parcel]:
    return [parcel for parcel in facts.parcels if not parcel.is_cancelled and parcel.status != "returned"]


def _open(facts: OrderFacts) -> list[Parcel]:
    return [parcel for parcel in _parcels(facts) if parcel.delivered_at is None]


def _waiting(standing: Standing, words: Phrases) -> str:
    return words.say("Your payment has not reached us yet; we start as soon as it does.") if standing.is_unpaid else ""


def _to(town: str, words: Phrases) -> str:
    return words.say("To {town}.", town=town) if town else ""
