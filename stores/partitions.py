"""Tables parted by month or day (settings.PARTED): parts are made ahead, and dropped when retention ends, so that neither rewrites a row.

What belongs to a part that is not there yet waits in the default one; making the part moves it there.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import OperationalError, connection, transaction

#: How many parts are made ahead: the next one, and more for a worker that is down for long.
AHEAD = {"month": 3, "day": 7}
_NAMED = {"month": "%Y_%m", "day": "%Y_%m_%d"}
#: The parts that are there, whatever they are called, by their own bounds.
_EXISTING = r"""
SELECT name, bounds[1]::timestamptz, bounds[2]::timestamptz
FROM (SELECT c.relname AS name, regexp_match(pg_get_expr(c.relpartbound, c.oid), $$FROM \('(.+)'\) TO \('(.+)'\)$$) AS bounds
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass) part
WHERE bounds IS NOT NULL
"""
log = logging.getLogger(__name__)

#: When a part begins, and when the next one does.
Bounds = tuple[datetime, datetime]


@dataclass(frozen=True)
class Parted:
    """A table, the column it is parted by, whether by "month" or by "day" (UTC), and how many whole ones before this one are kept."""

    table: str
    column: str
    span: str
    kept: int

    def name(self, start: datetime) -> str:
        """Return the name of the part that begins then."""
        return f"{self.table}_{start.strftime(_NAMED[self.span])}"

    def begin(self, at: datetime, ahead: int = 0) -> datetime:
        """Return when the part begins that a moment (UTC) is in, or one so many after it; negative: before it."""
        if self.span == "day":
            return datetime(at.year, at.month, at.day, tzinfo=UTC) + timedelta(days=ahead)
        number = at.year * 12 + at.month - 1 + ahead
        return datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)

    def parts(self, first: datetime, count: int = 1) -> list[Bounds]:
        """Return the bounds of so many parts from the one that `first` is in."""
        return [(self.begin(first, n), self.begin(first, n + 1)) for n in range(count)]

    def kept_from(self, *, now: datetime) -> datetime:
        """Return when the oldest part begins that is kept."""
        return self.begin(now, -self.kept)


def of(table: str) -> Parted:
    return Parted(table, *settings.PARTED[table])


def existing(parted: Parted) -> dict[str, Bounds]:
    """Return the parts that are there, by their names."""
    with connection.cursor() as cursor:
        cursor.execute(_EXISTING, [parted.table])
        return {name: (start, end) for name, start, end in cursor.fetchall()}


def make(parted: Parted, start: datetime, end: datetime) -> None:
    """Make one part and move into it what waits in the default partition; readers and writers of other parts go on meanwhile."""
    parent, column, table = parted.table, parted.column, parted.name(start)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        cursor.execute(f"CREATE TABLE {table} (LIKE {parent} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
        cursor.execute(
            f"WITH waiting AS (DELETE FROM {parent}_default WHERE {column} >= %s AND {column} < %s RETURNING *)"
            f" INSERT INTO {table} SELECT * FROM waiting",
            [start, end],
        )
        cursor.execute(f"ALTER TABLE {parent} ATTACH PARTITION {table} FOR VALUES FROM (%s) TO (%s)", [start, end])


def make_missing(parted: Parted, wanted: Iterable[Bounds]) -> list[str]:
    """Make those of the wanted parts that are not there; return their names."""
    held = existing(parted).values()
    made = [(start, end) for start, end in sorted(set(wanted)) if all(end <= begun or over <= start for begun, over in held)]
    for start, end in made:
        make(parted, start, end)
    return [parted.name(start) for start, _ in made]


def keep_up_all(*, now: datetime) -> None:
    """Keep every such table up; one that is in use for long is left for the next run."""
    for table in settings.PARTED:
        try:
            keep_up(of(table), now=now)
        except OperationalError as error:
            log.warning("The parts of %s are left for the next run: %s", table, error)


def keep_up(parted: Parted, *, now: datetime) -> tuple[list[str], list[str]]:
    """Make the parts to come and those that the default one has rows of; drop those that are no longer kept.

    Return the names of both. Nothing is waited for long (OperationalError).
    """
    oldest = parted.kept_from(now=now)
    held = existing(parted)
    coming = parted.parts(now, AHEAD[parted.span] + 1)
    made = make_missing(parted, ((start, end) for start, end in [*coming, *_waiting(parted)] if start >= oldest))
    dropped = sorted(table for table, (_, end) in held.items() if end <= oldest)
    for table in dropped:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            cursor.execute(f"DROP TABLE {table}")
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {parted.table}_default WHERE {parted.column} < %s", [oldest])
    return made, dropped


def _waiting(parted: Parted) -> list[Bounds]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT date_trunc('{parted.span}', {parted.column} AT TIME ZONE 'UTC') FROM {parted.table}_default")
        return [parted.parts(start)[0] for (start,) in cursor.fetchall()]
