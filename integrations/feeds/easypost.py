"""Reads EasyPost's events of trackers ("Webhooks" and "Tracking" of its documentation).

Its habits: the event's name stands in the body as `description`; the whole tracker comes each time, with all its scans.
"""

from typing import Any

from integrations.bodies import child, items, moment_or_utc, need, text
from integrations.feeds import reading
from integrations.generic.adapter import web
from orders.incoming import ScanData, TrackingData

_STATUS = {
    "pre_transit": "pending",
    "in_transit": "in_transit",
    "out_for_delivery": "out_for_delivery",
    "available_for_pickup": "ready",
    "delivered": "delivered",
    "return_to_sender": "returned",
    "failure": "failure",
}
_TOPICS = frozenset({"tracker.created", "tracker.updated"})


def knows(topic: str) -> bool:
    return topic in _TOPICS


def read(topic: str, payload: dict[str, Any], *, shop_currency: str) -> TrackingData:
    """Return what a tracker tells; raise Unusable naming what is missing or wrong."""
    need(payload, ["result"])
    tracker = child(payload, "result")
    need(tracker, ["tracking_code"])
    updated_at = moment_or_utc(tracker.get("updated_at"), name="result.updated_at")
    scans = [_scan(each) for each in items(tracker.get("tracking_details"), name="result.tracking_details")]
    return TrackingData(
        tracking_number=text(tracker["tracking_code"], 120),
        carrier=text(tracker.get("carrier"), 80),
        tracking_url=web(text(tracker.get("public_url"), 1000)),
        expected_at=reading.day(tracker.get("est_delivery_date"), name="result.est_delivery_date"),
        scans=reading.closed([scan for scan in scans if scan], _STATUS.get(text(tracker.get("status")), ""), updated_at),
        updated_at=updated_at,
    )


def _scan(body: dict[str, Any]) -> ScanData | None:
    at, where = moment_or_utc(body.get("datetime"), name="tracking_details.datetime"), child(body, "tracking_location")
    seen = reading.place(where.get("city"), where.get("country"))
    return ScanData(at, _STATUS.get(text(body.get("status")), ""), text(body.get("message")), seen) if at else None
