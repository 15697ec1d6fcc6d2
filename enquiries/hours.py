"""When somebody sits at the desk, when an answer is due, and how that is said. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from babel.dates import get_day_names

from stores import dates, walltime
from stores.phrases import Phrases

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEK = 7
_FURTHEST = 60


@dataclass(frozen=True)
class Span:
    """The hours of one day, by the store's wall clock."""

    opens: time
    closes: time


#: Seven days from Monday; None is a day on which nobody is there.
Week = tuple[Span | None, ...]


def read(held: Mapping[str, Sequence[str]]) -> Week:
    """Return a week as it is stored: `{"1": ["09:00", "17:00"], …}` by ISO weekday."""
    return tuple(Span(*(time.fromisoformat(each) for each in held[str(day)])) if str(day) in held else None for day in range(1, _WEEK + 1))


def is_open(moment: datetime, *, week: Week, zone: ZoneInfo) -> bool:
    return any(start <= moment < end for start, end in _spans(moment, week, zone, days=1))


def opens(moment: datetime, *, week: Week, zone: ZoneInfo) -> datetime:
    """Return the first moment from `moment` on at which somebody is there; itself where nobody ever is."""
    return next((max(start, moment) for start, end in _spans(moment, week, zone, days=_WEEK + 1) if end > moment), moment)


def due(moment: datetime, *, hours: float, week: Week, zone: ZoneInfo) -> datetime:
    """Return when so many hours of the desk will have passed; of the clock, where nobody ever is there."""
    left = timedelta(hours=hours)
    for start, end in _spans(moment, week, zone, days=_FURTHEST):
        here = end - max(start, moment)
        if here >= left:
            return end - here + left
        left -= max(here, timedelta())
    return moment + left


def _spans(moment: datetime, week: Week, zone: ZoneInfo, *, days: int) -> list[tuple[datetime, datetime]]:
    """Return the open spans of that day and those after it, as moments."""
    found = []
    weekday = moment.astimezone(zone).weekday()
    for ahead in range(days + 1):
        if span := week[(weekday + ahead) % _WEEK]:
            start = walltime.at_wall_time(moment, days=ahead, wall=span.opens, zone=zone)
            found.append((start, walltime.at_wall_time(moment, days=ahead, wall=span.closes, zone=zone)))
    return found


def words(week: Week, said: Phrases) -> str:
    """Return "Monday–Friday 9:00–17:00; Saturday 10:00–14:00"; nothing where nobody ever is there."""
    names, parts = get_day_names("wide", "stand-alone", said.locale), []
    for span, run in groupby(range(_WEEK), key=lambda day: week[day]):
        days = list(run)
        if span:
            named = "–".join(names[day] for day in dict.fromkeys((days[0], days[-1])))
            parts.append(f"{named} {span.opens:%-H:%M}–{span.closes:%-H:%M}")
    return "; ".join(parts)


def when_words(moment: datetime, *, now: datetime, zone: ZoneInfo, said: Phrases) -> str:
    """Return "today, 14:00", "tomorrow, 9:00", "Monday, 9:00", "Monday 4 January, 9:00" by the store's clock."""
    day = dates.near_day(moment, now=now, zone=zone, words=said)
    return said.say("{day}, {time}", day=day, time=f"{moment.astimezone(zone):%-H:%M}")
