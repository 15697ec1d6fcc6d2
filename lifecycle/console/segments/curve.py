"""How many people a segment had on each of the last thirty days, as bars: a day nobody counted stays empty."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from segments.models import Count, Segment

DAYS, WIDTH, HEIGHT, _TOP = 30, 360, 72, 4


@dataclass(frozen=True)
class Bar:
    """One day, in the picture's own units; `people` is None where nobody counted."""

    day: date
    people: int | None
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Curve:
    bars: Sequence[Bar]
    most: int
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def counted(self) -> Sequence[Bar]:
        return [bar for bar in self.bars if bar.people is not None]


def of(segment: Segment, *, now: datetime, zone: ZoneInfo) -> Curve:
    """Return the last thirty days of a segment, today as it stands now."""
    today = now.astimezone(zone).date()
    first = today - timedelta(days=DAYS - 1)
    held = dict(Count.objects.filter(segment=segment, day__gte=first).values_list("day", "people"))
    if segment.filled_at is not None:
        held[today] = segment.people
    most, step = max(held.values(), default=0), WIDTH / DAYS
    bars = []
    for number in range(DAYS):
        day = first + timedelta(days=number)
        height = held.get(day, 0) / most * (HEIGHT - _TOP) if most else 0
        bars.append(Bar(day, held.get(day), number * step + 1, HEIGHT - height, step - 2, height))
    return Curve(bars, most)
