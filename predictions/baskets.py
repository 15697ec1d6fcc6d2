"""What goes well with what, learned from what a shop's customers bought together.

B goes with A when people take B with A, or within 60 days after it: counted once a buyer, so that one who buys daily is one voice
(`predictions.together` keeps the counts). Share (confidence), and lift over what all buyers take, are those of market basket analysis
(Agrawal, Imieliński, Swami, SIGMOD 1993; Brin et al., SIGMOD 1997). A pair is kept where the lower end of the share's 95 % interval
(Wilson, JASA 1927) still lies above what all buyers take: few buyers prove nothing, and what everybody buys goes with nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import F, Q
from numpy.typing import NDArray

from catalog.models import Pairing
from orders.models import Order
from predictions import together
from predictions.counting import Numbers
from predictions.models import Fit
from stores import rows
from stores.models import Store

LEAST_ORDERS = 200
LEAST_BUYERS = 5
MOST = 6  # of one product
#: What is learned follows the counts, no more often than this.
EVERY = timedelta(hours=1)
#: Learned pairs rank behind everything that was said, the strongest first: from here, down to here − 1000.
_WEAKEST = 2000
_Z = 1.959964


@dataclass(frozen=True)
class Pair:
    """`suggested` goes with `product`: so many buyers of both, their share of the product's, its lift, and the share's lower bound."""

    product: int
    suggested: int
    buyers: int
    share: float
    lift: float
    bound: float


def strongest(counts: Numbers, people: int) -> Iterator[Pair]:
    """Yield the pairs that are worth a word, each product's MOST strongest, the strongest first.

    `counts` are rows of product, suggested, buyers; a product beside itself is there with all its buyers.
    """
    counts = counts[counts[:, 2] >= LEAST_BUYERS]
    alone = counts[counts[:, 0] == counts[:, 1]]
    alone = alone[np.argsort(alone[:, 0])]
    first, then, both = counts[counts[:, 0] != counts[:, 1]].T
    of_first, of_then = (alone[np.searchsorted(alone[:, 0], which), 2] for which in (first, then))
    share, usual, bound = both / of_first, of_then / max(people, 1), lower(both, of_first)
    order = np.lexsort((then, -bound, first))
    order = order[(bound > usual)[order]]
    starts = np.searchsorted(first[order], first[order])
    for at in order[np.arange(len(order)) - starts < MOST]:
        yield Pair(int(first[at]), int(then[at]), int(both[at]), float(share[at]), float(share[at] / usual[at]), float(bound[at]))


def lower(times: NDArray[Any], of: NDArray[Any]) -> NDArray[np.float64]:
    """Return the lower end of Wilson's 95 % interval of times/of."""
    share = times / of
    middle, width = share + _Z**2 / (2 * of), _Z * np.sqrt(share * (1 - share) / of + _Z**2 / (4 * of**2))
    return np.asarray((middle - width) / (1 + _Z**2 / of), np.float64)


def due(*, now: datetime) -> list[Store]:
    """Return the stores whose counts moved since their pairs were learned, an hour ago or more."""
    is_due = Q(fitted_at=None) | Q(fitted_at__lte=now - EVERY, counted_at__gt=F("fitted_at"))
    return list(Store.objects.filter(pk__in=Fit.objects.filter(is_due, kind=Fit.Kind.BASKETS, counted_at__isnull=False).values("store")))


@transaction.atomic
def learn(store: Store, *, now: datetime) -> None:
    """Learn a store's pairs from its counts; those that these no longer show are gone, unless somebody chose or blocked them."""
    orders = Order.objects.filter(store=store, cancelled_at=None, is_test=False)[:LEAST_ORDERS].count()
    needs = f"Needs {LEAST_ORDERS} orders (so far {orders})." if orders < LEAST_ORDERS else ""
    people = together.people(store)
    Fit.objects.update_or_create(store=store, kind=Fit.Kind.BASKETS, defaults={"needs": needs, "fitted_at": now, "customers": people})
    found = [] if needs else list(strongest(together.kept(store.pk, least=LEAST_BUYERS), people))
    fresh = [
        {
            "store_id": store.pk, "product_id": pair.product, "suggested_id": pair.suggested, "origin": Pairing.Origin.LEARNED.value,
            "is_blocked": False, "reason": "", "rank": round(_WEAKEST - 1000 * pair.bound), "buyers": pair.buyers, "share": pair.share,
            "lift": pair.lift,
        }
        for pair in found
    ]  # fmt: skip
    learned = "buyers = excluded.buyers, share = excluded.share, lift = excluded.lift"
    rank = "rank = CASE WHEN catalog_pairing.origin = 'learned' THEN excluded.rank ELSE catalog_pairing.rank END"
    written = rows.insert(
        Pairing, fresh, conflict=f"(product_id, suggested_id) DO UPDATE SET {learned}, {rank}", returning="catalog_pairing.id"
    )
    others = Pairing.objects.filter(store=store).exclude(pk__in=[pk for (pk,) in written])
    others.filter(origin=Pairing.Origin.LEARNED, is_blocked=False).delete()
    others.filter(buyers__gt=0).update(buyers=0, share=None, lift=None)
