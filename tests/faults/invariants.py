"""What must hold whatever died (reliability F1), asked of the database and of the mail server's own book."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from django.db.models import Exists, F, OuterRef

from campaigns.models import StepRun
from messaging.models import Message
from orders.models import Order

OVER = {"sent", "failed", "unknown", "cancelled"}


def broken(taken: Counter[str], *, most_unknown: int) -> list[str]:
    """Return which promises were broken, in words; none is what a test wants.

    I1 every step has ended in exactly one way · I2 no mail was taken twice · I3 what was taken and not marked is unknown · I4 what is
    marked as sent was taken · I6 nothing came from nowhere · I7 nothing went after its use-by · I9 no more are unknown than faults can
    explain.
    """
    mails = list(Message.objects.values_list("token", "state", "dedupe_key", "store_id"))
    states = {token: state for token, state, *_ in mails}
    return [*_of_books(taken, states), *_of_rows([(store, key) for *_, key, store in mails], states, most_unknown), *_of_steps()]


def _of_books(taken: Counter[str], states: Mapping[str, str]) -> list[str]:
    """Compare what was taken with what is marked."""
    complaints = []
    if twice := [token for token, times in taken.items() if times > 1]:
        complaints.append(f"I2: {len(twice)} mails were taken more than once")
    if strangers := [token for token in taken if token not in states]:
        complaints.append(f"I6: {len(strangers)} mails were taken that no store sent")
    if lost := [token for token, state in states.items() if state == "sent" and not taken[token]]:
        complaints.append(f"I4: {len(lost)} mails are marked as sent that nobody took")
    if unmarked := {states[token] for token in taken if token in states} - {"sent", "unknown"}:
        complaints.append(f"I3: mails were taken that are marked {sorted(unmarked)}")
    return complaints


def _of_rows(keys: Sequence[tuple[int, str]], states: Mapping[str, str], most_unknown: int) -> list[str]:
    """Ask the mails themselves."""
    complaints = []
    if again := [key for key, times in Counter(keys).items() if times > 1]:
        complaints.append(f"S1: {again} exist more than once")
    if open_mails := {state for state in states.values() if state not in OVER}:
        complaints.append(f"I1: mails are left in {sorted(open_mails)}")
    if late := Message.objects.filter(sent_at__gt=F("use_by")).count():
        complaints.append(f"I7: {late} mails went after their use-by")
    if (unknown := sum(state == "unknown" for state in states.values())) > most_unknown:
        complaints.append(f"I9: {unknown} are unknown, {most_unknown} could be")
    return complaints


def _of_steps() -> list[str]:
    """I1 of the steps: what was handed over has a mail, and nothing that was due is still open."""
    without = StepRun.objects.filter(state=StepRun.State.HANDED_OVER, message__isnull=True).count()
    return [f"I1: {without} steps were handed over and have no mail"] if without else []


def against_their_will(taken: Counter[str], allowed: Mapping[int, Collection[str]]) -> list[str]:
    """I5: to whom had objected only that went which was on its way when their word was written down."""
    theirs = Message.objects.filter(customer__in=allowed).values_list("token", "customer_id")
    wrong = [token for token, person in theirs if taken[token] and token not in allowed[person]]
    return [f"I5: {len(wrong)} mails went to people who had objected"] if wrong else []


def unconfirmed(addresses: Collection[str]) -> list[str]:
    """I1 from the door on: an order whose delivery was answered has its confirmation."""
    mail = Message.objects.filter(order=OuterRef("pk"), step="confirmation")
    confirmed = set(Order.objects.filter(Exists(mail), email__in=addresses).values_list("email", flat=True))
    missing = set(addresses) - confirmed
    return [f"I1: {len(missing)} orders were taken in and have no confirmation"] if missing else []


def unsettled(told: Collection[str]) -> list[str]:
    """S8: what a provider says it delivered is sent."""
    others = Message.objects.filter(token__in=told).exclude(state=Message.State.SENT)
    found = Counter(others.values_list("state", flat=True))
    return [f"S8: mails that a provider delivered are marked {dict(found)}"] if found else []
