"""A real customer or order made hard in memory, never saved: what a mail must survive before it meets such a one."""

import copy
from collections.abc import Callable, Iterable
from dataclasses import replace

from babel.numbers import get_currency_precision

from campaigns.writing.preview import Sample
from catalog.models import Pairing, Product
from orders.models import Order, OrderLine

_THREE_DECIMALS = "KWD"
_NAMES = {
    "no-name": "",
    "long-name": "Maximiliana-Theophila Alexandrina von Hohenstein-Lichtenberg",
    "right-to-left": "فاطمة الزهراء بنت محمد",
}


def of(shown: Sample) -> list[tuple[str, str]]:
    """Return the hard cases that a sample can be made: name in ?case= and label; without an order only those of a person."""
    return [(name, label) for name, label in CASES.items() if shown.order or name in _NAMES]


def made_hard(shown: Sample, case: str) -> Sample:
    """Return a sample's hard variant; a case that is none of its own returns it as it is."""
    if case not in dict(of(shown)):
        return shown
    customer, order, pairings = copy.copy(shown.customer), copy.copy(shown.order), shown.pairings
    if case in _NAMES:
        customer.name, customer.first_name = _NAMES[case], ""
    if order is not None:
        order.customer = customer
        lines, pairings = [_copied(line) for line in shown.lines], tuple(_copied_pairing(pairing) for pairing in pairings)
        lines = _ORDERS.get(case, _named)(order, lines, pairings)
        kept = {**getattr(shown.order, "_prefetched_objects_cache", {}), "lines": lines}
        order._prefetched_objects_cache = kept  # type: ignore[attr-defined]  # as if they had been loaded
    return replace(shown, customer=customer, order=order, pairings=pairings, is_hard=True)


def _copied(line: OrderLine) -> OrderLine:
    made = copy.copy(line)
    made.product = copy.copy(line.product)
    return made


def _copied_pairing(pairing: Pairing) -> Pairing:
    made = copy.copy(pairing)
    made.suggested = copy.copy(pairing.suggested)
    return made


Lines = list[OrderLine]
Made = Callable[[Order, Lines, Iterable[Pairing]], Lines]


def _named(order: Order, lines: Lines, pairings: Iterable[Pairing]) -> Lines:
    order.shipping_address = {**order.shipping_address, "name": order.customer.name}
    return lines


def _gift(order: Order, lines: Lines, pairings: Iterable[Pairing]) -> Lines:
    """Send it to somebody else: the country stays, by whose clock its dates are."""
    sent_to = {"name": "Nora Lindqvist", "address1": "Harbour Lane 12, c/o Wren", "city": "Farport", "zip": "20457"}
    order.shipping_address = {"country": order.shipping_address.get("country", ""), **sent_to}
    return lines


def _twelve_items(order: Order, lines: Lines, pairings: Iterable[Pairing]) -> Lines:
    made = [copy.copy(lines[number % len(lines)]) for number in range(12)] if lines else []
    for number, line in enumerate(made):
        line.pk, line.external_id, line.position, line.refunded_quantity = -number - 1, f"hard-{number}", number, 0
    order.total_minor = sum(line.quantity * line.unit_price_minor for line in made)
    order.discount_minor = order.shipping_minor = order.tax_minor = None
    return made


def _no_pictures(order: Order, lines: Lines, pairings: Iterable[Pairing]) -> Lines:
    for product in [*(line.product for line in lines), *(pairing.suggested for pairing in pairings)]:
        if product is not None:
            product.image_url = ""
    return lines


def _three_decimals(order: Order, lines: Lines, pairings: Iterable[Pairing]) -> Lines:
    factor = 10 ** (3 - get_currency_precision(order.currency))
    for name in ("total_minor", "refunded_minor", "discount_minor", "shipping_minor", "tax_minor"):
        if (held := getattr(order, name)) is not None:
            setattr(order, name, held * factor)
    for line in lines:
        line.unit_price_minor *= factor
    for product in [pairing.suggested for pairing in pairings]:
        _priced(product)
    order.currency = _THREE_DECIMALS
    return lines


def _priced(product: Product) -> None:
    if product.price_minor is not None and product.currency:
        product.price_minor *= 10 ** (3 - get_currency_precision(product.currency))
        product.currency = _THREE_DECIMALS


#: What a case does to a copied order, its lines and its pairings.
_ORDERS: dict[str, Made] = {
    "twelve-items": _twelve_items, "gift": _gift, "no-pictures": _no_pictures, "three-decimals": _three_decimals,
}  # fmt: skip
#: The name in ?case=, and its label.
CASES = {
    "no-name": "No name",
    "long-name": "A name of 60 characters",
    "twelve-items": "Twelve items",
    "gift": "A gift to somebody else",
    "right-to-left": "Right-to-left name",
    "no-pictures": "No pictures",
    "three-decimals": "Three-decimal currency",
}
