"""What is worth knowing of a mail that is being written, beside it: its weight, what could be better, who gets it without what sells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns import selling
from campaigns.writing import copy_test
from lifecycle.console.flow_editor.content import KINDS
from lifecycle.console.reach import Reach
from messaging.rendering import Problem, Rendered, remarks
from messaging.rendering.proofs import Proof


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
    content: Mapping[str, Any], purpose: str, mail: Rendered | None, problems: Sequence[Problem], reached: Reach, followed: Sequence[Proof]
) -> Checks:  # fmt: skip
    """Return the checks of a step's mail: what must be mended first, then what may be; `followed` is what its links led to."""
    grave = [Remark(f"{problem.place}: {problem.what}", _block(problem.where), True) for problem in problems]
    if problems and mail is None:
        return Checks(grave, [], [], None)
    light = [Remark(each.what, _block(each.where), False) for each in (*followed, *remarks.read(content, mail))]
    splits = [
        Split(split.number, KINDS[split.kind][0], f"{split.may:,}", f"{split.everyone:,}")
        for split in selling.splits(content, purpose, reached.by_purpose)
    ]
    answers = copy_test.of(content, mail) if mail else []
    return Checks([*grave, *light], splits, answers, remarks.weight_of(mail) // 1000 if mail else None)


def _block(where: str) -> int:
    """Return the number of the block that a place names ("block 3, text"), 0 where it names none."""
    first, _, rest = where.partition(",")[0].partition(" ")
    return int(rest) if first == "block" and rest.isdecimal() else 0
