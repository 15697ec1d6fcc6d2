"""How soon customers are answered, and what is asked about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count

from orders.models import OrderLine
from stores.models import Store

DAYS = 30
_MOST_PRODUCTS = 5
_MEDIANS = """
SELECT count(*) FILTER (WHERE NOT is_machine), count(first_answered_at), count(closed_at) FILTER (WHERE NOT is_machine),
    count(*) FILTER (WHERE is_settled_by_offer),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM first_answered_at - opened_at)),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM closed_at - opened_at)) FILTER (WHERE NOT is_machine)
FROM (
    SELECT *, closed_at IS NOT NULL AND first_answered_at IS NULL AND task_id IS NULL AS is_machine
    FROM enquiries_enquiry WHERE store_id = %s AND opened_at >= %s
) AS lately
"""


@dataclass(frozen=True)
class Figures:
    """The conversations begun within the days: how many, how many were answered, closed, and closed by what was mailed at once.

    Medians; None where there is nothing to take one of. What only machines wrote does not count.
    """

    begun: int
    answered: int
    closed: int
    settled_at_once: int
    first_answer: timedelta | None
    resolution: timedelta | None


@dataclass(frozen=True)
class Recurring:
    """A product, and how many conversations were about an order with it."""

    product: int
    title: str
    enquiries: int


def of(store: Store, *, now: datetime) -> Figures:
    with connection.cursor() as cursor:
        cursor.execute(_MEDIANS, [store.pk, now - timedelta(days=DAYS)])
        begun, answered, closed, settled, first, resolution = cursor.fetchone()
    return Figures(begun, answered, closed, settled, _span(first), _span(resolution))


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=round(float(seconds)))


def recurring(store: Store, *, now: datetime) -> Sequence[Recurring]:
    """Return the products that were asked about most: whoever writes tips may answer beforehand."""
    asked = OrderLine.objects.filter(store=store, product__isnull=False, order__enquiries__opened_at__gte=now - timedelta(days=DAYS))
    counted = asked.values("product_id", "product__title").annotate(number=Count("order__enquiries", distinct=True))
    rows = counted.order_by("-number", "product__title")[:_MOST_PRODUCTS]
    return [Recurring(row["product_id"], row["product__title"], row["number"]) for row in rows]
