"""What one customer may have of a store's offers. Pure: facts in, a word out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo


class Lack(Enum):
    """Why somebody gets no code: none is left, it is being made or in other hands, they have another one, or have had enough."""

    EMPTY = "empty"
    MAKING = "making"
    STACKED = "stacked"
    BUDGET = "budget"


@dataclass(frozen=True)
class Had:
    """A code somebody was given: of which offer, since when, for what, whether it was used, and until when the shop takes it."""

    offer: int
    issued_at: datetime
    worth_minor: int
    currency: str
    is_used: bool
    good_until: datetime

    def is_open(self, now: datetime) -> bool:
        return not self.is_used and self.good_until > now


@dataclass(frozen=True)
class Rules:
    """What a store lets one customer have: of other offers beside an open one, and in money within a quarter."""

    currency: str
    zone: ZoneInfo
    quarter_budget_minor: int | None = None
    may_stack: bool = False


def refusal(had: list[Had], *, offer: int, worth_minor: int, currency: str, rules: Rules, now: datetime) -> Lack | None:
    """Return why somebody who `had` these codes gets none of an offer now, or None.

    Of the quarter's budget, codes that were used or still may be take their part; one that ran out gives it back. What is worth another
    currency cannot be added up with the rest, and is left out.
    """
    if not rules.may_stack and any(each.offer != offer and each.is_open(now) for each in had):
        return Lack.STACKED
    if rules.quarter_budget_minor is None or currency != rules.currency:
        return None
    since = quarter_start(now, rules.zone)
    counted = [each for each in had if each.issued_at >= since and each.currency == currency and (each.is_used or each.is_open(now))]
    spent = sum(each.worth_minor for each in counted)
    return Lack.BUDGET if spent + worth_minor > rules.quarter_budget_minor else None


def quarter_start(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment of the calendar quarter by a wall clock."""
    local = now.astimezone(zone)
    return local.replace(month=local.month - (local.month - 1) % 3, day=1, hour=0, minute=0, second=0, microsecond=0)


def next_quarter(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment of the calendar quarter that comes, by a wall clock."""
    return quarter_start(quarter_start(now, zone) + timedelta(days=100), zone)
