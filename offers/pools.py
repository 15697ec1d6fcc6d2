"""Fills pools with codes. Shops know no letters’ case, so neither does a pool; a code stands in one pool of a shop alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from offers.models import Offer, OfferCode

_AT_ONCE = 5000
#: Whose they are already, by the words in capitals.
_HELD = "SELECT upper(code), offer_id FROM offers_offercode WHERE store_id = %s AND NOT is_shared AND upper(code) = ANY(%s)"


@dataclass
class Filled:
    """How many codes came into a pool, and how many did not: they were there twice, stood in it already, or in that of another offer."""

    added: int = 0
    twice: int = 0
    here: int = 0
    elsewhere: int = 0


def fill(offer: Offer, codes: Sequence[str]) -> Filled:
    """Add codes to an offer's pool; what is held already stays as it is."""
    filled, seen = Filled(), set[str]()
    for start in range(0, len(codes), _AT_ONCE):
        fresh: dict[str, str] = {}
        for code in codes[start : start + _AT_ONCE]:
            filled.twice += code.upper() in seen
            if code.upper() not in seen:
                seen.add(code.upper())
                fresh[code.upper()] = code
        with connection.cursor() as cursor:
            cursor.execute(_HELD, [offer.store_id, list(fresh)])
            for word, holder in cursor.fetchall():
                filled.here += holder == offer.pk
                filled.elsewhere += holder != offer.pk
                fresh.pop(word, None)
        made = [OfferCode(store_id=offer.store_id, offer=offer, code=code) for code in fresh.values()]
        OfferCode.objects.bulk_create(made, ignore_conflicts=True)
        filled.added += len(made)
    return filled
