"""One person's mails as they would have gone, of all the flows that are played, in the order of time. Pure.

A step goes at the first moment at which what was known then makes it due; what holds it is looked at again when that ends.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from heapq import heapify, heappop, heappush
from typing import Any

from campaigns import joining, timing
from campaigns.decisions import Hold, Send, Skip, Verdict
from campaigns.joining import Side
from campaigns.rehearsal import moments
from campaigns.rehearsal.asking import Docket, Turn
from campaigns.rehearsal.parts import Cap, Part
from campaigns.rehearsal.passages import Passage
from campaigns.timing import Plan
from messaging.reasons import Reason
from stores.walltime import Hours

#: What mails are counted for, beside flows by their numbers.
_ALL, _OFFERS = 0, -1


@dataclass(frozen=True)
class House:
    """The store's rules that delay a mail; without them every mail goes when it is due. What is after `now` has not happened.

    `dockets` are what is asked about the steps of each flow (id). `few` is the cap on offers of those who want fewer mails.
    """

    now: datetime
    dockets: Mapping[int, Sequence[Docket]]
    cap: Cap = field(default=Cap())
    few: Cap = field(default=Cap())
    hours: Mapping[str, Hours] = field(default_factory=dict)


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
class _Beside:
    """One step of a passage beside the same of another one, while it is played."""

    passage: Passage
    part: Part
    plan: Plan
    is_open: bool = True
    went_at: datetime | None = None


@dataclass(slots=True)
class _Stage:
    """What has happened so far to one person: when mails went, by flow, for all of them and for offers, and what runs side by side."""

    went: Mapping[int, list[datetime]]
    sides: Mapping[tuple[int, str], Sequence[_Beside]]


def play(passages: Sequence[Passage], house: House) -> list[Outcome]:
    """Return what becomes of every step of one person's passages, in the order of time; what waits comes first."""
    outcomes: list[Outcome] = []
    turns: list[tuple[datetime, int, int, Turn]] = []
    waiting: list[tuple[Passage, Part, Plan]] = []
    for passage in passages:
        for docket in house.dockets[passage.play.number]:
            plan, at = moments.of(passage, docket.part.rule, docket.part.after, house.now)
            if plan.is_known:
                turns.append((at, passage.play.priority, len(turns), Turn(passage, docket, plan)))
            else:
                outcomes.append(_unknown(passage, docket.part, plan))
                waiting.append((passage, docket.part, plan))
    stage = _Stage(defaultdict(list), _sides(turns, waiting) if len(passages) > 1 else {})
    heapify(turns)
    while turns:
        at, priority, number, turn = heappop(turns)
        verdict = turn.docket.decide(turn, at, _delays(turn, at, house, stage))
        if isinstance(verdict, Hold) and at < (until := _until(verdict, turn, at, stage)) < turn.plan.use_by:
            turn.held = (*turn.held, verdict.reason)
            heappush(turns, (until, priority, number, turn))
        else:
            outcomes.append(_decided(turn, verdict, at, stage))
    return outcomes


def _unknown(passage: Passage, part: Part, plan: Plan) -> Outcome:
    """Return the outcome of a step whose moment nobody knows: what its order's end takes is skipped, what may not come is not needed."""
    if not part.outlives_its_order and passage.end is not None:
        return Outcome(passage, part, Fate.SKIPPED, plan.due_at, plan.due_at, passage.end)
    if not plan.may_come:
        return Outcome(passage, part, Fate.SKIPPED, plan.due_at, plan.due_at, Reason.NOT_NEEDED)
    return Outcome(passage, part, Fate.WAITING, plan.due_at, plan.due_at)


def _decided(turn: Turn, verdict: Verdict, at: datetime, stage: _Stage) -> Outcome:
    """Return what became of a step, and keep what the next ones are asked."""
    passage, part, has_gone = turn.passage, turn.part, isinstance(verdict, Send)
    if has_gone and part.is_mail and not part.is_urgent:
        for number in (_ALL, passage.play.number, *([_OFFERS] if part.is_selling else ())):
            stage.went[number].append(at)
    if part.is_joined:
        for side in stage.sides.get((passage.play.number, part.key), ()):
            if side.passage is passage:
                side.is_open, side.went_at = False, at if has_gone else None
    if isinstance(verdict, Send):
        return Outcome(passage, part, Fate.SENT, turn.plan.due_at, at, None, turn.held)
    return Outcome(passage, part, Fate.SKIPPED, turn.plan.due_at, at, _blamed(turn, verdict), turn.held)


def _blamed(turn: Turn, verdict: Skip | Hold) -> Reason:
    """Return why a step did not go; what came too late because it was held is put down to what held it."""
    return turn.held[-1] if verdict.reason == Reason.TOO_LATE and turn.held else verdict.reason


def _until(hold: Hold, turn: Turn, at: datetime, stage: _Stage) -> datetime:
    """Return when to look again: when what holds it is over, where that is known."""
    if hold.reason == Reason.MERGED:
        beside = stage.sides[turn.passage.play.number, turn.part.key]
        ends = [each.passage.ended_at for each in beside if each.passage.end == Reason.CANCELLED]
        return min([hold.until, *(end for end in ends if end and end > at)])
    spans = {Reason.OPEN_TASK: turn.passage.person.tasks, Reason.TROUBLE: turn.passage.person.troubles}.get(hold.reason)
    if spans is None:
        return hold.until
    return max((end or turn.plan.use_by for start, end in spans if start <= at and (end is None or at < end)), default=hold.until)


def _delays(turn: Turn, at: datetime, house: House, stage: _Stage) -> dict[str, Any]:
    """Return what may keep a step from going now, by field of Situation."""
    part, passage = turn.part, turn.passage
    found: dict[str, Any] = {}
    if part.is_joined and stage.sides and (join := _join(turn, at, stage)):
        found = {"is_joined": join.waits_until is None, "joins_until": join.waits_until}
    if not part.is_mail or part.is_urgent:
        return found
    found |= _caps(turn, at, house, stage)
    for since, end in passage.person.breaks:
        if end is not None and since <= at < end:
            found["break_until"] = end
    if hours := house.hours.get(part.purpose):
        number = (passage.order or passage.person.number) + part.place
        if opens := timing.opens_at(at, hours=hours, zone=passage.zone, use_by=turn.plan.use_by, number=number):
            found["quiet_until"] = opens
    return found


def _caps(turn: Turn, at: datetime, house: House, stage: _Stage) -> dict[str, datetime]:
    """Return until when its customer has had as many mails as the store, the flow or they themselves allow."""
    play = turn.passage.play
    found: dict[str, datetime] = {}
    if house.few.mails is None:
        return found  # no cap counts
    if until := _capped_until([(_ALL, house.cap), (play.number, play.cap)], at, stage):
        found["capped_until"] = until
    if turn.passage.person.wants_fewer and turn.part.is_selling and (until := _capped_until([(_OFFERS, house.few)], at, stage)):
        found["few_until"] = until
    return found


def _capped_until(caps: Iterable[tuple[int, Cap]], at: datetime, stage: _Stage) -> datetime | None:
    """Return when one more mail may go, once the oldest of as many as a cap allows is as long ago as it says."""
    frees = [
        stage.went[number][-cap.mails] + timedelta(days=cap.days)
        for number, cap in caps
        if cap.mails is not None and len(stage.went[number]) >= cap.mails
    ]
    return max((until for until in frees if until > at), default=None)


def _sides(turns: Sequence[tuple[datetime, int, int, Turn]], waiting: Sequence[tuple[Passage, Part, Plan]]) -> dict[
    tuple[int, str], list[_Beside]
]:  # fmt: skip
    """Return the steps of which one mail goes for several orders, those of the earliest order first."""
    found: dict[tuple[int, str], list[_Beside]] = defaultdict(list)
    for passage, part, plan in [*((turn.passage, turn.part, turn.plan) for *_, turn in turns), *waiting]:
        if part.is_joined:
            found[passage.play.number, part.key].append(_Beside(passage, part, plan))
    return {key: sorted(sides, key=lambda side: side.passage.began_at) for key, sides in found.items() if len(sides) > 1}


def _join(turn: Turn, at: datetime, stage: _Stage) -> joining.Join | None:
    """Return for the mail of which other order a step waits, by what has happened to both."""
    passage = turn.passage
    beside = stage.sides.get((passage.play.number, turn.part.key), ())
    sides = [_side(each, at) for each in beside if each.passage.began_at <= at and not _is_cancelled(each.passage, at)]
    mine = _side(_Beside(passage, turn.part, turn.plan), at)
    return joining.join(mine, sides, entered_at=passage.began_at, use_by=turn.plan.use_by, now=at)


def _side(beside: _Beside, at: datetime) -> Side:
    passage = beside.passage
    order, placed_at = passage.order or 0, passage.story.facts.placed_at if passage.story else passage.began_at
    due_at = moments.known_by(passage, beside.part, beside.plan, at).due_at
    return Side(order, order, "", placed_at, due_at, is_open=beside.is_open and not passage.is_over(at), went_at=beside.went_at)


def _is_cancelled(passage: Passage, at: datetime) -> bool:
    return passage.end == Reason.CANCELLED and passage.ended_at is not None and passage.ended_at <= at
