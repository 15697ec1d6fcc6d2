"""Reads AfterShip's tracking webhooks ("Webhook specifications" of its documentation).

Its habits: a tag for the parcel and one for each checkpoint; a checkpoint's time often has no offset; "Expired" only means that it has
stopped looking.
"""

from datetime import UTC, datetime
from typing import Any

from integrations.bodies import child, items, moment_or_utc, need, text
from integrations.feeds import reading
from orders.incoming import ScanData, TrackingData

_STATUS = {
    "Pending": "pending",
    "InfoReceived": "pending",
    "InTransit": "in_transit",
    "OutForDelivery": "out_for_delivery",
    "AvailableForPickup": "ready",
    "AttemptFail": "failure",
    "Exception": "failure",
    "Delivered": "delivered",
}
#: Exceptions that say no more than that it takes longer, and those that mean it goes back.
_ONLY_LATER = frozenset({"Exception_004", "Exception_005"})
_BACK = frozenset({"Exception_010", "Exception_011"})
_TOPICS = frozenset({"tracking_update", "edd_revise"})


def knows(topic: str) -> bool:
    return topic in _TOPICS


def read(topic: str, payload: dict[str, Any], *, shop_currency: str) -> TrackingData:
    """Return what a delivery tells; raise Unusable naming what is missing or wrong."""
    need(payload, ["msg"])
    told = child(payload, "msg")
    need(told, ["tracking_number"])
    updated_at = moment_or_utc(told.get("updated_at"), name="msg.updated_at") or _sent_at(payload)
    scans = [_scan(each) for each in items(told.get("checkpoints"), name="msg.checkpoints")]
    return TrackingData(
        tracking_number=text(told["tracking_number"], 120),
        carrier=text(told.get("slug"), 80),
        expected_at=_expected_at(told),
        scans=reading.closed([scan for scan in scans if scan], _status(told), updated_at),
        updated_at=updated_at,
    )


def _expected_at(told: dict[str, Any]) -> datetime | None:
    """Return the estimate that AfterShip itself holds to be the best, else the carrier's."""
    latest = child(told, "latest_estimated_delivery")
    values = (latest.get("datetime"), latest.get("datetime_max"), told.get("expected_delivery"))
    return next((at for value in values if (at := reading.day(value, name="msg.latest_estimated_delivery"))), None)


def _scan(body: dict[str, Any]) -> ScanData | None:
    at = moment_or_utc(body.get("checkpoint_time") or body.get("created_at"), name="checkpoints.checkpoint_time")
    where = text(body.get("location"), 120) or reading.place(body.get("city"), body.get("country_name"))
    return ScanData(at, _status(body), text(body.get("message")), where) if at else None


def _status(body: dict[str, Any]) -> str:
    subtag = text(body.get("subtag"))
    if subtag in _ONLY_LATER:
        return "in_transit"
    return "returned" if subtag in _BACK else _STATUS.get(text(body.get("tag")), "")


def _sent_at(payload: dict[str, Any]) -> datetime | None:
    sent = payload.get("ts")
    return datetime.fromtimestamp(sent, UTC) if isinstance(sent, int) and 0 < sent < 2**32 else None
