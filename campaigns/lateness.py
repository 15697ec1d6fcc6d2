"""How far behind sending is, and how long its parts take: the figures of the health check and the status page."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from campaigns import steps
from campaigns.models import StepRun
from integrations.models import InboxItem
from messaging import sending
from messaging.models import Message
from stores import turns

HOUR = timedelta(hours=1)
NEWEST = 5_000


@dataclass(frozen=True)
class Spread:
    """How long something took in the last hour (its newest 5,000): how often, median and 95th percentile in seconds; None of nothing."""

    count: int
    p50: float | None
    p95: float | None


def behind(*, now: datetime) -> timedelta:
    """Return how long the oldest thing that is due has been waiting: a step, a mail, or news of a shop."""
    oldest = [
        *(turns.oldest(StepRun, when="wake_at", states=steps.DUE, is_urgent=is_urgent) for is_urgent in (True, False)),
        *(turns.oldest(Message, when="due_at", states=sending.WAITING, is_urgent=is_urgent) for is_urgent in (True, False)),
        InboxItem.objects.filter(state=InboxItem.State.RECEIVED).order_by("id").values_list("received_at", flat=True).first(),
    ]
    return max((now - moment for moment in oldest if moment and moment <= now), default=timedelta(0))


def due_to_accepted(*, now: datetime) -> Spread:
    """Return how long mails took from their due time until the next hop had them."""
    return _spread("messaging_message", "sent_at - due_at", "state = 'sent' AND sent_at > %s", now=now)


def arrived_to_read(*, now: datetime) -> Spread:
    """Return how long news of the shops took from its arrival until it was acted on."""
    return _spread("integrations_inboxitem", "done_at - received_at", "done_at > %s", now=now)


def _spread(table: str, span: str, which: str, *, now: datetime) -> Spread:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds), percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds)"
            f" FROM (SELECT extract(epoch FROM {span}) AS seconds FROM (SELECT * FROM {table} ORDER BY id DESC LIMIT %s) AS newest"
            f" WHERE {which}) AS spans",
            [NEWEST, now - HOUR],
        )
        return Spread(*cursor.fetchone())
