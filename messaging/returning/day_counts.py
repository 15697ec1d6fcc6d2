"""What became of each day's mails, counted once and kept: a page of three months reads some hundred rows instead of every mail.

A day is counted anew when something was said of one of its mails (`touch`), when more were sent, and once when it is over. A day is one of
the shop's clock. The kept counts outlive what they were counted from: who is erased leaves them as they are.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Q, Sum

from messaging.models import CountedDay, DayCount, Message
from messaging.returning.deliverability import OUTCOMES, Row
from stores import walltime
from stores.models import Store

#: The longest period of a page, and the week before its first day.
REACH = 96
#: A page waits for a count at most this old; the sweep comes about as often.
FRESH = timedelta(minutes=1)

_TOUCH = """
UPDATE messaging_countedday d SET is_stale = true FROM messaging_message m JOIN stores_store s ON s.id = m.store_id
WHERE m.id = ANY(%s) AND d.store_id = m.store_id AND NOT d.is_stale
    AND d.day = (coalesce(m.sent_at, m.due_at) AT TIME ZONE s.timezone)::date
"""


#: The conditions are those of `deliverability.OUTCOMES`; from the mails of one day to what was said of them is by far the shortest way.
_COUNT = """
WITH mails AS MATERIALIZED (
    SELECT id, lower(split_part(to_email, '@', -1)) AS domain, flow, step, purpose, sent_at IS NOT NULL AS is_sent,
        state = 'failed' AS has_failed, unsubscribed_at IS NOT NULL AS has_left
    FROM messaging_message WHERE store_id = %(store)s AND sent_at >= %(begin)s AND sent_at < %(end)s
    UNION ALL
    SELECT id, lower(split_part(to_email, '@', -1)), flow, step, purpose, false, true, unsubscribed_at IS NOT NULL
    FROM messaging_message WHERE store_id = %(store)s AND state = 'failed' AND sent_at IS NULL AND due_at >= %(begin)s AND due_at < %(end)s
), told AS (
    SELECT m.id, bool_or(e.kind = 'delivered') AS arrived, bool_or(e.kind IN ('hard', 'invalid', 'soft', 'block')) AS bounced,
        bool_or(e.kind = 'complained') AS complained, bool_or(e.kind = 'unsubscribed') AS has_left
    FROM mails m JOIN messaging_providerevent e ON e.message_id = m.id GROUP BY m.id
), clicked AS (
    SELECT DISTINCT m.id FROM mails m JOIN messaging_link l ON l.message_id = m.id
    JOIN messaging_click c ON c.link_id = l.id AND c.kind = 'human' AND c.at >= %(begin)s
)
INSERT INTO messaging_daycount
    (store_id, day, domain, flow, step, purpose, sent, delivered, bounced, complained, unsubscribed, clicked)
SELECT %(store)s, %(day)s, coalesce(domain, ''), coalesce(flow, ''), coalesce(step, ''), coalesce(purpose, ''),
    count(*) FILTER (WHERE is_sent), count(*) FILTER (WHERE arrived),
    count(*) FILTER (WHERE has_failed OR (bounced AND NOT arrived)), count(*) FILTER (WHERE complained),
    count(*) FILTER (WHERE m.has_left OR told.has_left), count(*) FILTER (WHERE clicked.id IS NOT NULL)
FROM mails m LEFT JOIN told USING (id) LEFT JOIN clicked USING (id)
GROUP BY GROUPING SETS ((domain), (flow, step, purpose))
"""


def touch(message_ids: Iterable[int]) -> None:
    """Have the days of these mails counted anew: something was said of them."""
    ids = list(message_ids)
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_TOUCH, [ids])


def catch_up(store: Store, *, now: datetime, days: int = REACH) -> None:
    """Count what is to be counted of a store's last days, but nothing that was counted a moment ago."""
    today = now.astimezone(ZoneInfo(store.timezone)).date()
    held = {each.day: each for each in CountedDay.objects.filter(store=store, day__gt=today - timedelta(days=days))}
    first = _first_day(store)
    for day in _back_from(today, days):
        found = held.get(day)
        if found is None:
            if first is not None and day >= first:
                count(store, day, now=now)
        elif found.zone != store.timezone or (found.counted_at <= now - FRESH and (found.is_stale or _is_behind(store, found, now))):
            count(store, day, now=now)


def sweep(*, now: datetime) -> None:
    """Catch up with every store."""
    for store in Store.objects.order_by("pk"):
        catch_up(store, now=now)


def _back_from(today: date, days: int) -> Iterator[date]:
    return (today - timedelta(days=back) for back in range(days))


def _first_day(store: Store) -> date | None:
    """Return the day of a store's first mail that was sent."""
    first = Message.objects.filter(store=store, sent_at__isnull=False).order_by("sent_at").values_list("sent_at", flat=True).first()
    failed = Message.objects.filter(store=store, state=Message.State.FAILED).order_by("id").values_list("due_at", flat=True).first()
    moments = [moment for moment in (first, failed) if moment]
    return min(moments).astimezone(ZoneInfo(store.timezone)).date() if moments else None


def _is_behind(store: Store, counted: CountedDay, now: datetime) -> bool:
    """Say whether a count was made before its day was over, and more may have been sent since."""
    begin, end = _bounds(store, counted.day)
    if counted.counted_at < end <= now:
        return True
    return counted.counted_at < end and Message.objects.filter(store=store, sent_at__gt=max(begin, counted.counted_at)).exists()


def _bounds(store: Store, day: date) -> tuple[datetime, datetime]:
    zone = ZoneInfo(store.timezone)
    noon = datetime.combine(day, time(12), zone)
    return tuple(walltime.at_wall_time(noon, days=ahead, wall=time(0), zone=zone) for ahead in (0, 1))  # type: ignore[return-value]


@transaction.atomic
def count(store: Store, day: date, *, now: datetime) -> None:
    """Count one day anew. What is said meanwhile marks it again, after us."""
    CountedDay.objects.bulk_create([CountedDay(store=store, day=day, counted_at=now, zone=store.timezone)], ignore_conflicts=True)
    held = CountedDay.objects.select_for_update().get(store=store, day=day)
    held.is_stale, held.counted_at, held.zone = False, now, store.timezone
    held.save(update_fields=["is_stale", "counted_at", "zone"])
    begin, end = _bounds(store, day)
    DayCount.objects.filter(store=store, day=day).delete()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"store": store.pk, "day": day, "begin": begin, "end": end})


def by_domain(store: Store, *, since: date) -> list[Row]:
    """Return the figures by domain, those with most mails first."""
    return _summed(store, since, ["domain"], Q(purpose=""))


def by_step(store: Store, *, since: date) -> list[Row]:
    """Return the figures by flow and step, those with most mails first."""
    return _summed(store, since, ["flow", "step"], ~Q(purpose=""))


def total(found: Collection[Row]) -> dict[str, int]:
    """Return the sums of figures."""
    return {name: sum(row.counts[name] for row in found) for name in OUTCOMES}


def _summed(store: Store, since: date, names: list[str], which: Q) -> list[Row]:
    held = DayCount.objects.filter(which, store=store, day__gte=since).order_by().values_list(*names)
    found = [
        Row(tuple(each[: len(names)]), dict(zip(OUTCOMES, each[len(names) :], strict=True)))
        for each in held.annotate(**{f"{name}_sum": Sum(name) for name in OUTCOMES})
    ]
    return sorted(found, key=lambda row: (-row.counts["sent"], row.key))


def complaints_by_day(store: Store, *, since: date) -> dict[date, tuple[int, int]]:
    """Return by day how many help and marketing mails went out, and how many of them were complained of."""
    bulk = DayCount.objects.filter(store=store, day__gte=since, purpose__in=["service", "marketing"])
    found = bulk.order_by().values_list("day").annotate(Sum("sent"), Sum("complained"))
    return {day: (sent, complained) for day, sent, complained in found}


def counted_at(store: Store, *, today: date) -> datetime | None:
    """Return how old the figures of today are."""
    return CountedDay.objects.filter(store=store, day=today).values_list("counted_at", flat=True).first()
