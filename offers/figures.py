"""What became of a store's codes, and what those still open may cost."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

#: By offer and currency, those whose offer's grace is over left out of what is open.
_READ = """
SELECT c.offer_id, c.currency,
    count(*) FILTER (WHERE c.state = 'free'),
    count(*) FILTER (WHERE c.state IN ('given', 'used')),
    count(*) FILTER (WHERE c.state = 'used'),
    count(*) FILTER (WHERE {open}), coalesce(sum(c.worth_minor) FILTER (WHERE {open}), 0),
    coalesce(sum(c.worth_minor) FILTER (WHERE c.state = 'used'), 0),
    count(*) FILTER (WHERE {open} AND c.worth_minor = 0)
FROM offers_offercode c JOIN offers_offer o ON o.id = c.offer_id
WHERE c.store_id = %(store)s AND c.state IN ('free', 'given', 'used')
GROUP BY c.offer_id, c.currency ORDER BY c.currency, c.offer_id
""".replace("{open}", "c.state = 'given' AND c.expires_at + o.grace_hours * interval '1 hour' > %(now)s")


@dataclass(frozen=True)
class Tally:
    """The codes of an offer that are worth one currency ("" for those of a pool that nobody has yet)."""

    offer: int
    currency: str
    free: int
    given: int
    used: int
    open: int
    open_minor: int
    used_minor: int
    unknown: int


@dataclass(frozen=True)
class Liability:
    """What open codes may still cost in one currency; of `unknown` ones nobody has said what they are worth."""

    currency: str
    open: int
    minor: int
    unknown: int


def tallies(store_id: int, *, now: datetime) -> list[Tally]:
    """Return a store's figures by offer and currency; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"store": store_id, "now": now})
        return [Tally(offer, currency, *map(int, numbers)) for offer, currency, *numbers in cursor.fetchall()]


def liabilities(found: Iterable[Tally]) -> list[Liability]:
    """Add up by currency what is open."""
    sums: dict[str, Liability] = {}
    for each in found:
        if each.open:
            held = sums.get(each.currency, Liability(each.currency, 0, 0, 0))
            sums[each.currency] = Liability(each.currency, held.open + each.open, held.minor + each.open_minor, held.unknown + each.unknown)
    return [sums[currency] for currency in sorted(sums)]
