"""An order as it became known, moment by moment, out of how it stands at the end. Pure.

A parcel's first estimate counts as known from its leaving; an end whose moment nobody kept, as always known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from orders.progress import Milestones, OrderFacts, Parcel, milestones

_GONE = "returned"


@dataclass(frozen=True, slots=True)
class Told:
    """One parcel at the end, and what was said of it on the way: estimates as (when, value), other news as (when, status)."""

    parcel: Parcel
    estimates: Sequence[tuple[datetime, datetime]] = ()
    news: Sequence[tuple[datetime, str]] = ()


@dataclass(slots=True)
class Story:
    """An order's milestones over time: `moments` are those at which something new was known, the first is the order itself."""

    facts: OrderFacts
    parcels: Sequence[Told]
    usual_days: int
    refunded_at: datetime | None = None
    also: Sequence[datetime] = ()
    moments: list[datetime] = field(init=False)
    _known: list[Milestones] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.moments = _moments(self)

    def known(self, number: int) -> Milestones:
        """Return the milestones as they were known from moment `number` on."""
        while len(self._known) <= number:
            at = self.moments[len(self._known)]
            found = milestones(_by(self, at), usual_days=self.usual_days)
            is_refunded = self.refunded_at is not None and self.refunded_at <= at
            self._known.append(replace(found, refunded=self.refunded_at) if is_refunded else found)
        return self._known[number]


def _moments(story: Story) -> list[datetime]:
    facts = story.facts
    found = {facts.fulfilled_at, facts.said_received_at, facts.not_there_at, story.refunded_at, *story.also}
    if "physical" not in facts.kinds:
        found.add(facts.paid_at)
    for told in story.parcels:
        parcel = told.parcel
        found |= {parcel.shipped_at, parcel.delivered_at}
        found.update(at for at, _ in told.estimates[1:])
        found.update(at for at, _ in told.news)
        if parcel.status == _GONE:
            found.add(parcel.status_at)
    return [facts.placed_at, *sorted(at for at in found if at is not None and at > facts.placed_at)]


def _by(story: Story, at: datetime) -> OrderFacts:
    """Return what was known of an order by a moment. What has not left yet of an order in several parcels makes it a part."""
    facts = story.facts
    there = [known for told in story.parcels if (known := _parcel_by(told, at)) is not None]
    is_part = 0 < len(there) < sum(not told.parcel.is_cancelled for told in story.parcels)
    return OrderFacts(
        placed_at=facts.placed_at,
        fulfillment_status="partial" if is_part else facts.fulfillment_status,
        paid_at=_if_by(facts.paid_at, at),
        fulfilled_at=_if_by(facts.fulfilled_at, at),
        said_received_at=_if_by(facts.said_received_at, at),
        not_there_at=_if_by(facts.not_there_at, at),
        kinds=facts.kinds,
        parcels=tuple(there),
    )


def _parcel_by(told: Told, at: datetime) -> Parcel | None:
    """Return one parcel as it was known by a moment; None while it has not left."""
    parcel = told.parcel
    left_at = parcel.shipped_at or parcel.delivered_at
    if parcel.is_cancelled or left_at is None or left_at > at:
        return None
    status, since = _status_by(told, at)
    estimates = [value for said_at, value in told.estimates[1:] if said_at <= at]
    return Parcel(
        status=status,
        shipped_at=_if_by(parcel.shipped_at, at),
        expected_at=estimates[-1] if estimates else told.estimates[0][1] if told.estimates else parcel.expected_at,
        delivered_at=_if_by(parcel.delivered_at, at),
        is_scanned=parcel.is_scanned,
        status_at=since,
        promised_at=parcel.promised_at,
        moved_at=_if_by(parcel.moved_at, at),
    )


def _status_by(told: Told, at: datetime) -> tuple[str, datetime | None]:
    parcel = told.parcel
    if parcel.status == _GONE and (parcel.status_at is None or parcel.status_at <= at):
        return _GONE, parcel.status_at
    if parcel.delivered_at is not None and parcel.delivered_at <= at:
        return "delivered", parcel.delivered_at
    return max(((status, since) for since, status in told.news if since <= at), key=_when, default=("in_transit", parcel.shipped_at))


def _when(news: tuple[str, datetime | None]) -> datetime:
    assert news[1] is not None
    return news[1]


def _if_by(moment: datetime | None, at: datetime) -> datetime | None:
    return moment if moment is not None and moment <= at else None


def estimates_of(said: Iterable[Sequence[str]]) -> list[tuple[datetime, datetime]]:
    """Return a parcel's kept estimates (`Shipment.said`) as moments."""
    return [(datetime.fromisoformat(at), datetime.fromisoformat(value)) for at, value, *_ in said]
