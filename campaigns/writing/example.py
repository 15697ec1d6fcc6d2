"""An order that nobody placed, for a store that has none yet: enough to draw every mail by, and never saved."""

from datetime import datetime, timedelta

from campaigns import planning
from campaigns.writing import preview
from catalog.models import Pairing, Product, ProductGuide
from customers.models import Customer
from messaging.permission import Standing
from orders.models import Order, OrderLine, Shipment
from stores import money
from stores.models import Store

_TIPS = [
    "Rinse it twice with hot water before the first use.",
    "Fill it to the lower mark for one cup, to the upper for three.",
    "Pour in slow circles, half the water first.",
]


def sample(store: Store, *, now: datetime) -> preview.Sample:
    """Return a made-up order of the store: a kettle with tips, a filter that goes with it, a parcel that lands in two days."""
    customer = Customer(id=0, store=store, name="Ana Ribeiro", email="ana@example.com", email_key="ana@example.com", country=store.country)
    customer.marketing = Customer.Marketing.SUBSCRIBED
    kettle = Product(
        id=0, store=store, external_id="example-1", title="Pour-over kettle", price_minor=_price(store, 79), currency=store.currency
    )
    ProductGuide(store=store, product=kettle, headline="a first brew", tips=_TIPS, mistake="Do not leave water standing in it overnight.")
    filters = Product(
        id=1, store=store, external_id="example-2", title="Paper filters, 100", price_minor=_price(store, 8), currency=store.currency
    )
    pairing = Pairing(id=0, store=store, product=kettle, suggested=filters, reason="They fit your kettle")
    order = Order(
        id=0, store=store, customer=customer, external_id="example", number="1001", email=customer.email, currency=store.currency,
        total_minor=_price(store, 79), shop_currency=store.currency, shop_total_minor=_price(store, 79),
        placed_at=now - timedelta(days=1), paid_at=now - timedelta(days=1), financial_status=Order.Financial.PAID,
        shipping_address={"name": customer.name, "address1": "Example street 1", "city": "Porto", "country": store.country}, created_at=now,
    )  # fmt: skip
    line = OrderLine(
        id=0, store=store, order=order, customer=customer, placed_at=order.placed_at, product=kettle, external_id="1", name=kettle.title,
        quantity=1, unit_price_minor=_price(store, 79), position=1,
    )  # fmt: skip
    parcel = Shipment(
        id=0, store=store, order=order, external_id="1", carrier="DHL", status=Shipment.Status.IN_TRANSIT, is_scanned=True,
        shipped_at=now - timedelta(hours=6), expected_at=now + timedelta(days=2),
    )  # fmt: skip
    order._prefetched_objects_cache = {"lines": [line], "shipments": [parcel]}  # type: ignore[attr-defined]  # as if they had been loaded
    return preview.Sample(customer, order, planning.Around(), _may_get_everything(), (pairing,))


def _price(store: Store, units: int) -> int:
    return money.to_minor(units, store.currency)


def _may_get_everything() -> Standing:
    return Standing(
        has_address=True, is_erased=False, is_suppressed=False, marketing="subscribed", objects_to_service=False, soft_opt_in=False,
        strict_service=False,
    )  # fmt: skip
