"""Whether a friend is nobody else than who brought them. Pure: hints in, a word out."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

#: Mailboxes where dots in the name mean nothing.
_DOTLESS = frozenset({"gmail.com", "googlemail.com"})
_LEAST_DIGITS = 7


@dataclass(frozen=True)
class Hints:
    """What is known of one person: addresses of mail, phones, and where they live."""

    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    places: frozenset[str] = field(default=frozenset())


def hints(*, emails: Iterable[str | None], phones: Iterable[str], places: Iterable[str]) -> Hints:
    """Return what can be compared of somebody's addresses, phones and homes."""
    return Hints(
        frozenset(mailbox(each) for each in emails if each),
        frozenset(found for each in phones if (found := _digits(each))),
        frozenset(each for each in places if each),
    )


def same(one: Hints, two: Hints) -> str:
    """Return in words what two people share, or "" if they seem to be two."""
    if one.emails & two.emails:
        return "The same mailbox"
    if one.phones & two.phones:
        return "The same phone"
    return "The same address" if one.places & two.places else ""


def mailbox(address: str) -> str:
    """Return the mailbox behind an address: what follows a plus, and dots where they mean nothing, left out."""
    local, _, domain = address.strip().casefold().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def place(address: Mapping[str, Any]) -> str:
    """Return a shipping address as one word: the street with its number, the second line, the postal code, the country."""
    street = address.get("address1") or address.get("line1") or address.get("street") or ""
    second, code = address.get("address2") or address.get("line2") or "", address.get("zip") or address.get("postal_code") or ""
    country = address.get("country_code") or address.get("country") or ""
    return "|".join(_plain(part) for part in (street, second, code, country)) if street and code else ""


def is_gift(address: Mapping[str, Any], *, name: str) -> bool:
    """Say whether an order of somebody of this name plainly went to somebody else: its address bears another name."""
    own, to = _words(name), _words(address.get("name"))
    return bool(own and to) and not own & to


def homes(sent: Sequence[Mapping[str, Any]], *, name: str) -> frozenset[str]:
    """Return where somebody lives, by where their orders went, the newest first; what went to another name was a gift.

    Where no name tells, the newest is one, and so is what more than one order went to: one old gift makes no home of a friend's.
    """
    own = _words(name)
    named = [place(address) for address in sent if own & _words(address.get("name"))]
    untold = [place(address) for address in sent if not own or not _words(address.get("name"))]
    return frozenset({*named, *untold[:1], *(each for each, number in Counter(untold).items() if number > 1)} - {""})


def _words(name: object) -> frozenset[str]:
    return frozenset(plain for each in str(name or "").split() if (plain := _plain(each)))


def _plain(text: object) -> str:
    """Return letters and digits alone, without accents or case: "12, Rua Nova" and "12 rua nova" are one."""
    bare = unicodedata.normalize("NFKD", str(text)).casefold()
    return re.sub(r"[^0-9a-z\u0100-\uffff]", "", "".join(letter for letter in bare if not unicodedata.combining(letter)))


def _digits(phone: str) -> str:
    """Return the last nine digits: with and without a country's code it is one phone."""
    found = "".join(letter for letter in phone if letter.isdigit())
    return found[-9:] if len(found) >= _LEAST_DIGITS else ""
