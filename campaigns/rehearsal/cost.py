"""What a code is worth, as far as the words of its offer say: an amount of money, or a share of an order. Pure."""

import re
from fractions import Fraction

_SHARE = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:%|per ?cent)")
_AMOUNT = re.compile(r"(?:[€$£¥]|\b[A-Z]{3}\b|R\$|kr)\s*(\d+(?:[.,]\d{1,2})?)|(\d+(?:[.,]\d{1,2})?)\s*(?:[€$£¥]|\b[A-Z]{3}\b|kr)")


def if_all_are_used(value: str, *, mails: int, worth_minor: int, decimals: int) -> int | None:
    """Return what so many codes cost in minor units if every one of them is used; None where the words hold no number to go by.

    A share is taken of an order like the one each mail was about: `worth_minor` is what those cost together.
    """
    if share := _SHARE.search(value):
        return int(Fraction(_number(share[1])) * worth_minor / 100) if worth_minor else None
    if amount := _AMOUNT.search(value):
        return int(Fraction(_number(amount[1] or amount[2])) * 10**decimals) * mails
    return None


def _number(text: str) -> str:
    return text.replace(",", ".")
