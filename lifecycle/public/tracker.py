"""The tracker: where an order is, opened by the order's token."""

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lifecycle.public import brand, tracking
from lifecycle.public.door import may_be, private, unknown
from orders import facts, tracked
from orders.models import Order, OrderLine, Shipment
from orders.tracked import Tracked
from stores import clock
from stores.models import Store

Financial = Order.Financial


@dataclass(frozen=True)
class ParcelCard:
    """One parcel as the page shows it; `url` is empty unless it is a web address."""

    title: str
    state: str
    shipment: Shipment
    url: str
    lines: list[OrderLine] = field(default_factory=list)


@private
def page(request: HttpRequest, token: str) -> HttpResponse:
    found = tracked.by_token(token) if may_be(token) else None
    if found is None:
        return unknown(request)
    order, store = found.order, found.order.store
    standing = standing_of(found)
    calendar = tracking.Calendar(clock.read(), ZoneInfo(store.timezone))
    context = {
        "store": store,
        "brand": brand.name(store.brand_color),
        "order": order,
        "answer": tracking.answer(standing, calendar),
        "stops": tracking.stops(standing),
        "standing": standing,
        "lines": found.lines,
        "parcels": parcels_of(found),
        "ask": ask_link(store, f"Order {order}"),
        "may_ask": bool(order.customer.email_key and order.customer.erased_at is None),
        "asked": request.GET.get("asked", ""),
        "zone_words": zone_words(store.timezone),
        "may_mail": bool(store.sender_email and order.customer.email_key),
        "is_mailed": "mailed" in request.GET,
    }
    return render(request, "public/tracker.html", context)


def standing_of(found: Tracked) -> tracking.Standing:
    """Return what the rules need of an order."""
    order = found.order
    under_way = [p for p in found.parcels if not p.is_cancelled and p.delivered_at is None and p.status != Shipment.Status.RETURNED]
    return tracking.Standing(
        facts=facts.facts_from(order, found.lines, found.parcels),
        is_refunded=order.financial_status == Financial.REFUNDED,
        is_partly_refunded=order.financial_status == Financial.PARTIALLY_REFUNDED,
        is_cancelled=order.cancelled_at is not None or order.financial_status == Financial.VOIDED,
        cancelled_at=order.cancelled_at,
        is_unpaid=order.financial_status == Financial.PENDING,
        promised_at=_latest(under_way),
        usual_days=order.store.usual_delivery_days,
        town=str(order.shipping_address.get("city") or "").strip()[:80],
    )


def _latest(parcels: list[Shipment]) -> datetime | None:
    return max((p.first_expected_at for p in parcels if p.first_expected_at), default=None)


def parcels_of(found: Tracked) -> list[ParcelCard]:
    """Return the cards of the parcels that were not called off, each with its items where the shop said which."""
    parcels = [parcel for parcel in found.parcels if not parcel.is_cancelled]
    lines = {line.external_id: line for line in found.lines}
    return [
        ParcelCard(
            title="Your package" if len(parcels) == 1 else f"Package {number} of {len(parcels)}",
            state="Delivered" if parcel.delivered_at or found.order.received_at else parcel.get_status_display(),
            shipment=parcel,
            url=parcel.tracking_url if urlsplit(parcel.tracking_url).scheme in ("http", "https") else "",
            lines=[lines[key] for key in parcel.lines if key in lines],
        )
        for number, parcel in enumerate(parcels, start=1)
    ]


def ask_link(store: Store, subject: str) -> str:
    """Return a mailto link to the shop, or nothing when it has no address."""
    address = store.reply_to or store.sender_email
    return f"mailto:{quote(address, safe='@+')}?subject={quote(subject, safe='')}" if address else ""


def zone_words(zone: str) -> str:
    """Return "Berlin time" for Europe/Berlin."""
    return f"{zone.rpartition('/')[2].replace('_', ' ')} time"
