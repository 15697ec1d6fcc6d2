"""What the decision on a step rests on, asked for as far as its verdict can turn on it. Pure.

A step that needs no tips is not asked whether there are any. Equal answers have equal verdicts, so each is worked out once (`Docket`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from campaigns import decisions, joining
from campaigns.decisions import Hold, Situation, Verdict
from campaigns.rehearsal.parts import Part, Play
from campaigns.rehearsal.passages import Passage
from campaigns.rehearsal.trouble import Span
from campaigns.timing import Plan
from messaging.reasons import Reason


@dataclass(slots=True)
class Turn:
    """A step whose turn comes."""

    passage: Passage
    docket: "Docket"
    plan: Plan
    held: tuple[Reason, ...] = ()

    @property
    def part(self) -> Part:
        return self.docket.part


Question = Callable[[Turn, datetime], Any]


@dataclass(frozen=True)
class Docket:
    """One step with what is so whoever it is for (`always`), the questions by field of Situation, and the verdicts on their answers."""

    part: Part
    always: dict[str, Any]
    names: tuple[str, ...]
    questions: tuple[Question, ...]
    verdicts: dict[tuple[Any, ...], Verdict] = field(default_factory=dict)

    def decide(self, turn: Turn, at: datetime, delays: dict[str, Any]) -> Verdict:
        """Return the verdict on a step whose turn has come; `delays` are what may hold it, by field of Situation."""
        answers = tuple([ask(turn, at) for ask in self.questions])
        if delays or at >= turn.plan.use_by:
            return decisions.decide(self._situation(turn, at, answers, delays))
        verdict = self.verdicts.get(answers)
        if verdict is None:
            verdict = decisions.decide(self._situation(turn, at, answers, delays))
            if not isinstance(verdict, Hold):  # until when it holds is another moment every time
                self.verdicts[answers] = verdict
        return verdict

    def _situation(self, turn: Turn, at: datetime, answers: Iterable[Any], delays: dict[str, Any]) -> Situation:
        given = dict(zip(self.names, answers, strict=True))
        end = given.pop("end", None)
        if end is not None:
            given[_ENDS[end]] = True
        return Situation(now=at, use_by=turn.plan.use_by, **self.always, **given, **delays)


_ENDS = {Reason.CANCELLED: "is_cancelled", Reason.REFUNDED: "is_refunded", Reason.RETURNED: "is_returned"}


def docket(part: Part, play: Play) -> Docket:
    """Return what is asked about a step of a flow."""
    questions: dict[str, Question] = {**(_of_selling() if part.is_selling else {}), **_of_segments(part)}
    if part.is_mail:
        questions["refusal"] = lambda turn, at: turn.passage.person.refusals[part.purpose]
    if part.topic:
        questions["is_declined"] = lambda turn, at: turn.part.topic in turn.passage.person.declined
    if not part.outlives_its_order:
        questions["end"] = lambda turn, at: turn.passage.end if turn.passage.is_over(at) else None
    if play.exits or play.ends:
        questions["exit"] = _exit
    if part.shows_tips and "has_tips" in part.conditions:
        questions["has_known_tips"] = _has_known_tips
    for condition in part.conditions:
        questions |= _ASKED_BY.get(condition, {})
    always = {
        "is_selling": part.is_selling, "conditions": part.conditions, "is_paused": part.switch == "paused",
        "is_the_shops": part.switch == "shop", "has_code": part.has_code, "is_guest": True,  # who had an account then is not on record
    }  # fmt: skip
    return Docket(part, always, tuple(questions), tuple(questions.values()))


def _of_selling() -> dict[str, Question]:
    return {
        "is_held_out": lambda turn, at: turn.passage.is_held_out,
        "has_open_task": lambda turn, at: within(turn.passage.person.tasks, at),
        "is_in_trouble": lambda turn, at: within(turn.passage.person.troubles, at),
    }


def _of_segments(part: Part) -> dict[str, Question]:
    found: dict[str, Question] = {"is_other": _is_other} if part.is_instead or part.seconds is not None else {}
    if part.only_if is not None and not part.is_instead:
        found["is_among"] = lambda turn, at: part.only_if in turn.passage.person.segments
    return found


def within(spans: Iterable[Span], at: datetime) -> bool:
    return any(start <= at and (end is None or at < end) for start, end in spans)


def _is_other(turn: Turn, at: datetime) -> bool:
    """Say whether the other step of its rung is taken."""
    part, segments = turn.part, turn.passage.person.segments
    return part.only_if not in segments if part.is_instead else part.seconds in segments


def _exit(turn: Turn, at: datetime) -> Reason | None:
    """Return why the passage is over by then, of what has its moment on record or holds today."""
    passage = turn.passage
    exits, person = passage.play.exits, passage.person
    if "bought" in exits and any(passage.began_at < other <= at for other in person.ordered):
        return Reason.BOUGHT_SINCE
    if "got_it" in exits and _has_got_it(passage, at):
        return Reason.BOUGHT_SINCE
    if "unsubscribed" in exits and person.is_unsubscribed:
        return Reason.UNSUBSCRIBED
    return Reason.ENDED if any(other <= at for end in passage.play.ends for other in passage.heard(*end)) else None


def _has_got_it(passage: Passage, at: datetime) -> bool:
    """Say whether they have bought what the passage is about since it began: anything at all where that is a cart."""
    if passage.is_about_cart:
        is_completed = passage.completed_at is not None and passage.completed_at <= at
        return is_completed or any(passage.began_at < other <= at for other in passage.person.ordered)
    return any(product in passage.about and passage.began_at < since <= at for since, product in passage.person.bought)


def _has_known_tips(turn: Turn, at: datetime) -> bool:
    return bool(turn.passage.guided) and not _has_new_tips(turn, at)


def _has_new_tips(turn: Turn, at: datetime) -> bool:
    """Say whether there are tips; where the mail shows them, for something they had not bought before."""
    passage = turn.passage
    if not (turn.part.shows_tips and passage.person.had and passage.story):
        return bool(passage.guided)
    return not joining.known(passage.person.had, placed_at=passage.story.facts.placed_at).issuperset(passage.guided)


def _has_bought_since(turn: Turn, at: datetime) -> bool:
    passage = turn.passage
    since = passage.story.facts.placed_at if passage.story else passage.began_at
    return any(since < other <= at for other in passage.person.ordered)


def _has_ordered(turn: Turn, at: datetime) -> bool:
    return any(other <= at for other in turn.passage.person.ordered)


def _has_pairings(turn: Turn, at: datetime) -> bool:
    passage = turn.passage
    owned = {product for since, product in passage.person.bought if since <= at} if passage.pairs else ()
    return any(product not in owned for product in passage.pairs)


def _has_arrived(turn: Turn, at: datetime) -> bool:
    story = turn.passage.story
    if story is None:
        return False
    number = max((number for number, since in enumerate(story.moments) if since <= at), default=0)
    return story.known(number).received is not None


def _by(moment: datetime | None, at: datetime) -> bool:
    return moment is not None and moment <= at


_LESSONS: dict[str, Question] = {"lessons": lambda turn, at: turn.passage.lessons}
_HAPPENED: dict[str, Question] = {"has_happened": lambda turn, at: {"waited": True, "timed_out": False}.get(turn.plan.basis)}
#: By condition (`decisions.CONDITIONS`): what it asks, by field of Situation.
_ASKED_BY: dict[str, dict[str, Question]] = {
    "has_tips": {"has_tips": _has_new_tips},
    "has_pairings": {"has_pairings": _has_pairings},
    "not_bought_since": {"has_bought_since": _has_bought_since},
    "not_ordered": {"has_ordered": _has_ordered},
    "no_return": {"has_return": lambda turn, at: _by(turn.passage.returned_at, at)},
    "has_arrived": {"has_arrived": _has_arrived},
    **{f"has_lesson_{number}": _LESSONS for number in range(1, 5)},
    "has_call": {"has_call": lambda turn, at: turn.passage.has_call},
    "can_be_bought": {"is_available": lambda turn, at: turn.passage.is_available},
    "agreed_or_bought": {"is_known": lambda turn, at: turn.passage.person.is_subscribed or _has_ordered(turn, at)},
    "no_review_asked": {"is_asked_for_review": lambda turn, at: turn.passage.is_asked_for_review},
    "no_check_in": {"has_check_in": lambda turn, at: turn.passage.has_check_in},
    "not_unhappy": {"was_unhappy": lambda turn, at: _by(turn.passage.unhappy_at, at)},
    "happened": _HAPPENED,
    "not_happened": _HAPPENED,
    "not_answered": {"has_answered": lambda turn, at: _by(turn.passage.answered_at, at)},
}
