"""The only reader of time: the database's clock, plus a shift that demo and tests may set.

Views and tasks read it once and pass `now` on. Queries compare with the passed value, never with the database's volatile
clock: only a constant bound uses an index.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

from stores.models import ClockShift

_READ = "SELECT clock_timestamp() + coalesce((SELECT shift FROM stores_clockshift WHERE id = 1), interval '0')"


def read() -> datetime:
    """Return this moment (UTC) by the database's clock and the stored shift."""
    with connection.cursor() as cursor:
        cursor.execute(_READ)
        moment: datetime = cursor.fetchone()[0]
    return moment.astimezone(UTC)


def set_to(moment: datetime) -> None:
    """Shift the clock so that it reads `moment` now; it goes on running from there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO stores_clockshift (id, shift) VALUES (1, %s - clock_timestamp())"
            " ON CONFLICT (id) DO UPDATE SET shift = excluded.shift",
            [moment],
        )


def reset() -> None:
    """Go back to real time."""
    ClockShift.objects.all().delete()


def is_shifted() -> bool:
    return ClockShift.objects.exists()


def at_wall_time(moment: datetime, *, days: int, wall: time, zone: ZoneInfo) -> datetime:
    """Return the moment `days` calendar days after `moment`'s local date, at `wall` in `zone`, as UTC.

    A wall time that a DST gap swallows becomes the first valid minute after the gap; one that comes twice, the first (contracts, "Time").
    """
    naive = datetime.combine(moment.astimezone(zone).date() + timedelta(days=days), wall)
    local = naive.replace(tzinfo=zone, fold=0)
    utc = local.astimezone(UTC)
    if utc.astimezone(zone).replace(tzinfo=None) == naive:
        return utc
    return _end_of_gap(naive, zone)


def _end_of_gap(naive: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment after the gap that holds `naive`: the offset in force before it places `naive` past the jump by as much as the clock leapt."""
    before = naive.replace(tzinfo=zone, fold=0).utcoffset() or timedelta()
    after = naive.replace(tzinfo=zone, fold=1).utcoffset() or timedelta()
    low, high = (naive - max(before, after)).replace(tzinfo=UTC), (naive - min(before, after)).replace(tzinfo=UTC)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)
