"""What is worth knowing of a mail that is being written, beside it: its weight, what could be better, who gets it without what sells."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns import selling
from campaigns.models import Step
from campaigns.writing import copy_test, spam, trial
from campaigns.writing.preview import Sample
from lifecycle.console.flow_editor.content import KINDS
from lifecycle.console.reach import Reach
from messaging.models import Purpose
from messaging.rendering import Problem, Rendered, RenderError, remarks
from messaging.rendering.proofs import Proof
from stores.access import StoreRequest


@dataclass(frozen=True)
class Remark:
    """One thing to know; `block` is the number of the block to look at, 0 for the whole mail."""

    words: str
    block: int
    is_grave: bool


@dataclass(frozen=True)
class Split:
    """A block that sells, and how many of those whom the mail reaches get it."""

    number: int
    label: str
    may: str
    everyone: str


@dataclass(frozen=True)
class Spam:
    """Whether SpamAssassin can be asked (it is installed), whether it was, and what it said, if anything."""

    is_offered: bool
    is_asked: bool
    verdict: spam.Verdict | None


@dataclass(frozen=True)
class Checks:
    """All that was found; without a drawn mail there is no weight and no copy test."""

    remarks: Sequence[Remark]
    splits: Sequence[Split]
    answers: Sequence[copy_test.Answer]
    kilobytes: int | None

    @property
    def good(self) -> int:
        return sum(answer.is_good for answer in self.answers)

    @property
    def grave(self) -> int:
        return sum(remark.is_grave for remark in self.remarks)


def of(
    content: Mapping[str, Any], purpose: str, mail: Rendered | None, problems: Sequence[Problem], reach: Callable[[], Reach],
    found: Sequence[Proof],
) -> Checks:  # fmt: skip
    """Return the checks of a step's mail: what must be mended first, then what may be, of that first what was `found` beside its words.

    Whom it reaches is asked only for what sells.
    """
    grave = [Remark(f"{problem.place}: {problem.what}", _block(problem.where), True) for problem in problems]
    if problems and mail is None:
        return Checks(grave, [], [], None)
    light = [Remark(each.what, _block(each.where), False) for each in (*found, *remarks.read(content, mail))]
    answers = copy_test.of(content, mail) if mail else []
    return Checks([*grave, *light], _splits(content, purpose, reach), answers, remarks.weight_of(mail) // 1000 if mail else None)


def _splits(content: Mapping[str, Any], purpose: str, reach: Callable[[], Reach]) -> list[Split]:
    sells = selling.only_for_some(content, purpose)
    if not sells:
        return []
    reached = reach().by_purpose
    may, everyone = min(reached[Purpose.MARKETING], reached[purpose]), reached[purpose]
    return [Split(number, KINDS[kind][0], f"{may:,}", f"{everyone:,}") for number, kind in sells]


def spam_of(request: StoreRequest, step: Step, shown: Sample, *, now: datetime, variant: str = "", language: str = "") -> Spam:
    """Return what SpamAssassin says of a step's mail, where the page is opened with `?spam=`: it takes a second."""
    if not (step.is_mail and spam.is_there()):
        return Spam(is_offered=False, is_asked=False, verdict=None)
    if request.method != "GET" or "spam" not in request.GET:
        return Spam(is_offered=True, is_asked=False, verdict=None)
    try:
        verdict = spam.ask(trial.raw(step, shown, now=now, variant=variant, language=language))
    except (RenderError, ValueError):  # the other checks say why
        verdict = None
    return Spam(is_offered=True, is_asked=True, verdict=verdict)


def _block(where: str) -> int:
    """Return the number of the block that a place names ("block 3, text"), 0 where it names none."""
    first, _, rest = where.partition(",")[0].partition(" ")
    return int(rest) if first == "block" and rest.isdecimal() else 0
