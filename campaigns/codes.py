"""Codes of the steps that promise something: asked for ahead of time where the shop makes them, and what becomes of a step without one."""

from datetime import datetime, timedelta

from django.db.models import F

from campaigns.decisions import Hold, Skip, Verdict
from campaigns.models import StepRun
from messaging.reasons import Reason
from offers import giving, making
from offers.allowance import Lack
from offers.models import Offer

#: So long before a step is due its code is asked for: time enough for a shop that is away for an hour, or that makes few a second.
AHEAD = timedelta(hours=3)
#: A step without its code is looked at again after so long, had nobody said that it is there.
_LOOK_AGAIN = timedelta(minutes=10)
_REASONS = {Lack.EMPTY: Reason.NO_CODE, Lack.STACKED: Reason.STACKED, Lack.BUDGET: Reason.BUDGET}


def want(run: StepRun) -> giving.Want:
    """Return what a run asks of the offers."""
    assert run.step.offer
    return giving.Want(run.step.offer, run.customer_id, flow=run.enrollment.flow.key, step=run.step_key)


def verdict(lack: Lack, run: StepRun, *, now: datetime) -> Verdict:
    """Return what becomes of a run that got no code."""
    if lack == Lack.MAKING:
        return Hold(Reason.MAKING_CODE, min(run.use_by, now + _LOOK_AGAIN))
    return Skip(_REASONS[lack])


def ahead(*, now: datetime, limit: int = 200) -> int:
    """Begin the codes of what is due soon and has none yet; return how many."""
    soon = StepRun.objects.filter(state=StepRun.State.PLANNED, due_at__range=(now, now + AHEAD), step__offer__kind=Offer.Kind.MADE)
    has_one = StepRun.objects.filter(pk__in=soon, customer__codes__is_current=True, customer__codes__offer=F("step__offer"))
    runs = list(soon.exclude(pk__in=has_one).select_related("enrollment__flow", "step__offer__store").order_by("due_at", "pk")[:limit])
    return giving.reserve([want(run) for run in runs], at=[run.due_at for run in runs], now=now) if runs else 0


def wake(made: list[tuple[int, int]], *, now: datetime) -> int:
    """Look again at the steps that wait for one of these codes, by (offer, customer); return how many there are."""
    if not made:
        return 0
    offers, people = zip(*made, strict=True)
    waiting = StepRun.objects.filter(state=StepRun.State.HELD, reason=Reason.MAKING_CODE)
    return waiting.filter(step__offer__in=offers, customer__in=people).update(wake_at=now)


def keep(*, now: datetime) -> int:
    """Have the codes made that are wanted, and let what waited for them go on; return how many steps go on."""
    ahead(now=now)
    return wake(making.sweep(now=now), now=now)
