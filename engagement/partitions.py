"""The months of the actions: made ahead, and dropped when retention ends. A month that comes and a month that goes cost no row a rewrite.

What was done in a month without a partition waits in the default one; making the month moves it there.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.db import connection, transaction

#: The month that is made ahead, and two for a worker that is down for long.
AHEAD = 3
_PARENT = "engagement_action"


def months(first: datetime, count: int) -> list[tuple[datetime, datetime]]:
    """Return `count` months (start, end), UTC, from the one that `first` is in; negative counts go back, the latest first."""
    step = 1 if count >= 0 else -1
    number = first.year * 12 + first.month - 1
    return [(_start(number + n), _start(number + n + 1)) for n in range(0, count, step)]


def _start(number: int) -> datetime:
    return datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)


def name(start: datetime) -> str:
    return f"{_PARENT}_{start:%Y_%m}"


def existing() -> dict[str, datetime]:
    """Return the starts of the months that are there, by the partitions' names."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass", [_PARENT]
        )
        names = [row[0] for row in cursor.fetchall() if row[0] != f"{_PARENT}_default"]
    return {each: datetime.strptime(each, f"{_PARENT}_%Y_%m").replace(tzinfo=UTC) for each in names}


def make(start: datetime, end: datetime) -> None:
    """Make one month and move into it what waits in the default partition; readers and writers of other months go on meanwhile."""
    table = name(start)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        cursor.execute(f"CREATE TABLE {table} (LIKE {_PARENT} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
        cursor.execute(
            f"WITH waiting AS (DELETE FROM {_PARENT}_default WHERE at >= %s AND at < %s RETURNING *)"
            f" INSERT INTO {table} SELECT * FROM waiting",
            [start, end],
        )
        cursor.execute(f"ALTER TABLE {_PARENT} ATTACH PARTITION {table} FOR VALUES FROM (%s) TO (%s)", [start, end])


def kept_from(*, now: datetime, keep_months: int) -> datetime:
    """Return when the oldest month begins that is kept: `keep_months` whole ones before this."""
    return months(now, -keep_months - 1)[-1][0]


def make_missing(wanted: Iterable[tuple[datetime, datetime]]) -> list[str]:
    """Make those of the wanted months (start, end) that are not there; return their names."""
    held = existing()
    made = [(start, end) for start, end in sorted(set(wanted)) if name(start) not in held]
    for start, end in made:
        make(start, end)
    return [name(start) for start, _ in made]


def keep_up(*, now: datetime, keep_months: int) -> tuple[list[str], list[str]]:
    """Make the months to come and those that the default partition has rows of; drop those older than `keep_months`.

    Return the names of both. Nothing is waited for long: a table that is in use is left for the next run (OperationalError).
    """
    oldest = kept_from(now=now, keep_months=keep_months)
    held = existing()
    made = make_missing((start, end) for start, end in [*months(now, AHEAD + 1), *_waiting()] if start >= oldest)
    dropped = sorted(table for table, start in held.items() if start < oldest)
    for table in dropped:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            cursor.execute(f"DROP TABLE {table}")
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {_PARENT}_default WHERE at < %s", [oldest])
    return made, dropped


def _waiting() -> list[tuple[datetime, datetime]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT date_trunc('month', at AT TIME ZONE 'UTC') FROM {_PARENT}_default")
        return [months(row[0], 1)[0] for row in cursor.fetchall()]
