"""Counts what was played, in plain values that can be kept as JSON and gone on with. Pure.

Days are those of the store's clock. Of a pool with fewer codes than mails the earliest mails get them. Two flows collide where they mail
one person on the same day; order mails are not counted there, for nobody feels they are too many.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from operator import add
from typing import Any
from zoneinfo import ZoneInfo

from campaigns import lots
from campaigns.rehearsal.parts import Play
from campaigns.rehearsal.playing import Fate, Outcome
from messaging.reasons import Reason

SAMPLES = 20


@dataclass
class Tally:
    """`sent` are mails by step and day, `skipped` and `held` reasons by step, `worth` what the orders behind each step's mails cost.

    `others` are the other flows' mails by day, `loads` how many people got so many mails, `clashes` days by the other flow's key.
    `samples` are people with what became of their steps, those of the lowest lots.
    """

    begun: int = 0
    people: int = 0
    sent: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    skipped: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    held: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    waiting: Counter[str] = field(default_factory=Counter)
    worth: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)
    loads: Counter[str] = field(default_factory=Counter)
    most: list[int] = field(default_factory=lambda: [0, 0])
    clashes: Counter[str] = field(default_factory=Counter)
    clashing: int = 0
    samples: list[list[Any]] = field(default_factory=list)

    @classmethod
    def of(cls, kept: Iterable[Mapping[str, Any]]) -> "Tally":
        """Return the tally of everybody counted in these, as they were kept."""
        whole = cls()
        for name, value in (each for one in kept for each in one.items()):
            mine = getattr(whole, name)
            if isinstance(mine, Counter):
                mine.update(value)
            elif isinstance(mine, dict):
                for key, counts in value.items():
                    mine[key].update(counts)
            else:
                setattr(whole, name, _JOINED[name](mine, value))
        return whole

    def kept(self) -> dict[str, Any]:
        return vars(self)

    def add(self, outcomes: Sequence[Outcome], *, play: Play, zone: ZoneInfo) -> None:
        """Count one person's outcomes; `play` is the flow that is rehearsed."""
        own = [each for each in outcomes if each.passage.play is play]
        for each in own:
            self._step(each)
        gone = [(each, each.at.astimezone(zone).date().isoformat()) for each in outcomes if each.fate is Fate.SENT]
        for each, day in gone:
            if each.passage.play is play:
                self.sent[each.part.key][day] += 1
            elif each.part.is_mail:
                self.others[day] += 1
        self._load([(each, day) for each, day in gone if each.part.is_mail], play)
        if own:
            self.people += 1
            self.begun += len({id(each.passage) for each in own})
            self._sample(own)

    def _step(self, outcome: Outcome) -> None:
        key = outcome.part.key
        if outcome.reason is not None:
            self.skipped[key][outcome.reason.value] += 1
        elif outcome.fate is Fate.WAITING:
            self.waiting[key] += 1
        else:
            if outcome.held:
                self.held[key].update({reason.value for reason in outcome.held})
            self.worth[key] += outcome.passage.worth

    def _load(self, mails: Sequence[tuple[Outcome, str]], play: Play) -> None:
        """Count a person by how many mails they get, and the days on which the flow and another one mail them."""
        self.loads[str(len(mails))] += 1
        if mails:
            self.most = _more(self.most, [len(mails), mails[0][0].passage.person.number])
        if all(each.passage.play is play for each, _ in mails):
            return
        by_day: dict[str, set[str]] = defaultdict(set)
        for each, day in mails:
            if not each.part.is_urgent:
                by_day[day].add(each.passage.play.key)
        clashes = [other for flows in by_day.values() if play.key in flows for other in flows if other != play.key]
        self.clashes.update(clashes)
        self.clashing += bool(clashes)

    def _sample(self, own: Sequence[Outcome]) -> None:
        first = own[0].passage
        lot = lots.lot("rehearsal", first.person.number)
        if len(self.samples) < SAMPLES or lot < self.samples[-1][0]:
            steps = sorted((each for each in own if each.passage is first), key=lambda each: each.part.place)
            told = [[each.part.key, each.fate.value, each.reason.value if each.reason else "", each.at.isoformat()] for each in steps]
            self.samples = nsmallest(SAMPLES, [*self.samples, [lot, first.person.number, first.order, first.began_at.isoformat(), told]])


def _more(most: list[int], other: list[int]) -> list[int]:
    """Return the more mails of two people with who gets them; of equal ones the lower number."""
    return min(most, other, key=lambda each: (-each[0], each[1]))


#: How what is no count of many things is put together.
_JOINED: dict[str, Callable[[Any, Any], Any]] = {
    "begun": add, "people": add, "clashing": add, "most": _more, "samples": lambda some, others: nsmallest(SAMPLES, [*some, *others]),
}  # fmt: skip


def give_out(tally: Tally, play: Play, codes_left: Mapping[int, int | None]) -> None:
    """Take back what has no code: of a pool's mails the latest."""
    left = dict(codes_left)
    for part in play.parts:
        number, days = left.get(part.offer or 0), tally.sent[part.key]
        if part.offer is None or number is None or not days:
            continue
        over = max(days.total() - number, 0)
        left[part.offer] = number - (days.total() - over)
        if over:
            tally.skipped[part.key][Reason.NO_CODE.value] += over
            tally.worth[part.key] = tally.worth[part.key] * (days.total() - over) // days.total()
        for day in sorted(days, reverse=True):
            taken = min(over, days[day])
            days[day], over = days[day] - taken, over - taken


def result(tally: Tally, play: Play, costs: Mapping[str, int | None]) -> dict[str, Any]:
    """Return the whole as plain values, steps in their order and days in theirs; `costs` are those of codes if all are used, by step."""
    by_day: Counter[str] = Counter()
    for part in play.parts:
        by_day.update(tally.sent[part.key] if part.is_mail else {})
    return {
        "begun": tally.begun,
        "customers": tally.people,
        "mails": by_day.total(),
        "steps": [
            {
                "step": part.key,
                "name": part.name,
                "would_send": tally.sent[part.key].total(),
                "skipped": _by_number(tally.skipped[part.key]),
                "held": _by_number(tally.held[part.key]),
                "waiting": tally.waiting[part.key],
                "cost_minor": costs.get(part.key),
            }
            for part in play.parts
        ],
        "days": {day: {"mails": by_day[day], "others": tally.others[day]} for day in sorted(by_day | tally.others)},
        "people_by_mails": {number: tally.loads[number] for number in sorted(tally.loads, key=int)},
        "most_per_person": {"mails": tally.most[0], "customer": tally.most[1] or None},
        "collisions": {"days": tally.clashes.total(), "customers": tally.clashing, "with": _by_number(tally.clashes)},
        "sample": [
            {"customer": customer, "order": order, "began_at": began_at,
             "steps": [dict(zip(("step", "fate", "reason", "at"), each, strict=True)) for each in steps]}
            for _, customer, order, began_at, steps in tally.samples
        ],
    }  # fmt: skip


def _by_number(counts: Counter[str]) -> dict[str, int]:
    """Return counts, the most frequent first and equal ones by name: the same however people were shared out."""
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))
