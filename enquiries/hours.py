"""When somebody sits at the desk, when an answer is due, and how that is said. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from stores import walltime

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


def words(week: Week) -> str:
    """Return "Monday to Friday, 9:00 to 17:00; Saturday, 10:00 to 14:00"; nothing where nobody ever is there."""
    parts = []
    for span, run in groupby(range(_WEEK), key=lambda day: week[day]):
        days = [DAYS[day] for day in run]
        if span:
            named = days[0] if len(days) == 1 else f"{days[0]} {'and' if len(days) == 2 else 'to'} {days[-1]}"
            parts.append(f"{named}, {_clock(span.opens)} to {_clock(span.closes)}")
    return "; ".join(parts)


def when_words(moment: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """Return "today at 14:00", "tomorrow at 9:00", "on Monday at 9:00", "on Monday 4 January at 9:00" by the store's clock."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    return f"{_day(local.date(), today)} at {_clock(local.time())}"


def _day(day: date, today: date) -> str:
    match (day - today).days:
        case 0:
            return "today"
        case 1:
            return "tomorrow"
        case few if few < _WEEK:
            return f"on {DAYS[day.weekday()]}"
    return f"on {DAYS[day.weekday()]} {day:%-d %B}"


def _clock(wall: time) -> str:
    return f"{wall.hour}:{wall.minute:02d}"
