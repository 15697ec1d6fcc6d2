"""Wall-clock time in a zone, and whose zone it is. Pure: zone arithmetic happens here and nowhere in SQL."""

from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import get_global


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
    naive = datetime.combine(moment.astimezone(zone).date() + timedelta(days=days), wall)
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
