"""Until when something can be sent back, and until when its warranty runs. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.models import ProductGuide
from stores import walltime
from stores.models import Store


@dataclass(frozen=True)
class LastDays:
    """The last day of each, by the clock of the moment that was counted from; None where the shop promises none."""

    returns: datetime | None
    warranty: datetime | None


def last_days(guides: Iterable[ProductGuide], store: Store, *, since: datetime) -> LastDays:
    """Count from the arrival, or its forecast: the shortest of the products' own promises, else the shop's."""
    guides = list(guides)
    days = min((guide.return_days for guide in guides if guide.return_days is not None), default=store.return_days)
    months = min((guide.warranty_months for guide in guides if guide.warranty_months is not None), default=store.warranty_months)
    return LastDays(since + timedelta(days=days) if days else None, walltime.months_later(since, months) if months else None)
