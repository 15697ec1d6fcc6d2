"""How many customers of a store stand where: read once, counted every way that the page of the groups shows."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from django.db import connection

from customers.models import RfmMovement
from stores.models import Store

_SCORED = """
SELECT recency, frequency, "group", last_month_group, stage, count(*) FROM customers_rfm WHERE store_id = %s GROUP BY 1, 2, 3, 4, 5
"""
_ORDERED = """
SELECT (SELECT count(*) FROM customers_customer WHERE store_id = %(store)s), count(*) FILTER (WHERE orders_count = 1),
    count(*) FILTER (WHERE orders_count > 1)
FROM customers_metrics WHERE store_id = %(store)s
"""


@dataclass
class Counts:
    """Customers by cell (recency, frequency), by group, by last month's group, by both, by stage, and by orders: 0, 1, 2 or more."""

    cells: Counter[tuple[int, int]] = field(default_factory=Counter)
    groups: Counter[str] = field(default_factory=Counter)
    before: Counter[str] = field(default_factory=Counter)
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    stages: Counter[str] = field(default_factory=Counter)
    orders: Counter[int] = field(default_factory=Counter)


def read(store: Store) -> Counts:
    """Count a store's customers; two queries."""
    found = Counts()
    with connection.cursor() as cursor:
        cursor.execute(_SCORED, [store.pk])
        for recency, frequency, group, before, stage, number in cursor.fetchall():
            found.cells[recency or 0, frequency or 0] += number
            found.groups[group] += number
            found.before[before] += number
            found.moves[before, group] += number
            found.stages[stage] += number
        cursor.execute(_ORDERED, {"store": store.pk})
        everybody, once, again = cursor.fetchone()
    found.orders.update({0: everybody - once - again, 1: once, 2: again})
    return found


def months(store: Store) -> list[date]:
    """Return the months whose movement is kept, the latest first."""
    return list(RfmMovement.objects.filter(store=store).order_by("-month").values_list("month", flat=True).distinct()[:24])


def movement(store: Store, month: date) -> Counter[tuple[str, str]]:
    """Return how many went from one group to another in a month."""
    rows = RfmMovement.objects.filter(store=store, month=month).values_list("from_group", "to_group", "customers")
    return Counter({(before, after): number for before, after, number in rows})
