"""Where a store's customers stand on the two axes: counted by cell, and listed by quadrant."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, QuerySet

from engagement.advice import Quadrant
from engagement.models import Engagement, Upkeep
from stores.models import Store

#: Where a cell begins, as a share of the split: half of the cells lie below it.
EDGES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)


@dataclass(frozen=True)
class Splits:
    """Above these a score is high."""

    value: float
    impact: float


def splits_of(store: Store) -> Splits | None:
    """Return a store's splits, None before its scores were first brought to one moment."""
    kept = Upkeep.objects.filter(store=store, value_split__gt=0).first()
    return Splits(kept.value_split or 0, kept.impact_split or 0) if kept else None


def counted(store: Store, splits: Splits) -> dict[tuple[int, int], int]:
    """Return how many customers stand in each cell (value, impact), from 0; those without any score are not counted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT width_bucket(greatest(value, 0)::float, %(value)s::float[]) - 1,"
            " width_bucket(greatest(impact, 0)::float, %(impact)s::float[]) - 1, count(*)"
            " FROM engagement_engagement WHERE store_id = %(store)s AND (value > 0 OR impact > 0) GROUP BY 1, 2",
            {
                "store": store.pk,
                "value": [edge * splits.value for edge in EDGES],
                "impact": [edge * (splits.impact or 1) for edge in EDGES],
            },
        )
        return {(value, impact): count for value, impact, count in cursor.fetchall()}


def within(store: Store, splits: Splits, quadrant: Quadrant) -> QuerySet[Engagement]:
    """Return the scores of one quadrant's customers, those without any score left out."""
    has_value, has_impact = Q(value__gte=splits.value), Q(impact__gte=splits.impact or 1)
    chosen = {
        Quadrant.ADVOCATES: has_value & has_impact,
        Quadrant.BUYERS: has_value & ~has_impact,
        Quadrant.VOICES: ~has_value & has_impact,
        Quadrant.QUIET: ~has_value & ~has_impact & (Q(value__gt=0) | Q(impact__gt=0)),
    }[quadrant]
    return Engagement.objects.filter(chosen, store=store)
