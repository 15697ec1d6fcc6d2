"""Codes of the steps that promise something, and what becomes of a step without one."""

from datetime import datetime, timedelta

from campaigns.decisions import Hold, Skip, Verdict
from campaigns.models import StepRun
from messaging.reasons import Reason
from offers import giving
from offers.allowance import Lack

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
