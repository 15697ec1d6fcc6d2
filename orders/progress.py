"""Where an order is: its milestones, and the tracker's stage. Pure rules over plain facts.

`received` means what the product's kind makes of it: all parcels delivered, a download paid for, a service done. A parcel that
no carrier ever reported on is taken as received a usual time after shipping; one that was ever scanned is not, however late.

An order is late from the moment one of its parcels is: a day after the latest estimate, so that a carrier's own last hour is let pass;
but at once when the estimate moves a day or more behind what was first promised, for then the shop can say so before the day comes.
A parcel that a carrier reported on and of which nothing is heard any more (`orders.stalling`) is late from then on. Without an estimate
nothing was promised, and what no carrier reports on is never late: its arrival would not be reported either.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

#: From the order to the parcel's leaving, when nothing is known yet: only a forecast, nothing fires on it.
USUAL_HANDLING = timedelta(days=1)
#: So far behind the latest estimate, or an estimate behind the first, a parcel is late.
LATE_AFTER = timedelta(days=1)
#: So long after "not yet" a parcel that nobody reports on is taken as received.
WAITED_AFTER_NO = timedelta(days=3)


class Parcel(NamedTuple):
    """One parcel's facts; `status` is a value of Shipment.Status, told at `status_at`.

    `promised_at` is the first estimate, `moved_at` when the estimates began to lie so far behind it that the parcel is late,
    `silent_since` when it was noted that its carrier tells nothing any more.
    """

    status: str
    shipped_at: datetime | None = None
    expected_at: datetime | None = None
    delivered_at: datetime | None = None
    is_scanned: bool = False
    is_cancelled: bool = False
    status_at: datetime | None = None
    promised_at: datetime | None = None
    moved_at: datetime | None = None
    silent_since: datetime | None = None


class OrderFacts(NamedTuple):
    """What milestones need of an order; `kinds` are its lines' product kinds, `said_received_at` and `not_there_at` a person's word."""

    placed_at: datetime
    fulfillment_status: str = "unfulfilled"
    paid_at: datetime | None = None
    fulfilled_at: datetime | None = None
    said_received_at: datetime | None = None
    not_there_at: datetime | None = None
    kinds: frozenset[str] = frozenset({"physical"})
    parcels: tuple[Parcel, ...] = ()


class Milestones(NamedTuple):
    """The anchors of an order: known moments, or None; `assumed` and the forecasts fill the gaps for planning and display.

    What may never happen comes last; `late` is known ahead of its time, and gone once the order has arrived.
    """

    placed: datetime
    shipped: datetime | None
    expected: datetime | None
    received: datetime | None
    assumed: datetime | None
    shipped_forecast: datetime
    received_forecast: datetime
    promised: datetime | None = None
    out_for_delivery: datetime | None = None
    ready: datetime | None = None
    late: datetime | None = None
    problem: datetime | None = None
    refunded: datetime | None = None


class Stage(StrEnum):
    """The tracker's stops, in order, and the two ways off the line."""

    ORDERED = "ordered"
    PACKED = "packed"
    ON_ITS_WAY = "on_its_way"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"


def milestones(facts: OrderFacts, *, usual_days: float) -> Milestones:
    """Return an order's anchors; `usual_days` is the usual time from shipping to the door (orders.delivery)."""
    usual = timedelta(days=usual_days)
    parcels = [p for p in facts.parcels if not p.is_cancelled and p.status != "returned"]
    received = facts.said_received_at or _received(facts, parcels)
    left = [at for p in parcels if (at := p.shipped_at or p.delivered_at)]
    shipped = min(left, default=None) or (facts.fulfilled_at if not facts.parcels else None) or received
    expected = max([p.expected_at for p in parcels if p.expected_at and p.status != "delivered"], default=None)
    is_under_way = received is None and bool(parcels or not facts.parcels) and facts.fulfillment_status != "partial"
    assumed = shipped + usual if shipped and is_under_way and not any(p.is_scanned for p in facts.parcels) else None
    if assumed and facts.not_there_at:
        assumed = max(assumed, facts.not_there_at + WAITED_AFTER_NO)
    shipped_forecast = shipped or facts.placed_at + USUAL_HANDLING
    coming = [] if received else [p for p in parcels if p.delivered_at is None]
    return Milestones(
        placed=facts.placed_at,
        shipped=shipped,
        expected=expected,
        received=received,
        assumed=assumed,
        shipped_forecast=shipped_forecast,
        received_forecast=received or expected or shipped_forecast + usual,
        **(_of_what_comes(coming) if coming else {}),
    )


def _of_what_comes(parcels: list[Parcel]) -> dict[str, datetime | None]:
    return {
        "promised": max([p.promised_at for p in parcels if p.promised_at], default=None),
        "out_for_delivery": _told(parcels, "out_for_delivery"),
        "ready": _told(parcels, "ready"),
        "late": min([at for p in parcels if (at := _late_at(p))], default=None),
        "problem": _told(parcels, "failure"),
    }


def _told(parcels: list[Parcel], status: str) -> datetime | None:
    """Return since when a parcel has this status."""
    return min([at for p in parcels if p.status == status and (at := p.status_at or p.shipped_at)], default=None)


def _late_at(parcel: Parcel) -> datetime | None:
    """Return when a parcel that is still to come is late: perhaps in the future, None if neither an estimate nor a silence says so.

    One that waits to be picked up is with the customer to fetch, whatever was estimated.
    """
    if parcel.status == "ready":
        return None
    by_estimate = (parcel.moved_at or parcel.expected_at + LATE_AFTER) if parcel.expected_at and parcel.is_scanned else None
    return min(filter(None, (by_estimate, parcel.silent_since)), default=None)


def _received(facts: OrderFacts, parcels: list[Parcel]) -> datetime | None:
    """Return when everything was there: by its parcels, or by the milestone of its kind if there are none."""
    if parcels:
        there = [p.delivered_at for p in parcels if p.delivered_at]
        return max(there) if len(there) == len(parcels) and facts.fulfillment_status != "partial" else None
    if facts.parcels or "physical" in facts.kinds:
        return None
    if "service" in facts.kinds:
        return facts.fulfilled_at
    return facts.fulfilled_at or facts.paid_at


def stage(facts: OrderFacts) -> Stage:
    """Return the tracker's current stop: the least advanced of the parcels that are under way."""
    parcels = [p for p in facts.parcels if not p.is_cancelled and p.status != "returned"]
    if facts.said_received_at or _received(facts, parcels):
        return Stage.DELIVERED
    if not parcels:
        return Stage.ON_ITS_WAY if facts.fulfilled_at and not facts.parcels and "physical" in facts.kinds else Stage.ORDERED
    return min((_stage_of(p) for p in parcels), key=list(Stage).index)


def is_ready(facts: OrderFacts) -> bool:
    """Say whether a parcel waits to be picked up."""
    return any(p.status == "ready" and p.delivered_at is None and not p.is_cancelled for p in facts.parcels)


def _stage_of(parcel: Parcel) -> Stage:
    if parcel.delivered_at:
        return Stage.DELIVERED
    if parcel.status in ("out_for_delivery", "ready"):
        return Stage.OUT_FOR_DELIVERY
    if parcel.status in ("in_transit", "failure") or parcel.shipped_at:
        return Stage.ON_ITS_WAY
    return Stage.PACKED
