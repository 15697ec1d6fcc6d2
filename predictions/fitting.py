"""Fits the models to a store and says of each customer what to expect; leased per store, so that any number of workers share the stores."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO

import numpy as np
from django.db import connection, transaction
from django.db.models import Q
from numpy.typing import NDArray

from customers import touching
from customers.models import Touched
from predictions import bgnbd, gamma_gamma, histories, minimums
from predictions.histories import Customers
from predictions.models import Fit, Prediction
from stores.models import Store

#: So many are enough to fit a model: the estimates' own error is far below what a shop could notice.
SAMPLE = 100_000
BATCH = 50_000
HORIZON_DAYS = 90
FARTHEST_DAYS = 730
LEASE = timedelta(minutes=30)

_COLUMNS = "customer_id, store_id, p_alive, churn_risk, expected_orders_90, expected_value_90_minor, next_order_at, computed_at"
_UPSERT = f"""
INSERT INTO predictions_prediction ({_COLUMNS})
SELECT {", ".join(f"fresh.{name.strip()}" for name in _COLUMNS.split(","))} FROM fresh
WHERE EXISTS (SELECT 1 FROM customers_customer c WHERE c.id = fresh.customer_id) ORDER BY fresh.customer_id
ON CONFLICT (customer_id) DO UPDATE SET p_alive = excluded.p_alive, churn_risk = excluded.churn_risk,
    expected_orders_90 = excluded.expected_orders_90, expected_value_90_minor = excluded.expected_value_90_minor,
    next_order_at = excluded.next_order_at, computed_at = excluded.computed_at
"""


def take(store: Store, *, now: datetime) -> bool:
    """Lease a store's fit; return whether it was free."""
    Fit.objects.bulk_create([Fit(store=store, kind=kind) for kind in Fit.Kind], ignore_conflicts=True)
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return Fit.objects.filter(free, store=store, kind=Fit.Kind.BGNBD).update(lease_until=now + LEASE) == 1


def refit(store: Store, *, now: datetime) -> int:
    """Fit both models to a store and write what they expect of each customer; return of how many."""
    customers = histories.read(store, now=now)
    sizes = {
        "customers": len(customers.ids),
        "repeat_buyers": int(np.count_nonzero(customers.x)),
        "history_days": int(customers.T.max()) if len(customers.ids) else 0,
    }
    often, spending = _fits(customers, sizes)
    if often.parameters:
        _write(store, customers, bgnbd.Parameters(**often.parameters), _spender(spending), now=now)
    with transaction.atomic():
        Prediction.objects.filter(store=store, computed_at__lt=now).delete()
        for kind, found in ((Fit.Kind.GAMMA_GAMMA, spending), (Fit.Kind.BGNBD, often)):
            Fit.objects.filter(store=store, kind=kind).update(
                parameters=found.parameters, needs=found.needs, fitted_at=now, lease_until=None, **sizes
            )
        touching.touch_all(store.pk, Touched.What.PREDICTIONS)
    return len(customers.ids) if often.parameters else 0


@dataclass(frozen=True)
class Found:
    """A model's parameters by name, or what it needs."""

    parameters: dict[str, float]
    needs: str = ""


def _fits(customers: Customers, sizes: dict[str, int]) -> tuple[Found, Found]:
    if lacking := minimums.needs(**sizes):
        return Found({}, lacking), Found({}, lacking)
    step = max(1, len(customers.ids) // SAMPLE)
    try:
        sample = bgnbd.Histories.collapsed(customers.x[::step], customers.t_x[::step], customers.T[::step])
        often = Found(asdict(bgnbd.fit(sample)))
    except bgnbd.Unfittable:
        often = Found({}, "Needs more customers who come back: these hardly ever do.")
    return often, _spending(customers)


def _spending(customers: Customers) -> Found:
    paid = np.flatnonzero((customers.paid_x > 0) & (customers.spent > 0))
    if len(paid) < minimums.REPEAT_BUYERS:
        return Found({}, f"Needs {minimums.REPEAT_BUYERS} customers with repeat orders in the store’s money (so far {len(paid)}).")
    paid = paid[:: max(1, len(paid) // SAMPLE)]
    try:
        return Found(asdict(gamma_gamma.fit(customers.paid_x[paid], customers.spent[paid])))
    except bgnbd.Unfittable:
        return Found({}, "Needs orders that differ: these customers all spend alike.")


def _spender(spending: Found) -> gamma_gamma.Parameters | None:
    return gamma_gamma.Parameters(**spending.parameters) if spending.parameters else None


def _write(store: Store, customers: Customers, often: bgnbd.Parameters, spender: gamma_gamma.Parameters | None, *, now: datetime) -> None:
    """Write all customers in batches, each one COPY and one statement: none is long, and one that fails is made good by the next run."""
    order = np.argsort(customers.ids)
    for start in range(0, len(order), BATCH):
        lines = StringIO("".join(_lines(store, customers, order[start : start + BATCH], often, spender, now=now)))
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE fresh ON COMMIT DROP AS SELECT {_COLUMNS} FROM predictions_prediction WITH NO DATA")
            cursor.copy_expert(f"COPY fresh ({_COLUMNS}) FROM STDIN (FORMAT csv)", lines)
            cursor.execute(_UPSERT)


def _lines(
    store: Store,
    customers: Customers,
    chosen: NDArray[np.int64],
    often: bgnbd.Parameters,
    spender: gamma_gamma.Parameters | None,
    *,
    now: datetime,
) -> Iterator[str]:
    x, t_x, T = customers.x[chosen], customers.t_x[chosen], customers.T[chosen]
    alive = bgnbd.p_alive(often, x, t_x, T)
    orders = bgnbd.expected_purchases(often, HORIZON_DAYS, x, t_x, T)
    days = bgnbd.days_until_likely(often, x, t_x, T)
    values = orders * gamma_gamma.expected_value(spender, customers.paid_x[chosen], customers.spent[chosen]) if spender else None
    stamp = now.astimezone(UTC).isoformat()
    for n, (pk, times, chance, count, wait) in enumerate(
        zip(customers.ids[chosen].tolist(), x.tolist(), alive.tolist(), orders.tolist(), days.tolist(), strict=True)
    ):
        odds = f"{chance:.4f},{1 - chance:.4f}" if times else ","
        value = "" if values is None else str(round(values[n]))
        coming = (now + timedelta(days=wait)).isoformat() if wait <= FARTHEST_DAYS else ""
        yield f"{pk},{store.pk},{odds},{count:.4f},{value},{coming},{stamp}\n"
