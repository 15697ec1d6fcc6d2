"""When a step is due: the rule, by itself."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.timing import SPREAD, Rule, opens_at, plan
from orders.progress import Milestones
from stores.walltime import Hours

BERLIN = ZoneInfo("Europe/Berlin")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def rule(anchor: str = "placed", hours: int = 0, wall: time | None = None, **fields) -> Rule:
    given_fields = {"not_after_anchor": "", "not_after_hours": 0, "early_after_answer_hours": None, "use_by_hours": 48, **fields}
    return Rule(anchor=anchor, offset_hours=hours, time_of_day=wall, **given_fields)


def milestones(**known) -> Milestones:
    empty = {"shipped": None, "expected": None, "received": None, "assumed": None}
    forecasts = {"shipped_forecast": utc("2026-11-04T09:00"), "received_forecast": utc("2026-11-09T09:00")}
    return Milestones(**{"placed": utc("2026-11-03T09:00"), **empty, **forecasts, **known})


TIPS = rule("shipped", 24, not_after_anchor="expected", not_after_hours=6)
GOES_WELL = rule("received", 96, time(10))


def test_a_step_at_once_is_due_when_the_order_was_placed_and_of_use_for_its_use_by():
    got = plan(rule(), milestones(), zone=BERLIN)
    assert (got.due_at, got.use_by, got.is_known, got.basis) == (utc("2026-11-03T09:00"), utc("2026-11-05T09:00"), True, "placed")


def test_before_shipping_a_step_after_it_waits_with_a_forecast():
    got = plan(TIPS, milestones(), zone=BERLIN)
    assert (got.due_at, got.is_known, got.basis) == (utc("2026-11-05T09:00"), False, "forecast")


def test_tips_come_a_day_after_shipping():
    got = plan(TIPS, milestones(shipped=utc("2026-11-04T12:00"), expected=utc("2026-11-09T12:00")), zone=BERLIN)
    assert (got.due_at, got.is_known, got.basis) == (utc("2026-11-05T12:00"), True, "shipped")


def test_tips_stay_six_hours_ahead_of_the_promised_delivery():
    got = plan(TIPS, milestones(shipped=utc("2026-11-04T12:00"), expected=utc("2026-11-05T14:00")), zone=BERLIN)
    assert (got.due_at, got.basis) == (utc("2026-11-05T08:00"), "promised")


def test_a_parcel_that_came_first_no_longer_pulls_tips_forward():
    facts = milestones(shipped=utc("2026-11-04T12:00"), expected=None, received=utc("2026-11-05T08:00"))
    assert plan(TIPS, facts, zone=BERLIN).due_at == utc("2026-11-05T12:00")


def test_an_estimate_that_passed_fires_nothing():
    facts = milestones(shipped=utc("2026-11-04T12:00"), expected=utc("2026-11-05T12:00"), received_forecast=utc("2026-11-05T12:00"))
    got = plan(GOES_WELL, facts, zone=BERLIN)
    assert (got.is_known, got.basis) == (False, "forecast")


def test_four_days_after_at_ten_is_by_the_customers_calendar():
    got = plan(GOES_WELL, milestones(received=utc("2026-11-06T23:30")), zone=BERLIN)  # already the 7th in Berlin
    assert got.due_at == utc("2026-11-11T09:00")


def test_a_clock_time_moves_with_daylight_saving_and_elapsed_hours_do_not():
    received = utc("2026-10-23T08:00")  # the clocks go back on the 25th
    assert plan(GOES_WELL, milestones(received=received), zone=BERLIN).due_at == utc("2026-10-27T09:00")
    assert plan(rule("received", 168), milestones(received=received), zone=BERLIN).due_at == utc("2026-10-30T08:00")


def test_an_order_nobody_scans_counts_as_received_after_the_usual_time():
    got = plan(GOES_WELL, milestones(shipped=utc("2026-11-04T12:00"), assumed=utc("2026-11-09T12:00")), zone=BERLIN)
    assert (got.due_at, got.is_known, got.basis) == (utc("2026-11-13T09:00"), True, "usual")


def test_a_happy_answer_brings_thanks_forward_but_never_back():
    thanks = rule("received", 336, early_after_answer_hours=72)
    facts = milestones(received=utc("2026-11-06T12:00"))
    assert plan(thanks, facts, zone=BERLIN).due_at == utc("2026-11-20T12:00")
    early = plan(thanks, facts, zone=BERLIN, happy_answer_at=utc("2026-11-14T08:00"))
    assert (early.due_at, early.basis) == (utc("2026-11-17T08:00"), "answer")
    assert plan(thanks, facts, zone=BERLIN, happy_answer_at=utc("2026-11-19T08:00")).due_at == utc("2026-11-20T12:00")


def test_an_unknown_anchor_is_refused():
    with pytest.raises(ValueError, match="no anchor 'moon'"):
        plan(rule("moon"), milestones(), zone=BERLIN)


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2032, 12, 31)),
    st.one_of(
        st.sampled_from(["Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca", "America/Santiago", "Antarctica/Troll"]),
        st.sampled_from(sorted(available_timezones())),
    ),
    st.times().map(lambda moment: moment.replace(second=0, microsecond=0)),
    st.integers(0, 400),
    st.integers(0, 60 * 48).map(lambda minutes: timedelta(minutes=minutes)),
)
def test_in_every_zone_a_wall_time_is_met_or_the_first_after_a_gap_and_who_comes_later_is_due_no_earlier(received, zone, wall, days, span):
    zone = ZoneInfo(zone)
    moment = received.replace(tzinfo=UTC)
    due = plan(rule("received", days * 24, wall), milestones(received=moment), zone=zone).due_at
    meant = datetime.combine(moment.astimezone(zone).date() + timedelta(days=days), wall)
    shown = due.astimezone(zone).replace(tzinfo=None)
    assert shown >= meant
    before = (due - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None)
    assert before < meant
    assert plan(rule("received", days * 24, wall), milestones(received=moment + span), zone=zone).due_at >= due


NIGHT = Hours(time(21), time(8))


def after_the_night(
    number: int, *, due: str = "2026-11-10T22:00", use_by: str = "2026-11-14T00:00", hours: Hours = NIGHT
) -> datetime | None:
    return opens_at(utc(due), hours=hours, zone=BERLIN, use_by=utc(use_by), number=number)


def test_by_day_a_mail_waits_for_nothing():
    assert after_the_night(1, due="2026-11-10T12:00") is None


def test_each_mail_has_its_own_place_in_the_quarter_of_an_hour_after_the_night():
    morning = utc("2026-11-11T07:00")
    places = [after_the_night(number) for number in range(1, 2_001)]
    assert places == [after_the_night(number) for number in range(1, 2_001)]
    waits = [place - morning for place in places if place]
    assert min(waits) >= timedelta() and max(waits) < SPREAD and len(set(waits)) == 2_000
    by_minute = [sum(wait // timedelta(minutes=1) == minute for wait in waits) for minute in range(15)]
    assert max(by_minute) - min(by_minute) <= 3


def test_the_spread_takes_nobody_past_their_use_by():
    close = [after_the_night(number, use_by="2026-11-11T07:04") for number in range(1, 500)]
    assert max(place for place in close if place) < utc("2026-11-11T07:02")
    assert {after_the_night(number, use_by="2026-11-11T02:00") for number in range(1, 9)} == {utc("2026-11-11T07:00")}


def test_the_spread_leads_into_no_other_quiet_time():
    short = Hours(time(8, 5), time(8))
    assert all(place and place < utc("2026-11-11T07:05") for place in (after_the_night(number, hours=short) for number in range(1, 200)))
