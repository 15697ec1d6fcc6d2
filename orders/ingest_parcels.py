"""How news of a parcel changes what is held of it, in whatever order it comes. Pure rules over plain rows.

State goes by the platform's own time: older news never undoes newer. Facts add up: a parcel once seen on its way has been
shipped, whatever came first. So any order of the same news ends in the same parcel and the same events (save moments that only
an update's own time tells).
"""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from customers import events
from orders import estimates
from orders.held import News, ShipmentRow
from orders.incoming import ScanData, ShipmentData, TrackingData

Kind = events.Kind

_TOLD_AS = {
    "out_for_delivery": Kind.SHIPMENT_OUT_FOR_DELIVERY,
    "ready": Kind.SHIPMENT_READY,
    "delivered": Kind.SHIPMENT_DELIVERED,
    "failure": Kind.SHIPMENT_FAILED,
    "returned": Kind.SHIPMENT_RETURNED,
}
_ON_THE_WAY = frozenset({"in_transit", *_TOLD_AS})
#: Of two scans of one moment the later in this list counts.
_RANK = ("", "pending", "in_transit", "out_for_delivery", "failure", "ready", "returned", "delivered")
_MOST_SCANS = 100


@dataclass(frozen=True)
class Turn:
    """One change in a history of values: `value` came for the `nth` time, at `at`, after `before`."""

    before: str
    value: str
    nth: int
    at: str


def merge(row: ShipmentRow, data: ShipmentData, *, now: datetime, moment: datetime) -> list[News]:
    """Change `row` by news of it and return what is to be told; `moment` dates what the news does not date itself."""
    when = data.updated_at or moment
    as_of = _text(data.updated_at or max(now, row.source_updated_at or now))
    if data.has_details and as_of >= row.said.get("details", ""):
        _take_details(row, data, as_of)
    elif data.has_details:
        _fill_gaps(row, data)
    _take_pickup(row, data, as_of)
    news = _take_estimate(row, data, as_of, source=estimates.SHOP)
    news += _take_status(row, data, as_of, when)
    return news


def take_scans(row: ShipmentRow, data: TrackingData, *, now: datetime) -> list[News]:
    """Change `row` by what its carrier tells, and return what is to be told. A feed repeats its scans, in any order: each counts once."""
    held = {tuple(scan) for scan in row.scans}
    fresh = sorted({_scan(scan) for scan in data.scans} - held, key=_scan_order)
    row.scans = [list(scan) for scan in sorted(held.union(fresh), key=_scan_order)[-_MOST_SCANS:]]
    row.carrier, row.tracking_url = row.carrier or data.carrier, row.tracking_url or data.tracking_url
    news = _take_estimate(row, data, _text(data.updated_at or now), source=estimates.CARRIER)
    for scan in fresh:
        news += _take_scan(row, scan)
    if latest := next((scan for scan in reversed(row.scans) if scan[1] in _ON_THE_WAY), None):
        news += _take_scan(row, tuple(latest), is_told=True)
    return news


def _take_scan(row: ShipmentRow, scan: tuple[str, ...], *, is_told: bool = False) -> list[News]:
    at, status, text, place = scan
    moment, seen = datetime.fromisoformat(at), {"text": text, "place": place}
    data = ShipmentData(row.external_id, "", status=status, is_scanned=status in _ON_THE_WAY, has_details=False, updated_at=moment)
    news = _take_status(row, data, at, moment)
    for each in news:
        each.facts |= seen
    if not is_told and status not in _TOLD_AS and (text or place):
        name = hashlib.blake2b("\n".join(scan).encode(errors="replace"), digest_size=6).hexdigest()
        news.append(News(Kind.SHIPMENT_SCANNED, moment, {**facts(row), **seen}, f"{row.external_id}:{name}"))
    return news


def _scan(scan: ScanData) -> tuple[str, ...]:
    return _text(scan.at), scan.status, scan.text[:200], scan.place[:120]


def _scan_order(scan: tuple[str, ...]) -> tuple[str, int, tuple[str, ...]]:
    return scan[0], _RANK.index(scan[1]), scan


def _take_details(row: ShipmentRow, data: ShipmentData, as_of: str) -> None:
    row.said["details"] = as_of
    row.carrier = data.carrier or row.carrier
    row.tracking_number = data.tracking_number or row.tracking_number
    row.tracking_url = data.tracking_url or row.tracking_url
    row.lines = list(data.lines) or row.lines
    row.is_cancelled = data.is_cancelled


def _fill_gaps(row: ShipmentRow, data: ShipmentData) -> None:
    row.carrier = row.carrier or data.carrier
    row.tracking_number = row.tracking_number or data.tracking_number
    row.tracking_url = row.tracking_url or data.tracking_url
    row.lines = row.lines or list(data.lines)


def _take_pickup(row: ShipmentRow, data: ShipmentData, as_of: str) -> None:
    """Keep where a parcel waits to be picked up, and until when, as it was last told."""
    told = as_of, data.pickup_place, _text(data.pickup_until) if data.pickup_until else ""
    if any(told[1:]):
        row.said["pickup"] = max(list(told), row.said.get("pickup", []))


def _take_estimate(row: ShipmentRow, data: ShipmentData | TrackingData, as_of: str, *, source: str) -> list[News]:
    if data.expected_at is None:
        return []
    known = _moves(row)
    note(row.said.setdefault(source, []), as_of, _text(data.expected_at), is_dated=data.updated_at is not None)
    history = estimates.counted(row.said)
    row.expected_at = datetime.fromisoformat(history[-1][1])
    row.first_expected_at = datetime.fromisoformat(history[0][1])
    return [
        News(
            Kind.SHIPMENT_MOVED,
            datetime.fromisoformat(turn.at),
            {**facts(row), "from": turn.before, "to": turn.value},
            f"{row.external_id}:{turn.value}:{turn.nth}",
        )
        for key, turn in _moves(row).items()
        if key not in known
    ]


def _moves(row: ShipmentRow) -> dict[tuple[str, int], Turn]:
    """Return the changes of the estimate that have been told: the shop's own, and those that count."""
    told = [*turns(row.said.get(estimates.SHOP, [])), *turns(estimates.counted(row.said))]
    return {(turn.value, turn.nth): turn for turn in told}


def _take_status(row: ShipmentRow, data: ShipmentData, as_of: str, when: datetime) -> list[News]:
    status = data.status
    if status and status != "pending" and (row.source_updated_at is None or as_of >= _text(row.source_updated_at)):
        row.status, row.source_updated_at = status, datetime.fromisoformat(as_of)
    row.is_scanned = row.is_scanned or data.is_scanned or status in _ON_THE_WAY
    was_shipped = row.shipped_at is not None
    row.shipped_at = _moment(row, "shipped", data.shipped_at, as_of, (data.delivered_at or when) if status in _ON_THE_WAY else None)
    delivered_at = _moment(row, "delivered", data.delivered_at, as_of, when if status == "delivered" else None)
    row.delivered_at = delivered_at if row.status in ("delivered", "returned") else None
    news = []
    if row.shipped_at is not None and not was_shipped:
        news.append(News(Kind.SHIPMENT_SHIPPED, row.shipped_at, facts(row), row.external_id))
    told = row.said.setdefault("told", [])
    if status in _TOLD_AS and status not in told:
        told.append(status)
        at = delivered_at if status == "delivered" and delivered_at else when
        news.append(News(_TOLD_AS[status], at, facts(row), row.external_id))
    return news


def _moment(row: ShipmentRow, name: str, given: datetime | None, as_of: str, derived: datetime | None) -> datetime | None:
    """Return when something happened: what the platform last said outright, else the earliest moment by which it must have."""
    said: list[str] | None = row.said.get(name)
    if given is not None and (said is None or as_of >= said[0]):
        said = row.said[name] = [as_of, _text(given)]
    if derived is not None:
        by = _text(derived)
        row.said[f"{name} by"] = min(row.said.get(f"{name} by") or by, by)
    text = said[1] if said else row.said.get(f"{name} by")
    return datetime.fromisoformat(text) if text else None


def mark(row: ShipmentRow, *, carrier: str, tracking_number: str, by: str, now: datetime) -> list[News]:
    """Note a person's word that a parcel has left, and return what is to be told.

    It only fills gaps: whatever the platform says, earlier or later, goes on counting beside it. Nor is it a carrier's scan, so an order
    that nobody reports on counts as received after the usual days.
    """
    row.carrier, row.tracking_number = row.carrier or carrier, row.tracking_number or tracking_number
    row.status = "in_transit" if row.status == "pending" else row.status
    row.said = {**row.said, "shipped by": _text(now)}
    row.shipped_at, row.marked_by = now, by
    return [News(Kind.SHIPMENT_SHIPPED, now, {**facts(row), "by": by}, row.external_id)]


def facts(row: ShipmentRow) -> dict[str, object]:
    """Return what a timeline says of a parcel."""
    return {
        "shipment": row.external_id,
        "carrier": row.carrier,
        "tracking_number": row.tracking_number,
        "tracking_url": row.tracking_url,
        "expected_at": row.expected_at,
    }


def note(history: list[list[str]], as_of: str, value: str, *, is_dated: bool) -> None:
    """Put a value into a history of [time, value] pairs, sorted by time; of a run of equal values the first and the last stay."""
    if (not is_dated and history and history[-1][1] == value) or [as_of, value] in history:
        return
    place = next((number for number, (at, _) in enumerate(history) if at > as_of), len(history))
    history.insert(place, [as_of, value])
    for number in range(len(history) - 2, 0, -1):
        if history[number - 1][1] == history[number][1] == history[number + 1][1]:
            del history[number]


def turns(history: list[list[str]]) -> list[Turn]:
    """Return the changes in a history. More history only adds to them, so late news never takes back what was told."""
    seen: Counter[str] = Counter()
    found = []
    for (_, before), (at, value) in pairwise(history):
        if value != before:
            seen[value] += 1
            found.append(Turn(before, value, seen[value], at))
    return found


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
