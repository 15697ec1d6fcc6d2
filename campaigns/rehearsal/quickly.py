"""The rehearsal that the review sheet shows at once: the flow alone, over its latest beginnings of a month."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from campaigns.models import Flow, FlowVersion, Step
from campaigns.rehearsal import past, staging
from campaigns.rehearsal.script import Script, write
from campaigns.rehearsal.tally import Tally
from messaging.reasons import Reason

DAYS = 30
MOST = 2_000


@dataclass(frozen=True)
class StepCount:
    """One step's mails, those that wait for a moment nobody knows yet, and what became of the others: the most frequent reason first."""

    step: Step
    sent: int
    waiting: int
    others: tuple[tuple[Reason, int], ...]

    @property
    def left_out(self) -> int:
        return sum(number for _, number in self.others)


@dataclass(frozen=True)
class Rehearsal:
    """The whole: how many orders or other beginnings, whether there were more than MOST, and each step's counts."""

    orders: int
    is_bounded: bool
    steps: tuple[StepCount, ...]

    @property
    def sent(self) -> int:
        return sum(count.sent for count in self.steps)

    @property
    def waiting(self) -> int:
        return sum(count.waiting for count in self.steps)

    @property
    def left_out(self) -> int:
        return sum(count.left_out for count in self.steps)


def rehearse(flow: Flow, version: FlowVersion, *, now: datetime) -> Rehearsal:
    """Return what the flow would have done with what would have begun it in the last DAYS days, with the latest MOST; some 20 queries."""
    script, is_bounded = _bounded(write(flow, version, since=now - timedelta(days=DAYS), until=now, now=now))
    counted = Tally()
    for ids in staging.lots_of_people(past.people(script)):
        staging.count(script, ids, counted)
    staging.result(script, counted)
    steps = {step.key: step for step in version.steps.all()}
    return Rehearsal(
        counted.begun,
        is_bounded,
        tuple(
            StepCount(steps[part.key], counted.sent[part.key].total(), counted.waiting[part.key], _reasons(counted.skipped[part.key]))
            for part in script.scenes[0].play.parts
        ),
    )


def _bounded(script: Script) -> tuple[Script, bool]:
    """Return the script from the moment on at which the latest MOST begin, and whether there were more."""
    earliest = past.moments(script)[MOST - 1 : MOST + 1]
    return (replace(script, since=earliest[0]), True) if len(earliest) > 1 else (script, False)


def _reasons(counted: Counter[str]) -> tuple[tuple[Reason, int], ...]:
    return tuple((Reason(reason), number) for reason, number in counted.most_common())
