"""Reads 17TRACK's webhooks (tracking API 2: TRACKING_UPDATED).

Its habits: carriers are numbers; a scan has a stage only where it is a milestone, and a finer `sub_status` that begins with one;
an estimate is a span of days.
"""

from datetime import datetime
from typing import Any

from integrations.bodies import child, items, moment_or_utc, need, text
from integrations.feeds import reading
from orders.incoming import ScanData, TrackingData

_STATUS = {
    "InfoReceived": "pending",
    "PickedUp": "in_transit",
    "Departure": "in_transit",
    "Arrival": "in_transit",
    "InTransit": "in_transit",
    "AvailableForPickup": "ready",
    "OutForDelivery": "out_for_delivery",
    "DeliveryFailure": "failure",
    "Exception": "failure",
    "Returning": "returned",
    "Returned": "returned",
    "Delivered": "delivered",
}
_BACK = frozenset({"Exception_Returning", "Exception_Returned"})
_ONLY_LATER = frozenset({"Exception_Delayed", "Exception_Other"})


def knows(topic: str) -> bool:
    return topic == "TRACKING_UPDATED"


def read(topic: str, payload: dict[str, Any], *, shop_currency: str) -> TrackingData:
    """Return what a delivery tells; raise Unusable naming what is missing or wrong."""
    need(payload, ["data"])
    told = child(payload, "data")
    need(told, ["number", "track_info"])
    info = child(told, "track_info")
    tracked = child(info, "tracking")
    providers = items(tracked.get("providers"), name="data.track_info.tracking.providers")
    scans = [_scan(each) for provider in providers for each in items(provider.get("events"), name="providers.events")]
    latest = child(info, "latest_event")
    return TrackingData(
        tracking_number=text(told["number"], 120),
        carrier=text(child(providers[0], "provider").get("name"), 80) if providers else "",
        expected_at=_expected_at(child(info, "time_metrics")),
        scans=reading.closed([scan for scan in scans if scan], _status(child(info, "latest_status"), "status"), _at(latest)),
        updated_at=_at(latest),
    )


def _expected_at(metrics: dict[str, Any]) -> datetime | None:
    span = child(metrics, "estimated_delivery_date")
    return reading.day(span.get("to") or span.get("from"), name="time_metrics.estimated_delivery_date")


def _scan(body: dict[str, Any]) -> ScanData | None:
    at, where = _at(body), child(body, "address")
    seen = text(body.get("location"), 120) or reading.place(where.get("city"), where.get("country"))
    return ScanData(at, _status(body, "stage"), text(body.get("description")), seen) if at else None


def _at(body: dict[str, Any]) -> datetime | None:
    return moment_or_utc(body.get("time_utc") or body.get("time_iso"), name="time_utc")


def _status(body: dict[str, Any], name: str) -> str:
    finer = text(body.get("sub_status"))
    if finer in _BACK:
        return "returned"
    if finer in _ONLY_LATER:
        return "in_transit"
    return _STATUS.get(text(body.get(name)), "") or _STATUS.get(finer.partition("_")[0], "")
