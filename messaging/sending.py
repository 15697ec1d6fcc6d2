"""Two-phase sending: no mail twice, none lost, and an outcome nobody knows is called that.

A batch is *claimed* under a lease that may expire without harm. Then, window by window, the last-moment gate and the mark
`sending` are one transaction, committed right before the socket; the same transaction writes down what became of the window before.
What is left in `sending` by a process that died becomes `unknown`. Every later change asks for the claim's token, so a process that
slept past its lease changes nothing.
"""

import random
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Greatest

from customers import events
from messaging import line, permission, standing
from messaging.mime import Mail, mail_of
from messaging.models import Message
from messaging.outcomes import Accepted, Failed, Outcome, Retry, Unknown
from messaging.reasons import Reason
from stores import clock, rows, turns
from stores.failpoints import reach

State = Message.State
CLAIM_LEASE = timedelta(seconds=60)
MAIL_AT_WORST = timedelta(minutes=1)
WINDOW = {True: 1, False: 10}  # mails marked `sending` in one commit: so many may be unknown after a kill
BATCH_SECONDS = 5.0  # a slow road must not keep a worker from urgent mail, nor its claim past the lease
WAITING = (State.QUEUED.value, State.RETRY.value)
RESULT_FIELDS = ("state", "detail", "attempts", "due_at", "sent_at", "provider_id", "claim", "lease_until")


@dataclass(frozen=True)
class Refusal:
    """The gate's no: for good (the message is cancelled with the reason), or for now (the message is taken back and planned anew)."""

    reason: Reason
    is_final: bool = True


#: What a room above adds to the last-moment check: it gets the messages and what this room refuses of them (by id), and returns all
#: refusals. It runs in the transaction that commits `sending`.
Gate = Callable[[Sequence[Message], Mapping[int, Refusal], datetime], Mapping[int, Refusal]]
Sent = list[tuple[Message, Outcome]]


def drain(*, gate: Gate, is_urgent: bool, now: datetime, limit: int = 100) -> int:
    """Send what is due of one class; return how many messages were claimed."""
    claim = uuid.uuid4()
    claimed = _claim(claim, is_urgent=is_urgent, now=now, limit=limit)
    reach("after_claim")
    ready, sent = _compose(claimed)
    end, road_is_down = monotonic() + BATCH_SECONDS, None
    for window in _windows([message for message in claimed if message.pk in ready], WINDOW[is_urgent]):
        if monotonic() > end or road_is_down:
            _give_back(claim, road_is_down, now=now)
            break
        admitted = _turn(sent, window, claim, gate=gate)
        sent = list(zip(admitted, line.send_all([ready[message.pk] for message in admitted]), strict=True))
        road_is_down = next((outcome for _, outcome in sent if isinstance(outcome, Retry) and outcome.is_road), None)
    reach("before_sent_commit")
    _turn(sent, [], claim, gate=gate)
    reach("after_sent_commit")
    return len(claimed)


@transaction.atomic
def _claim(claim: uuid.UUID, *, is_urgent: bool, now: datetime, limit: int) -> list[Message]:
    """Lease what is due, and return it in the order to send."""
    ids = turns.due(Message, when="due_at", states=WAITING, is_urgent=is_urgent, now=now, limit=limit)
    if not ids:
        return []
    Message.objects.filter(pk__in=ids).update(state=State.CLAIMED, claim=claim, lease_until=now + CLAIM_LEASE)
    place = {pk: number for number, pk in enumerate(ids)}
    return sorted(Message.objects.filter(pk__in=ids), key=lambda message: place[message.pk])


def _compose(messages: Sequence[Message]) -> tuple[dict[int, Mail], Sent]:
    """Return the mails by their messages' ids, and those that no road can carry with that as their outcome."""
    ready: dict[int, Mail] = {}
    unfit: Sent = []
    for message in messages:
        try:
            ready[message.pk] = mail_of(message)
        except ValueError as error:
            unfit.append((message, Failed(f"{error}"[:500])))
    return ready, unfit


def _windows(messages: Sequence[Message], size: int) -> Iterator[Sequence[Message]]:
    return (messages[start : start + size] for start in range(0, len(messages), size))


def _turn(sent: Sent, window: Sequence[Message], claim: uuid.UUID, *, gate: Gate) -> list[Message]:
    """Write down what became of the last window, and take the next through the gate; return who passed, marked as `sending`.

    A message at which the gate itself fails is given up alone: the others of its window go on.
    """
    admitted: list[Message] = []
    if sent or window:
        with transaction.atomic():
            now = clock.read()
            _mark(sent, claim, now=now)
            reach("before_sending")
            rows.in_halves(
                window,
                lambda batch: admitted.extend(_admit(batch, claim, gate=gate, now=now)),
                lambda message, error: _mark([(message, Failed(f"{type(error).__name__}: {error}"[:500]))], claim, now=now),
            )
        reach("after_sending_commit")
    return admitted


def _admit(window: Sequence[Message], claim: uuid.UUID, *, gate: Gate, now: datetime) -> list[Message]:
    """Mark a window as `sending` and take back what may not go; what another process has taken meanwhile stays out."""
    answered_by = now + MAIL_AT_WORST * (len(window) + 1)  # after that, whoever sends them is taken for dead
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE messaging_message SET state = 'sending', lease_until = %s, attempts = attempts + 1"
            " WHERE id = ANY(%s) AND claim = %s AND state = 'claimed' RETURNING id",
            [answered_by, [message.pk for message in window], claim],
        )
        ours = {pk for (pk,) in cursor.fetchall()}
    held = [message for message in window if message.pk in ours]
    refusals = gate(held, _own_refusals(held, now), now) if held else {}
    _refuse([(message, refusals[message.pk]) for message in held if message.pk in refusals], now=now)
    admitted = [message for message in held if message.pk not in refusals]
    for message in admitted:
        message.attempts += 1
    return admitted


def _own_refusals(window: Sequence[Message], now: datetime) -> dict[int, Refusal]:
    """Return what this room itself checks: use-by, erasure, suppression, and permission for the purpose."""
    held = standing.standings({message.customer_id for message in window}, lock=True)
    refusals = {}
    for message in window:
        reason = permission.refusal(message.purpose, held[message.customer_id])
        if reason is None and now >= message.use_by:
            reason = Reason.TOO_LATE
        if reason is not None:
            refusals[message.pk] = Refusal(reason)
    return refusals


def _refuse(refused: Sequence[tuple[Message, Refusal]], *, now: datetime) -> None:
    final = [message for message, refusal in refused if refusal.is_final]
    for message, refusal in refused:
        message.state, message.reason, message.claim, message.lease_until = State.CANCELLED, refusal.reason, None, None
    rows.update_many(final, ["state", "reason", "claim", "lease_until", "attempts"])
    taken_back = [message.pk for message, refusal in refused if not refusal.is_final]
    if taken_back:
        Message.objects.filter(pk__in=taken_back).delete()
    events.record_many([_told(message, events.Kind.MAIL_SKIPPED, now) for message in final], now=now)


def _mark(sent: Sent, claim: uuid.UUID, *, now: datetime) -> None:
    """Write down what became of each message that is still ours."""
    if not sent:
        return
    kinds = {message.pk: _apply(message, outcome, now=now) for message, outcome in sent}
    fresh = [{"id": message.pk, **{name: getattr(message, name) for name in RESULT_FIELDS}} for message, _ in sent]
    ours = rows.update(Message, fresh, only="held.claim = %s AND held.state IN ('claimed', 'sending')", values=[claim])
    events.record_many([_told(message, kind, now) for message, _ in sent if message.pk in ours and (kind := kinds[message.pk])], now=now)


def _apply(message: Message, outcome: Outcome, *, now: datetime) -> str | None:
    """Put an outcome on a message; return the kind of event that tells it, if it is one to tell."""
    message.claim = message.lease_until = None
    match outcome:
        case Accepted(provider_id):
            message.state, message.sent_at, message.provider_id, message.detail = State.SENT, now, provider_id[:200], ""
            return events.Kind.MAIL_SENT
        case Retry(detail, after, is_road):
            message.state, message.detail = State.RETRY, detail
            message.attempts -= is_road  # it was not about this mail
            message.due_at = now + timedelta(seconds=after if after is not None else _pause(message.attempts))
            return None
        case Failed(detail):
            message.state, message.detail = State.FAILED, detail
            return events.Kind.MAIL_BOUNCED
        case Unknown(detail):
            message.state, message.detail = State.UNKNOWN, detail
            return events.Kind.MAIL_UNKNOWN


def _give_back(claim: uuid.UUID, closed: Retry | None, *, now: datetime) -> None:
    """Free what was claimed and not tried: at once, or for later if the road is closed."""
    again_at = now + timedelta(seconds=closed.after if closed.after is not None else _pause(0)) if closed else now
    Message.objects.filter(claim=claim, state=State.CLAIMED).update(
        state=State.QUEUED, claim=None, lease_until=None, due_at=Greatest("due_at", Value(again_at))
    )


def _pause(attempts: int) -> float:
    """Return seconds until the next try: exponential, full jitter, at most an hour (AWS blog, "Exponential Backoff And Jitter")."""
    return random.uniform(1, min(3600, 15 * 2**attempts))


@transaction.atomic
def recover(*, now: datetime) -> int:
    """Free expired claims, and call what a dead process left in `sending` unknown; return how many rows moved."""
    freed = Message.objects.filter(state=State.CLAIMED, lease_until__lt=now).update(state=State.QUEUED, claim=None, lease_until=None)
    dead = list(Message.objects.select_for_update(skip_locked=True, no_key=True).filter(state=State.SENDING, lease_until__lt=now))
    for message in dead:
        _apply(message, Unknown("The sending process stopped before the answer came."), now=now)
    rows.update_many(dead, RESULT_FIELDS)
    events.record_many([_told(message, events.Kind.MAIL_UNKNOWN, now) for message in dead], now=now)
    return freed + len(dead)


def _told(message: Message, kind: str, now: datetime) -> events.NewEvent:
    data = {
        "message": message.pk, "subject": message.subject, "flow": message.flow, "step": message.step, "order": message.order_id,
        "detail": message.detail, "reason": message.reason, "words": Reason(message.reason).label if message.reason else "",
    }  # fmt: skip
    return events.NewEvent(message.store_id, message.customer_id, kind, now, f"{kind}:message:{message.pk}", data)
