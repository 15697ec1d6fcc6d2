"""One person's mails as they would have gone, of all the flows that are played, in the order of time. Pure.

A step goes at the first moment at which what was known then makes it due; what holds it is looked at again when that ends.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from heapq import heapify, heappop, heappush
from typing import Any
from zoneinfo import ZoneInfo

from campaigns import decisions, filters, timing
from campaigns.decisions import Hold, Send, Situation
from campaigns.rehearsal.story import Story
from messaging.reasons import Reason
from stores.walltime import Hours


@dataclass(frozen=True)
class Wait:
    """A step that waits (`campaigns.waits`): for an event of this kind of which the tests hold, at most so many hours after it began."""

    rule: timing.Rule
    event: str
    where: Sequence[Mapping[str, Any]]
    hours: int
    after: "Wait | None" = None


@dataclass(frozen=True)
class Part:
    """One step as it is played. `seconds` is the segment (id) of the step that may take its place; `after` is the wait it hangs from."""

    key: str
    name: str
    place: int
    rule: timing.Rule
    purpose: str
    conditions: tuple[str, ...] = ()
    switch: str = ""
    offer: int | None = None
    has_code: bool = False
    outlives_its_order: bool = False
    only_if: int | None = None
    is_instead: bool = False
    seconds: int | None = None
    is_mail: bool = True
    after: Wait | None = None

    @property
    def is_selling(self) -> bool:
        return self.purpose == "marketing"

    @property
    def is_urgent(self) -> bool:
        return self.purpose == "transactional"


@dataclass(frozen=True)
class Cap:
    """So many mails within so many days; `mails` None is any number."""

    mails: int | None = None
    days: int = 7


@dataclass(frozen=True)
class Play:
    """One flow as it is played: `number` is its id, `exits` are names of `leaving.EXITS`."""

    number: int
    key: str
    parts: tuple[Part, ...]
    priority: int = 50
    cap: Cap = field(default=Cap())
    exits: frozenset[str] = frozenset()


@dataclass(frozen=True)
class House:
    """The store's rules that delay a mail; without them every mail goes when it is due. What is after `now` has not happened."""

    now: datetime
    cap: Cap = field(default=Cap())
    hours: Mapping[str, Hours] = field(default_factory=dict)


Span = tuple[datetime, datetime | None]


@dataclass(slots=True)
class Person:
    """What the decisions ask about one customer. `bought` are products and moments, `ordered` moments of orders that count.

    `told` are events by their kind, each with its moment, the order it names (0: none) and its data, in the order of time.
    """

    number: int
    refusals: Mapping[str, Reason | None]
    is_unsubscribed: bool = False
    is_subscribed: bool = False
    bought: Sequence[tuple[int, datetime]] = ()
    ordered: Sequence[datetime] = ()
    tasks: Sequence[Span] = ()
    troubles: Sequence[Span] = ()
    segments: Collection[int] = ()
    told: Mapping[str, Sequence[tuple[datetime, int, Mapping[str, Any]]]] = field(default_factory=dict)


@dataclass(slots=True)
class Passage:
    """One person's passage through one flow. `pairs` are products that go well with the order, `end` why it is over, since `ended_at`.

    Where it is about no order but a thing, `about` are the products, or it is about a cart, which was `completed_at`.
    """

    play: Play
    person: Person
    began_at: datetime
    zone: ZoneInfo
    order: int | None = None
    story: Story | None = None
    end: Reason | None = None
    ended_at: datetime | None = None
    happy_at: datetime | None = None
    unhappy_at: datetime | None = None
    answered_at: datetime | None = None
    returned_at: datetime | None = None
    has_tips: bool = False
    lessons: int = 0
    has_call: bool = False
    pairs: Sequence[int] = ()
    is_held_out: bool = False
    is_asked_for_review: bool = False
    has_check_in: bool = False
    about: Collection[int] = ()
    is_about_cart: bool = False
    completed_at: datetime | None = None
    is_available: bool = False
    worth: int = 0


class Fate(StrEnum):
    """What becomes of a step: it goes, it does not, or nobody knows when its moment comes."""

    SENT = "would_send"
    SKIPPED = "skipped"
    WAITING = "waiting"


@dataclass(slots=True)
class Outcome:
    """What became of one step of a passage: `due_at` by its plan, `at` when it went or was given up, `held` what delayed it."""

    passage: Passage
    part: Part
    fate: Fate
    due_at: datetime
    at: datetime
    reason: Reason | None = None
    held: tuple[Reason, ...] = ()


@dataclass(slots=True)
class _Turn:
    """A step whose turn comes."""

    passage: Passage
    part: Part
    plan: timing.Plan
    held: tuple[Reason, ...] = ()


def play(passages: Sequence[Passage], house: House) -> list[Outcome]:
    """Return what becomes of every step of one person's passages, in the order of time; what waits comes first."""
    outcomes: list[Outcome] = []
    turns: list[tuple[datetime, int, int, _Turn]] = []
    for passage in passages:
        for part in passage.play.parts:
            plan, at = _moment(passage, part.rule, part.after, house.now)
            if plan.is_known:
                turns.append((at, passage.play.priority, len(turns), _Turn(passage, part, plan)))
            else:
                outcomes.append(_unknown(passage, part, plan))
    heapify(turns)
    went: dict[int, list[datetime]] = defaultdict(list)  # by flow, and for all of them under 0
    while turns:
        at, priority, number, turn = heappop(turns)
        verdict = decisions.decide(_situation(turn, at, house, went))
        if isinstance(verdict, Hold) and at < (until := _until(verdict, turn, at)) < turn.plan.use_by:
            turn.held = (*turn.held, verdict.reason)
            heappush(turns, (until, priority, number, turn))
            continue
        if isinstance(verdict, Send):
            outcomes.append(_outcome(turn, Fate.SENT, at, None))
            if turn.part.is_mail and not turn.part.is_urgent:
                went[0].append(at)
                went[turn.passage.play.number].append(at)
        else:
            outcomes.append(_outcome(turn, Fate.SKIPPED, at, _blamed(turn, verdict)))
    return outcomes


def _moment(passage: Passage, rule: timing.Rule, after: Wait | None, now: datetime) -> tuple[timing.Plan, datetime]:
    """Return a step's plan and the moment it is due, by what was known then; the last plan where it never comes to that."""
    if rule.anchor == "waited" and after is not None:
        ended_at, basis = _end_of(after, passage, now)
        plan = timing.plan_after_wait(rule, ended_at, zone=passage.zone, basis=basis)
        return plan, plan.due_at
    story = passage.story
    if story is None or rule.anchor in ("entered", "waited"):
        plan = timing.plan_entered(rule, passage.began_at, zone=passage.zone)
        return plan, plan.due_at
    last = len(story.moments) - 1
    for number, since in enumerate(story.moments):
        if number != last and not timing.is_known(rule, story.known(number)):
            continue
        is_happy = passage.happy_at is not None and passage.happy_at <= since
        is_over = passage.end is not None and (passage.ended_at is None or passage.ended_at <= since)
        plan = timing.plan(
            rule, story.known(number), zone=passage.zone, happy_answer_at=passage.happy_at if is_happy else None, is_over=is_over
        )
        at = max(plan.due_at, since, passage.began_at)
        if plan.is_known and (number == last or at < story.moments[number + 1]):
            break
    return plan, at


def _end_of(wait: Wait, passage: Passage, now: datetime) -> tuple[datetime, str]:
    """Return when a wait is over and how: waited | timed_out | forecast; what has happened since they entered counts."""
    plan, began_at = _moment(passage, wait.rule, wait.after, now)
    last = began_at + timedelta(hours=wait.hours)
    if not plan.is_known:
        return last, "forecast"
    is_purchase = wait.event == "order.placed"
    for at, order, data in passage.person.told.get(wait.event, ()):
        is_meant = at > passage.began_at and not (passage.order and order and (order == passage.order) == is_purchase)
        if is_meant and filters.holds(wait.where, data) and max(at, began_at) <= last:
            return max(at, began_at), "waited"
    return last, "timed_out" if last <= now else "forecast"


def _unknown(passage: Passage, part: Part, plan: timing.Plan) -> Outcome:
    """Return the outcome of a step whose moment nobody knows: what its order's end takes is skipped, what may not come is not needed."""
    if not part.outlives_its_order and passage.end is not None:
        return Outcome(passage, part, Fate.SKIPPED, plan.due_at, plan.due_at, passage.end)
    if not plan.may_come:
        return Outcome(passage, part, Fate.SKIPPED, plan.due_at, plan.due_at, Reason.NOT_NEEDED)
    return Outcome(passage, part, Fate.WAITING, plan.due_at, plan.due_at)


def _outcome(turn: _Turn, fate: Fate, at: datetime, reason: Reason | None) -> Outcome:
    return Outcome(turn.passage, turn.part, fate, turn.plan.due_at, at, reason, turn.held)


def _until(hold: Hold, turn: _Turn, at: datetime) -> datetime:
    """Return when to look again: when what holds it is over, where that is known."""
    spans = {Reason.OPEN_TASK: turn.passage.person.tasks, Reason.TROUBLE: turn.passage.person.troubles}.get(hold.reason)
    if spans is None:
        return hold.until
    return max((end or turn.plan.use_by for start, end in spans if start <= at and (end is None or at < end)), default=hold.until)


def _blamed(turn: _Turn, verdict: decisions.Verdict) -> Reason:
    """Return why a step did not go; what came too late because it was held is put down to what held it."""
    assert not isinstance(verdict, Send)
    return turn.held[-1] if verdict.reason == Reason.TOO_LATE and turn.held else verdict.reason


def _situation(turn: _Turn, at: datetime, house: House, went: Mapping[int, list[datetime]]) -> Situation:
    """Return what a decision at that moment rests on."""
    part, passage, person = turn.part, turn.passage, turn.passage.person
    is_over = passage.end is not None and (passage.ended_at is None or passage.ended_at <= at) and not part.outlives_its_order
    end = passage.end if is_over else None
    since = passage.story.facts.placed_at if passage.story else passage.began_at
    return Situation(
        now=at,
        use_by=turn.plan.use_by,
        is_selling=part.is_selling,
        conditions=part.conditions,
        refusal=person.refusals[part.purpose] if part.is_mail else None,
        is_paused=part.switch == "paused",
        is_the_shops=part.switch == "shop",
        is_cancelled=end == Reason.CANCELLED,
        is_refunded=end == Reason.REFUNDED,
        is_returned=end == Reason.RETURNED,
        is_other=_is_other(part, person),
        is_among=part.is_instead or part.only_if is None or part.only_if in person.segments,
        is_held_out=passage.is_held_out,
        exit=_exit(passage, at) if passage.play.exits else None,
        has_open_task=part.is_selling and _within(person.tasks, at),
        is_in_trouble=part.is_selling and _within(person.troubles, at),
        capped_until=None if part.is_urgent or not part.is_mail else _capped_until(went, house, passage.play, at),
        quiet_until=_quiet_until(turn, at, house) if part.is_mail else None,
        has_tips=passage.has_tips,
        has_pairings="has_pairings" in part.conditions and _has_pairings(passage, at),
        has_code=part.has_code,
        has_bought_since="not_bought_since" in part.conditions and any(since < other <= at for other in person.ordered),
        has_ordered="not_ordered" in part.conditions and any(other <= at for other in person.ordered),
        has_happened={"waited": True, "timed_out": False}.get(turn.plan.basis),
        is_available=passage.is_available,
        is_known="agreed_or_bought" in part.conditions and (person.is_subscribed or any(other <= at for other in person.ordered)),
        has_return=passage.returned_at is not None and passage.returned_at <= at,
        has_answered=passage.answered_at is not None and passage.answered_at <= at,
        has_arrived="has_arrived" in part.conditions and _has_arrived(passage, at),
        is_asked_for_review=passage.is_asked_for_review,
        has_check_in=passage.has_check_in,
        was_unhappy=passage.unhappy_at is not None and passage.unhappy_at <= at,
        lessons=passage.lessons,
        has_call=passage.has_call,
        is_guest=True,  # who had an account then is not on record
    )


def _is_other(part: Part, person: Person) -> bool:
    """Say whether the other step of its rung is taken."""
    if part.is_instead:
        return part.only_if not in person.segments
    return part.seconds is not None and part.seconds in person.segments


def _exit(passage: Passage, at: datetime) -> Reason | None:
    """Return why the passage is over by then, of what has its moment on record or holds today."""
    exits, person = passage.play.exits, passage.person
    if "bought" in exits and any(passage.began_at < other <= at for other in person.ordered):
        return Reason.BOUGHT_SINCE
    if "got_it" in exits and _has_got_it(passage, at):
        return Reason.BOUGHT_SINCE
    return Reason.UNSUBSCRIBED if "unsubscribed" in exits and person.is_unsubscribed else None


def _has_got_it(passage: Passage, at: datetime) -> bool:
    """Say whether they have bought what the passage is about since it began: anything at all where that is a cart."""
    if passage.is_about_cart:
        is_completed = passage.completed_at is not None and passage.completed_at <= at
        return is_completed or any(passage.began_at < other <= at for other in passage.person.ordered)
    return any(product in passage.about and passage.began_at < since <= at for product, since in passage.person.bought)


def _within(spans: Iterable[Span], at: datetime) -> bool:
    return any(start <= at and (end is None or at < end) for start, end in spans)


def _capped_until(went: Mapping[int, list[datetime]], house: House, play: Play, at: datetime) -> datetime | None:
    """Return when one more mail may go, once the oldest of as many as a cap allows is as long ago as it says."""
    frees = [
        went[number][-cap.mails] + timedelta(days=cap.days)
        for number, cap in ((0, house.cap), (play.number, play.cap))
        if cap.mails is not None and len(went.get(number, ())) >= cap.mails
    ]
    return max((until for until in frees if until > at), default=None)


def _quiet_until(turn: _Turn, at: datetime, house: House) -> datetime | None:
    hours = house.hours.get(turn.part.purpose)
    if hours is None:
        return None
    number = (turn.passage.order or turn.passage.person.number) + turn.part.place
    return timing.opens_at(at, hours=hours, zone=turn.passage.zone, use_by=turn.plan.use_by, number=number)


def _has_pairings(passage: Passage, at: datetime) -> bool:
    owned = {product for product, since in passage.person.bought if since <= at}
    return any(product not in owned for product in passage.pairs)


def _has_arrived(passage: Passage, at: datetime) -> bool:
    story = passage.story
    if story is None:
        return False
    number = max((number for number, since in enumerate(story.moments) if since <= at), default=0)
    return story.known(number).received is not None
