"""Amounts: integer minor units and an ISO currency in rows, decimal strings on the wire, CLDR's way for people."""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.numbers import format_currency, get_currency_precision

_LETTER_BY_DIGIT = re.compile(r"(?<=[A-Za-z])(?=[\d-])")  # CLDR's currency spacing, which Babel leaves out: KWD 1.250
_MOST = 10**15  # minor units; beyond it a total is a mistake, and bigint still has room to add up


class NotMoney(ValueError):
    """An amount that is no number, has more decimals than its currency, or is absurdly large."""


def is_currency(code: str) -> bool:
    return code in get_global("all_currencies")


def to_minor(amount: object, currency: str, *, rounds: bool = False) -> int:
    """Return a wire amount ("12.50", 12.5, 12) in minor units of `currency`; raise NotMoney.

    Trailing zeros beyond the currency's decimals are fine ("1000.00" yen); other digits there are refused, unless `rounds`: half up.
    """
    try:
        value = Decimal(str(amount).strip())
    except InvalidOperation as error:
        raise NotMoney(f"{amount!r} is not an amount") from error
    if not value.is_finite():
        raise NotMoney(f"{amount!r} is not an amount")
    if abs(value) > _MOST:
        raise NotMoney(f"{amount!r} is too large")
    minor = value.scaleb(get_currency_precision(currency))
    if rounds:
        minor = minor.to_integral_value(ROUND_HALF_UP)
    if minor != minor.to_integral_value():
        raise NotMoney(f"{amount!r} has more decimals than {currency} has")
    return int(minor)


def to_wire(minor: int, currency: str) -> str:
    """Return minor units as the decimal string of the wire: 1250 EUR is "12.50", 1250 JPY "1250", 1250 KWD "1.250"."""
    precision = get_currency_precision(currency)
    return f"{Decimal(minor).scaleb(-precision):.{precision}f}"


@lru_cache(maxsize=8192)
def show(minor: int, currency: str, language: str = "en") -> str:
    """Return an amount as people read it in `language` (an unknown language reads as English)."""
    try:
        locale = Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    shown = format_currency(Decimal(minor).scaleb(-get_currency_precision(currency)), currency, locale=locale)
    return _LETTER_BY_DIGIT.sub("\N{NO-BREAK SPACE}", shown)
