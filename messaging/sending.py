"""Two-phase sending: no mail twice, none lost, and an outcome nobody knows is called that.

A batch is *claimed* under a lease that may expire without harm. Then, window by window, the last-moment gate and the mark
`sending` are one transaction, committed right before the socket. What is left in `sending` by a process that died becomes
`unknown`. Every later change asks for the claim's token, so a process that slept past its lease changes nothing.
"""

import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from customers import events
from messaging import permission, standing
from messaging.line import Line
from messaging.models import Message
from messaging.outcomes import Accepted, Failed, Outcome, Retry, Unknown
from messaging.reasons import Reason
from stores import clock, rows

State = Message.State
CLAIM_LEASE = timedelta(seconds=60)
MAIL_AT_WORST = timedelta(minutes=1)
WINDOW = {True: 1, False: 10}  # mails marked `sending` in one commit: so many may be unknown after a kill
RESULT_FIELDS = ["state", "reason", "detail", "attempts", "due_at", "sent_at", "provider_id", "claim", "lease_until"]


@dataclass(frozen=True)
class Refusal:
    """The gate's no: for good (the message is cancelled with the reason), or for now (the message is taken back and planned anew)."""

    reason: Reason
    is_final: bool = True


#: What a room above adds to the last-moment check: it gets the messages and what this room refuses of them (by id), and returns all
#: refusals. It runs in the transaction that commits `sending`.
Gate = Callable[[Sequence[Message], Mapping[int, Refusal], datetime], Mapping[int, Refusal]]


def drain(*, gate: Gate, is_urgent: bool, now: datetime, limit: int = 100) -> int:
    """Send what is due of one class; return how many messages were claimed."""
    claim = uuid.uuid4()
    ids = _claim(claim, is_urgent=is_urgent, now=now, limit=limit)
    with Line() as line:
        for start in range(0, len(ids), WINDOW[is_urgent]):
            admitted = _admit(ids[start : start + WINDOW[is_urgent]], claim, gate=gate)
            _mark([(message, line.send(message)) for message in admitted], claim)
    return len(ids)


def _claim(claim: uuid.UUID, *, is_urgent: bool, now: datetime, limit: int) -> list[int]:
    """Lease what is due, and return its ids in the order to send."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH due AS MATERIALIZED (SELECT id FROM messaging_message"
            " WHERE is_urgent = %s AND state IN ('queued', 'retry') AND due_at <= %s"
            " ORDER BY due_at, id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED)"
            " UPDATE messaging_message AS m SET state = 'claimed', claim = %s, lease_until = %s FROM due WHERE m.id = due.id"
            " RETURNING m.due_at, m.id",
            [is_urgent, now, limit, claim, now + CLAIM_LEASE],
        )
        return [pk for _, pk in sorted(cursor.fetchall())]


@transaction.atomic
def _admit(ids: Sequence[int], claim: uuid.UUID, *, gate: Gate) -> list[Message]:
    """Take one window of a claim through the gate and return who passed, marked as `sending`; what another process has taken stays out."""
    now = clock.read()
    held = Message.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids, claim=claim, state=State.CLAIMED)
    window = list(held.select_related("customer", "store").order_by("due_at", "id"))
    if not window:
        return []
    refusals = gate(window, _own_refusals(window, now), now)
    _refuse([(message, refusals[message.pk]) for message in window if message.pk in refusals], now=now)
    admitted = [message for message in window if message.pk not in refusals]
    answered_by = now + MAIL_AT_WORST * (len(admitted) + 1)  # after that, whoever sends them is taken for dead
    for message in admitted:
        message.state, message.lease_until, message.attempts = State.SENDING, answered_by, message.attempts + 1
    rows.update_many(admitted, ["state", "lease_until", "attempts"])
    return admitted


def _own_refusals(window: Sequence[Message], now: datetime) -> dict[int, Refusal]:
    """Return what this room itself checks: use-by, erasure, suppression, and permission for the purpose."""
    refusals = {}
    for store in {message.store for message in window}:
        mine = [message for message in window if message.store_id == store.pk]
        held = standing.standings([message.customer for message in mine], store)
        for message in mine:
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
    rows.update_many(final, ["state", "reason", "claim", "lease_until"])
    Message.objects.filter(pk__in=[message.pk for message, refusal in refused if not refusal.is_final]).delete()
    events.record_many([_told(message, events.Kind.MAIL_SKIPPED, now) for message in final], now=now)


@transaction.atomic
def _mark(sent: Sequence[tuple[Message, Outcome]], claim: uuid.UUID) -> None:
    """Write down what became of each message that is still ours."""
    if not sent:
        return
    now = clock.read()
    ours = set(
        Message.objects.select_for_update(no_key=True)
        .filter(pk__in=[message.pk for message, _ in sent], claim=claim, state=State.SENDING)
        .values_list("pk", flat=True)
    )
    told = []
    for message, outcome in sent:
        if message.pk in ours:
            kind = _apply(message, outcome, now=now)
            told += [_told(message, kind, now)] if kind else []
    rows.update_many([message for message, _ in sent if message.pk in ours], RESULT_FIELDS)
    events.record_many(told, now=now)


def _apply(message: Message, outcome: Outcome, *, now: datetime) -> str | None:
    """Put an outcome on a message; return the kind of event that tells it, if it is one to tell."""
    message.claim = message.lease_until = None
    match outcome:
        case Accepted(provider_id):
            message.state, message.sent_at, message.provider_id, message.detail = State.SENT, now, provider_id[:200], ""
            return events.Kind.MAIL_SENT
        case Retry(detail, after):
            message.state, message.detail = State.RETRY, detail
            message.due_at = now + timedelta(seconds=after if after is not None else _pause(message.attempts))
            return None
        case Failed(detail):
            message.state, message.detail = State.FAILED, detail
            return events.Kind.MAIL_BOUNCED
        case Unknown(detail):
            message.state, message.detail = State.UNKNOWN, detail
            return events.Kind.MAIL_UNKNOWN


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
