"""A real order made hard in memory, never saved: what a mail must survive before it meets such a customer."""

import copy
from collections.abc import Callable, Iterable
from dataclasses import replace

from babel.numbers import get_currency_precision

from campaigns.writing.preview import Sample
from catalog.models import Pairing, Product
from orders.models import Order, OrderLine

_THREE_DECIMALS = "KWD"


def made_hard(shown: Sample, case: str) -> Sample:
    """Return a sample's hard variant; an unknown case returns it as it is."""
    if case not in CASES:
        return shown
    order = copy.copy(shown.order)
    order.customer = copy.copy(order.customer)
    lines = [_copied(line) for line in shown.order.lines.all()]
    pairings = tuple(_copied_pairing(pairing) for pairing in shown.pairings)
    lines = CASES[case][1](order, lines, pairings)
    kept = {**getattr(shown.order, "_prefetched_objects_cache", {}), "lines": lines}
    order._prefetched_objects_cache = kept  # type: ignore[attr-defined]  # as if they had been loaded
    return replace(shown, order=order, pairings=pairings)


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


def _named(name: str) -> Made:
    def rename(order: Order, lines: Lines, pairings: Iterable[Pairing]) -> Lines:
        order.customer.name, order.customer.first_name = name, ""
        order.shipping_address = {**order.shipping_address, "name": name}
        return lines

    return rename


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


#: The name in ?case=, its label, and what it does to a copied order, its lines and its pairings.
CASES: dict[str, tuple[str, Made]] = {
    "no-name": ("No name", _named("")),
    "long-name": ("A name of 60 characters", _named("Maximiliana-Theophila Alexandrina von Hohenstein-Lichtenberg")),
    "twelve-items": ("Twelve items", _twelve_items),
    "right-to-left": ("Right-to-left name", _named("فاطمة الزهراء بنت محمد")),
    "no-pictures": ("No pictures", _no_pictures),
    "three-decimals": ("Three-decimal currency", _three_decimals),
}
