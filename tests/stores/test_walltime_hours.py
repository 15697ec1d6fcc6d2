"""Quiet hours and sending days by a wall clock, in every zone and on the nights when clocks jump."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stores.walltime import Hours, opens

NIGHT = Hours(time(21), time(8))
WALL = st.times().map(lambda wall: wall.replace(second=0, microsecond=0))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def in_berlin(text: str, hours: Hours) -> str:
    berlin = ZoneInfo("Europe/Berlin")
    moment = datetime.fromisoformat(text).replace(tzinfo=berlin).astimezone(UTC)
    return opens(moment, hours=hours, zone=berlin).astimezone(berlin).strftime("%a %Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("moment", "hours", "expected"),
    [
        ("2026-11-10 12:00", NIGHT, "Tue 2026-11-10 12:00"),
        ("2026-11-10 20:59", NIGHT, "Tue 2026-11-10 20:59"),
        ("2026-11-10 21:00", NIGHT, "Wed 2026-11-11 08:00"),
        ("2026-11-11 03:00", NIGHT, "Wed 2026-11-11 08:00"),
        ("2026-11-11 08:00", NIGHT, "Wed 2026-11-11 08:00"),
        ("2026-11-10 12:30", Hours(time(12), time(14)), "Tue 2026-11-10 14:00"),
        ("2026-11-10 23:30", Hours(time(0), time(6)), "Tue 2026-11-10 23:30"),
        ("2026-11-13 22:00", Hours(time(21), time(8), frozenset({1, 2, 3, 4, 5})), "Mon 2026-11-16 08:00"),
        ("2026-11-14 12:00", Hours(days=frozenset({1})), "Mon 2026-11-16 00:00"),
        ("2026-12-31 23:00", NIGHT, "Fri 2027-01-01 08:00"),
        ("2026-11-10 12:00", Hours(), "Tue 2026-11-10 12:00"),
    ],
)
def test_mails_go_at_the_first_allowed_minute(moment, hours, expected):
    assert in_berlin(moment, hours) == expected


@pytest.mark.parametrize(
    ("zone", "moment", "hours", "expected"),
    [
        # 02:00 becomes 03:00: quiet until 02:30 ends with the gap
        ("Europe/Berlin", "2026-03-29T00:30", Hours(time(22), time(2, 30)), "2026-03-29T01:00"),
        # 02:30 comes twice: quiet ends at the first, and does not begin again
        ("Europe/Berlin", "2026-10-25T00:00", Hours(time(22), time(2, 30)), "2026-10-25T00:30"),
        ("Europe/Berlin", "2026-10-25T01:10", Hours(time(22), time(2, 30)), "2026-10-25T01:10"),
        # the only open hour falls into the gap: the next day's
        ("Europe/Berlin", "2026-03-29T00:30", Hours(time(3), time(2)), "2026-03-30T00:00"),
        # midnight does not exist in Cairo that day
        ("Africa/Cairo", "2026-04-23T20:00", Hours(days=frozenset({5})), "2026-04-23T22:00"),
        ("Australia/Lord_Howe", "2026-10-03T15:00", Hours(time(21), time(2, 15)), "2026-10-03T15:30"),
        ("Asia/Kathmandu", "2026-01-01T00:00", NIGHT, "2026-01-01T02:15"),
    ],
)
def test_on_the_nights_when_clocks_jump(zone, moment, hours, expected):
    assert opens(utc(moment), hours=hours, zone=ZoneInfo(zone)) == utc(expected)


def is_quiet_by_the_clock(moment: datetime, hours: Hours, zone: ZoneInfo) -> bool:
    """Read it off the wall clock alone: true on any ordinary day."""
    local = moment.astimezone(zone)
    start, end, wall = hours.quiet_from, hours.quiet_until, local.time()
    assert start is not None and end is not None
    is_quiet = start <= wall < end if start < end else wall >= start or wall < end
    return is_quiet or local.isoweekday() not in hours.days


def changes_near(moment: datetime, zone: ZoneInfo) -> bool:
    return len({(moment + timedelta(hours=hour)).astimezone(zone).utcoffset() for hour in range(-30, 31, 6)}) > 1


@settings(max_examples=400)
@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2032, 12, 31)),
    st.sampled_from(sorted(available_timezones())),
    st.tuples(WALL, WALL).filter(lambda ends: ends[0] != ends[1]),
    st.sets(st.integers(1, 7), min_size=1).map(frozenset),
)
def test_in_every_zone_and_year_it_is_the_first_open_moment(moment, name, ends, days):
    moment, zone, hours = moment.replace(tzinfo=UTC), ZoneInfo(name), Hours(ends[0], ends[1], days)
    found = opens(moment, hours=hours, zone=zone)
    assert moment <= found <= moment + timedelta(days=9)
    assert opens(found, hours=hours, zone=zone) == found
    assert found.astimezone(zone).isoweekday() in days
    if not changes_near(found, zone):
        assert not is_quiet_by_the_clock(found, hours, zone)
        before = found - timedelta(seconds=1)
        assert found == moment or is_quiet_by_the_clock(before, hours, zone)
    if not changes_near(moment, zone):
        assert (found == moment) == (not is_quiet_by_the_clock(moment, hours, zone))
