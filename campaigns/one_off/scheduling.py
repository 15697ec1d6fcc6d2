"""What people decide about a campaign: to schedule it, to take it back, to pause, to stop, and to think again."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from campaigns.models import Flow, StepRun
from campaigns.one_off import drafts, moments
from campaigns.one_off.models import Campaign
from messaging.reasons import Reason
from stores.models import Store, User

State = Campaign.State
Run = StepRun.State


class CannotSchedule(Exception):
    """Something is missing; `problems` say what, in words."""

    def __init__(self, problems: list[drafts.Problem]) -> None:
        super().__init__(" ".join(problem.words for problem in problems))
        self.problems = problems


class TooLate(Exception):
    """The campaign is no longer in a state in which this can be done."""


@transaction.atomic
def schedule(campaign: Campaign, *, by: User, now: datetime) -> None:
    """Let a draft go at its time, ten minutes from now at the earliest. Raises CannotSchedule, TooLate."""
    held = _held(campaign, State.DRAFT)
    if problems := [problem for problem in drafts.problems(held, now=now) if problem.is_grave]:
        raise CannotSchedule(problems)
    wish = wish_of(held)
    held.state, held.pressed_at, held.pressed_by = State.SCHEDULED, now, by
    held.starts_at = held.wake_at = moments.starts(wish, pressed_at=now)
    _keep(campaign, held, "state", "pressed_at", "pressed_by", "starts_at", "wake_at")


@transaction.atomic
def take_back(campaign: Campaign) -> None:
    """Make a draft of what is scheduled; nobody got anything. Raises TooLate once its people are being found."""
    held = _held(campaign, State.SCHEDULED)
    held.state, held.pressed_at, held.starts_at, held.wake_at, held.problem = State.DRAFT, None, None, None, ""
    _keep(campaign, held, "state", "pressed_at", "starts_at", "wake_at", "problem")


@transaction.atomic
def pause(campaign: Campaign) -> None:
    """Stop sending at once: what is in the line steps back, what waits in the outbox is taken back at the gate. Raises TooLate."""
    held = _held(campaign, State.FREEZING, State.SENDING)
    held.state = State.PAUSED
    _keep(campaign, held, "state")
    _hold_back(held)


@transaction.atomic
def resume(campaign: Campaign, *, now: datetime) -> None:
    """Go on where it was paused or, as long as that can be undone, stopped. Raises TooLate."""
    held = _held(campaign, State.PAUSED, State.STOPPED)
    if held.state == State.STOPPED and not may_go_on(held, now=now):
        raise TooLate
    held.state, held.wake_at, held.stopped_at = State.SENDING if held.frozen_at else State.FREEZING, now, None
    _keep(campaign, held, "state", "wake_at", "stopped_at")
    Flow.objects.filter(pk=held.flow_id).update(state=Flow.State.LIVE)
    waiting = StepRun.objects.filter(step__in=held.mails, state=Run.HELD, reason=Reason.PAUSED)
    waiting.exclude(facts__held_until__isnull=False).update(state=Run.PLANNED, reason="", wake_at=None)


@transaction.atomic
def stop(campaign: Campaign, *, now: datetime) -> None:
    """Send nothing more. Until second thoughts are over the rest only waits; then it is cancelled. Raises TooLate."""
    held = _held(campaign, State.FREEZING, State.SENDING, State.PAUSED)
    held.state, held.stopped_at, held.wake_at = State.STOPPED, now, now + moments.SECOND_THOUGHTS
    _keep(campaign, held, "state", "stopped_at", "wake_at")
    _hold_back(held)


def may_go_on(campaign: Campaign, *, now: datetime) -> bool:
    """Say whether a stop can still be undone."""
    return bool(
        campaign.state == State.STOPPED and campaign.finished_at is None
        and campaign.stopped_at and now < campaign.stopped_at + moments.SECOND_THOUGHTS
    )  # fmt: skip


def put_aside(*, now: datetime) -> None:
    """Stop, after a backup was put back, what had its time since: it may have gone already (S24)."""
    due = Campaign.objects.filter(state__in=[State.SCHEDULED, State.FREEZING], starts_at__lte=now)
    due.update(state=State.STOPPED, stopped_at=now, finished_at=now, wake_at=None, problem=Reason.RESTORED.label)


def wish_of(campaign: Campaign) -> moments.Wish:
    return moments.Wish(campaign.timing, campaign.zone, campaign.day, campaign.wall)


def _hold_back(campaign: Campaign) -> None:
    """Pause the flow, which the gate asks about, and have the mails in the line step out of it."""
    Flow.objects.filter(pk=campaign.flow_id).update(state=Flow.State.PAUSED)
    in_line = StepRun.objects.filter(store=campaign.store_id, is_urgent=False, state=Run.PLANNED, wake_at__isnull=False)
    in_line.filter(step__in=campaign.mails).update(state=Run.HELD, reason=Reason.PAUSED, wake_at=F("use_by"))


def _held(campaign: Campaign, *states: str) -> Campaign:
    """Return the campaign as it is now, locked; raise TooLate unless it is in one of these states."""
    held = Campaign.objects.select_for_update(of=("self",), no_key=True).select_related("flow__version", "store").get(pk=campaign.pk)
    if held.state not in states:
        raise TooLate
    return held


def _keep(campaign: Campaign, held: Campaign, *fields: str) -> None:
    """Save what was decided, and show it on the caller's copy."""
    held.save(update_fields=fields)
    for name in fields:
        setattr(campaign, name, getattr(held, name))


def of_store(store: Store) -> QuerySet[Campaign]:
    """Return a store's campaigns with what their pages read."""
    return Campaign.objects.filter(store=store).select_related("flow__version", "audience", "without", "winner", "store")
