"""What every platform must hand over, in our words: the one shape behind hooks, files and the API.

An adapter reads a foreign payload into these and raises `Unusable` where it cannot. Amounts are minor units, save for refunds:
theirs may come before the order that says in which money they are. `updated_at` is the platform's own time of the state; None means
that the platform does not say, and then whatever comes last holds.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from customers import identity
from stores import money

CustomerData = identity.Person

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
#: A shop's clock or zone may be wrong by up to a day; beyond it an order from the future is a mistake.
_SLACK = timedelta(days=1)


class Unusable(ValueError):
    """A payload that cannot be taken in; its text says to the merchant which field is wrong and how."""


class Unneeded(Exception):
    """A payload that is no news to us, whatever it holds; its text says why."""


@dataclass(frozen=True)
class LineData:
    """One item of an order; `kind` is a value of Product.Kind, or empty when the platform does not say."""

    external_id: str
    name: str
    quantity: int
    unit_price_minor: int
    sku: str = ""
    product_external_id: str = ""
    kind: str = ""


@dataclass(frozen=True)
class ShipmentData:
    """News of one parcel. `status` is a value of Shipment.Status, or empty when this payload does not tell it.

    `has_details` is False for a bare scan, which knows nothing of carrier, number and content.
    `pickup_place` and `pickup_until` are of a parcel that is ready: where it waits, and for how long.
    """

    external_id: str
    order_external_id: str
    status: str = ""
    carrier: str = ""
    tracking_number: str = ""
    tracking_url: str = ""
    expected_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    pickup_place: str = ""
    pickup_until: datetime | None = None
    lines: tuple[str, ...] = ()
    is_scanned: bool = False
    is_cancelled: bool = False
    has_details: bool = True
    updated_at: datetime | None = None


@dataclass(frozen=True)
class ScanData:
    """What a carrier noted of a parcel; `status` is a value of Shipment.Status, or empty where the scan moves it to no other."""

    at: datetime
    status: str = ""
    text: str = ""
    place: str = ""


@dataclass(frozen=True)
class TrackingData:
    """What a carrier's feed tells of one parcel, which it knows by its number alone; scans it leaves out stay."""

    tracking_number: str
    carrier: str = ""
    tracking_url: str = ""
    expected_at: datetime | None = None
    scans: tuple[ScanData, ...] = ()
    updated_at: datetime | None = None


@dataclass(frozen=True)
class RefundData:
    """Money given back: `amount` in the order's own money, `shop_amount` in the shop's where known; `lines` (external id, quantity)."""

    external_id: str
    order_external_id: str
    amount: Decimal
    at: datetime | None = None
    shop_amount: Decimal | None = None
    lines: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class OrderData:
    """One order as the platform sees it at `updated_at`; refunds and shipments it does not name are left as they are."""

    external_id: str
    placed_at: datetime
    currency: str
    total_minor: int
    shop_currency: str
    shop_total_minor: int
    customer: CustomerData
    discount_minor: int | None = None
    shipping_minor: int | None = None
    tax_minor: int | None = None
    number: str = ""
    email: str = ""
    language: str = ""
    updated_at: datetime | None = None
    financial_status: str = "pending"
    fulfillment_status: str = "unfulfilled"
    cancelled_at: datetime | None = None
    is_test: bool = False
    shipping_address: dict[str, Any] = field(default_factory=dict)
    source: str = ""
    discount_codes: list[str] = field(default_factory=list)
    shipping_method: str = ""
    invoice_url: str = ""
    reorder_url: str = ""
    lines: tuple[LineData, ...] = ()
    shipments: tuple[ShipmentData, ...] = ()
    refunds: tuple[RefundData, ...] = ()


@dataclass(frozen=True)
class PairingData:
    """What goes well with a product, and why."""

    product_external_id: str
    reason: str


@dataclass(frozen=True)
class ProductData:
    """One product of the shop.

    `category` and `tags` are None where this payload does not tell them. `guide` has the fields of ProductGuide that it tells (none: it
    says nothing of the guide); `goes_with` is the whole list, in order, or None when it is not told.
    """

    external_id: str
    title: str
    sku: str = ""
    kind: str = ""
    url: str = ""
    image_url: str = ""
    price_minor: int | None = None
    currency: str = ""
    is_available: bool = True
    category: str | None = None
    tags: list[str] | None = None
    updated_at: datetime | None = None
    guide: dict[str, Any] = field(default_factory=dict)
    goes_with: tuple[PairingData, ...] | None = None


@dataclass(frozen=True)
class CartData:
    """A cart or checkout that may be left behind; `lines` are plain values for the mail that reminds of it."""

    external_id: str
    currency: str
    total_minor: int
    started_at: datetime
    updated_at: datetime
    customer: CustomerData | None = None
    url: str = ""
    lines: tuple[dict[str, Any], ...] = ()
    completed_at: datetime | None = None
    is_checkout: bool = False


@dataclass(frozen=True)
class Gone:
    """The shop has deleted an order or a product; `noun` says which of them."""

    noun: str
    external_id: str


@dataclass(frozen=True)
class Uninstalled:
    """The shop has removed our app: everything must stop."""


@dataclass(frozen=True)
class PrivacyWish:
    """What somebody asks of the shop about their data; without a name it is the shop's own wish, about all of its customers."""

    is_copy: bool = False  # else to be forgotten
    external_id: str = ""
    email: str = ""


Incoming = OrderData | ShipmentData | TrackingData | RefundData | CustomerData | ProductData | CartData | Gone | Uninstalled | PrivacyWish


def amount(value: object, currency: str, *, name: str, rounds: bool = False) -> int:
    """Return an amount of the wire in minor units; raise Unusable naming the field. `rounds`: a platform that reckons more finely."""
    try:
        return money.to_minor(str(value), currency, rounds=rounds)
    except money.NotMoney as error:
        raise Unusable(f"{name}: {error}") from error


def currency(value: object, *, name: str = "currency") -> str:
    """Return an ISO currency code; raise Unusable."""
    code = str(value or "").strip().upper()
    if not money.is_currency(code):
        raise Unusable(f"{name}: {value!r} is not an ISO 4217 currency code")
    return code


def check_dates(data: OrderData, *, now: datetime) -> None:
    """Refuse an order from the future, and moments that no shop can mean."""
    if data.placed_at > now + _SLACK:
        raise Unusable(f"placed_at: {data.placed_at.isoformat()} lies in the future")
    _check(placed_at=data.placed_at, updated_at=data.updated_at, cancelled_at=data.cancelled_at)
    for shipment in data.shipments:
        check_shipment_dates(shipment)


def check_shipment_dates(data: ShipmentData) -> None:
    """Refuse moments of a parcel that no carrier can mean."""
    _check(expected_at=data.expected_at, shipped_at=data.shipped_at, delivered_at=data.delivered_at, updated_at=data.updated_at)


def check_tracking_dates(data: TrackingData) -> None:
    """Refuse moments of a feed that no carrier can mean."""
    _check(expected_at=data.expected_at, updated_at=data.updated_at)
    for scan in data.scans:
        _check(scan=scan.at)


def _check(**moments: datetime | None) -> None:
    for name, moment in moments.items():
        if moment is not None and not _EARLIEST <= moment < _LATEST:
            raise Unusable(f"{name}: {moment.isoformat()} is not a believable date")
