"""Switching flows and their steps on and off."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from campaigns.models import Flow, StepRun, StepSwitch
from messaging import imprint
from messaging.models import Purpose
from messaging.reasons import Reason
from messaging.returning import guard_rails
from stores.models import Store, User

State = StepRun.State


class CannotActivate(Exception):
    """Something is missing without which no mail can be sent; the text says what to do."""


@transaction.atomic
def activate(flow: Flow, *, now: datetime, shop_sends: frozenset[str] | None = None) -> None:
    """Make a flow live: switch it on, resume it, or let a watching one send for real. Raises CannotActivate.

    `shop_sends`: keys of steps the shop keeps sending itself; None leaves the answers as they are. Past orders get nothing: only orders
    that come in from now on enter. Whoever is in it goes on from their next step; what was only watched is not sent.
    """
    if not flow.store.sender_email:
        raise CannotActivate("Enter the address your mails come from (Settings), then activate.")
    flow.activated_at = flow.activated_at or now
    _run(flow, Flow.State.LIVE, shop_sends, now=now)


@transaction.atomic
def watch(flow: Flow, *, now: datetime, shop_sends: frozenset[str] | None = None) -> None:
    """Let a flow run and send nothing: orders enter, steps are decided, and what would have gone is written down. Raises CannotActivate.

    Of a live flow, mails that wait to be sent go no more.
    """
    _run(flow, Flow.State.WATCHING, shop_sends, now=now)


def _run(flow: Flow, state: str, shop_sends: frozenset[str] | None, *, now: datetime) -> None:
    if flow.version is None or not flow.version.active_steps():
        raise CannotActivate("This flow has no steps yet.")
    if any(step.purpose == Purpose.MARKETING for step in flow.version.active_steps()) and (lacks := imprint.lacking(flow.store)):
        raise CannotActivate(f"This flow sells, and the law wants {' and '.join(lacks)}. Enter it under Settings, then activate.")
    for step in flow.version.steps.filter(may_be_the_shops=True) if shop_sends is not None else ():
        choice = StepSwitch.Choice.SHOP if step.key in (shop_sends or ()) else StepSwitch.Choice.OURS
        StepSwitch.objects.update_or_create(flow=flow, step_key=step.key, defaults={"choice": choice, "store_id": flow.store_id})
    flow.version.published_at = flow.version.published_at or now
    flow.version.save(update_fields=["published_at"])
    flow.state = state
    flow.save(update_fields=["state", "activated_at"])
    _release(StepRun.objects.filter(enrollment__flow=flow))


def hold_out(flow: Flow, *, percent: int) -> None:
    """Withhold what a flow sells from so many of a hundred people who enter from now on; who is in it stays as the lot fell."""
    flow.holdout_percent = percent
    flow.save(update_fields=["holdout_percent"])


@transaction.atomic
def pause(flow: Flow, *, now: datetime) -> None:
    """Stop a flow at once: what is planned waits for its use-by at most, and new orders still enter."""
    flow.state = Flow.State.PAUSED
    flow.save(update_fields=["state"])
    _hold(StepRun.objects.filter(enrollment__flow=flow))


@transaction.atomic
def switch_step(flow: Flow, step_key: str, choice: str, *, now: datetime) -> None:
    """Say who sends a step, or pause it."""
    StepSwitch.objects.update_or_create(flow=flow, step_key=step_key, defaults={"choice": choice, "store_id": flow.store_id})
    runs = StepRun.objects.filter(enrollment__flow=flow, step_key=step_key)
    if choice == StepSwitch.Choice.PAUSED:
        _hold(runs)
    else:
        _release(runs)


@transaction.atomic
def pause_store(store: Store) -> None:
    """Stop every mail of a store."""
    Store.objects.filter(pk=store.pk).update(is_paused=True)
    store.is_paused = True
    _hold(StepRun.objects.filter(store=store))


@transaction.atomic
def resume_store(store: Store) -> None:
    Store.objects.filter(pk=store.pk).update(is_paused=False)
    store.is_paused = False
    _release(StepRun.objects.filter(store=store))


@transaction.atomic
def trust_marketing(store: Store, *, by: User, now: datetime) -> None:
    """Let the marketing go on that the guard rails stopped; what was sent before now no longer counts against it."""
    guard_rails.trust(store, by=by, now=now)
    _release(StepRun.objects.filter(store=store))


def look_again(store: Store) -> None:
    """Plan again what the store's rules hold, because they have changed; what still may not go is held again when it is looked at."""
    _release(StepRun.objects.filter(store=store), for_reasons=(Reason.CAP, Reason.QUIET_HOURS))


def _hold(runs: QuerySet[StepRun]) -> None:
    called_up = runs.filter(state=State.PLANNED, wake_at__isnull=False)  # who stands in the line of a campaign waits there
    called_up.update(state=State.HELD, reason=Reason.PAUSED, wake_at=F("use_by"))


def _release(runs: QuerySet[StepRun], *, for_reasons: tuple[Reason, ...] = (Reason.PAUSED,)) -> None:
    """Plan again what a pause held; a person's own hold stays. What is still paused elsewhere is held again when due."""
    held = runs.filter(state=State.HELD, reason__in=for_reasons).exclude(reason=Reason.PAUSED, facts__held_until__isnull=False)
    held.update(state=State.PLANNED, reason="", wake_at=F("due_at"))
