"""What must hold whatever died (reliability F1), asked of the database and of the mail server's own book."""

from collections import Counter

from campaigns.models import StepRun
from messaging.models import Message

OVER = {"sent", "failed", "unknown", "cancelled"}


def broken(taken: Counter[str], *, most_unknown: int) -> list[str]:
    """Return which promises were broken, in words; none is what a test wants.

    I1 every step has ended in exactly one way · I2 no mail was taken twice · I3 what was taken and not marked is unknown · I4 what is
    marked as sent was taken · I6 nothing came from nowhere · I9 no more are unknown than faults can explain.
    """
    mails = list(Message.objects.values_list("token", "state", "dedupe_key"))
    states = {token: state for token, state, _ in mails}
    complaints = []
    if twice := [token for token, times in taken.items() if times > 1]:
        complaints.append(f"I2: {len(twice)} mails were taken more than once")
    if strangers := [token for token in taken if token not in states]:
        complaints.append(f"I6: {len(strangers)} mails were taken that no store sent")
    if again := [key for key, times in Counter(key for *_, key in mails).items() if times > 1]:
        complaints.append(f"S1: {again} exist more than once")
    if lost := [token for token, state in states.items() if state == "sent" and not taken[token]]:
        complaints.append(f"I4: {len(lost)} mails are marked as sent that nobody took")
    if unmarked := {states[token] for token in taken if token in states} - {"sent", "unknown"}:
        complaints.append(f"I3: mails were taken that are marked {sorted(unmarked)}")
    if open_mails := {state for state in states.values() if state not in OVER}:
        complaints.append(f"I1: mails are left in {sorted(open_mails)}")
    if (unknown := sum(state == "unknown" for state in states.values())) > most_unknown:
        complaints.append(f"I9: {unknown} are unknown, {most_unknown} could be")
    complaints += _of_steps()
    return complaints


def _of_steps() -> list[str]:
    """I1 of the steps: what was handed over has a mail, and nothing that was due is still open."""
    without = StepRun.objects.filter(state=StepRun.State.HANDED_OVER, message__isnull=True).count()
    return [f"I1: {without} steps were handed over and have no mail"] if without else []
