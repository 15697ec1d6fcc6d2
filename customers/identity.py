"""Who a shop means: the customer behind an external id or an address, found or made, whatever comes in at the same time.

An external id known before decides; then the address, compared in its normal form. Two external ids with one address are one
customer with two identities. An address that moves to a person we already know takes its external id along: the address is where
mails go. A buyer without both is a customer of their own.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection
from email_validator import EmailNotValidError, validate_email

from stores import rows, tokens

#: Addresses of this shape need no closer look: it is most of them, and the full check is slow.
_PLAIN = re.compile(
    r"[a-z0-9_+\-]+(\.[a-z0-9_+\-]+)*@(?=.{4,200}\Z)(?!.*xn--)([a-z0-9]([a-z0-9\-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.ASCII
)
_KEPT = ("email", "name", "first_name", "phone", "language", "timezone", "country")
_LONGEST = {"email": 320, "name": 200, "first_name": 100, "phone": 40, "language": 20, "timezone": 64, "country": 2}


class RacedAway(Exception):
    """Another transaction has just claimed the same external id; the whole transaction is to be run again."""


@dataclass(frozen=True)
class Person:
    """A buyer as a platform describes them at `updated_at`; empty fields say nothing.

    `fallback_id` names a buyer who has neither id nor address, by their order. `marketing` is a value of Customer.Marketing,
    said at `marketing_at`.
    """

    external_id: str = ""
    email: str = ""
    name: str = ""
    first_name: str = ""
    phone: str = ""
    language: str = ""
    timezone: str = ""
    country: str = ""
    marketing: str = "never"
    marketing_at: datetime | None = None
    updated_at: datetime | None = None
    fallback_id: str = ""


@dataclass
class Held:
    """A customer's row, locked; `outcome` tells what this batch has done to it."""

    id: int
    store_id: int
    email: str
    email_key: str | None
    name: str
    first_name: str
    phone: str
    language: str
    timezone: str
    country: str
    marketing: str
    marketing_changed_at: datetime | None
    source_updated_at: datetime | None
    outcome: str = "unchanged"


@lru_cache(maxsize=20_000)
def email_key(address: str) -> str | None:
    """Return the normal form of an address, by which people are told apart; None if no mail could ever reach it.

    Case is ignored in both halves: no mail provider of note tells people apart by it. International domains are compared in ASCII.
    """
    text = address.strip().casefold()
    if len(text) <= 254 and text.find("@") <= 64 and _PLAIN.fullmatch(text):
        return text
    try:
        found = validate_email(
            address.strip(), check_deliverability=False, test_environment=True, allow_quoted_local=True, globally_deliverable=False
        )
    except (EmailNotValidError, UnicodeError, ValueError):
        return None
    if "." not in (found.ascii_domain or ""):
        return None
    return unicodedata.normalize("NFC", f"{found.local_part}@{found.ascii_domain}".casefold())


def resolve(store_id: int, people: Sequence[Person], *, now: datetime) -> list[Held]:
    """Return the customer of each person, found or made and brought up to date, their rows locked in order of id.

    To be called inside a transaction; raises RacedAway when it must be run again.
    """
    keys = [email_key(person.email) if person.email else None for person in people]
    ids = [person.external_id or ("" if key else person.fallback_id) for person, key in zip(people, keys, strict=True)]
    by_id = _identities(store_id, {name for name in ids if name})
    by_key = _by_address(store_id, {key for key in keys if key})
    makers = _make_missing(store_id, people, keys, ids, by_id, by_key, now)
    held = _lock(store_id, {*by_id.values(), *by_key.values()})
    for number in makers:
        held[number].outcome = "new"
    found = []
    changed: dict[int, Held] = {}
    for person, key, name in zip(people, keys, ids, strict=True):
        customer = _choose(held, key, by_id.get(name), by_key)
        if _bring_up_to_date(customer, person, key, by_key):
            changed[customer.id] = customer
        found.append(customer)
    _save(changed.values())
    _name(store_id, [(name, customer.id) for name, customer in zip(ids, found, strict=True) if name], by_id)
    return found


def _identities(store_id: int, names: set[str]) -> dict[str, int]:
    if not names:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT external_id, customer_id FROM customers_identity WHERE store_id = %s AND external_id = ANY(%s)",
            [store_id, sorted(names)],
        )
        return dict(cursor.fetchall())


def _by_address(store_id: int, keys: set[str]) -> dict[str, int]:
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT email_key, id FROM customers_customer WHERE store_id = %s AND email_key = ANY(%s)", [store_id, sorted(keys)]
        )
        return dict(cursor.fetchall())


def _make_missing(
    store_id: int,
    people: Sequence[Person],
    keys: Sequence[str | None],
    ids: Sequence[str],
    by_id: dict[str, int],
    by_key: dict[str, int],
    now: datetime,
) -> set[int]:
    """Insert a row for everyone not known by id or address, in order of address so that two batches cannot lock crosswise."""
    wanted: dict[str, tuple[str | None, str, Person]] = {}
    for person, key, name in zip(people, keys, ids, strict=True):
        if name in by_id or (key and key in by_key):
            continue
        wanted.setdefault(f"k{key}" if key else f"n{name}", (key, name, person))
    if not wanted:
        return set()
    fresh = [_row(store_id, person, key, now) for _, (key, _, person) in sorted(wanted.items())]
    made = rows.insert("customers_customer", fresh, conflict="(store_id, email_key) DO NOTHING", returning="id, email_key, token")
    by_token = {token: number for number, _, token in made}
    by_key |= {key: number for number, key, _ in made if key}
    for row, (_, (key, name, _)) in zip(fresh, sorted(wanted.items()), strict=True):
        if not key:
            by_id[name] = by_token[row["token"]]
    lost = {key for key, _, _ in wanted.values() if key and key not in by_key}
    by_key |= _by_address(store_id, lost)
    return set(by_token.values())


def _row(store_id: int, person: Person, key: str | None, now: datetime) -> dict[str, Any]:
    return {
        "store_id": store_id,
        **{name: getattr(person, name)[: _LONGEST[name]] for name in _KEPT},
        "email_key": key,
        "marketing": "never",
        "token": tokens.public_token(),
        "created_at": now,
        "source_updated_at": person.updated_at,
    }


def _lock(store_id: int, numbers: set[int]) -> dict[int, Held]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, store_id, email, email_key, name, first_name, phone, language, timezone, country, marketing, marketing_changed_at,"
            " source_updated_at FROM customers_customer WHERE store_id = %s AND id = ANY(%s) ORDER BY id FOR UPDATE",
            [store_id, sorted(numbers)],
        )
        return {row[0]: Held(*row) for row in cursor.fetchall()}


def _choose(held: dict[int, Held], key: str | None, named: int | None, by_key: dict[str, int]) -> Held:
    """Return the customer meant: the owner of the address where there is one, else the one known by the external id."""
    owner = by_key.get(key) if key else None
    number = owner if owner is not None else named
    if number is None or number not in held:
        raise RacedAway
    return held[number]


def _bring_up_to_date(customer: Held, person: Person, key: str | None, by_key: dict[str, int]) -> bool:
    """Take what the platform says of the person unless we know something newer; older words only fill gaps."""
    if customer.outcome == "new" and customer.source_updated_at == person.updated_at and customer.email:
        pass
    is_older = bool(customer.source_updated_at and person.updated_at and person.updated_at < customer.source_updated_at)
    before = (customer.source_updated_at, *(getattr(customer, name) for name in _KEPT))
    for name in _KEPT:
        said = getattr(person, name)[: _LONGEST[name]]
        if said and not (is_older and getattr(customer, name)) and not (name == "email" and key and key == customer.email_key):
            setattr(customer, name, said)
            if name == "email" and key:
                customer.email_key = key
                by_key[key] = customer.id
    if not is_older and person.updated_at:
        customer.source_updated_at = person.updated_at
    after = (customer.source_updated_at, *(getattr(customer, name) for name in _KEPT))
    if after[1:] != before[1:] and customer.outcome == "unchanged":
        customer.outcome = "changed"
    return after != before


def _save(customers: Iterable[Held]) -> None:
    fresh = [{name: getattr(c, name) for name in ("id", *_KEPT, "email_key", "source_updated_at")} for c in customers]
    rows.update("customers_customer", sorted(fresh, key=lambda row: row["id"]))


def _name(store_id: int, pairs: Sequence[tuple[str, int]], by_id: dict[str, int]) -> None:
    """Keep by which external ids people are known; one that now belongs to another person moves there."""
    wanted = dict(pairs)
    missing = sorted(name for name in wanted if by_id.get(name) != wanted[name])
    fresh = [{"store_id": store_id, "external_id": name, "customer_id": wanted[name]} for name in missing]
    rows.insert("customers_identity", fresh, conflict="(store_id, external_id) DO UPDATE SET customer_id = excluded.customer_id")
