"""Takes in products and carts, and finds the products of orders, making those that only an order has told of yet."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction

from catalog.models import Product
from customers import events, identity
from orders import settling
from orders.incoming import CartData, OrderData, ProductData
from orders.models import Cart
from stores import rows
from stores.models import Store

Outcome = settling.Outcome
_PRODUCT_FIELDS = ("title", "sku", "kind", "url", "image_url", "price_minor", "currency", "is_available")


def products_of(store_id: int, batch: Iterable[OrderData]) -> dict[str, tuple[int, str]]:
    """Return (pk, kind) of every product in these orders by external id; an unknown one is made from its line."""
    lines = {line.product_external_id: line for data in batch for line in data.lines if line.product_external_id}
    found = _known(store_id, lines)
    fresh = [
        {
            "store_id": store_id,
            "external_id": name,
            "title": lines[name].name[:300],
            "sku": lines[name].sku,
            "kind": lines[name].kind or Product.Kind.PHYSICAL.value,
            "url": "",
            "image_url": "",
            "currency": "",
            "is_available": True,
        }
        for name in sorted(lines.keys() - found.keys())
    ]
    rows.insert(Product, fresh, conflict="(store_id, external_id) DO NOTHING")
    return found | _known(store_id, lines.keys() - found.keys())


def _known(store_id: int, names: Iterable[str]) -> dict[str, tuple[int, str]]:
    wanted = sorted(names)
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT external_id, id, kind FROM catalog_product WHERE store_id = %s AND external_id = ANY(%s)", [store_id, wanted]
        )
        return {name: (pk, kind) for name, pk, kind in cursor.fetchall()}


@transaction.atomic
def upsert_product(store: Store, data: ProductData, *, now: datetime) -> Outcome:
    """Take in a product; older data than held is ignored."""
    row = {name: getattr(data, name) for name in _PRODUCT_FIELDS} | {"kind": data.kind or Product.Kind.PHYSICAL}
    fresh = {"store_id": store.pk, "external_id": data.external_id, "source_updated_at": data.updated_at, **row}
    if rows.insert(Product, [fresh], conflict="(store_id, external_id) DO NOTHING", returning="id"):
        return Outcome("new", data.external_id)
    held = Product.objects.select_for_update().get(store=store, external_id=data.external_id)
    if data.updated_at and held.source_updated_at and data.updated_at < held.source_updated_at:
        return Outcome("unchanged", data.external_id)
    row["kind"] = data.kind or held.kind
    is_changed = any(getattr(held, name) != value for name, value in row.items())
    for name, value in {**row, "source_updated_at": data.updated_at or held.source_updated_at}.items():
        setattr(held, name, value)
    held.save()
    return Outcome("changed" if is_changed else "unchanged", data.external_id)


def upsert_cart(store: Store, data: CartData, *, now: datetime, history: bool = False) -> Outcome:
    """Take in a cart; the first sight of a known person's cart is an event."""
    return settling.settle(lambda: _cart(store, data, now, history))


def _cart(store: Store, data: CartData, now: datetime, history: bool) -> Outcome:
    people = identity.resolve(store.pk, [data.customer], now=now) if data.customer else []
    row = {
        "customer_id": people[0].id if people else None,
        "currency": data.currency,
        "total_minor": data.total_minor,
        "url": data.url,
        "lines": list(data.lines),
        "updated_at": data.updated_at,
        "completed_at": data.completed_at,
    }
    fresh = {"store_id": store.pk, "external_id": data.external_id, "started_at": data.started_at, **row}
    is_new = bool(rows.insert(Cart, [fresh], conflict="(store_id, external_id) DO NOTHING", returning="id"))
    held = Cart.objects.select_for_update().get(store=store, external_id=data.external_id)
    is_changed = is_new
    if not is_new and data.updated_at >= held.updated_at:
        row["customer_id"] = row["customer_id"] or held.customer_id
        is_changed = any(getattr(held, name) != value for name, value in row.items())
        for name, value in row.items():
            setattr(held, name, value)
        held.save()
    if held.customer_id:
        said = [events.NewEvent(
            store.pk, held.customer_id, events.Kind.CART_STARTED, held.started_at, f"cart.started:{held.pk}",
            {"cart": held.pk, "amount": held.total_minor, "currency": held.currency},
        )]  # fmt: skip
        events.record_many(said, now=now, history=history)
    return Outcome("new" if is_new else "changed" if is_changed else "unchanged", data.external_id)
