"""What goes out when: of days gone what was sent, of days ahead what is planned, and who gets too much in a week.

A mail that follows what may never come (a late parcel, a refund) is no plan.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Sum

from campaigns import timing
from campaigns.models import Flow
from campaigns.one_off import counting
from campaigns.one_off.models import Campaign
from messaging.models import DayCount
from stores import walltime
from stores.models import Store

#: From one moment to the next, each a day or a week: which of them a moment falls into.
_PLANNED = """
SELECT width_bucket(r.due_at, %(bounds)s::timestamptz[]), v.flow_id, count(*)
FROM campaigns_steprun r JOIN campaigns_step s ON s.id = r.step_id JOIN campaigns_flowversion v ON v.id = s.version_id
WHERE r.store_id = %(store)s AND r.state IN ('waiting', 'planned', 'held') AND r.due_at >= %(since)s AND r.due_at < %(until)s
    AND NOT s.anchor = ANY(%(unsure)s)
GROUP BY 1, 2
"""
_WEARY = """
SELECT week, count(*) FROM (
    SELECT width_bucket(at, %(bounds)s::timestamptz[]) AS week FROM (
        SELECT r.customer_id, r.due_at AS at FROM campaigns_steprun r JOIN campaigns_step s ON s.id = r.step_id
        WHERE r.store_id = %(store)s AND r.state IN ('planned', 'held') AND r.due_at >= %(since)s AND r.due_at < %(until)s
            AND NOT r.is_urgent AND NOT s.anchor = ANY(%(unsure)s)
        UNION ALL
        SELECT customer_id, sent_at FROM messaging_message
        WHERE store_id = %(store)s AND sent_at >= %(since)s AND sent_at < %(until)s AND purpose <> 'transactional'
    ) mails GROUP BY week, customer_id HAVING count(*) >= %(many)s
) people GROUP BY week
"""


@dataclass(frozen=True)
class Entry:
    """Mails of one flow or campaign on one day: `sent` already, or still `planned`; of a campaign that only waits, `about` so many."""

    name: str
    flow: str
    sent: int = 0
    planned: int = 0
    campaign: Campaign | None = None
    reach: counting.Reach | None = None


@dataclass
class Day:
    day: date
    is_inside: bool
    is_today: bool
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True)
class Week:
    """Seven days from Monday, and how many people get `counting.MANY` mails or more in them."""

    days: list[Day]
    weary: int


def month(store: Store, first: date, *, now: datetime) -> list[Week]:
    """Return the weeks of the month that begins with `first`, by the store's clock."""
    zone = ZoneInfo(store.timezone)
    today = now.astimezone(zone).date()
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    start = first - timedelta(days=first.weekday())
    days = [start + timedelta(days=number) for number in range((last - start).days + 7 - last.weekday())]
    entries = _entries(store, days, zone, today=today, now=now)
    weary = _weary(store, days[::7], zone)
    grid = [Day(day, first <= day <= last, day == today, entries[day]) for day in days]
    return [Week(grid[place : place + 7], weary.get(place // 7 + 1, 0)) for place in range(0, len(grid), 7)]


def _entries(store: Store, days: Sequence[date], zone: ZoneInfo, *, today: date, now: datetime) -> dict[date, list[Entry]]:
    flows = {flow.pk: flow for flow in Flow.objects.filter(store=store).select_related("campaign")}
    keys = {flow.key: flow for flow in flows.values()}
    sent, planned = _sent(store, days), _planned(store, [day for day in days if day >= today], zone)
    found: dict[date, list[Entry]] = defaultdict(list)
    for day in days:
        ours = {pk for (when, pk) in planned if when == day} | {keys[key].pk for (when, key) in sent if when == day and key in keys}
        for flow in sorted((flows[pk] for pk in ours), key=lambda flow: (flow.is_one_off, flow.priority, flow.pk)):
            if flow.state in (Flow.State.LIVE, Flow.State.PAUSED) or (day, flow.key) in sent:
                campaign = flow.campaign if flow.is_one_off else None
                found[day].append(Entry(flow.name, flow.key, sent.get((day, flow.key), 0), planned.get((day, flow.pk), 0), campaign))
    for day, entry in _to_come(store, days, zone, now=now):
        found[day].append(entry)
    return found


def _sent(store: Store, days: Sequence[date]) -> dict[tuple[date, str], int]:
    counts = DayCount.objects.filter(store=store, day__range=(days[0], days[-1])).exclude(purpose="")
    return {(row["day"], row["flow"]): row["total"] for row in counts.values("day", "flow").annotate(total=Sum("sent")) if row["total"]}


def _planned(store: Store, days: Sequence[date], zone: ZoneInfo) -> dict[tuple[date, int], int]:
    if not days:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_PLANNED, _given(store, days, zone, span=1))
        return {(days[number - 1], flow): count for number, flow, count in cursor.fetchall()}


def _weary(store: Store, weeks: Sequence[date], zone: ZoneInfo) -> dict[int, int]:
    """Return how many people get too much, by the number of the week."""
    with connection.cursor() as cursor:
        cursor.execute(_WEARY, {**_given(store, weeks, zone, span=7), "many": counting.MANY})
        return dict(cursor.fetchall())


def _given(store: Store, days: Sequence[date], zone: ZoneInfo, *, span: int) -> dict[str, Any]:
    return {
        "store": store.pk, "bounds": [_begin(day, zone) for day in days], "since": _begin(days[0], zone),
        "until": _begin(days[-1] + timedelta(days=span), zone), "unsure": sorted(timing.CONTINGENT),
    }  # fmt: skip


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return walltime.at_wall_time(datetime.combine(day, time(12), tzinfo=zone), days=0, wall=time(), zone=zone)


def _to_come(store: Store, days: Sequence[date], zone: ZoneInfo, *, now: datetime) -> list[tuple[date, Entry]]:
    """Return the campaigns that wait for their time, or whose draft names a day."""
    waiting = Campaign.objects.filter(store=store, state__in=[Campaign.State.SCHEDULED, Campaign.State.DRAFT])
    found = []
    for campaign in waiting.select_related("flow", "audience", "without").order_by("starts_at", "pk"):
        day = campaign.day if campaign.timing != Campaign.Timing.NOW else None
        if day is None and campaign.starts_at:
            day = campaign.starts_at.astimezone(zone).date()
        if day is not None and days[0] <= day <= days[-1]:
            reach = None
            if campaign.state == Campaign.State.SCHEDULED:
                reach = counting.reach(store, campaign.audience, campaign.without, around=_begin(day, zone) + timedelta(hours=12), now=now)
            found.append((day, Entry(campaign.name, campaign.flow.key, campaign=campaign, reach=reach)))
    return found
