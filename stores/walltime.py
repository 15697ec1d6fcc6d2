"""Wall-clock time in a zone, and whose zone it is. Pure: zone arithmetic happens here and nowhere in SQL."""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import get_global

EVERY_DAY = frozenset(range(1, 8))


@dataclass(frozen=True)
class Hours:
    """When mails may go by a wall clock: not from `quiet_from` until `quiet_until`, which may be the next morning, and only on `days`
    (ISO weekdays: Monday is 1)."""

    quiet_from: time | None = None
    quiet_until: time | None = None
    days: frozenset[int] = EVERY_DAY


def zone_for(*, customer: str, country: str, store: str) -> ZoneInfo:
    """Return a customer's zone: their own, else their country's if it has just one, else the store's (contracts, "Time")."""
    return _zone(customer) or _zone(only_zone_of(country.upper())) or ZoneInfo(store)


@cache
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


@cache
def only_zone_of(country: str) -> str:
    """Return the one zone of a country; zones that show the same time (Berlin and Büsingen) count as one."""
    zones = get_global("territory_zones").get(country, [])
    clocks = {tuple(datetime(2025, month, 1, tzinfo=ZoneInfo(zone)).utcoffset() for month in (1, 7)) for zone in zones}
    return zones[0] if len(clocks) == 1 else ""


def at_wall_time(moment: datetime, *, days: int, wall: time, zone: ZoneInfo) -> datetime:
    """Return the moment `days` calendar days after `moment`'s local date, at `wall` in `zone`, as UTC.

    A wall time that a DST gap swallows becomes the first valid minute after the gap; one that comes twice, the first (contracts, "Time").
    """
    return _at(moment.astimezone(zone).date() + timedelta(days=days), wall, zone)


@lru_cache(maxsize=10_000)  # many people's mails come at the same times of the same days
def _at(day: date, wall: time, zone: ZoneInfo) -> datetime:
    naive = datetime.combine(day, wall)
    local = naive.replace(tzinfo=zone, fold=0)
    utc = local.astimezone(UTC)
    if utc.astimezone(zone).replace(tzinfo=None) == naive:
        return utc
    return _end_of_gap(naive, zone)


def _end_of_gap(naive: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment after the gap that holds `naive`: the jump lies between its readings by the offsets before and after."""
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


def opens(moment: datetime, *, hours: Hours, zone: ZoneInfo) -> datetime:
    """Return the first moment at which mails may go, not before `moment`: itself if they may go then.

    Both ends of a quiet time are moments of their day, found as `at_wall_time` finds them: no change of the clocks opens or shuts it twice.
    """
    while (later := _end_of_quiet(moment, hours, zone) or _next_day(moment, hours, zone)) is not None:
        moment = later
    return moment


def _end_of_quiet(moment: datetime, hours: Hours, zone: ZoneInfo) -> datetime | None:
    """Return when the quiet time that holds `moment` ends; None if none does."""
    if hours.quiet_from is None or hours.quiet_until is None:
        return None
    for start, end in _quiet_around(moment.astimezone(zone).date(), hours.quiet_from, hours.quiet_until, zone):
        if start <= moment < end:
            return end
    return None


@lru_cache(maxsize=10_000)
def _quiet_around(day: date, start: time, end: time, zone: ZoneInfo) -> tuple[tuple[datetime, datetime], ...]:
    """Return the quiet times that begin on a day and its neighbours."""
    begins = [day + timedelta(days=days) for days in (-1, 0, 1)]
    return tuple((_at(each, start, zone), _at(each + timedelta(days=end <= start), end, zone)) for each in begins)


def _next_day(moment: datetime, hours: Hours, zone: ZoneInfo) -> datetime | None:
    """Return when the next day begins if mails must not go on this one."""
    if hours.days == EVERY_DAY or moment.astimezone(zone).isoweekday() in hours.days:
        return None
    return at_wall_time(moment, days=1, wall=time(), zone=zone)


def months_later(moment: datetime, months: int) -> datetime:
    """Return the same day so many months on; a day that month does not have becomes its last one."""
    years, month = divmod(moment.month - 1 + months, 12)
    year = moment.year + years
    return moment.replace(year=year, month=month + 1, day=min(moment.day, calendar.monthrange(year, month + 1)[1]))
