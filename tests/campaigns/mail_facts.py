"""Facts of a mail out of unsaved rows: an order of two things by Ana, on Tuesday 3 November 2026, seen from Berlin."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns import values
from catalog.models import Pairing, Product, ProductGuide
from customers.models import Customer
from offers import giving
from orders import progress
from orders.models import Order, OrderLine, Shipment
from stores.models import Store

PLACED = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
STORE = Store(
    slug="marlow", name="Marlow & Finch", timezone="Europe/Berlin", currency="EUR", sender_name="Jo at Marlow & Finch",
    postal_address="Quay 1, 20457 Hamburg", brand_color="#c8643c", website="https://shop.example/", account_url="https://shop.example/register",
)  # fmt: skip
OFFER = giving.Promise("€10 off", "THANKS-4F7K", datetime(2026, 11, 29, 22, 59, tzinfo=UTC), "https://shop.example/?code=THANKS-4F7K")


def product(title="Copper Kettle, 1 l – matte", *, currency="EUR", price=1900, **fields):
    fields = {"url": "https://shop.example/p", "image_url": "https://shop.example/p.jpg", **fields}
    return Product(store=STORE, external_id=title[:100], title=title, currency=currency, price_minor=price, **fields)


def guided(item, **fields):
    fields = {"headline": "a first brew", "tips": ["Rinse it.", "Fill it.", "Pour it."], "return_days": 30, "warranty_months": 24, **fields}
    item.guide = ProductGuide(product=item, **fields)
    return item


def parcel(order, *, delivered=None, expected=None, status="in_transit", **fields):
    status = "delivered" if delivered else status
    return Shipment(order=order, carrier="DHL", status=status, shipped_at=PLACED, expected_at=expected, delivered_at=delivered, **fields)


def facts(*, titles=("Copper Kettle, 1 l – matte", "Filter Coffee"), name="Ana", unit=8900, currency="EUR", kind="physical", **more):
    order = Order(
        store=STORE, number=more.pop("number", "#1042"), placed_at=PLACED, currency=currency,
        total_minor=unit * len(titles), token="ordertoken", **more.pop("made_of", {}),
        shipping_address=more.pop("address", {"name": "Ana Ribeiro", "address1": "Rua Nova 1", "zip": "1100", "city": "Lisboa"}),
    )  # fmt: skip
    items = [product(title, currency=currency, kind=kind) for title in titles]
    lines = [
        OrderLine(order=order, product=item, name=item.title, quantity=1, unit_price_minor=unit - 100 * place, position=place, kind=kind)
        for place, item in enumerate(items)
    ]
    for line, item in zip(lines, items, strict=True):
        guided(item) if line.position == 0 and more.get("has_guide", True) else None
    more.pop("has_guide", None)
    parcels = [parcel(order, **fields) for fields in more.pop("parcels", ())]
    rules = [progress.Parcel(p.status, p.shipped_at, p.expected_at, p.delivered_at, is_scanned=True) for p in parcels]
    kinds = frozenset({kind})
    standing = {
        "store": STORE,
        "customer": Customer(store=STORE, first_name=name, token="customertoken"),
        "order": order,
        "lines": lines,
        "milestones": progress.milestones(progress.OrderFacts(PLACED, kinds=kinds, parcels=tuple(rules)), usual_days=5),
        "parcels": parcels,
        "pairings": [Pairing(product=items[0], suggested=product("Paper filters", currency=currency), reason="They fit the pot.")],
        "may_get_marketing": True,
        "offer": OFFER,
        "check_in_token": "checkin",
        "review_token": "review",
        "message_token": "messagetoken",
        "public_url": "https://mail.example/",
        "now": PLACED,
        "zone": ZoneInfo("Europe/Berlin"),
    }
    return values.MailFacts(**{**standing, **more})


def arrived(**more):
    """Facts a week after everything came."""
    there = PLACED + timedelta(days=3)
    return facts(parcels=[{"delivered": there, "expected": there}], now=there + timedelta(days=7), **more)
