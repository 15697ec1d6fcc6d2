"""The addresses of a store that get no mail at all: put on the list by bounces or by hand, lifted by staff, with the evidence."""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from customers import events
from customers.identity import email_key
from customers.models import Customer
from messaging.models import Account, InvalidAddress, Suppression
from stores import rows, spreadsheets
from stores.models import Store, User

Cause = Suppression.Cause
_ELSEWHERE = "Mail to it from other stores of this installation bounced: it is no address."
LARGEST_FILE = 5 * 1024 * 1024


def active(store: Store, *, now: datetime) -> QuerySet[Suppression]:
    """Return what is on the list now."""
    return Suppression.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), store=store, lifted_at=None)


@dataclass(frozen=True)
class Proof:
    """That an address takes no more mail, and what shows it."""

    store_id: int
    email_key: str
    cause: str
    evidence: str
    at: datetime
    message_id: int | None = None
    expires_at: datetime | None = None


#: A lifted or expired address comes back on what was said after it was lifted; of two automatic proofs the earlier stays.
_CONFLICT = (
    "(store_id, email_key) DO UPDATE SET cause = excluded.cause, evidence = excluded.evidence, message_id = excluded.message_id,"
    " at = excluded.at, expires_at = excluded.expires_at, lifted_at = NULL, lifted_by_id = NULL"
    " WHERE coalesce(messaging_suppression.lifted_at, messaging_suppression.expires_at) < excluded.at"
    " OR (messaging_suppression.lifted_at IS NULL AND messaging_suppression.cause IN ('hard_bounce', 'soft_bounces', 'invalid')"
    " AND excluded.cause IN ('hard_bounce', 'soft_bounces', 'invalid') AND messaging_suppression.at > excluded.at)"
)


def put(proofs: Sequence[Proof]) -> int:
    """Put addresses on their stores' lists, in one statement; return how many were written. Who is on it already stays on it."""
    fresh = {
        (proof.store_id, proof.email_key): {
            "store_id": proof.store_id, "email_key": proof.email_key, "cause": proof.cause, "evidence": proof.evidence[:2000],
            "message_id": proof.message_id, "at": proof.at, "expires_at": proof.expires_at, "lifted_at": None, "lifted_by_id": None,
        }
        for proof in proofs
    }  # fmt: skip
    return len(rows.insert(Suppression, list(fresh.values()), conflict=_CONFLICT, returning="id"))


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def tell_others(store_id: int, keys: Iterable[str], *, now: datetime) -> None:
    """Note for all stores that addresses are none, as one store's mail has shown."""
    digests = [_digest(key) for key in keys]
    if digests:
        is_sure = not Account.objects.filter(store=store_id).exists()  # heard on the installation's own road
        fresh = [{"store_id": store_id, "digest": digest, "is_sure": is_sure, "at": now} for digest in digests]
        rows.insert(InvalidAddress, fresh, conflict="(digest, store_id) DO NOTHING")


def take_back(keys: Iterable[str]) -> None:
    """Forget what was noted for all stores: mail has arrived at these addresses, or is to be tried again."""
    InvalidAddress.objects.filter(digest__in=[_digest(key) for key in keys]).delete()


def learn(customer_ids: Sequence[int], *, now: datetime) -> None:
    """Put customers on their stores' own lists whose address turned out to be none at other stores: there staff see it, and can lift it."""
    if customer_ids:
        people = Customer.objects.filter(pk__in=customer_ids).values_list("store_id", "email_key")
        put([Proof(store_id, key, Cause.INVALID, _ELSEWHERE, now) for store_id, key in people if key])


@transaction.atomic
def lift(suppression: Suppression, *, why: str, by: User, now: datetime) -> None:
    """Let an address get mail again; the reason stands in its customer's history. Consent is another matter and stays as it is."""
    if suppression.cause == Cause.INVALID:
        take_back([suppression.email_key])
    lifted = Suppression.objects.filter(pk=suppression.pk, lifted_at__isnull=True).update(lifted_at=now, lifted_by=by)
    person = Customer.objects.filter(store=suppression.store_id, email_key=suppression.email_key).first()
    if lifted and person:
        data = {"text": f"Mail to {suppression.email_key} allowed again: {why}", "by": str(by)}
        key = f"staff.acted:lifted:{suppression.pk}:{now.isoformat()}"
        events.record(person, events.Kind.STAFF_ACTED, at=now, key=key, now=now, data=data)


def add(store: Store, address: str, *, why: str, by: User, now: datetime, until: datetime | None = None) -> bool:
    """Put an address on the list by hand; return whether it was not on it. Raise ValueError for what is no address."""
    key = email_key(address)
    if not key:
        raise ValueError(f"{address[:80]!r} is not an e-mail address.")
    return put([Proof(store.pk, key, Cause.MANUAL, f"{by}: {why}" if why else str(by), now, expires_at=until)]) == 1


@dataclass(frozen=True)
class Imported:
    """What became of a file: how many were new, how many on the list already, and which lines are no addresses."""

    added: int
    known: int
    bad: tuple[tuple[int, str], ...]


def take_in(store: Store, text: str, *, by: User, now: datetime) -> Imported:
    """Read a CSV: the column `email`, or the first, holds the addresses; `cause` and `note` may stand beside. Providers' exports fit."""
    found: dict[str, Proof] = {}
    bad = []
    for number, row in _rows(text):
        key = email_key(row.get("email", ""))
        if not key:
            bad.append((number, row.get("email", "")[:80]))
            continue
        cause = row.get("cause", "").strip().lower()
        note = row.get("note", "").strip()
        found[key] = Proof(store.pk, key, cause if cause in Cause.values else Cause.MANUAL, note or f"From a file, by {by}", now)
    with transaction.atomic():
        added = put(list(found.values()))
    return Imported(added, len(found) - added, tuple(bad))


def _rows(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield line number and columns by name; a file without a head is one column of addresses."""
    lines = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    head: list[str] | None = None
    for row in lines:
        cells = [spreadsheets.meant(cell) for cell in row]
        if not any(cell.strip() for cell in cells):
            continue
        if head is None:
            names = [_NAMES.get(cell.strip().lower(), cell.strip().lower()) for cell in cells]
            head = names if "email" in names else ["email", "cause", "note"]
            if "email" in names:
                continue
        yield lines.line_num, dict(zip(head, cells, strict=False))


_NAMES = {"e-mail": "email", "address": "email", "email address": "email", "recipient": "email", "reason": "cause", "evidence": "note"}


def as_csv(held: Iterable[Suppression]) -> Iterator[str]:
    """Yield the lines of a file of suppressions; no cell is a formula to a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["email", "cause", "since", "until", "note"])
    for each in held:
        until = each.expires_at.isoformat() if each.expires_at else ""
        writer.writerow([spreadsheets.plain(cell) for cell in (each.email_key, each.cause, each.at.isoformat(), until, each.evidence)])
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()
