"""The last-moment gate of flow mails: what may have changed between drawing a mail and sending it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from campaigns import decisions, enrollment, stops
from campaigns.decisions import Hold, Skip, Verdict
from campaigns.models import StepRun
from messaging.models import Message
from messaging.sending import Refusal
from stores import rows


def check(messages: Sequence[Message], refused: Mapping[int, Refusal], now: datetime) -> Mapping[int, Refusal]:
    """Return which of these mails must not go, those already `refused` among them, and put their steps where that leaves them.

    What ends a mail skips its step; what only delays it takes the mail back, and the step is held and drawn anew later. The conditions
    of a step were met when its mail was drawn, and are not asked again. The step of a mail that may be out already stays as it is.
    """
    refusals, stopped = dict(refused), {}
    doubtful = {message.pk for message in messages if message.doubtful_road}
    for message, (run, situation) in stops.of_messages([message.pk for message in messages], now=now).items():
        refusal = refusals[message].reason if message in refusals else None
        verdict = decisions.decide(replace(situation, refusal=refusal))
        if isinstance(verdict, Skip | Hold):
            refusals[message] = Refusal(verdict.reason, is_final=isinstance(verdict, Skip))
            if message not in doubtful:
                stopped[run] = verdict
    if stopped:
        _put_aside(stopped)
    return refusals


def _put_aside(stopped: Mapping[int, Verdict]) -> None:
    runs = list(StepRun.objects.filter(pk__in=stopped))
    for run in runs:
        match stopped[run.pk]:
            case Skip(reason):
                run.state, run.reason = StepRun.State.SKIPPED, reason
            case Hold(reason, until):
                run.state, run.reason, run.wake_at, run.message = StepRun.State.HELD, reason, until, None
    rows.update_many(runs, ["state", "reason", "wake_at", "message"])
    enrollment.finish(run.enrollment_id for run in runs if run.state == StepRun.State.SKIPPED)
