"""Two-phase sending: no mail twice, none lost, and an outcome nobody knows is called that.

A batch is *claimed* under a lease that may expire without harm. Then, window by window, the last-moment gate and the mark
`sending` are one transaction, committed right before the socket; the same transaction writes down what became of the window before.
What is left in `sending` by a process that died becomes `unknown`. Every later change asks for the claim's token, so a process that
slept past its lease changes nothing.
"""

import random
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from customers import events
from messaging import attempts, permission, standing
from messaging.models import Account, Message
from messaging.outcomes import Accepted, Failed, Outcome, Retry, Unknown
from messaging.reasons import Reason
from messaging.returning import coming_back, suppressions
from messaging.roads import accounts, line, pacing
from messaging.roads.mime import Mail, mail_of
from stores import clock, rows, turns
from stores.failpoints import reach

State = Message.State
CLAIM_LEASE = timedelta(seconds=60)
MAIL_AT_WORST = timedelta(minutes=1)
WINDOW = {True: 1, False: 10}  # mails marked `sending` in one commit: so many may be unknown after a kill
BATCH_SECONDS = 5.0  # a slow road must not keep a worker from urgent mail, nor its claim past the lease
WAITING = (State.QUEUED.value, State.RETRY.value)
RESULT_FIELDS = ("state", "detail", "attempts", "doubtful_road", "due_at", "use_by", "sent_at", "provider_id", "claim", "lease_until")
STANDSTILL_SECONDS = 30  # a worker that stopped in the middle of a mark keeps its customers' rows from everybody else
REPEAT_WITHIN = 60.0  # seconds until a mail without an answer is repeated where that is safe


@dataclass(frozen=True)
class Refusal:
    """The gate's no: for good (the message is cancelled with the reason), or for now (the message is taken back and planned anew)."""

    reason: Reason
    is_final: bool = True


#: What a room above adds to the last-moment check: it gets the messages and what this room refuses of them (by id), and returns all
#: refusals. It runs in the transaction that commits `sending`. A refused mail with a `doubtful_road` may be out: it ends as unknown.
Gate = Callable[[Sequence[Message], Mapping[int, Refusal], datetime], Mapping[int, Refusal]]


def drain(*, gate: Gate, is_urgent: bool, now: datetime, limit: int = 100) -> int:
    """Send what is due of one class; return how many messages were claimed."""
    batch = _Batch(gate, WINDOW[is_urgent])
    with transaction.atomic():
        ids = turns.due(Message, when="due_at", states=WAITING, is_urgent=is_urgent, now=now, limit=limit)
        claimed = pacing.admit(batch.claim(ids, now=now), now=now)
    reach("after_claim")
    if not claimed:
        return len(ids)
    try:
        for account, mails in batch.roads(claimed):
            batch.send(account, mails)
    finally:
        batch.turn([])  # whatever went wrong: what became of mails that are out is written down
    batch.give_back()
    return len(ids)


class _Batch:
    """One claim on its way: its fencing token, and what became of the window that was sent last and is not written down yet."""

    def __init__(self, gate: Gate, window: int) -> None:
        self.gate, self.window, self.token, self.end = gate, window, uuid.uuid4(), monotonic() + BATCH_SECONDS
        self.sent: list[tuple[Message, Outcome]] = []

    def claim(self, ids: Sequence[int], *, now: datetime) -> list[Message]:
        """Lease these messages, and return them in their order."""
        if not ids:
            return []
        Message.objects.filter(pk__in=ids).update(state=State.CLAIMED, claim=self.token, lease_until=now + CLAIM_LEASE)
        place = {pk: number for number, pk in enumerate(ids)}
        return sorted(Message.objects.filter(pk__in=ids), key=lambda message: place[message.pk])

    def roads(self, claimed: Sequence[Message]) -> Iterable[tuple[Account | None, list[tuple[Message, Mail]]]]:
        """Return the mails by the road they take; what no road can carry has failed."""
        held = accounts.accounts_of({message.store_id for message in claimed})
        found: dict[int | None, tuple[Account | None, list[tuple[Message, Mail]]]] = {}
        for message in claimed:
            account = accounts.pick(held, store_id=message.store_id, purpose=message.purpose)
            message.road = attempts.road_of(account)
            if message.doubtful_road and (account is None or account.pk != message.doubtful_road or not accounts.honours_keys(account)):
                self.sent.append((message, Unknown("A try was never answered, and its mail account is another now.")))
                continue
            try:
                mail = mail_of(message, account)
            except ValueError as error:
                self.sent.append((message, _settled(message, Failed(f"{error}"[:500]), account)))
            else:
                found.setdefault(account.pk if account else None, (account, []))[1].append((message, mail))
        return found.values()

    def send(self, account: Account | None, mails: Sequence[tuple[Message, Mail]]) -> None:
        """Send mails over one road, window by window, until time is up or the road is closed."""
        for start in range(0, len(mails), self.window):
            if monotonic() > self.end:
                return
            ready = dict(mails[start : start + self.window])
            admitted = self.turn([*ready])
            outcomes = line.send_all(account, [ready[message] for message in admitted])
            self.sent = [(message, _settled(message, outcome, account)) for message, outcome in zip(admitted, outcomes, strict=True)]
            closed = next((outcome for outcome in outcomes if isinstance(outcome, Retry) and outcome.is_road), None)
            for message, outcome in self.sent:
                message.attempts -= isinstance(outcome, Retry) and outcome.is_road  # it was not about this mail
            if outcomes and account:
                accounts.note(account, closed.detail if closed else "")
            if closed:
                self.give_back([message.pk for message, _ in mails[start:]], after=_seconds(closed, 0))
                return

    def turn(self, window: Sequence[Message]) -> list[Message]:
        """Write down what became of the last window, and take the next through the gate; return who passed, marked as `sending`.

        A message at which the gate itself fails is given up alone: the others of its window go on.
        """
        sent, self.sent = self.sent, []
        if not sent and not window:
            return []
        reach("before_sent_commit")
        try:
            admitted = self._turn(sent, window)
        except (InterfaceError, OperationalError):
            if sent and not connection.in_atomic_block:
                connection.close()
                self._turn(sent, [])  # these mails are out: a new line to the database, so that it is not forgotten with the old one
            raise
        reach("after_sending_commit" if window else "after_sent_commit")
        return admitted

    @transaction.atomic
    def _turn(self, sent: Sequence[tuple[Message, Outcome]], window: Sequence[Message]) -> list[Message]:
        admitted: list[Message] = []
        now = _begin()
        _mark(sent, self.token, now=now)
        rows.in_halves(
            window,
            lambda batch: admitted.extend(self._admit(batch, now=now)),
            lambda message, error: _mark([(message, _settled(message, _of_ours(error), None))], self.token, now=now),
        )
        reach("before_sending")
        return admitted

    def _admit(self, window: Sequence[Message], *, now: datetime) -> list[Message]:
        """Mark a window as `sending` and take back what may not go; what another process has taken meanwhile stays out."""
        answered_by = now + MAIL_AT_WORST * (len(window) + 1)  # after that, whoever sends them is taken for dead
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE messaging_message SET state = 'sending', lease_until = %s, attempts = attempts + 1"
                " WHERE id = ANY(%s) AND claim = %s AND state = 'claimed' RETURNING id",
                [answered_by, [message.pk for message in window], self.token],
            )
            ours = {pk for (pk,) in cursor.fetchall()}
        held = [message for message in window if message.pk in ours]
        refusals = self.gate(held, _own_refusals(held, now), now) if held else {}
        refused = [(message, refusals[message.pk]) for message in held if message.pk in refusals]
        _refuse([(message, refusal) for message, refusal in refused if not message.doubtful_road], now=now)
        _mark([(message, _given_up(refusal)) for message, refusal in refused if message.doubtful_road], self.token, now=now)
        admitted = [message for message in held if message.pk not in refusals]
        for message in admitted:
            message.attempts += 1
        return admitted

    def give_back(self, ids: Sequence[int] | None = None, *, after: float = 0) -> None:
        """Free what is still only claimed, of some messages or of all, to be tried again `after` seconds."""
        held = Message.objects.filter(claim=self.token, state=State.CLAIMED)
        again_at = clock.read() + timedelta(seconds=after)
        (held if ids is None else held.filter(pk__in=ids)).update(
            state=State.QUEUED, claim=None, lease_until=None, due_at=Greatest("due_at", Value(again_at)) if after else F("due_at")
        )


def _begin() -> datetime:
    """Return this moment, at the beginning of a transaction that holds customers.

    Whoever stands still in it is put out by the database, and its end is on disk before the socket whatever the server's own way is (S22).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {clock.EXPRESSION}, set_config('idle_in_transaction_session_timeout', %s, true),"
            " set_config('synchronous_commit', 'on', true)",
            [f"{STANDSTILL_SECONDS}s"],
        )
        moment: datetime = cursor.fetchone()[0]
    return moment.astimezone(UTC)


def _own_refusals(window: Sequence[Message], now: datetime) -> dict[int, Refusal]:
    """Return what this room itself checks: use-by, erasure, suppression, and permission for the purpose."""
    held = standing.standings({message.customer_id for message in window}, lock=True)
    suppressions.learn([pk for pk, found in held.items() if found.is_invalid and not found.is_suppressed], now=now)
    refusals = {}
    for message in window:
        reason = permission.refusal(message.purpose, held[message.customer_id])
        if reason is None and held[message.customer_id].is_invalid:
            reason = Reason.SUPPRESSED
        if reason is None and now >= message.use_by:
            reason = Reason.TOO_LATE
        if reason is not None:
            refusals[message.pk] = Refusal(reason)
    return refusals


def _of_ours(error: Exception) -> Failed:
    return Failed(f"{type(error).__name__}: {error}"[:500])


def _given_up(refusal: Refusal) -> Unknown:
    return Unknown(f"A try was never answered, and it may not be repeated: {refusal.reason.label}.")


def _refuse(refused: Sequence[tuple[Message, Refusal]], *, now: datetime) -> None:
    final = [message for message, refusal in refused if refusal.is_final]
    for message, refusal in refused:
        message.state, message.reason, message.claim, message.lease_until = State.CANCELLED, refusal.reason, None, None
    rows.update_many(final, ["state", "reason", "claim", "lease_until", "attempts"])
    taken_back = [message.pk for message, refusal in refused if not refusal.is_final]
    if taken_back:
        Message.objects.filter(pk__in=taken_back).delete()
    events.record_many([_told(message, events.Kind.MAIL_SKIPPED, now) for message in final], now=now)


def _mark(sent: Sequence[tuple[Message, Outcome]], claim: uuid.UUID, *, now: datetime) -> None:
    """Write down what became of each message that is still ours."""
    if not sent:
        return
    kinds = {message.pk: _apply(message, outcome, now=now) for message, outcome in sent}
    fresh = [{"id": message.pk, **{name: getattr(message, name) for name in RESULT_FIELDS}} for message, _ in sent]
    ours = rows.update(Message, fresh, only="held.claim = %s AND held.state IN ('claimed', 'sending')", values=[claim])
    events.record_many([_told(message, kind, now) for message, _ in sent if message.pk in ours and (kind := kinds[message.pk])], now=now)
    attempts.note([(message, outcome) for message, outcome in sent if message.pk in ours], now=now)
    refused = [(message, outcome.detail) for message, outcome in sent if isinstance(outcome, Failed) and outcome.is_reply]
    coming_back.note_refusals([(message, reply) for message, reply in refused if message.pk in ours], now=now)


def _apply(message: Message, outcome: Outcome, *, now: datetime) -> str | None:
    """Put an outcome on a message; return the kind of event that tells it, if it is one to tell."""
    message.claim = message.lease_until = None
    match outcome:
        case Accepted(provider_id):
            message.state, message.sent_at, message.provider_id, message.detail = State.SENT, now, provider_id[:200], ""
            return events.Kind.MAIL_SENT
        case Retry(detail):
            message.state, message.detail = State.RETRY, detail
            message.due_at = now + timedelta(seconds=_seconds(outcome, message.attempts))
            return None
        case Failed(detail):
            message.state, message.detail = State.FAILED, detail
            return events.Kind.MAIL_BOUNCED
        case Unknown(detail):
            message.state, message.detail = State.UNKNOWN, detail
            return events.Kind.MAIL_UNKNOWN


def _settled(message: Message, outcome: Outcome, account: Account | None) -> Outcome:
    """Return an outcome as this road has it: where a repeat under its key goes only once (S7), no answer is a reason to ask again.

    From then on no refusal can say that it was not sent.
    """
    if message.doubtful_road and isinstance(outcome, Failed):
        return Unknown(f"A try was never answered; its repeat was refused: {outcome.detail}"[:500])
    window = accounts.honours_keys(account)
    if account is None or not window or not isinstance(outcome, Unknown):
        return outcome
    message.doubtful_road = account.pk
    message.use_by = min(message.use_by, message.created_at + window)  # after it a repeat could be a second mail: the gate stops it
    if clock.read() + timedelta(seconds=REPEAT_WITHIN) >= message.use_by:
        return outcome
    return Retry(outcome.detail, random.uniform(1, REPEAT_WITHIN))


def _seconds(outcome: Retry, attempts: int) -> float:
    return outcome.after if outcome.after is not None else _pause(attempts)


def _pause(attempts: int) -> float:
    """Return seconds until the next try: exponential, full jitter, at most an hour (AWS blog, "Exponential Backoff And Jitter")."""
    return random.uniform(1, min(3600, 15 * 2**attempts))


@transaction.atomic
def recover(*, now: datetime) -> int:
    """Free expired claims, and call what a dead process left in `sending` unknown; return how many rows moved."""
    freed = Message.objects.filter(state=State.CLAIMED, lease_until__lt=now).update(state=State.QUEUED, claim=None, lease_until=None)
    dead = list(Message.objects.select_for_update(skip_locked=True, no_key=True).filter(state=State.SENDING, lease_until__lt=now))
    if not dead:
        return freed
    held = accounts.accounts_of({message.store_id for message in dead})
    tries: list[tuple[Message, Outcome]] = []
    for message in dead:
        account = accounts.pick(held, store_id=message.store_id, purpose=message.purpose)
        message.road = attempts.road_of(account)
        tries.append((message, _settled(message, Unknown("The sending process stopped before the answer came."), account)))
        _apply(*tries[-1], now=now)
    rows.update_many(dead, RESULT_FIELDS)
    attempts.note(tries, now=now)
    lost = [message for message in dead if message.state == State.UNKNOWN]
    events.record_many([_told(message, events.Kind.MAIL_UNKNOWN, now) for message in lost], now=now)
    return freed + len(dead)


@transaction.atomic
def doubt(detail: str, *, now: datetime) -> int:
    """Call every mail unknown that is not over, because it may have gone already; return how many."""
    doubtful = list(
        Message.objects.select_for_update(no_key=True).filter(state__in=(*WAITING, State.CLAIMED, State.SENDING)).defer("html", "text")
    )
    for message in doubtful:
        _apply(message, Unknown(detail), now=now)
    rows.update_many(doubtful, RESULT_FIELDS)
    events.record_many([_told(message, events.Kind.MAIL_UNKNOWN, now) for message in doubtful], now=now)
    return len(doubtful)


def _told(message: Message, kind: str, now: datetime) -> events.NewEvent:
    data = {
        "message": message.pk, "subject": message.subject, "flow": message.flow, "step": message.step, "order": message.order_id,
        "detail": message.detail, "reason": message.reason, "words": Reason(message.reason).label if message.reason else "",
        **({"road": message.road} if message.road else {}),
    }  # fmt: skip
    return events.NewEvent(message.store_id, message.customer_id, kind, now, f"{kind}:message:{message.pk}", data)
