"""Takes in products and carts, and finds the products of orders, making those that only an order has told of yet."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from catalog.models import Pairing, Product, ProductGuide
from customers import events, identity
from orders import settling
from orders.incoming import CartData, OrderData, PairingData, ProductData
from orders.models import Cart
from stores import rows, tokens
from stores.models import Store

Outcome = settling.Outcome
#: Of its price; a smaller drop is told to nobody.
LEAST_DROP = 0.05
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
            "category": "",
            "tags": [],
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


def upsert_product(store: Store, data: ProductData, *, now: datetime) -> Outcome:
    """Take in a product with its guide and pairings; older data than held is ignored."""
    return settling.settle(lambda: Outcome(_product(store, data, now), data.external_id))


def _product(store: Store, data: ProductData, now: datetime) -> str:
    row = {name: getattr(data, name) for name in _PRODUCT_FIELDS} | {"kind": data.kind or Product.Kind.PHYSICAL.value}
    row |= {"category": data.category or "", "tags": data.tags or []}
    is_new = _insert(store.pk, data, row)
    held = Product.objects.select_for_update(no_key=True).get(store=store, external_id=data.external_id)
    if data.updated_at and held.source_updated_at and data.updated_at < held.source_updated_at:
        return "unchanged"
    row["kind"] = data.kind or held.kind
    row["category"] = held.category if data.category is None else data.category
    row["tags"] = held.tags if data.tags is None else data.tags
    is_changed = any(getattr(held, name) != value for name, value in row.items())
    if not is_new and held.source_updated_at:
        _note_news(held, row, now)
    for name, value in {**row, "source_updated_at": data.updated_at or held.source_updated_at}.items():
        setattr(held, name, value)
    if not is_new:
        held.save()
    is_changed |= bool(data.guide) and _take_guide(held, data.guide)
    is_changed |= data.goes_with is not None and _take_pairings(held, data.goes_with)
    return "new" if is_new else "changed" if is_changed else "unchanged"


def take_away(store: Store, external_id: str) -> Outcome:
    """Take in that the shop deleted a product: what was sold of it keeps its name, and nobody is offered it again."""
    is_changed = Product.objects.filter(store=store, external_id=external_id, is_available=True).update(is_available=False)
    return Outcome("changed" if is_changed else "unchanged", external_id)


def _note_news(held: Product, row: rows.Row, now: datetime) -> None:
    """Keep since when a product costs less or can be bought again, for who waits for that. Less than a twentieth is no news."""
    before, price = held.price_minor, row["price_minor"]
    if before and price is not None and row["currency"] == held.currency and price <= before * (1 - LEAST_DROP):
        held.price_before_minor, held.price_dropped_at = before, now
    elif before != price:
        held.price_before_minor = held.price_dropped_at = None
    if row["is_available"] and not held.is_available:
        held.restocked_at = now


def _insert(store_id: int, data: ProductData, row: rows.Row) -> bool:
    """Insert the product and those it names, unless they are there; return whether it is new.

    A product that is only named so far is not available, and so in no mail, until the shop tells of it.
    """
    named: rows.Row = {
        "kind": Product.Kind.PHYSICAL.value, "sku": "", "url": "", "image_url": "", "price_minor": None, "currency": "", "category": "",
        "tags": [],
    }  # fmt: skip
    wanted: dict[str, rows.Row] = {
        pairing.product_external_id: {**named, "title": pairing.product_external_id, "is_available": False, "source_updated_at": None}
        for pairing in data.goes_with or ()
    }
    wanted[data.external_id] = {**row, "source_updated_at": data.updated_at}
    fresh = [{"store_id": store_id, "external_id": name, **wanted[name]} for name in sorted(wanted)]
    made = rows.insert(Product, fresh, conflict="(store_id, external_id) DO NOTHING", returning="external_id")
    return (data.external_id,) in made


def _take_guide(product: Product, said: dict[str, Any]) -> bool:
    """Let what is said replace what is held, and only that; return whether anything changed."""
    guide, is_new = ProductGuide.objects.get_or_create(product=product, defaults={"store_id": product.store_id, **said})
    changed = [name for name, value in said.items() if getattr(guide, name) != value]
    for name in changed:
        setattr(guide, name, said[name])
    if changed:
        guide.save(update_fields=changed)
    return is_new or bool(changed)


def _take_pairings(product: Product, told: Sequence[PairingData]) -> bool:
    """Make the pairings what is told, in that order; return whether anything changed."""
    numbers = _known(product.store_id, [pairing.product_external_id for pairing in told])
    wanted = {numbers[each.product_external_id][0]: (rank, each.reason) for rank, each in enumerate(told, start=1)}
    said = product.pairings.filter(origin=Pairing.Origin.SAID)
    counting = said.filter(Q(is_blocked=False) | Q(suggested_id__in=wanted))  # what a person blocked outlasts the shop's list
    held = {suggested: (rank, reason) for suggested, rank, reason in counting.values_list("suggested_id", "rank", "reason")}
    if wanted == held:
        return False
    said.filter(is_blocked=False).exclude(suggested_id__in=wanted).delete()
    fresh = [
        {"store_id": product.store_id, "product_id": product.pk, "suggested_id": pk, "rank": rank, "reason": reason,
         "origin": Pairing.Origin.SAID.value, "is_blocked": False, "buyers": 0}
        for pk, (rank, reason) in wanted.items()
    ]  # fmt: skip
    taken = "rank = excluded.rank, reason = excluded.reason, origin = excluded.origin"
    rows.insert(Pairing, fresh, conflict=f"(product_id, suggested_id) DO UPDATE SET {taken}")
    return True


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
        "is_checkout": data.is_checkout,
    }
    fresh = {
        "store_id": store.pk, "external_id": data.external_id, "started_at": data.started_at, "token": tokens.public_token(), **row,
    }  # fmt: skip
    is_new = bool(rows.insert(Cart, [fresh], conflict="(store_id, external_id) DO NOTHING", returning="id"))
    held = Cart.objects.select_for_update().get(store=store, external_id=data.external_id)
    is_changed = is_new
    if not is_new and data.updated_at >= held.updated_at:
        row["customer_id"] = row["customer_id"] or held.customer_id
        row["is_checkout"] = data.is_checkout or held.is_checkout
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
