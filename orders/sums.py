"""What an order's total is made of, as far as the shop tells and as it adds up: a sum that does not is not shown to anybody. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Sums:
    """Parts of a total, in minor units of its money; 0 is none. Tax stands in the prices, or comes on top of them."""

    subtotal: int
    discount: int
    shipping: int
    tax: int
    is_tax_included: bool


def of(total: int, prices: Iterable[int], *, discount: int | None, shipping: int | None, tax: int | None) -> Sums | None:
    """Return the parts of a total, `prices` being those of its lines before any discount.

    None where the shop tells no part, or where they make another sum (gift cards, tips, duties, a line that was taken off).
    """
    subtotal = sum(prices)
    without_tax = subtotal - (discount or 0) + (shipping or 0)
    if not (discount or shipping or tax) or total not in (without_tax, without_tax + (tax or 0)):
        return None
    return Sums(subtotal, discount or 0, shipping or 0, tax or 0, is_tax_included=total == without_tax)
