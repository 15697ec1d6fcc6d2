"""What the feeds have in common: moments without an offset, days without a time, and a last state that no scan tells."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time

from integrations.bodies import moment_or_utc
from orders.incoming import ScanData, Unusable

#: From the least to the most that can be said of a parcel at one moment.
_RANK = ("", "pending", "in_transit", "out_for_delivery", "failure", "ready", "returned", "delivered")
_MOST = 200


def day(value: object, *, name: str) -> datetime | None:
    """Return the moment of an estimate: midnight means a day alone, and noon stays on it in most zones."""
    found = moment_or_utc(value, name=name)
    return found.replace(hour=12) if found is not None and found.time() == time() else found


def place(*parts: object) -> str:
    """Return "Porto, PT" of what is known of a place."""
    return ", ".join(str(part).strip() for part in parts if part and isinstance(part, str))[:120]


def closed(scans: Sequence[ScanData], status: str, at: datetime | None) -> tuple[ScanData, ...]:
    """Return the scans, and one more where the feed knows the parcel further than they do."""
    if len(scans) > _MOST:
        raise Unusable(f"more than {_MOST} scans of one parcel")
    latest = max(scans, key=lambda scan: (scan.at, _RANK.index(scan.status)), default=None)
    if latest is None:
        return (ScanData(at, status),) if status and at else ()
    if _RANK.index(status) > _RANK.index(latest.status):
        return (*scans, replace(latest, status=status, text="", place=""))
    return tuple(scans)
