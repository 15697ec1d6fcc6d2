"""The line in which a campaign's mails wait. Only so many are called up at a time: whoever else has a mail due stands behind a few.

A planned run of a campaign has no `wake_at` and is nobody's business until it is called up; then it is decided like any other due step.
"""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from campaigns.models import Enrollment, StepRun
from campaigns.one_off import comparing, figures, freezing
from campaigns.one_off.models import Campaign
from messaging.models import Message
from messaging.reasons import Reason
from stores.failpoints import reach

State = Campaign.State
#: So many of a store's help and marketing mails may be due, or wait in the outbox, before the line moves on.
LINE = 2000
_CANCELLED_AT_ONCE = 5000


def sweep(*, now: datetime) -> int:
    """Move every campaign on whose time has come; return how many rows were moved."""
    due = Campaign.objects.filter(wake_at__lte=now).prefetch_related("flow__version", "store").order_by("wake_at", "pk")
    return sum(_move(campaign, now=now) for campaign in due)


def _move(campaign: Campaign, *, now: datetime) -> int:
    if campaign.state in (State.SCHEDULED, State.FREEZING):
        freezing.start(campaign, now=now)
        return 1
    if campaign.state == State.STOPPED:
        return _call_off(campaign, now=now)
    if campaign.state != State.SENDING:
        return int(bool(Campaign.objects.filter(pk=campaign.pk, state=campaign.state).update(wake_at=None)))
    if campaign.decides_at and campaign.winner_id is None and now >= campaign.decides_at:
        return _choose(campaign, decides_at=campaign.decides_at, now=now)
    return call_up(campaign, now=now) or _finish(campaign, now=now)


@transaction.atomic
def call_up(campaign: Campaign, *, now: datetime) -> int:
    """Call up the next of a campaign, as many as the line has room for; return how many. Others who call up at once take others.

    The campaign's row is locked for the moment: once it is paused nobody is called up any more.
    """
    going = Campaign.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=campaign.pk, state=State.SENDING)
    is_held = campaign.store.is_paused or campaign.store.marketing_paused_at is not None
    room = 0 if is_held else LINE - _in_line(campaign.store_id, now=now)
    if room <= 0 or not going.exists():
        return 0
    winner = campaign.winner or campaign.mail
    values: dict[str, Any] = {
        "steps": [step.pk for step in campaign.mails], "now": now, "room": room, "decides_at": campaign.decides_at,
        "winner": winner.pk, "winner_key": winner.key,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_CALL_UP, values)
        moved = int(cursor.rowcount)
    reach("in_line")
    return moved


#: The next are found once: without MATERIALIZED a plan that joins row by row would find others for each row.
_CALL_UP = """
WITH next AS MATERIALIZED (
    SELECT id FROM campaigns_steprun
    WHERE step_id = ANY(%(steps)s) AND state = 'planned' AND wake_at IS NULL AND due_at <= %(now)s
    ORDER BY due_at LIMIT %(room)s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE campaigns_steprun r SET wake_at = %(now)s,
    step_id = CASE WHEN r.due_at >= %(decides_at)s THEN %(winner)s ELSE r.step_id END,
    step_key = CASE WHEN r.due_at >= %(decides_at)s THEN %(winner_key)s ELSE r.step_key END
FROM next WHERE r.id = next.id
"""


def _in_line(store_id: int, *, now: datetime) -> int:
    """Return how many bulk mails of a store are due or wait in the outbox, counted to LINE at most."""
    runs = StepRun.objects.filter(is_urgent=False, store=store_id, state__in=[StepRun.State.PLANNED, StepRun.State.HELD], wake_at__lte=now)
    mails = Message.objects.filter(is_urgent=False, store=store_id, state=Message.State.QUEUED)
    return sum(found.order_by()[:LINE].count() for found in (runs, mails))


@transaction.atomic
def _choose(campaign: Campaign, *, decides_at: datetime, now: datetime) -> int:
    """Choose the better version by what people clicked so far: it goes to all who wait."""
    a, b = campaign.mails
    tried = figures.tried(campaign)
    verdict = comparing.judge(tried[a.key], tried[b.key])
    kept = {
        "winner": verdict.winner, "is_sure": verdict.is_sure, "at": now.isoformat(),
        "a": [tried[a.key].sent, tried[a.key].clicked], "b": [tried[b.key].sent, tried[b.key].clicked],
    }  # fmt: skip
    best = b if verdict.winner == "b" else a
    open_ones = Campaign.objects.filter(pk=campaign.pk, winner=None, state=State.SENDING)
    if not open_ones.update(winner=best, verdict=kept):
        return 0
    moved_by_hand = StepRun.objects.filter(
        step__in=[a, b], state__in=StepRun.OPEN, wake_at__isnull=False, enrollment__entered_at=decides_at
    )
    moved_by_hand.update(step=best, step_key=best.key)
    return 1


def _finish(campaign: Campaign, *, now: datetime) -> int:
    """Call a campaign sent once nothing of it is left to be decided or to leave."""
    waits = StepRun.objects.filter(step__in=campaign.mails, state__in=StepRun.OPEN).exists()
    leaves = Message.objects.filter(
        is_urgent=False, store=campaign.store_id, state__in=[Message.State.QUEUED, Message.State.RETRY], flow=campaign.flow.key
    )
    if waits or leaves.exists():
        return 0
    return Campaign.objects.filter(pk=campaign.pk, state=State.SENDING).update(state=State.DONE, finished_at=now, wake_at=None)


@transaction.atomic
def _call_off(campaign: Campaign, *, now: datetime) -> int:
    """Cancel what is left of a stopped campaign, some thousands at a time; return how many."""
    held = Campaign.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=campaign.pk, state=State.STOPPED, wake_at__lte=now)
    if not held.exists():
        return 0
    left = StepRun.objects.select_for_update(skip_locked=True, no_key=True).filter(step__in=campaign.mails, state__in=StepRun.OPEN)
    ids = list(left.values_list("pk", flat=True)[:_CANCELLED_AT_ONCE])
    if not ids:
        return held.update(finished_at=now, wake_at=None)
    runs = StepRun.objects.filter(pk__in=ids)
    runs.update(state=StepRun.State.CANCELLED, reason=Reason.CALLED_OFF, wake_at=None, decided_at=now)
    Enrollment.objects.filter(runs__in=ids).update(state=Enrollment.State.LEFT, left_reason=Reason.CALLED_OFF)
    return len(ids)


def next_due(*, now: datetime) -> datetime | None:
    """Return when a campaign next wants attention, for who walks through time."""
    moments = [
        *Campaign.objects.filter(state__in=[State.SCHEDULED, State.STOPPED], wake_at__gt=now).values_list("wake_at", flat=True),
        *Campaign.objects.filter(state=State.SENDING, decides_at__gt=now).values_list("decides_at", flat=True),
        *(
            StepRun.objects.filter(step__in=campaign.mails, state=StepRun.State.PLANNED, wake_at=None, due_at__gt=now)
            .order_by("due_at").values_list("due_at", flat=True).first()
            for campaign in Campaign.objects.filter(state=State.SENDING).select_related("flow__version")
        ),
    ]  # fmt: skip
    return min((moment for moment in moments if moment), default=None)
