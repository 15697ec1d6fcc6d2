"""What keeps a store's name good with mailbox providers: it warns, and stops marketing by itself before they do (D15).

Google asks for less than 0.1 % complaints and punishes 0.3 %. Below a thousand mails one person alone would be over the first line, so
a store that sent fewer is judged as if it had sent a thousand: one complaint warns, three stop. Bounces are counted on the last 500.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from messaging.models import MarketingStop, Message, ProviderEvent, Purpose
from stores.models import Store, User

Kind = ProviderEvent.Kind
DAYS = 7
FEWEST = 1000
WARN_COMPLAINTS, STOP_COMPLAINTS = 0.001, 0.003
LAST = 500
STOP_BOUNCES = 0.05
_BULK = (Purpose.SERVICE, Purpose.MARKETING)


@dataclass(frozen=True)
class Figures:
    """How a store's help and marketing mail fared: of the last seven days, and `hard` of the last 500."""

    delivered: int
    complaints: int
    hard: int

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


def figures(store: Store, *, now: datetime) -> Figures:
    """Return how a store's bulk mail fared since it was last trusted again."""
    trusted = store.marketing_judged_since
    since = max(now - timedelta(days=DAYS), trusted) if trusted else now - timedelta(days=DAYS)
    sent = Message.objects.filter(store=store, purpose__in=_BULK, sent_at__gte=since)
    ledger = ProviderEvent.objects.filter(store=store, message__purpose__in=_BULK)
    return Figures(
        delivered=sent.count()
        - _mails(ledger.filter(kind__in=[Kind.HARD, Kind.INVALID, Kind.SOFT, Kind.BLOCK], message__sent_at__gte=since)),
        complaints=_mails(ledger.filter(kind=Kind.COMPLAINED, occurred_at__gte=since, message__sent_at__gte=since)),
        hard=_mails(_of_the_last(store, ledger.filter(kind__in=[Kind.HARD, Kind.INVALID]))),
    )


def _of_the_last(store: Store, bounced: QuerySet[ProviderEvent]) -> QuerySet[ProviderEvent]:
    """Return the bounces of the last 500 mails, also of those that were refused while sending, which have no time of sending."""
    sent = Message.objects.filter(store=store, purpose__in=_BULK, sent_at__isnull=False).order_by("-sent_at")
    first = sent.values_list("sent_at", flat=True)[LAST - 1 : LAST].first()
    for moment in filter(None, (first, store.marketing_judged_since)):
        bounced = bounced.filter(Q(message__sent_at__gte=moment) | Q(message__sent_at__isnull=True, occurred_at__gte=moment))
    return bounced


def _mails(events: QuerySet[ProviderEvent]) -> int:
    return events.order_by().values("message").distinct().count()


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
    turned_away = blocked(store, now=now)
    return f"{turned_away} mails of the last {DAYS} days were turned away for the shop’s sake, not their readers’." if turned_away else ""


def blocked(store: Store, *, now: datetime) -> int:
    """Return how many mails of the last seven days were turned away for the store's sake, not their recipient's."""
    return _mails(
        ProviderEvent.objects.filter(store=store, kind=Kind.BLOCK, message__isnull=False, occurred_at__gte=now - timedelta(days=DAYS))
    )
