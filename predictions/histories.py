"""Each customer's orders as the models want them: how often they came back, when last, and what they spent then."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from stores.models import Store


def _day(moment: str) -> str:
    """Return SQL for the day of a moment in the store: by its offset of today, which is an hour off in half a year and changes nothing."""
    return f"(({moment} AT TIME ZONE 'UTC') + %(offset)s)::date"


_MONEY = "o.shop_currency = %(currency)s"
_TODAY = _day("%(now)s::timestamptz")
#: Orders of one day are one, and the first day is no repetition.
_HISTORIES = f"""
COPY (
    WITH people AS (
        SELECT customer_id, orders_count, {_day("first_order_at")} AS first_day, {_day("last_order_at")} AS last_day
        FROM customers_metrics WHERE store_id = %(store)s AND orders_count > 0 AND first_order_at <= %(now)s
    ), again AS (
        SELECT o.customer_id, count(DISTINCT {_day("o.placed_at")}) AS times,
               count(DISTINCT {_day("o.placed_at")}) FILTER (WHERE {_MONEY}) AS paid_times,
               sum(o.shop_total_minor - o.shop_refunded_minor) FILTER (WHERE {_MONEY}) AS spent
        FROM orders_order o JOIN people ON people.customer_id = o.customer_id
        WHERE o.store_id = %(store)s AND people.orders_count > 1 AND {_day("o.placed_at")} > people.first_day AND o.placed_at <= %(now)s
          AND o.cancelled_at IS NULL AND o.financial_status <> 'voided' AND NOT o.is_test
        GROUP BY o.customer_id
    )
    SELECT people.customer_id, coalesce(times, 0), CASE WHEN times > 0 THEN least(last_day, {_TODAY}) - first_day ELSE 0 END,
           greatest({_TODAY} - first_day, 0), coalesce(paid_times, 0), coalesce(spent / nullif(paid_times, 0), 0)
    FROM people LEFT JOIN again USING (customer_id)
) TO STDOUT (FORMAT csv)
"""


@dataclass(frozen=True)
class Customers:
    """Columns of one length: ids, and floats of days and minor units. `spent` is the mean of `paid_x` repeat days in the store's money."""

    ids: NDArray[np.int64]
    x: NDArray[np.float64]
    t_x: NDArray[np.float64]
    T: NDArray[np.float64]
    paid_x: NDArray[np.float64]
    spent: NDArray[np.float64]


def read(store: Store, *, now: datetime) -> Customers:
    """Return everyone who has an order that counts, in one pass of the database."""
    offset = now.astimezone(ZoneInfo(store.timezone)).utcoffset() or timedelta(0)
    values = {"store": store.pk, "now": now, "offset": offset, "currency": store.currency}
    buffer = BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(cursor.mogrify(_HISTORIES, values), buffer)
    buffer.seek(0)
    table = np.loadtxt(buffer, delimiter=",", ndmin=2) if buffer.getbuffer().nbytes else np.empty((0, 6))
    return Customers(table[:, 0].astype(np.int64), *(table[:, column] for column in range(1, 6)))
