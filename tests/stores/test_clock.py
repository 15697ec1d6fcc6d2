"""The product's clock: the database's, plus one stored shift that runs on."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from stores import clock
from stores.models import ClockShift

pytestmark = pytest.mark.django_db

LEAP = datetime(2028, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC)
A_MOMENT = timedelta(seconds=30)


def real() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        [moment] = cursor.fetchone()
    assert isinstance(moment, datetime)
    return moment


def test_unless_moved_it_is_the_databases_time_in_utc():
    before = real()
    now = clock.read()
    assert before <= now <= real()
    assert (now.tzinfo, clock.is_shifted()) == (UTC, False)


@pytest.mark.parametrize("moment", [LEAP, datetime(1999, 12, 31, tzinfo=UTC), datetime(2096, 1, 1, tzinfo=UTC)])
def test_a_clock_that_was_set_reads_that_moment_and_runs_on(moment):
    clock.set_to(moment)
    reads = [clock.read() for _ in range(3)]
    assert clock.is_shifted()
    assert moment <= reads[0] < reads[1] < reads[2] < moment + A_MOMENT


def test_setting_it_again_leaves_one_shift_and_resetting_none():
    clock.set_to(LEAP)
    clock.set_to(LEAP + timedelta(days=1))
    assert ClockShift.objects.count() == 1
    assert timedelta(days=1) <= clock.read() - LEAP < timedelta(days=1) + A_MOMENT
    clock.reset()
    assert (clock.is_shifted(), ClockShift.objects.count()) == (False, 0)
    assert abs(clock.read() - real()) < A_MOMENT
    clock.reset()


def test_the_moment_within_a_statement_is_the_same_clocks():
    clock.set_to(LEAP)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {clock.EXPRESSION}")
        [moment] = cursor.fetchone()
    assert LEAP <= moment < LEAP + A_MOMENT


def test_a_moment_of_any_zone_is_the_same_moment(at):
    clock.set_to(at("2026-10-25 02:30"))
    assert f"{clock.read():%Y-%m-%d %H:%M}" == "2026-10-25 00:30"


def test_there_is_never_a_second_shift():
    with pytest.raises(IntegrityError), transaction.atomic():
        ClockShift.objects.create(id=2, shift=timedelta(hours=1))
    assert not clock.is_shifted()
