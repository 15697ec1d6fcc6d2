"""Whose mail goes for whose, where passages of one customer through one flow run side by side. Pure.

A mail goes with the latest order: what an earlier one has due waits for it, and is joined with it once it went; where that comes to
nothing, the earlier one's goes after all. Live (`campaigns.conversations`) and rehearsed by the same rule.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

#: So long after the later order's mail is due it is looked whether it went; where that is past, so often.
_LOOK_AFTER, _LOOK_EVERY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Side:
    """One step of one passage (their ids), with the order it is about; `went_at`: when it was handed over, `is_open`: it may still be."""

    run: int
    passage: int
    number: str
    placed_at: datetime
    due_at: datetime
    is_open: bool
    went_at: datetime | None = None


@dataclass(frozen=True)
class Join:
    """The order (its number) whose mail goes for this one too; `waits_until`: when to look whether it did, None once it has."""

    number: str
    waits_until: datetime | None


def join(mine: Side, beside: Iterable[Side], *, entered_at: datetime, use_by: datetime, now: datetime) -> Join | None:
    """Return for whom a due step of a passage that began at `entered_at` waits, among the same step `beside` by the age of orders."""
    others = [each for each in beside if each.passage != mine.passage]
    went = [each for each in others if each.went_at is not None and each.went_at >= entered_at]
    if went:
        return Join(went[-1].number, None)
    later = [each for each in others if each.is_open and (each.placed_at, each.run) > (mine.placed_at, mine.run)]
    if not later:
        return None
    last = later[-1]
    looks = last.due_at + _LOOK_AFTER if last.due_at > now else now + _LOOK_EVERY
    return Join(last.number, looks if now < use_by else None)


def known(had: Sequence[tuple[datetime, int]], *, placed_at: datetime) -> frozenset[int]:
    """Return the products a customer had of orders before."""
    return frozenset(product for at, product in had if at < placed_at)
