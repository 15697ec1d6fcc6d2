"""An order as it became known, moment by moment, out of how it stands at the end. Pure.

A parcel's first estimate counts as known from its leaving; an end whose moment nobody kept, as always known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from campaigns import timing
from orders.progress import Milestones, OrderFacts, Parcel, milestones

GONE = "returned"


@dataclass(frozen=True, slots=True)
class Told:
    """One parcel at the end, and what was said of it on the way: estimates as (when, value), other news as (when, status).

    `silent`: from when until when it was noted that its carrier tells nothing any more.
    """

    parcel: Parcel
    estimates: Sequence[tuple[datetime, datetime]] = ()
    news: Sequence[tuple[datetime, str]] = ()
    silent: Sequence[tuple[datetime, datetime | None]] = ()


@dataclass(slots=True)
class Story:
    """An order's milestones over time: `moments` are those at which something new was known, the first is the order itself.

    Before moment `first_news` nothing is known but that it was placed.
    """

    facts: OrderFacts
    parcels: Sequence[Told]
    usual_days: float
    refunded_at: datetime | None = None
    also: Sequence[datetime] = ()
    moments: list[datetime] = field(init=False)
    first_news: int = field(init=False)
    _known: dict[int, Milestones] = field(init=False, default_factory=dict)
    _at: dict[str, list[int]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        news, placed_at = _news(self), self.facts.placed_at
        later = sorted([at for at in news if at > placed_at])
        self.moments = [placed_at, *later]
        self.first_news = 1 if later and len(later) == len(news) else 0

    def knowing(self, anchor: str) -> list[int]:
        """Return the moments (numbers) at which an anchor is known to have come; the last of all moments at any rate."""
        if anchor not in self._at:
            last = len(self.moments) - 1
            first = self.first_news if anchor != "placed" else 0
            self._at[anchor] = [number for number in range(first, last) if timing.is_known(anchor, self.known(number))] + [last]
        return self._at[anchor]

    def known(self, number: int) -> Milestones:
        """Return the milestones as they were known from moment `number` on."""
        if number not in self._known:
            at = self.moments[number]
            found = milestones(_by(self, at), usual_days=self.usual_days)
            is_refunded = self.refunded_at is not None and self.refunded_at <= at
            self._known[number] = found._replace(refunded=self.refunded_at) if is_refunded else found
        return self._known[number]


def _news(story: Story) -> set[datetime]:
    """Return the moments at which something was learned beside the order itself."""
    facts = story.facts
    found = {facts.fulfilled_at, facts.said_received_at, facts.not_there_at, story.refunded_at, *story.also}
    if "physical" not in facts.kinds:
        found.add(facts.paid_at)
    for told in story.parcels:
        parcel = told.parcel
        found |= {parcel.shipped_at, parcel.delivered_at}
        if told.news or told.silent or len(told.estimates) > 1:
            found.update(at for at, _ in (*told.estimates[1:], *told.news))
            found.update(at for span in told.silent for at in span)
        if parcel.status == GONE:
            found.add(parcel.status_at)
    found.discard(None)
    return found  # type: ignore[return-value]


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
    if parcel.status == "delivered" and parcel.delivered_at and parcel.delivered_at <= at and not (told.news or told.silent):
        return parcel  # nothing comes after that
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
        silent_since=next((since for since, until in told.silent if since <= at and (until is None or at < until)), None),
    )


def _status_by(told: Told, at: datetime) -> tuple[str, datetime | None]:
    parcel = told.parcel
    if parcel.status == GONE and (parcel.status_at is None or parcel.status_at <= at):
        return GONE, parcel.status_at
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
