"""What became cheaper or can be bought again, told to who wants it: it lies in their open cart, or on their wish list."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from campaigns.occasions import listening
from catalog.models import Product
from customers import events
from customers.models import Customer
from engagement.models import Action
from orders.models import Cart, OrderLine
from stores.models import Store

#: So old a change is no news any more, so old a cart or a wish no wish.
NEWS, WISHED = timedelta(days=2), timedelta(days=60)
WISH = "wish_listed"
#: The kind, the product's field that says when, and what the event tells beside the product.
CHANGES = (
    (events.Kind.PRODUCT_PRICE_DROPPED, "price_dropped_at"),
    (events.Kind.PRODUCT_BACK_IN_STOCK, "restocked_at"),
)


def note(*, now: datetime) -> int:
    """Record each change for each person who waits for it, once; return how many were new."""
    return sum(
        events.record_many(list(_of(store, kind, when, now=now)), now=now) for kind, when in CHANGES for store in listening.stores(kind)
    )


def _of(store: Store, kind: str, when: str, *, now: datetime) -> Iterator[events.NewEvent]:
    changed = Product.objects.filter(**{"store": store, "is_available": True, f"{when}__gt": now - NEWS}).order_by("pk")
    for product in changed:
        moment = getattr(product, when)
        data: dict[str, Any] = {"product": product.pk, "title": product.title}
        if kind == events.Kind.PRODUCT_PRICE_DROPPED:
            data |= {"before": product.price_before_minor, "currency": product.currency}
        for person in sorted(_who_wants(product, now=now)):
            yield events.NewEvent(store.pk, person, kind, now, f"{kind}:{person}:{product.pk}:{moment.isoformat()}", data)


def _who_wants(product: Product, *, now: datetime) -> set[int]:
    """Return who has it in an open cart or on their wish list, and has not bought it since."""
    since = now - WISHED
    holding = reduce(or_, (Q(lines__contains=[{name: product.external_id}]) for name in ("product_external_id", "product")))
    carts = Cart.objects.filter(holding, store=product.store_id, completed_at=None, recovered_at=None, updated_at__gt=since)
    wishes = Action.objects.filter(store=product.store_id, kind=WISH, at__gt=since, data__product_id=product.external_id)
    people = {pk for found in (carts, wishes) for pk in found.values_list("customer_id", flat=True) if pk}
    bought = OrderLine.objects.filter(product=product, customer__in=people, placed_at__gt=since).values_list("customer_id", flat=True)
    return set(Customer.objects.filter(pk__in=people - set(bought), erased_at=None).values_list("pk", flat=True))
