"""What keeps a store's name good with mailbox providers: it warns, and stops marketing by itself before they do (D15).

Google asks for less than 0.1 % complaints and punishes 0.3 %. Below a thousand mails one person alone would be over the first line, so
a store that sent fewer is judged as if it had sent a thousand: one complaint warns, three stop. Bounces are counted on the last 500.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from messaging.models import MarketingStop
from stores.models import Store, User

DAYS = 7
FEWEST = 1000
WARN_COMPLAINTS, STOP_COMPLAINTS = 0.001, 0.003
LAST = 500
STOP_BOUNCES = 0.05


@dataclass(frozen=True)
class Figures:
    """How a store's help and marketing mail fared: of the last seven days, and `hard` of the last 500.

    `blocked` counts all mails that were turned away for the store's sake, not their recipient's.
    """

    delivered: int
    complaints: int
    hard: int
    blocked: int

    @property
    def complaint_rate(self) -> float:
        return self.complaints / max(self.delivered, FEWEST)

    @property
    def is_warning(self) -> bool:
        return self.complaint_rate >= WARN_COMPLAINTS

    @property
    def stops(self) -> str:
        """Return in words why marketing must stop; "" if it may go on."""
        if self.complaint_rate >= STOP_COMPLAINTS:
            return (
                f"{self.complaints} of {max(self.delivered, self.complaints):,} help and marketing mails of the last {DAYS} days were "
                f"marked as spam. From {STOP_COMPLAINTS:.1%} on, mailbox providers turn whole shops away."
            )
        if self.hard >= STOP_BOUNCES * LAST:
            return f"{self.hard} of the last {LAST} help and marketing mails bounced for good; the line is {STOP_BOUNCES:.0%}."
        return ""


_READ = """
WITH bulk AS MATERIALIZED (
    SELECT greatest(%(trusted)s::timestamptz, (
        SELECT sent_at FROM messaging_message WHERE store_id = %(store)s AND purpose IN ('service', 'marketing') AND sent_at IS NOT NULL
        ORDER BY sent_at DESC OFFSET %(last)s - 1 LIMIT 1)) AS last_since
), said AS (
    SELECT e.kind, e.message_id, e.occurred_at, m.sent_at, m.purpose <> 'transactional' AS is_bulk
    FROM bulk, messaging_providerevent e JOIN messaging_message m ON m.id = e.message_id
    WHERE e.store_id = %(store)s AND e.kind IN ('hard', 'invalid', 'soft', 'block', 'complained')
        AND e.occurred_at >= least(%(week)s, coalesce(last_since, '-infinity'))
)
SELECT
    (SELECT count(*) FROM messaging_message
        WHERE store_id = %(store)s AND purpose IN ('service', 'marketing') AND sent_at >= %(since)s),
    count(DISTINCT message_id) FILTER (WHERE is_bulk AND kind <> 'complained' AND sent_at >= %(since)s),
    count(DISTINCT message_id) FILTER (WHERE is_bulk AND kind = 'complained' AND sent_at >= %(since)s),
    count(DISTINCT message_id) FILTER (WHERE is_bulk AND kind IN ('hard', 'invalid')
        AND (last_since IS NULL OR coalesce(sent_at, occurred_at) >= last_since)),
    count(DISTINCT message_id) FILTER (WHERE kind = 'block' AND occurred_at >= %(week)s)
FROM bulk LEFT JOIN said ON true
"""


def figures(store: Store, *, now: datetime) -> Figures:
    """Return how a store's mail fared since it was last trusted again; one query, over what was complained of and bounced."""
    week, trusted = now - timedelta(days=DAYS), store.marketing_judged_since
    since = max(week, trusted) if trusted else week
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"store": store.pk, "trusted": trusted, "since": since, "week": week, "last": LAST})
        sent, bounced, complaints, hard, blocked = cursor.fetchone()
    return Figures(sent - bounced, complaints, hard, blocked)


def watch(store_id: int, *, now: datetime) -> None:
    """Stop a store's marketing if its figures ask for it; mails that wait are held, not lost."""
    store = Store.objects.get(pk=store_id)
    if store.marketing_paused_at is None and (why := figures(store, now=now).stops):
        stopped = Store.objects.filter(pk=store_id, marketing_paused_at__isnull=True)
        if stopped.update(marketing_paused_at=now, marketing_paused_why=why):
            MarketingStop.objects.create(store=store, at=now, why=why)


@transaction.atomic
def trust(store: Store, *, by: User, now: datetime) -> None:
    """Let marketing go on, and note who decided it: what was sent before now no longer counts."""
    open_stops = MarketingStop.objects.filter(store=store, ended_at__isnull=True)
    open_stops.update(ended_at=now, ended_by=by)
    store.marketing_paused_at, store.marketing_paused_why, store.marketing_judged_since = None, "", now
    store.save(update_fields=["marketing_paused_at", "marketing_paused_why", "marketing_judged_since"])


def alarm(store: Store, *, now: datetime) -> str:
    """Return what a person should look at before it gets worse; "" if nothing."""
    if store.marketing_paused_at:
        return ""
    found = figures(store, now=now)
    if found.is_warning:
        return f"{found.complaints} of {found.delivered:,} help and marketing mails of the last {DAYS} days were marked as spam."
    if found.blocked:
        return f"{found.blocked} mails of the last {DAYS} days were turned away for the shop’s sake, not their readers’."
    return ""
