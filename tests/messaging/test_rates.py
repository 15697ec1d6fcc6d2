"""The pace of a road, by itself: never more than its limit, no rush at an hour, and nobody overtaken."""

import heapq
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from messaging.roads.rates import WARM_UP, Limit, Pace, Request, a_minute, grant, warm_up

NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def fresh(*keys: str, now: datetime = NOW) -> dict[str, Pace]:
    return {key: Pace(now, now, now) for key in keys}


def ask(*limits: Limit, due_at: datetime = NOW, is_urgent: bool = False, has_waited: bool = False, share: float = 0.5) -> Request:
    return Request(limits, due_at, is_urgent, has_waited, share)


def swept(queue: list[tuple[datetime, int]], limits, paces, *, until: datetime, lag: float = 1.0) -> list[tuple[datetime, int]]:
    """Sweep a queue of (due, number) about every second, a hundred at a time, as workers do; return who went when."""
    chance, went, waited, now = random.Random(5), [], set(), queue[0][0]
    heapq.heapify(queue)
    while queue and queue[0][0] <= until:
        now = max(now, queue[0][0]) + timedelta(seconds=chance.uniform(0, lag))
        taken = [heapq.heappop(queue) for _ in range(min(100, len(queue))) if queue[0][0] <= now]
        requests = [Request(limits(now), due, False, number in waited, chance.random()) for due, number in taken]
        for (_, number), turn in zip(taken, grant(requests, paces, now=now), strict=True):
            if turn is None:
                went.append((now, number))
            else:
                assert turn > now
                waited.add(number)
                heapq.heappush(queue, (turn, number))
    return went


def most_within(moments: list[datetime], span: timedelta) -> int:
    first, most = 0, 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - span:
            first += 1
        most = max(most, last - first + 1)
    return most


@pytest.mark.parametrize("most", [1, 2, 7, 60, 600])
def test_no_minute_holds_more_than_the_limit_and_little_is_given_away(most):
    limit = a_minute("road", most)
    went = swept([(NOW, number) for number in range(most * 10)], lambda now: (limit,), fresh("road"), until=NOW + HOUR)
    moments = [moment for moment, _ in went]
    assert len(went) == most * 10
    assert most_within(moments, MINUTE) <= most
    assert moments[-1] - NOW < 13 * MINUTE


def test_who_came_first_goes_first_and_each_is_put_back_once():
    limit = a_minute("road", 60)
    requests = [ask(limit) for _ in range(8)]
    paces = fresh("road")
    turns = grant(requests, paces, now=NOW)
    assert turns[:3] == [None] * 3  # of a rush of five, two are kept for order mail
    later = [turn for turn in turns if turn]
    assert later == sorted(later) and len(set(later)) == 5
    assert grant([ask(limit, due_at=NOW + SECOND)], paces, now=NOW + SECOND)[0] == later[-1] + limit.interval
    assert grant([ask(limit, due_at=later[0], has_waited=True)], paces, now=later[0]) == [None]


def test_an_order_mail_finds_room_where_bulk_has_used_its_own():
    limit = a_minute("road", 60)
    paces = fresh("road")
    grant([ask(limit)] * 500, paces, now=NOW)
    assert grant([ask(limit, is_urgent=True)] * 2, paces, now=NOW) == [None, None]
    third = grant([ask(limit, is_urgent=True)], paces, now=NOW)[0]
    assert third is not None and third - NOW <= 2 * SECOND


def test_order_mails_take_from_the_same_rate():
    limit = a_minute("road", 60)
    paces = fresh("road")
    assert grant([ask(limit, is_urgent=True)] * 5, paces, now=NOW) == [None] * 5
    assert grant([ask(limit)], paces, now=NOW)[0] is not None


def test_a_full_domain_keeps_no_other_domain_waiting():
    road, full, free = a_minute("road", 600), a_minute("road:full.example", 1), a_minute("road:free.example", 60)
    paces = fresh("road", full.key, free.key)
    turns = grant([ask(road, full)] * 20 + [ask(road, free)] * 3, paces, now=NOW)
    assert [turn is None for turn in turns] == [True] + [False] * 19 + [True] * 3


def test_after_an_outage_the_rest_is_spread_anew():
    limit = a_minute("road", 60)
    paces = fresh("road")
    requests = [ask(limit, due_at=NOW + SECOND * number, has_waited=True) for number in range(600)]
    turns = grant(requests, paces, now=NOW + 2 * HOUR)
    assert sum(turn is None for turn in turns) <= 5 + 5  # the rush, and what the seconds of lateness allow
    assert min(turn for turn in turns if turn) > NOW + 2 * HOUR


@pytest.mark.parametrize(
    ("days", "most"),
    [(-1, None), (0, 50), (1, 100), (2, 250), (3, 500), (4, 1_000), (5, 2_500), (6, 5_000), (7, 10_000), (8, None)],
)
def test_a_warm_up_lasts_eight_days(days, most):
    limit = warm_up("day", date(2026, 11, 10), now=NOW + days * DAY)
    assert (limit.most if limit else None) == most


def test_a_fortnight_from_the_first_day_of_a_new_road_with_twenty_thousand_waiting():
    """The histogram: each day within its limit and near it, no hour that stands out, all gone by the tenth day."""
    begin = datetime(2026, 11, 10, tzinfo=UTC)
    paces = fresh("day", now=begin)

    def limits(now: datetime) -> tuple[Limit, ...]:
        limit = warm_up("day", date(2026, 11, 10), now=now)
        return (limit,) if limit else ()

    went = swept([(begin + 9 * HOUR, number) for number in range(20_000)], limits, paces, until=begin + 14 * DAY)
    by_day = Counter((moment - begin).days for moment, _ in went)
    assert len({number for _, number in went}) == len(went) == 20_000
    assert (by_day[0], set(by_day)) == (33, set(range(9)))  # it began at nine
    assert all(most * 0.9 <= by_day[day] <= most for day, most in enumerate(WARM_UP) if day)
    by_hour = Counter((moment - begin) // HOUR for moment, _ in went)
    for day in range(9):
        hours = [by_hour[day * 24 + hour] for hour in range(24 if day else 0)]
        assert max(hours, default=0) <= by_day[day] / 24 * 1.5  # no hour stands out, and so no top of one
