"""The names of people who were erased, as keyed digests: enough to know them when a shop tells of them again, and nothing else.

A digest stands among the identities of the row that is left of its person. With the database alone nobody can tell whose it is: the key
is SECRET_KEY, or one of its fallbacks.
"""

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from django.conf import settings

from customers.models import Customer

if TYPE_CHECKING:
    from customers.identity import Person

_MARK = "erased:"


def of(name: str) -> list[str]:
    """Return a name's digests, the present key's first; `name` is an address in its normal form or a platform's external id."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [_MARK + hmac.digest(key.encode(), f"erased {name}".encode(), "sha256").hex() for key in keys]


def of_all(names: Iterable[str]) -> dict[str, str]:
    """Return the name behind each digest."""
    return {digest: name for name in names for digest in of(name)}


Told = tuple[Sequence["Person"], Sequence[str | None], Sequence[str]]


def recognise(store_id: int, told: Told, found: dict[str, int], named: dict[str, int]) -> Told:
    """Return people with their addresses and external ids, those who were erased being nobody but the row that is left of them.

    `found` are the rows of the erased by the names they had: a digest each. Who has ordered since is a new person, to whom nothing is sold
    before they ask for it; and so is whoever came back that way, whatever else is told of them.
    """
    people, keys, ids = ([*part] for part in told)
    erased_at = dict(Customer.objects.filter(pk__in=found.values(), erased_at__isnull=False).values_list("pk", "erased_at"))
    back = set(
        Customer.objects.filter(store=store_id, email_key__in=[key for key in keys if key in found]).values_list("email_key", flat=True)
    )
    for place, (person, key, name) in enumerate(zip(people, keys, ids, strict=True)):
        row = found.get(key or "") or found.get(name)
        since = erased_at.get(row) if row else None
        if row is None or since is None:
            continue
        if person.acted_at and person.acted_at > since:
            people[place] = replace(person, erased_at=since)
        elif person.acted_at or not (key in back or name in named):
            people[place], keys[place], ids[place] = type(person)(), None, of(key if key in found else name)[0]
    return people, keys, ids
