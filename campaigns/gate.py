"""The last-moment gate of flow mails: what may have changed between drawing a mail and sending it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from campaigns import decisions, enrollment, situation
from campaigns.decisions import Hold, Skip
from campaigns.models import StepRun
from messaging.models import Message
from messaging.sending import Refusal
from stores import rows


def check(messages: Sequence[Message], refused: Mapping[int, Refusal], now: datetime) -> Mapping[int, Refusal]:
    """Return which of these mails must not go, those already `refused` among them, and put their steps where that leaves them.

    What ends a mail skips its step; what only delays it takes the mail back, and the step is held and drawn anew later.
    """
    refusals = dict(refused)
    stopped = []
    for run, facts in situation.at_the_gate(messages, refused, now=now):
        assert run.message_id is not None
        match decisions.decide(facts):
            case Skip(reason):
                run.state, run.reason = StepRun.State.SKIPPED, reason
                refusals[run.message_id] = Refusal(reason)
            case Hold(reason, until):
                run.state, run.reason, run.wake_at = StepRun.State.HELD, reason, until
                refusals[run.message_id] = Refusal(reason, is_final=False)
                run.message = None
            case _:
                continue
        stopped.append(run)
    rows.update_many(stopped, ["state", "reason", "wake_at", "message"])
    enrollment.finish(run.enrollment_id for run in stopped if run.state == StepRun.State.SKIPPED)
    return refusals
