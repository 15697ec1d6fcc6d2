"""Tables parted by month (settings.MONTHLY): months are made ahead, and dropped when retention ends, so that neither rewrites a row.

What belongs to a month without a partition waits in the default one; making the month moves it there.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db import OperationalError, connection, transaction

#: The month that is made ahead, and two for a worker that is down for long.
AHEAD = 3
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Monthly:
    """A table, the column by whose month it is parted, and how many whole months before this one are kept."""

    table: str
    column: str
    months_kept: int

    def name(self, start: datetime) -> str:
        """Return the name of the partition of the month that begins then."""
        return f"{self.table}_{start:%Y_%m}"

    def kept_from(self, *, now: datetime) -> datetime:
        """Return when the oldest month begins that is kept."""
        return months(now, -self.months_kept - 1)[-1][0]


def of(table: str) -> Monthly:
    return Monthly(table, *settings.MONTHLY[table])


def months(first: datetime, count: int) -> list[tuple[datetime, datetime]]:
    """Return `count` months (start, end), UTC, from the one that `first` is in; negative counts go back, the latest first."""
    step = 1 if count >= 0 else -1
    number = first.year * 12 + first.month - 1
    return [(_start(number + n), _start(number + n + 1)) for n in range(0, count, step)]


def _start(number: int) -> datetime:
    return datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)


def existing(parted: Monthly) -> dict[str, datetime]:
    """Return the starts of the months that are there, by the partitions' names."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass", [parted.table]
        )
        names = [row[0] for row in cursor.fetchall() if row[0] != f"{parted.table}_default"]
    return {each: datetime.strptime(each, f"{parted.table}_%Y_%m").replace(tzinfo=UTC) for each in names}


def make(parted: Monthly, start: datetime, end: datetime) -> None:
    """Make one month and move into it what waits in the default partition; readers and writers of other months go on meanwhile."""
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


def make_missing(parted: Monthly, wanted: Iterable[tuple[datetime, datetime]]) -> list[str]:
    """Make those of the wanted months (start, end) that are not there; return their names."""
    held = existing(parted)
    made = [(start, end) for start, end in sorted(set(wanted)) if parted.name(start) not in held]
    for start, end in made:
        make(parted, start, end)
    return [parted.name(start) for start, _ in made]


def keep_up_all(*, now: datetime) -> None:
    """Keep every such table up; one that is in use for long is left for the next run."""
    for table in settings.MONTHLY:
        try:
            keep_up(of(table), now=now)
        except OperationalError as error:
            log.warning("The months of %s are left for the next run: %s", table, error)


def keep_up(parted: Monthly, *, now: datetime) -> tuple[list[str], list[str]]:
    """Make the months to come and those that the default partition has rows of; drop those that are no longer kept.

    Return the names of both. Nothing is waited for long (OperationalError).
    """
    oldest = parted.kept_from(now=now)
    held = existing(parted)
    made = make_missing(parted, ((start, end) for start, end in [*months(now, AHEAD + 1), *_waiting(parted)] if start >= oldest))
    dropped = sorted(table for table, start in held.items() if start < oldest)
    for table in dropped:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            cursor.execute(f"DROP TABLE {table}")
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {parted.table}_default WHERE {parted.column} < %s", [oldest])
    return made, dropped


def _waiting(parted: Monthly) -> list[tuple[datetime, datetime]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT date_trunc('month', {parted.column} AT TIME ZONE 'UTC') FROM {parted.table}_default")
        return [months(row[0], 1)[0] for row in cursor.fetchall()]
