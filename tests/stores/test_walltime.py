"""Wall time over the nights when clocks jump, and whose zone counts."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from stores import walltime


@pytest.mark.parametrize(
    ("zone", "day", "wall", "expected"),
    [
        ("Europe/Berlin", "2026-03-29", time(2, 30), "2026-03-29T01:00"),  # 02:00 becomes 03:00: the first valid minute
        ("Europe/Berlin", "2026-10-25", time(2, 30), "2026-10-25T00:30"),  # comes twice: the first
        ("Australia/Lord_Howe", "2026-10-04", time(2, 15), "2026-10-03T15:30"),  # a gap of half an hour
        ("Pacific/Apia", "2011-12-30", time(10, 0), "2011-12-30T10:00"),  # a day that never was
        ("Asia/Kathmandu", "2026-01-01", time(10, 0), "2026-01-01T04:15"),
    ],
)
def test_gaps_become_the_next_valid_minute_and_overlaps_the_first(zone, day, wall, expected):
    zone = ZoneInfo(zone)
    start = datetime.combine(datetime.fromisoformat(day) - timedelta(days=1), time(12), tzinfo=zone)
    assert walltime.at_wall_time(start, days=1, wall=wall, zone=zone) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("customer", "country", "expected"),
    [
        ("Asia/Tokyo", "DE", "Asia/Tokyo"), ("", "JP", "Asia/Tokyo"), ("Not/A_Zone", "FR", "Europe/Paris"), ("", "de", "Europe/Berlin"),
        ("", "US", "America/New_York"), ("", "", "America/New_York"), ("../../etc/passwd", "XX", "America/New_York"),
    ],
)  # fmt: skip
def test_the_customers_zone_comes_first_then_the_countrys_only_one_then_the_stores(customer, country, expected):
    assert walltime.zone_for(customer=customer, country=country, store="America/New_York").key == expected


@pytest.mark.parametrize(
    ("start", "months", "end"), [("2026-01-31", 1, "2026-02-28"), ("2026-11-06", 24, "2028-11-06"), ("2026-12-31", 2, "2027-02-28")]
)
def test_months_later_keeps_within_the_month(start, months, end):
    assert walltime.months_later(datetime.fromisoformat(start), months) == datetime.fromisoformat(end)
