"""Signs of life: when a periodic work last passed, and how far behind it was then. Written by who does it, so it proves consumption."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models.expressions import RawSQL

from stores import clock
from stores.models import Tick

PULSE = "pulse"
#: Nobody looks at a pulse every second; this much behind is worth a word to a person.
LATE = timedelta(minutes=2)

#: How many seconds ago everything was up to date, by the last pulse: for a page's own query. Null before the first pulse ever.
PULSE_BEHIND = RawSQL(f"SELECT extract(epoch FROM {clock.EXPRESSION} - ran_at) + behind_seconds FROM stores_tick WHERE name = %s", [PULSE])


@dataclass(frozen=True)
class Passed:
    """When a work last passed, and how far behind it was: `age` counts to now."""

    ran_at: datetime
    age: timedelta
    behind: timedelta


def minutes(seconds: float | None) -> int:
    """Return whole minutes of a lateness that is worth a word, else 0."""
    return int(seconds // 60) if seconds is not None and seconds >= LATE.total_seconds() else 0


def passed(name: str, *, now: datetime, behind: timedelta = timedelta(0)) -> None:
    """Write down that a work passed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO stores_tick (name, ran_at, behind_seconds) VALUES (%s, %s, %s)"
            " ON CONFLICT (name) DO UPDATE SET ran_at = excluded.ran_at, behind_seconds = excluded.behind_seconds",
            [name, now, behind.total_seconds()],
        )


def last(name: str, *, now: datetime) -> Passed | None:
    """Return when a work last passed, or None if it never did."""
    tick = Tick.objects.filter(name=name).first()
    if tick is None or tick.ran_at is None:
        return None
    return Passed(tick.ran_at, max(now - tick.ran_at, timedelta(0)), timedelta(seconds=tick.behind_seconds))
