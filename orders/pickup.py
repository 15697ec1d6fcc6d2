"""Where a parcel waits to be picked up, and until when, as far as its shop or its carrier has told. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from orders.models import Shipment


class Pickup(NamedTuple):
    """A place in one line, and the last moment; either may be unknown."""

    place: str = ""
    until: datetime | None = None


NOWHERE = Pickup()


def was_fetched(parcels: Iterable["Shipment"]) -> bool:
    """Say whether all that has arrived had been ready to be picked up before."""
    there = [each for each in parcels if each.delivered_at]
    return bool(there) and all("ready" in each.said.get("told", ()) for each in there)


def of(parcels: Iterable["Shipment"]) -> Pickup:
    """Return where the first of the parcels that are ready waits: as the shop says, else where its carrier saw it then."""
    parcel = next((each for each in parcels if each.status == "ready" and not (each.delivered_at or each.is_cancelled)), None)
    if parcel is None:
        return NOWHERE
    _, place, until = parcel.said.get("pickup") or ("", "", "")
    seen = next((scan[3] for scan in reversed(parcel.scans) if scan[1] == "ready" and scan[3]), "")
    return Pickup(place or seen, datetime.fromisoformat(until) if until else None)
