"""The rule of scores: an action is worth what its kind is worth, half of it after a half-life, a quarter after two.

A score is the sum of value · 2^(−age / half-life). By kind only the number of actions is kept, each decayed, as of one moment: so one more
action, or one taken back, is one step whatever came before, and a kind that is worth more from today on is so for what was done already.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

#: What is left of so little is dropped.
LEAST = 0.001
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Kind:
    """A kind of action: how much closer to buying one says somebody is, how much it moves others, and how fast it is forgotten."""

    key: str
    name: str
    value: float
    impact: float
    half_life_days: int


@dataclass(frozen=True)
class Part:
    """What one kind adds to a score now; `count` is the number of actions, decayed."""

    kind: Kind
    count: float
    value: float
    impact: float


#: Stands in for a kind that no table names: kept, worth nothing, so that a store may yet give it a worth.
UNKNOWN_HALF_LIFE_DAYS = 30


def decay(age: timedelta, half_life_days: float) -> float:
    """Return what is left of one action after `age`; what lies ahead counts as now."""
    return float(2.0 ** (-max(age / _DAY, 0) / half_life_days))


def moved(counts: Mapping[str, float], *, as_of: datetime, now: datetime, kinds: Mapping[str, Kind]) -> dict[str, float]:
    """Return decayed counts as of `now`, without what has faded."""
    left = {key: count * decay(now - as_of, _half_life(kinds, key)) for key, count in counts.items()}
    return {key: round(count, 4) for key, count in left.items() if abs(count) >= LEAST}


def added(
    counts: Mapping[str, float], actions: Iterable[tuple[str, datetime, int]], *, as_of: datetime, now: datetime, kinds: Mapping[str, Kind]
) -> dict[str, float]:
    """Return counts as of `now` with actions (kind, when, +1 or −1 for one taken back) in them."""
    found = {key: count * decay(now - as_of, _half_life(kinds, key)) for key, count in counts.items()}
    for key, at, sign in actions:
        found[key] = found.get(key, 0.0) + sign * decay(now - at, _half_life(kinds, key))
    return {key: round(count, 4) for key, count in found.items() if abs(count) >= LEAST}


def parts(counts: Mapping[str, float], *, as_of: datetime, now: datetime, kinds: Mapping[str, Kind]) -> list[Part]:
    """Return what each kind with a worth adds now, the weightiest first."""
    found = [
        Part(kinds[key], count, count * kinds[key].value, count * kinds[key].impact)
        for key, count in moved(counts, as_of=as_of, now=now, kinds=kinds).items()
        if key in kinds
    ]
    return sorted(found, key=lambda part: (-abs(part.value) - abs(part.impact), part.kind.key))


def score(counts: Mapping[str, float], kinds: Mapping[str, Kind]) -> tuple[float, float]:
    """Return value and impact of counts, at the moment they are of."""
    known = [(count, kinds[key]) for key, count in counts.items() if key in kinds]
    return round(sum(count * kind.value for count, kind in known), 3), round(sum(count * kind.impact for count, kind in known), 3)


def _half_life(kinds: Mapping[str, Kind], key: str) -> float:
    return kinds[key].half_life_days if key in kinds else UNKNOWN_HALF_LIFE_DAYS
