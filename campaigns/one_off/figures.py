"""What became of a campaign: mails, people's clicks, what they bought after, and who had enough of it."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q

from campaigns.models import StepRun
from campaigns.one_off.comparing import Tried
from campaigns.one_off.models import Campaign
from messaging.models import Click, Message, ProviderEvent

#: An order counts for the mail that its customer clicked last, if that is no longer ago.
CREDIT_DAYS = 5
#: So many people's figures are counted while somebody waits for the page; more than these only by the sweep.
FEW = 5_000
#: Orders can come so long after the last mail, and clicks later still.
_LIVES = timedelta(days=30)

_BOUGHT = """
SELECT count(*), coalesce(sum(o.shop_total_minor - o.shop_refunded_minor), 0)
FROM orders_order o JOIN stores_store s ON s.id = o.store_id
CROSS JOIN LATERAL (
    SELECT m.flow FROM messaging_message m JOIN messaging_link l ON l.message_id = m.id JOIN messaging_click k ON k.link_id = l.id
    WHERE m.customer_id = o.customer_id AND k.kind = 'human' AND k.at <= o.placed_at AND k.at > o.placed_at - %(credit)s * interval '1 day'
    ORDER BY k.at DESC LIMIT 1
) last
WHERE o.store_id = %(store)s AND o.customer_id = ANY(%(people)s) AND o.placed_at >= %(since)s AND o.cancelled_at IS NULL AND NOT o.is_test
    AND o.shop_currency = s.currency AND last.flow = %(flow)s
"""


def tried(campaign: Campaign) -> dict[str, Tried]:
    """Return what each version came to so far, by its key."""
    sent = dict(_mails(campaign).values("step").annotate(number=Count("pk")).values_list("step", "number"))
    return {step.key: Tried(sent.get(step.key, 0), len(_clickers(campaign, step.key))) for step in campaign.mails}


def _mails(campaign: Campaign) -> Any:
    return Message.objects.filter(run__step__in=campaign.mails, state=Message.State.SENT).order_by()


def _clickers(campaign: Campaign, key: str = "") -> list[int]:
    """Return the customers who clicked in it themselves."""
    if campaign.frozen_at is None:
        return []
    clicks = Click.objects.filter(link__message__run__step__in=campaign.mails, kind=Click.Kind.HUMAN, at__gte=campaign.frozen_at)
    if key:
        clicks = clicks.filter(link__message__step=key)
    return list(clicks.order_by().values_list("link__message__customer_id", flat=True).distinct())


def count(campaign: Campaign, *, now: datetime) -> dict[str, Any]:
    """Count everything anew and keep it on the campaign; five queries."""
    people = _clickers(campaign)
    mails = _mails(campaign).aggregate(sent=Count("pk"), unsubscribed=Count("pk", filter=Q(unsubscribed_at__isnull=False)))
    told = ProviderEvent.objects.filter(message__run__step__in=campaign.mails)
    bad = told.aggregate(
        complained=Count("message", distinct=True, filter=Q(kind=ProviderEvent.Kind.COMPLAINED)),
        bounced=Count("message", distinct=True, filter=Q(kind__in=[ProviderEvent.Kind.HARD, ProviderEvent.Kind.INVALID])),
    )
    orders, revenue = _bought(campaign, people)
    found: dict[str, Any] = {**mails, **bad, "clicked": len(people), "orders": orders, "revenue_minor": revenue}
    campaign.figures = found
    campaign.counted_at = now
    campaign.save(update_fields=["figures", "counted_at"])
    return found


def _bought(campaign: Campaign, people: list[int]) -> tuple[int, int]:
    if not people:
        return 0, 0
    values: dict[str, Any] = {
        "credit": CREDIT_DAYS, "store": campaign.store_id, "people": people, "since": campaign.frozen_at, "flow": campaign.flow.key,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_BOUGHT, values)
        number, minor = cursor.fetchone()
        return int(number), int(minor)


def is_stale(campaign: Campaign, *, now: datetime) -> bool:
    """Say whether it is time to count again: each minute at first, more and more seldom later."""
    if campaign.frozen_at is None or (campaign.counted_at and campaign.counted_at > campaign.frozen_at + _LIVES):
        return False
    return campaign.counted_at is None or now - campaign.counted_at > timedelta(minutes=1) + (now - campaign.frozen_at) / 200


def refresh(*, now: datetime) -> int:
    """Count all that is stale; return how many."""
    alive = Campaign.objects.filter(frozen_at__gt=now - _LIVES).select_related("flow__version", "store")
    stale = [campaign for campaign in alive if is_stale(campaign, now=now)]
    for campaign in stale:
        count(campaign, now=now)
    return len(stale)


def standing(campaign: Campaign) -> dict[tuple[str, str], int]:
    """Return how many of its people stand at each state and reason, as they are now."""
    runs = StepRun.objects.filter(step__in=campaign.mails).order_by().values_list("state", "reason").annotate(number=Count("*"))
    return {(state, reason): number for state, reason, number in runs}
