"""Who a shop means: the customer behind an external id or an address, found or made, whatever comes in at the same time.

An external id known before decides; then the address, compared in its normal form. Two external ids with one address are one
customer with two identities. An address that moves to a person we already know takes its external id along: the address is where
mails go. A buyer without both is a customer of their own.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

from django.db import connection
from email_validator import EmailNotValidError, validate_email

from customers import disguises, traits
from customers.models import Customer, Identity
from stores import rows, tokens

#: Addresses of this shape need no closer look: it is most of them, and the full check is slow.
_PLAIN = re.compile(
    r"[a-z0-9_+\-]+(\.[a-z0-9_+\-]+)*@(?=.{4,200}\Z)(?!.*xn--)([a-z0-9]([a-z0-9\-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.ASCII
)
_KEPT = ("email", "name", "first_name", "phone", "language", "timezone", "country")
_PLACE = ("city", "region", "postal_code")
_BIRTH = ("birth_year", "birth_month", "birth_day")
_WRITTEN = (*_KEPT, *_PLACE, *_BIRTH, "tags", "shop_tags", "email_key", "source_updated_at")
Row = rows.Row
_LONGEST = {
    "email": 320, "name": 200, "first_name": 100, "phone": 40, "language": 20, "timezone": 64, "country": 2,
    "city": 120, "region": 120, "postal_code": 20,
}  # fmt: skip


class RacedAway(Exception):
    """Another transaction has just claimed the same external id; the whole transaction is to be run again."""


@dataclass(frozen=True)
class Person:
    """A buyer as a platform describes them at `updated_at`; empty fields say nothing.

    `fallback_id` names a buyer who has neither id nor address, by their order. `marketing` is a value of Customer.Marketing,
    said at `marketing_at`. `likely_name` is an address's: it may be a gift's, so it stands in only while there is no other. The place is
    that of who has not ordered yet: of others `orders.figures` reads it off the latest order. `tags` are all that the shop has given.
    `acted_at` is when they themselves did what is told of; who was erased before that (`erased_at`) begins anew (`customers.disguises`).
    """

    external_id: str = ""
    email: str = ""
    name: str = ""
    likely_name: str = ""
    first_name: str = ""
    phone: str = ""
    language: str = ""
    timezone: str = ""
    country: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    birthday: traits.Birthday | None = None
    tags: tuple[str, ...] | None = None
    marketing: str = "never"
    marketing_at: datetime | None = None
    updated_at: datetime | None = None
    fallback_id: str = ""
    acted_at: datetime | None = None
    erased_at: datetime | None = None


@dataclass
class Held:
    """A customer's row, locked; `outcome` tells what this batch has done to it, and `before` what its fields said if that changed them."""

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
    city: str
    region: str
    postal_code: str
    birth_year: int | None
    birth_month: int | None
    birth_day: int | None
    tags: list[str]
    shop_tags: list[str]
    marketing: str
    marketing_changed_at: datetime | None
    source_updated_at: datetime | None
    erased_at: datetime | None = None
    has_ordered: bool = False
    outcome: str = "unchanged"
    before: dict[str, Any] = field(default_factory=dict)


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
    keys: Sequence[str | None] = [email_key(person.email) if person.email else None for person in people]
    ids: Sequence[str] = [person.external_id or ("" if key else person.fallback_id) for person, key in zip(people, keys, strict=True)]
    masks = disguises.of_all(name for name in {*keys, *ids} if name)
    named = _identities(store_id, {name for name in ids if name} | masks.keys())
    if erased := {masks[name]: pk for name, pk in named.items() if name in masks}:
        people, keys, ids = disguises.recognise(store_id, (people, keys, ids), erased, named)
    known = _Known(dict(named), *_by_address(store_id, {key for key in keys if key}))
    made = _make_missing(store_id, list(zip(people, keys, ids, strict=True)), known, now)
    held = made | _lock(store_id, {*known.by_id.values(), *known.by_key.values()} - made.keys())
    found = []
    changed: dict[int, Held] = {}
    for person, key, name in zip(people, keys, ids, strict=True):
        customer = _choose(held, person, key, name, known)
        if _bring_up_to_date(customer, person, key, known):
            changed[customer.id] = customer
        found.append(customer)
    _save(changed.values())
    _keep_names(store_id, {name: customer.id for name, customer in zip(ids, found, strict=True) if name}, named)
    return found


@dataclass
class _Known:
    """Customers' ids by external id and by address, as far as this batch has got; `aliases` are addresses of who was merged into them."""

    by_id: dict[str, int]
    by_key: dict[str, int]
    aliases: set[str]


def _identities(store_id: int, names: set[str]) -> dict[str, int]:
    if not names:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT external_id, customer_id FROM customers_identity WHERE store_id = %s AND external_id = ANY(%s)",
            [store_id, sorted(names)],
        )
        return dict(cursor.fetchall())


def _by_address(store_id: int, keys: set[str]) -> tuple[dict[str, int], set[str]]:
    """Return the customers of these addresses, and which of them are aliases."""
    if not keys:
        return {}, set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT email_key, id, false FROM customers_customer WHERE store_id = %(store)s AND email_key = ANY(%(keys)s)"
            " UNION ALL SELECT email_key, customer_id, true FROM customers_alias"
            " WHERE store_id = %(store)s AND email_key = ANY(%(keys)s) ORDER BY 3 DESC",
            {"store": store_id, "keys": sorted(keys)},
        )
        found = cursor.fetchall()
    owned = {key for key, _, is_alias in found if not is_alias}
    return {key: pk for key, pk, _ in found}, {key for key, _, is_alias in found if is_alias} - owned


def _make_missing(store_id: int, people: Sequence[tuple[Person, str | None, str]], known: _Known, now: datetime) -> dict[int, Held]:
    """Insert a row for everyone not known by id or address, in order of address so that two batches cannot lock crosswise.

    Return the new ones: nobody else can see them yet.
    """
    wanted: dict[str, Row] = {}
    names: dict[str, str] = {}
    for person, key, name in people:
        if name in known.by_id or name in names or (key and key in known.by_key):
            continue
        spot = f"address {key}" if key else f"name {name}"
        wanted.setdefault(spot, _row(store_id, person, key, now))
        if name:
            names[name] = spot
    fresh = [wanted[spot] for spot in sorted(wanted)]
    made = rows.insert(Customer, fresh, conflict="(store_id, email_key) DO NOTHING", returning="id, token")
    numbers = {token: number for number, token in made}
    for row in fresh:
        if row["email_key"] and row["token"] in numbers:
            known.by_key[row["email_key"]] = numbers[row["token"]]
    known.by_key |= _by_address(store_id, {row["email_key"] for row in fresh if row["email_key"]} - known.by_key.keys())[0]
    for name, spot in names.items():
        row = wanted[spot]
        known.by_id[name] = known.by_key[row["email_key"]] if row["email_key"] else numbers[row["token"]]
    return {numbers[row["token"]]: _held(numbers[row["token"]], row) for row in fresh if row["token"] in numbers}


def _row(store_id: int, person: Person, key: str | None, now: datetime) -> Row:
    return {
        "store_id": store_id,
        **{name: getattr(person, name)[: _LONGEST[name]] for name in (*_KEPT, *_PLACE)},
        "name": (person.name or person.likely_name)[: _LONGEST["name"]],
        **dict(zip(_BIRTH, person.birthday or (None, None, None), strict=True)),
        "tags": list(person.tags or ()),
        "shop_tags": list(person.tags or ()),
        "email_key": key,
        "marketing": "unsubscribed" if person.erased_at else "never",
        "marketing_changed_at": person.erased_at,
        "objected_to_service_at": person.erased_at,
        "has_ordered": False,
        "token": tokens.public_token(),
        "created_at": now,
        "source_updated_at": person.updated_at,
    }


def _held(number: int, row: Row) -> Held:
    """Return the record of a customer just made."""
    kept = {name: row[name] for name in ("store_id", *_WRITTEN, "marketing", "marketing_changed_at")}
    return Held(id=number, outcome="new", **kept)


def _lock(store_id: int, numbers: set[int]) -> dict[int, Held]:
    if not numbers:
        return {}
    with connection.cursor() as cursor:
        names = [each.name for each in fields(Held)][:-2]
        cursor.execute(
            f"SELECT {', '.join(names)} FROM customers_customer WHERE store_id = %s AND id = ANY(%s) ORDER BY id FOR UPDATE",
            [store_id, sorted(numbers)],
        )
        return {row[0]: Held(*row) for row in cursor.fetchall()}


def _choose(held: dict[int, Held], person: Person, key: str | None, name: str, known: _Known) -> Held:
    """Return the customer meant: the owner of the address where there is one, else the one known by the external id.

    An outdated address takes nobody away from the customer whose external id it came with.
    """
    by_name = held.get(known.by_id.get(name, 0))
    owner = held.get(known.by_key.get(key or "", 0))
    if by_name is not None and owner is not None and _is_older(by_name, person):
        return by_name
    chosen = owner or by_name
    if chosen is None:
        raise RacedAway
    return chosen


def _is_older(customer: Held, person: Person) -> bool:
    return bool(customer.source_updated_at and person.updated_at and person.updated_at < customer.source_updated_at)


def _bring_up_to_date(customer: Held, person: Person, key: str | None, known: _Known) -> bool:
    """Take what the platform says of the person; older words only fill gaps. Return whether the row is to be written.

    The address of who was merged into this customer leads to them, but does not become theirs.
    """
    is_older = _is_older(customer, person)
    before, since = _said(customer), customer.source_updated_at
    for name, held, said in zip(_KEPT, before[: len(_KEPT)], _words(person), strict=True):
        value = said[: _LONGEST[name]]
        if value and value != held and not (is_older and held) and not (name == "email" and key in known.aliases):
            setattr(customer, name, value)
    customer.name = customer.name or person.likely_name[: _LONGEST["name"]]
    if customer.email != before[0] and key != customer.email_key:
        customer.email_key = key
        if key:
            known.by_key[key] = customer.id
    _take_traits(customer, person, is_older=is_older)
    if not is_older and person.updated_at:
        customer.source_updated_at = person.updated_at
    is_changed = _said(customer) != before
    if is_changed and customer.outcome != "new":
        customer.outcome = "changed"
        customer.before = dict(zip(_SAID, before, strict=True)) | customer.before
    return is_changed or customer.source_updated_at != since


def _take_traits(customer: Held, person: Person, *, is_older: bool) -> None:
    place = _place(person)
    if any(place) and not (any(_place(customer)) and (is_older or customer.has_ordered)):
        customer.city, customer.region, customer.postal_code = (word[: _LONGEST[name]] for name, word in zip(_PLACE, place, strict=True))
    if person.birthday and not (is_older and customer.birth_month):
        customer.birth_year, customer.birth_month, customer.birth_day = person.birthday
    if person.tags is not None and not is_older:
        customer.tags = traits.retagged(customer.tags, before=customer.shop_tags, now=person.tags)
        customer.shop_tags = list(person.tags)


_words: Callable[[Person], tuple[str, ...]] = attrgetter(*_KEPT)
_place: Callable[[Person | Held], tuple[str, str, str]] = attrgetter(*_PLACE)
_SAID = (*_KEPT, *_PLACE, *_BIRTH, "tags", "shop_tags")
_said: Callable[[Held], tuple[Any, ...]] = attrgetter(*_SAID)


def _save(customers: Iterable[Held]) -> None:
    fresh = [{name: getattr(c, name) for name in ("id", *_WRITTEN)} for c in customers]
    rows.update(Customer, sorted(fresh, key=lambda row: row["id"]))


def _keep_names(store_id: int, wanted: dict[str, int], named: dict[str, int]) -> None:
    """Keep by which external ids people are known; one that now belongs to another person moves there."""
    missing = sorted(wanted.keys() - named.keys())
    fresh = [{"store_id": store_id, "external_id": name, "customer_id": wanted[name]} for name in missing]
    made = rows.insert(Identity, fresh, conflict="(store_id, external_id) DO NOTHING", returning="id")
    if len(made) != len(fresh):
        raise RacedAway
    for name in sorted(name for name in wanted if name in named and named[name] != wanted[name]):
        Identity.objects.filter(store_id=store_id, external_id=name).update(customer_id=wanted[name])
