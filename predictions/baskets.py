"""What is bought together, learned from a shop's own orders.

B goes with A when people take B with A, or within WINDOW_DAYS after it: counted once a buyer, so that one who buys daily is one voice.
Share (confidence), and lift over what all buyers take, are those of market basket analysis (Agrawal, Imieliński, Swami, SIGMOD 1993;
Brin et al., SIGMOD 1997). A pair is kept where the lower end of the share's 95 % interval (Wilson, JASA 1927) still lies above what all
buyers take: few buyers prove nothing, and what everybody buys goes with nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from catalog.models import Pairing
from orders.models import Order
from predictions.models import Fit
from stores import rows
from stores.models import Store

WINDOW_DAYS = 60
LEAST_ORDERS = 200
LEAST_BUYERS = 5
MOST = 6  # of one product
#: Beyond so many products within a window somebody stocks a shop: what they take says nothing about taste.
WIDEST = 50
#: Learned pairs rank behind everything that was said, the strongest first: from here, down to here − 1000.
_WEAKEST = 2000
_CHUNK = 8 << 20  # bytes of lines counted at a time

Numbers = NDArray[np.int64]
_Z = 1.959964

_BOUGHT = """
COPY (
    SELECT l.customer_id, (l.placed_at AT TIME ZONE 'UTC')::date - DATE '2000-01-01', l.product_id
    FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
    WHERE l.store_id = %(store)s AND l.product_id IS NOT NULL AND l.quantity > l.refunded_quantity AND l.placed_at <= %(now)s
      AND o.cancelled_at IS NULL AND o.financial_status <> 'voided' AND NOT o.is_test
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
) TO STDOUT
"""


@dataclass(frozen=True)
class Pair:
    """`suggested` goes with `product`: so many buyers of both, their share of the product's, its lift, and the share's lower bound."""

    product: int
    suggested: int
    buyers: int
    share: float
    lift: float
    bound: float


class Counting:
    """Counts buyers of products and of pairs; takes whole buyers, in any portions."""

    def __init__(self, products: Numbers) -> None:
        """Begin with the ids of all products there are, sorted."""
        self.products, self.people = products, 0
        self.of_product = np.zeros(len(products), np.int64)
        self.pairs: tuple[Numbers, Numbers] = (np.empty(0, np.int64), np.empty(0, np.int64))

    def add(self, bought: Numbers) -> None:
        """Count rows of (buyer, day, product), each once, sorted; no buyer may come in two portions."""
        who, day = np.unique(bought[:, 0], return_inverse=True)[1], bought[:, 1]
        what = np.searchsorted(self.products, bought[:, 2])
        self.people += int(who[-1]) + 1 if len(who) else 0
        size = len(self.products)
        self.of_product += np.bincount(np.unique(who * size + what) % size, minlength=size)
        codes = [np.empty(0, np.int64)]
        for step in range(1, WIDEST + 1):
            apart = day[step:] - day[:-step]
            near = (who[step:] == who[:-step]) & (apart <= WINDOW_DAYS)
            if not near.any():
                break
            near &= what[step:] != what[:-step]
            first, then, by = what[:-step][near], what[step:][near], who[:-step][near]
            codes.append((by * size + first) * size + then)
            same = apart[near] == 0  # in one basket each goes with the other
            codes.append((by[same] * size + then[same]) * size + first[same])
        found, buyers = np.unique(np.unique(np.concatenate(codes)) % (size * size), return_counts=True)
        held, times = self.pairs
        merged, place = np.unique(np.concatenate([held, found]), return_inverse=True)
        self.pairs = merged, np.bincount(place, np.concatenate([times, buyers]), len(merged)).astype(np.int64)

    def strongest(self) -> Iterator[Pair]:
        """Yield the pairs that are worth a word, each product's MOST strongest, the strongest first."""
        codes, both = self.pairs
        first, then = np.divmod(codes, max(len(self.products), 1))
        share, usual = both / self.of_product[first], self.of_product[then] / max(self.people, 1)
        bound = lower(both, self.of_product[first])
        is_kept = (both >= LEAST_BUYERS) & (bound > usual)
        order = np.lexsort((then, -bound, first))
        order = order[is_kept[order]]
        starts = np.searchsorted(first[order], first[order])
        for at in order[np.arange(len(order)) - starts < MOST]:
            product, suggested = int(self.products[first[at]]), int(self.products[then[at]])
            yield Pair(product, suggested, int(both[at]), float(share[at]), float(share[at] / usual[at]), float(bound[at]))


def lower(times: NDArray[Any], of: NDArray[Any]) -> NDArray[np.float64]:
    """Return the lower end of Wilson's 95 % interval of times/of."""
    share = times / of
    middle, width = share + _Z**2 / (2 * of), _Z * np.sqrt(share * (1 - share) / of + _Z**2 / (4 * of**2))
    return np.asarray((middle - width) / (1 + _Z**2 / of), np.float64)


class _Portions:
    """What COPY writes to: counts whole buyers as soon as there are enough of their lines."""

    def __init__(self, counting: Counting) -> None:
        self.counting, self.size = counting, 0
        self.held: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.held.append(data)
        self.size += len(data)
        if self.size >= _CHUNK:
            self.count(is_last=False)

    def count(self, *, is_last: bool) -> None:
        """Count what is held; but for the last portion, its last buyer stays for the next."""
        text = b"".join(self.held)
        whole = text.rfind(b"\n") + 1
        if not whole:
            return
        table = np.fromstring(text[:whole].decode("ascii"), np.int64, sep=" ").reshape(-1, 3)
        cut = len(table) if is_last else int(np.searchsorted(table[:, 0], table[-1, 0]))
        rest = b"".join(b"%d\t%d\t%d\n" % tuple(row) for row in table[cut:].tolist()) + text[whole:]
        self.held, self.size = [rest], len(rest)
        if cut:
            self.counting.add(table[:cut])


def count(store: Store, *, now: datetime) -> Counting:
    """Count what a store's customers bought, in one pass of the database and bounded memory."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM catalog_product WHERE store_id = %s ORDER BY id", [store.pk])
        counting = Counting(np.array([pk for (pk,) in cursor.fetchall()], np.int64))
        portions = _Portions(counting)
        cursor.copy_expert(cursor.mogrify(_BOUGHT, {"store": store.pk, "now": now}), portions)
        portions.count(is_last=True)
    return counting


@transaction.atomic
def learn(store: Store, *, now: datetime) -> None:
    """Learn a store's pairs anew; those that the orders no longer show are gone, unless somebody chose or blocked them."""
    orders = Order.objects.filter(store=store, cancelled_at=None, is_test=False)[:LEAST_ORDERS].count()
    needs = f"Needs {LEAST_ORDERS} orders (so far {orders})." if orders < LEAST_ORDERS else ""
    Fit.objects.update_or_create(store=store, kind=Fit.Kind.BASKETS, defaults={"needs": needs, "fitted_at": now})
    found = [] if needs else list(count(store, now=now).strongest())
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
