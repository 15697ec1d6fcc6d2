"""Looks every night whether customers' figures are still what their orders say: a sample of each store, and what drifted is mended.

Figures are kept by every verb that changes an order, so a drift is a fault of ours: it is logged as an error and shown to the staff.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, Sum

from customers.models import Customer
from orders import figures
from orders.models import FiguresCheck
from stores.models import Store

log = logging.getLogger(__name__)

SAMPLE = 1000
_EXAMPLES = 20
#: So long a found drift is shown, and so long the checks are kept.
SHOWN, KEPT = timedelta(days=7), timedelta(days=90)


@dataclass(frozen=True)
class Found:
    """What the checks of the last days found: when the last one ran, and how many customers' figures were wrong."""

    last_at: datetime | None
    wrong: int


@transaction.atomic
def look(store: Store, *, now: datetime, sample: int = SAMPLE) -> FiguresCheck:
    """Check some customers of a store, mend what is wrong, and keep what was found."""
    some = list(Customer.objects.filter(store=store).order_by("?").values_list("pk", flat=True)[:sample])
    wrong = figures.wrong(some)
    if wrong:
        log.error("Figures of %d of %d customers of store %s were wrong, and are mended: %s", len(wrong), len(some), store.slug, wrong[:20])
        figures.recompute(wrong)
    FiguresCheck.objects.filter(store=store, at__lt=now - KEPT).delete()
    return FiguresCheck.objects.create(store=store, at=now, looked_at=len(some), wrong=len(wrong), examples=wrong[:_EXAMPLES])


def found(stores: list[int], *, now: datetime) -> Found:
    """Return what the checks of these stores (ids) have found of late."""
    recent = FiguresCheck.objects.filter(store__in=stores, at__gte=now - SHOWN)
    said = recent.aggregate(last_at=Max("at"), wrong=Sum("wrong"))
    return Found(said["last_at"], said["wrong"] or 0)
