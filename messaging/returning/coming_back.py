"""What comes back along the mail roads: kept first, then acted on once, in whatever order and however often it is told.

Nothing here counts up. What an address or a mail has come to follows from the rows of the ledger (`ProviderEvent`), read in the order
of the provider's own times: a shuffled or doubled stream ends in the same state.
"""

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from customers import consent, events
from customers.identity import email_key
from customers.models import Consent, Customer
from messaging import second_tries
from messaging.models import Account, Message, ProviderEvent, Purpose, Suppression
from messaging.returning import bounces, day_counts, guard_rails, suppressions
from messaging.returning.bounces import Said
from messaging.roads import accounts
from messaging.roads.providers import PROVIDERS, reading
from messaging.roads.providers.reading import News, Unreadable
from stores import rows
from stores.failpoints import reach
from stores.models import Tick

Kind = ProviderEvent.Kind
log = logging.getLogger(__name__)
KEPT_RAW = timedelta(days=30)

_TURN = "coming_back"
_BOUNCES = (Kind.HARD, Kind.INVALID, Kind.SOFT, Kind.BLOCK)
_CLOSING = (Kind.HARD, Kind.INVALID, Kind.SOFT)
#: Said of a mail that was certainly taken: an unknown outcome is none any more.
_PROVES_SENT = frozenset({*Kind.values} - {Kind.OTHER, Kind.UNSUBSCRIBED})
#: A mail without an answer that is to be repeated under its key.
_WAITING = (Message.State.QUEUED, Message.State.RETRY, Message.State.CLAIMED)
_FILLED = ["kind", "message", "email_key", "occurred_at", "detail", "acted_at"]


def keep(account: Account, told: Sequence[Any], *, now: datetime) -> None:
    """Keep what a provider told, in one statement; what was told before stays as it is."""
    provider = PROVIDERS[account.provider]
    fresh = [
        {
            "store_id": account.store_id, "account_id": account.pk, "raw": event, "received_at": now, "error": "", "kind": "",
            "email_key": "", "detail": "", "dedupe_key": f"{account.pk}:{reading.id_of(provider, event) or _digest(event)}"[:120],
        }
        for event in told
    ]  # fmt: skip
    rows.insert(ProviderEvent, fresh, conflict="(store_id, dedupe_key) DO NOTHING")


def _digest(event: Any) -> str:
    return hashlib.sha256(json.dumps(event, sort_keys=True).encode()).hexdigest()


def drain(*, now: datetime, limit: int = 500) -> int:
    """Act on what was kept; return how many events were looked at. One that cannot be acted on is set aside with its error."""
    waiting = ProviderEvent.objects.filter(acted_at__isnull=True, error="")
    if not waiting.exists():
        return 0
    with transaction.atomic():
        Tick.objects.bulk_create([Tick(name=_TURN)], ignore_conflicts=True)
        if not Tick.objects.select_for_update(skip_locked=True).filter(name=_TURN).exists():
            return 0  # one at a time: an address is judged by its whole ledger
        batch = list(waiting.select_related("account").order_by("id")[:limit])
        readable = _read_all(batch, now=now)
        reach("in_reconcile")
        rows.in_halves(readable, lambda some: _act(some, now=now), lambda pair, error: _set_aside(pair[0], error))
        return len(batch)


def _read_all(batch: Sequence[ProviderEvent], *, now: datetime) -> list[tuple[ProviderEvent, News | None]]:
    """Return each event with what it says; set aside what cannot be read."""
    views: dict[int, Any] = {}
    read = []
    for event in batch:
        try:
            read.append((event, _read(event, views, now)))
        except (Unreadable, accounts.CannotRead) as error:
            _set_aside(event, error)
    return read


def _read(event: ProviderEvent, views: dict[int, Any], now: datetime) -> News | None:
    account = event.account
    if account is None:
        raise Unreadable("The account it came for was removed.")
    provider = PROVIDERS[account.provider]
    if account.pk not in views:
        secret = accounts.hook_secrets(account).get("key", "")
        views[account.pk] = reading.view_of(provider, secret=secret, topics=account.options.get("topics", ""), now=now)
    return reading.read(provider, views[account.pk], event.raw)


def _set_aside(event: ProviderEvent, error: Exception) -> None:
    words = str(error) if isinstance(error, (Unreadable, accounts.CannotRead)) else f"{type(error).__name__}: {error}"
    ProviderEvent.objects.filter(pk=event.pk).update(error=words[:500] or type(error).__name__)


def note_refusals(refused: Sequence[tuple[Message, str]], *, now: datetime) -> None:
    """Enter servers' refusals while sending, each a message with the reply, into the ledger; within the transaction that marks them."""
    made = [
        ProviderEvent(
            store_id=message.store_id, message=message, kind=bounces.of_reply(reply), email_key=email_key(message.to_email) or "",
            dedupe_key=f"sending:{message.pk}:{message.attempts}", detail=reply[:500], received_at=now, occurred_at=now, acted_at=now,
        )
        for message, reply in refused
    ]  # fmt: skip
    if made:
        ProviderEvent.objects.bulk_create(made, ignore_conflicts=True)
        day_counts.touch(message.pk for message, _ in refused)
        _conclude(made, now=now)


def _act(read: Sequence[tuple[ProviderEvent, News | None]], *, now: datetime) -> None:
    """Write down what each event says, and do what follows from it."""
    messages = _messages(read)
    told = []
    for event, news in read:
        event.acted_at = now
        if news is None:
            event.kind, event.occurred_at = Kind.OTHER, event.received_at
            continue
        message = messages.get((event.store_id, news.token))
        address = message.to_email if message else news.address
        event.kind, event.detail, event.message = news.kind, news.detail[:500], message
        event.email_key, event.occurred_at = (email_key(address) or "")[:320], news.at or event.received_at
        told.append(event)
    rows.update_many([event for event, _ in read], _FILLED)
    Account.objects.filter(pk__in={event.account_id for event, _ in read if event.account_id}).update(last_event_at=now)
    _confirm([event for event in told if event.message and event.kind in _PROVES_SENT], now=now)
    _tell([event for event in told if event.message], now=now)
    day_counts.touch(event.message_id for event in told if event.message_id)
    _stop_marketing([event for event in told if event.kind in (Kind.COMPLAINED, Kind.UNSUBSCRIBED)], now=now)
    _conclude(told, now=now)


def _messages(read: Sequence[tuple[ProviderEvent, News | None]]) -> dict[tuple[int, str], Message]:
    """Return the messages the events are about, by store and token: only ever those of the event's own store."""
    tokens = {news.token for _, news in read if news and news.token}
    stores = {event.store_id for event, _ in read}
    found = Message.objects.filter(token__in=tokens, store__in=stores).defer("html", "text").select_related("customer")
    return {(message.store_id, message.token): message for message in found}


def _confirm(proofs: Sequence[ProviderEvent], *, now: datetime) -> None:
    """Call sent what somebody has had in hands though we never heard it taken (S8)."""
    first: dict[int, ProviderEvent] = {}
    for event in sorted(proofs, key=lambda event: (event.occurred_at or now, event.dedupe_key)):
        first.setdefault(event.message_id or 0, event)
    may_be_out = Q(state__in=[Message.State.UNKNOWN, Message.State.SENDING]) | Q(doubtful_road__isnull=False, state__in=_WAITING)
    held = Message.objects.select_for_update(no_key=True).filter(may_be_out, pk__in=first)
    confirmed = list(held.defer("html", "text"))
    for message in confirmed:
        moment = first[message.pk].occurred_at or now
        message.state, message.sent_at, message.claim, message.lease_until = Message.State.SENT, min(moment, now), None, None
        message.detail = f"Confirmed by the provider at {moment:%-d %B %Y, %H:%M} UTC."
    rows.update_many(confirmed, ["state", "sent_at", "claim", "lease_until", "detail"])
    second_tries.call_off([message.pk for message in confirmed])
    events.record_many(
        [
            events.NewEvent(
                message.store_id, message.customer_id, events.Kind.MAIL_SENT, message.sent_at or now,
                f"{events.Kind.MAIL_SENT}:message:{message.pk}", _data(message, message.detail),
            )
            for message in confirmed
        ],
        now=now,
    )  # fmt: skip


_TOLD = {
    Kind.DELIVERED: events.Kind.MAIL_DELIVERED, Kind.COMPLAINED: events.Kind.MAIL_COMPLAINED, Kind.HARD: events.Kind.MAIL_BOUNCED,
    Kind.INVALID: events.Kind.MAIL_BOUNCED, Kind.SOFT: events.Kind.MAIL_BOUNCED, Kind.BLOCK: events.Kind.MAIL_BOUNCED,
}  # fmt: skip


def _tell(told: Sequence[ProviderEvent], *, now: datetime) -> None:
    """Write the customers' history: each mail is delivered once, complained about once, and bounces once in each way."""
    fresh = []
    for event in told:
        kind, message = _TOLD.get(Kind(event.kind)), event.message
        if kind and message:
            way = f":{event.kind}" if kind == events.Kind.MAIL_BOUNCED else ""
            data = {**_data(message, event.detail), "bounce": event.kind if way else "", "words": Kind(event.kind).label}
            key = f"{kind}:message:{message.pk}{way}"
            fresh.append(events.NewEvent(event.store_id, message.customer_id, kind, event.occurred_at or now, key, data))
    events.record_many(fresh, now=now)


def _data(message: Message, detail: str) -> dict[str, Any]:
    return {
        "message": message.pk, "subject": message.subject, "flow": message.flow, "step": message.step, "order": message.order_id,
        "detail": detail, "reason": "", "words": "",
    }  # fmt: skip


def _stop_marketing(said: Sequence[ProviderEvent], *, now: datetime) -> None:
    """Withdraw consent where a mail was called spam, or refused at the provider. Order mails still go."""
    strangers = {(event.store_id, event.email_key) for event in said if not event.message and event.kind == Kind.COMPLAINED}
    people = {
        (person.store_id, person.email_key): person
        for person in Customer.objects.filter(store__in={store for store, _ in strangers}, email_key__in={key for _, key in strangers})
    }
    for event in said:
        person = event.message.customer if event.message else people.get((event.store_id, event.email_key))
        if person is not None and (event.message or event.kind == Kind.COMPLAINED):
            _withdraw(person, event, now=now)


def _withdraw(person: Customer, event: ProviderEvent, *, now: datetime) -> None:
    about = f"“{event.message.subject}”" if event.message else "a mail"
    is_complaint = event.kind == Kind.COMPLAINED
    wording = f"Marked {about} as spam." if is_complaint else f"Unsubscribed from {about} at the mail provider."
    source = "spam complaint" if is_complaint else "mail provider"
    topics = [Consent.Topic.MARKETING]
    if event.message and event.message.purpose == Purpose.SERVICE:
        topics.append(Consent.Topic.SERVICE)
    for topic in topics:
        consent.withdraw(person, topic=topic, source=source, wording=wording, at=event.occurred_at or now, now=now)


def _conclude(told: Sequence[ProviderEvent], *, now: datetime) -> None:
    """Judge each address that something was said of, and each store that might have to stop."""
    touched = {(event.store_id, event.email_key) for event in told if event.email_key and event.kind in (*_CLOSING, Kind.DELIVERED)}
    suppressions.take_back(event.email_key for event in told if event.kind == Kind.DELIVERED and event.email_key)
    _judge(touched, now=now)
    alarming = {event.store_id for event in told if event.kind in (Kind.HARD, Kind.INVALID, Kind.COMPLAINED)}
    for store_id in sorted(alarming):
        guard_rails.watch(store_id, now=now)


def _judge(touched: set[tuple[int, str]], *, now: datetime) -> None:
    """Suppress the addresses that their ledger closes; take back what an earlier-told half of it closed and the whole does not."""
    by_store = defaultdict(set)
    for store_id, key in touched:
        by_store[store_id].add(key)
    for store_id, keys in by_store.items():
        ledger = ProviderEvent.objects.filter(store=store_id, email_key__in=keys)
        bounced = set(ledger.filter(kind__in=_CLOSING).values_list("email_key", flat=True))
        if not bounced:
            continue
        lifted = dict(
            Suppression.objects.filter(store=store_id, email_key__in=bounced, lifted_at__isnull=False).values_list("email_key", "lifted_at")
        )
        said = defaultdict(list)
        for row in ledger.filter(email_key__in=bounced, kind__in=(*_CLOSING, Kind.DELIVERED)).defer("raw"):
            assert row.occurred_at is not None
            since = lifted.get(row.email_key)
            if since is None or row.occurred_at > since:
                said[row.email_key].append((Said(row.occurred_at, row.dedupe_key, row.kind), row))
        _suppress(store_id, bounced, said, now=now)


def _suppress(store_id: int, bounced: set[str], said: dict[str, list[tuple[Said, ProviderEvent]]], *, now: datetime) -> None:
    proofs, open_again = [], []
    for key in sorted(bounced):
        found = bounces.verdict(each for each, _ in said[key])
        if found is None:
            open_again.append(key)
            continue
        row = next(row for each, row in said[key] if each == found.proof)
        proofs.append(suppressions.Proof(store_id, key, found.cause, row.detail, found.proof.at, row.message_id))
    suppressions.put(proofs)
    suppressions.tell_others(store_id, (proof.email_key for proof in proofs if proof.cause == suppressions.Cause.INVALID), now=now)
    soft = Suppression.objects.filter(
        store=store_id, email_key__in=open_again, cause=Suppression.Cause.SOFT_BOUNCES, lifted_at__isnull=True
    )
    soft.delete()


@dataclass(frozen=True)
class Line:
    """One thing that was said of a mail; `is_late`: a bounce although it had been delivered."""

    kind: str
    label: str
    detail: str
    at: datetime
    is_late: bool


def said_of(message: Message) -> list[Line]:
    """Return what was said of a message, in the order in which it happened."""
    found = ProviderEvent.objects.filter(message=message, acted_at__isnull=False).exclude(kind=Kind.OPENED).defer("raw")
    lines, is_delivered = [], False
    for row in sorted(found, key=lambda row: (row.occurred_at or row.received_at, row.pk)):
        is_late = is_delivered and row.kind in _BOUNCES
        lines.append(Line(row.kind, row.get_kind_display(), row.detail, row.occurred_at or row.received_at, is_late))
        is_delivered = is_delivered or row.kind == Kind.DELIVERED
    return lines


def forget_raw(*, now: datetime, limit: int = 1000) -> int:
    """Empty what providers told more than 30 days ago: it names people (W13). What it said of mail and address stays."""
    old = ProviderEvent.objects.filter(raw__isnull=False, received_at__lt=now - KEPT_RAW).order_by("received_at").values("pk")[:limit]
    return ProviderEvent.objects.filter(pk__in=list(old.values_list("pk", flat=True))).update(raw=None)
