"""Where and when a rule is asked: the store's number, zone and money, and this moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from stores import walltime
from stores.models import Store


@dataclass(frozen=True)
class Setting:
    """What a compiled rule depends on besides its tree. `cuts` is what the highest per cents have spent (`segments.cutoffs`)."""

    store_id: int
    zone: ZoneInfo
    currency: str
    soft_opt_in: bool
    now: datetime
    cuts: Mapping[Decimal, int | None] = field(default_factory=dict)

    def days_ago(self, days: int) -> datetime:
        return self.now - timedelta(days=days)

    def begin_of(self, day: date) -> datetime:
        """Return the first moment of a day by the store's clock."""
        noon = datetime.combine(day, time(12), tzinfo=self.zone)
        return walltime.at_wall_time(noon, days=0, wall=time(), zone=self.zone)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


def of(store: Store, *, now: datetime, cuts: Mapping[Decimal, int | None] | None = None) -> Setting:
    return Setting(store.pk, ZoneInfo(store.timezone), store.currency, store.soft_opt_in, now, cuts or {})
