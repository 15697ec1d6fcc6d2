"""The generic format: what a shop without an adapter of its own sends. The JSON Schemas at /api/v1/schemas/ are made
from it.

Fields that are not named here are ignored. Amounts are decimal strings (numbers are taken too), times RFC 3339 with an offset.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AliasChoices, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from customers import traits

Kind = Literal["physical", "digital", "service", ""]
Marketing = Literal["subscribed", "unsubscribed", "never"]


def _nothing_as_empty(value: Any) -> Any:
    return "" if value is None else value


def _nothing_as_list(value: Any) -> Any:
    return [] if value is None else value


def _in_utc(moment: datetime) -> datetime:
    """Return the same moment in Python's own UTC, which is compared and written many times faster than any other zone."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # on the first or last day that there is; whoever checks dates refuses it in words
        return moment


ExternalId = Annotated[str, Field(min_length=1, max_length=120)]
Text = Annotated[str, BeforeValidator(_nothing_as_empty)]
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Amount = Annotated[Decimal, Field(allow_inf_nan=False)]


class Shape(BaseModel):
    """What all shapes share: unknown fields are ignored, numbers may stand for ids."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, str_strip_whitespace=True, frozen=True)


def _birthday(text: str) -> str:
    traits.birthday(text)
    return text


#: A source longer than its column says nothing more.
Source = Annotated[str, BeforeValidator(_nothing_as_empty), AfterValidator(lambda text: text[:60].strip().lower())]
Tags = Annotated[list[str], AfterValidator(traits.tags)]


class Line(Shape):
    external_id: Annotated[str, Field(max_length=120), BeforeValidator(_nothing_as_empty)] = ""
    sku: Text = ""
    name: Annotated[str, Field(min_length=1)]
    quantity: Annotated[int, Field(ge=0, le=1_000_000)] = 1
    unit_price: Amount = Decimal(0)
    product_external_id: Annotated[str, Field(max_length=120), BeforeValidator(_nothing_as_empty)] = ""
    kind: Annotated[Kind, BeforeValidator(_nothing_as_empty)] = ""


class Customer(Shape):
    external_id: Annotated[str, Field(max_length=110), BeforeValidator(_nothing_as_empty)] = ""
    email: Text = ""
    name: Text = ""
    first_name: Text = ""
    phone: Text = ""
    locale: Text = ""
    timezone: Text = ""
    country: Text = ""
    city: Text = ""
    region: Text = ""
    postal_code: Text = ""
    birthday: Annotated[str, AfterValidator(_birthday), BeforeValidator(_nothing_as_empty)] = Field(
        default="", description="YYYY-MM-DD, or --MM-DD where the year is not known."
    )
    tags: Tags | None = Field(default=None, description="All that the shop has given; its changes are taken over, tags given here stay.")
    marketing_consent: Marketing | None = None
    marketing_consent_at: Moment | None = None
    updated_at: Moment | None = None


class PartOfLine(Shape):
    external_id: ExternalId
    quantity: Annotated[int, Field(ge=0, le=1_000_000)] = 1


ParcelStatus = Literal["pending", "in_transit", "out_for_delivery", "ready", "delivered", "failure", "returned"]


class Shipment(Shape):
    external_id: ExternalId
    carrier: Text = ""
    tracking_number: Text = ""
    tracking_url: Text = ""
    status: ParcelStatus | None = None
    expected_at: Moment | None = None
    shipped_at: Moment | None = None
    delivered_at: Moment | None = None
    pickup_place: Text = ""
    pickup_until: Moment | None = None
    updated_at: Moment | None = None
    lines: Annotated[list[PartOfLine | ExternalId], BeforeValidator(_nothing_as_list)] = Field(default_factory=list)


class Scan(Shape):
    at: Moment
    status: ParcelStatus | None = None
    text: Text = ""
    place: Text = ""


class Tracking(Shape):
    """News of a parcel from whoever watches it, without its order."""

    tracking_number: Annotated[str, Field(min_length=1, max_length=120)]
    carrier: Text = ""
    tracking_url: Text = ""
    expected_at: Moment | None = None
    updated_at: Moment | None = None
    scans: Annotated[list[Scan], Field(max_length=200), BeforeValidator(_nothing_as_list)] = Field(default_factory=list)


class Refund(Shape):
    external_id: ExternalId
    amount: Annotated[Amount, Field(ge=0)]
    at: Moment | None = None
    lines: Annotated[list[PartOfLine | ExternalId], BeforeValidator(_nothing_as_list)] = Field(default_factory=list)


_ORDER_ID = AliasChoices("order_external_id", "order", "order_id")


class ShipmentOfOrder(Shipment):
    order_external_id: ExternalId = Field(validation_alias=_ORDER_ID)


class RefundOfOrder(Refund):
    order_external_id: ExternalId = Field(validation_alias=_ORDER_ID)


class Order(Shape):
    external_id: ExternalId
    number: Annotated[str, Field(max_length=120), BeforeValidator(_nothing_as_empty)] = ""
    placed_at: Moment
    updated_at: Moment | None = None
    currency: str
    total: Annotated[Amount, Field(ge=0)]
    discount_total: Annotated[Amount, Field(ge=0)] | None = Field(
        default=None, description="Shown with the total, as shipping_total and tax_total, where the lines and these three make it."
    )
    shipping_total: Annotated[Amount, Field(ge=0)] | None = None
    tax_total: Annotated[Amount, Field(ge=0)] | None = None
    shop_currency: Text = ""
    shop_total: Annotated[Amount, Field(ge=0)] | None = None
    email: Text = ""
    locale: Text = ""
    source: Source = Field(default="", description="What brought the buyer: a campaign (utm_source), a site, a channel.")
    discount_codes: Annotated[list[Annotated[str, Field(max_length=120)]], BeforeValidator(_nothing_as_list)] = Field(default_factory=list)
    financial_status: Literal["pending", "authorized", "paid", "partially_refunded", "refunded", "voided"] | None = None
    fulfillment_status: Literal["unfulfilled", "partial", "fulfilled"] | None = None
    lines: Annotated[list[Line], BeforeValidator(_nothing_as_list)] = Field(default_factory=list)
    customer: Customer | None = None
    shipping_address: dict[str, Any] | None = None
    shipments: Annotated[list[Shipment], BeforeValidator(_nothing_as_list)] = Field(default_factory=list)
    refunds: Annotated[list[Refund], BeforeValidator(_nothing_as_list)] = Field(default_factory=list)
    shipping_method: Annotated[str, Field(max_length=120), BeforeValidator(_nothing_as_empty)] = Field(
        default="", description="As the checkout calls it: delivery times are learned by it."
    )
    invoice_url: Text = Field(default="", description="Shown on the customer's tracker, as reorder_url.")
    reorder_url: Text = ""
    cancelled_at: Moment | None = None
    test: bool | None = False


class Guide(Shape):
    """What a buyer should know; the fields that are sent replace what is held, the others stay."""

    headline: Annotated[str, Field(max_length=120), BeforeValidator(_nothing_as_empty)] = ""
    tips: Annotated[list[Annotated[str, Field(min_length=1, max_length=500)]], Field(max_length=12), BeforeValidator(_nothing_as_list)] = []
    mistake: Annotated[str, Field(max_length=2000), BeforeValidator(_nothing_as_empty)] = ""
    care: Annotated[str, Field(max_length=2000), BeforeValidator(_nothing_as_empty)] = ""
    video_url: Text = ""
    lessons: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=700)]], Field(max_length=4), BeforeValidator(_nothing_as_list)
    ] = []
    call_url: Text = ""
    return_days: Annotated[int, Field(ge=0, le=3650)] | None = None
    warranty_months: Annotated[int, Field(ge=0, le=1200)] | None = None
    replenish_days: Annotated[int, Field(ge=0, le=3650)] | None = None


class GoesWith(Shape):
    """A product that goes well with this one, known already or not, and why."""

    product_external_id: ExternalId
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class Product(Shape):
    external_id: ExternalId
    title: Annotated[str, Field(min_length=1, validation_alias=AliasChoices("title", "name"))]
    sku: Annotated[str, Field(max_length=120), BeforeValidator(_nothing_as_empty)] = ""
    kind: Annotated[Kind, BeforeValidator(_nothing_as_empty)] = ""
    url: Text = ""
    image_url: Text = ""
    category: Annotated[str, Field(max_length=200)] | None = None
    tags: Tags | None = None
    price: Annotated[Amount, Field(ge=0)] | None = None
    currency: Text = ""
    is_available: bool = True
    updated_at: Moment | None = None
    guide: Guide | None = None
    goes_with: list[GoesWith] | None = None


class Cart(Shape):
    external_id: ExternalId
    currency: str
    total: Annotated[Amount, Field(ge=0)]
    started_at: Moment = Field(validation_alias=AliasChoices("started_at", "created_at"))
    updated_at: Moment | None = None
    completed_at: Moment | None = None
    checkout: bool = False
    customer: Customer | None = None
    url: Text = ""
    lines: Annotated[list[Line], BeforeValidator(_nothing_as_list)] = Field(default_factory=list)
