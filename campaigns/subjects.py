"""What a passage is about where it is no order: a product or a cart, as the event that began it names them.

The event is found by the passage's entry key, which is its number: nothing points at an event.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from campaigns.models import Enrollment
from catalog.models import Product
from customers.models import Event
from orders.models import Cart, Order, OrderLine

#: What starts a flow that is about a thing.
KINDS = ("product.", "cart.", "customer.gift_season", "order.out_of_stock")


@dataclass(frozen=True)
class Subject:
    """The things themselves as they are now, the cart they lie in, and what the event said of them."""

    products: tuple[Product, ...] = ()
    cart: Cart | None = None
    said: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_available(self) -> bool:
        """Say whether there is something to be bought of it."""
        return self.cart is not None or any(product.is_available for product in self.products)


NOTHING = Subject()


def of_passages(passages: Iterable[Enrollment]) -> dict[int, Subject]:
    """Return what passages are about, by their ids; those about nothing are missing. Load `version` with them."""
    by_event = {number: each for each in passages if (number := _event_of(each))}
    if not by_event:
        return {}
    said = dict(Event.objects.filter(pk__in=by_event).values_list("pk", "data"))
    found = of_events({pk: (by_event[pk].store_id, data) for pk, data in said.items()})
    return {by_event[pk].pk: subject for pk, subject in found.items()}


def of_events(said: Mapping[int, tuple[int, Mapping[str, Any]]]) -> dict[int, Subject]:
    """Return what events are about, by their numbers, given each one's store (id) and data."""
    carts = Cart.objects.in_bulk({data["cart"] for _, data in said.values() if data.get("cart")})
    products = _products([data for _, data in said.values()], carts)
    return {pk: _subject(data, carts.get(data.get("cart") or 0), products, store) for pk, (store, data) in said.items()}


def _event_of(passage: Enrollment) -> int:
    word, _, rest = passage.entry_key.partition(":")
    number = rest.partition(":")[0]
    return int(number) if word == "event" and number.isdigit() and passage.version.trigger.startswith(KINDS) else 0


def _products(said: Iterable[Mapping[str, Any]], carts: Mapping[int, Cart]) -> dict[tuple[int, str] | int, Product]:
    """Return the products that events and the lines of carts name, by number and by store and external id."""
    names = {(cart.store_id, name_of(line)) for cart in carts.values() for line in cart.lines}
    ids = {pk for data in said for pk in _ids(data)}
    wanted = Q(pk__in=ids) | Q(store__in={store for store, _ in names}, external_id__in={name for _, name in names if name})
    found: dict[tuple[int, str] | int, Product] = {}
    for product in Product.objects.filter(wanted):
        found[product.pk] = found[product.store_id, product.external_id] = product
    return found


def _ids(data: Mapping[str, Any]) -> list[int]:
    return list(data.get("products") or ([data["product"]] if data.get("product") else []))


def name_of(line: Mapping[str, Any]) -> str:
    """Return the shop's own id of what lies in a cart; platforms call it differently."""
    return str(line.get("product_external_id") or line.get("product") or "")


def _subject(data: Mapping[str, Any], cart: Cart | None, products: Mapping[tuple[int, str] | int, Product], store: int) -> Subject:
    keys: list[tuple[int, str] | int] = [(store, name_of(line)) for line in cart.lines] if cart else [*_ids(data)]
    return Subject(tuple(products[key] for key in keys if key in products), cart, data)


def got(passages: Iterable[Enrollment]) -> frozenset[int]:
    """Return the passages (ids) whose customer has bought what they are about since they entered."""
    waiting = list(passages)
    about = of_passages(waiting)
    people = {each.customer_id for each in waiting if each.pk in about}
    if not people:
        return frozenset()
    first = min(each.entered_at for each in waiting)
    lines = OrderLine.objects.filter(customer__in=people, placed_at__gt=first, order__cancelled_at=None, order__is_test=False)
    bought = list(lines.values_list("customer_id", "product_id", "placed_at"))
    orders = list(Order.objects.filter(
        customer__in=people, placed_at__gt=first, cancelled_at=None, is_test=False).values_list("customer_id", "placed_at"))  # fmt: skip
    return frozenset(each.pk for each in waiting if each.pk in about and _has_got(each, about[each.pk], bought, orders))


def _has_got(passage: Enrollment, about: Subject, bought: list[tuple[Any, ...]], orders: list[tuple[Any, ...]]) -> bool:
    who, since = passage.customer_id, passage.entered_at
    if about.cart:
        return about.cart.completed_at is not None or any(person == who and at > since for person, at in orders)
    wanted = {product.pk for product in about.products}
    return any(person == who and product in wanted and at > since for person, product, at in bought)
