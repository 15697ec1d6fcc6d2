"""What an offer gives, as a customer reads it in the language of the page or mail. Pure."""

import re
from decimal import Decimal

from babel.numbers import format_currency, format_percent, get_currency_symbol, is_currency

from stores.phrases import ENGLISH, Phrases, marked

FREE_SHIPPING, FREE_GIFT = marked("Free shipping"), marked("A free gift")
_OFF = re.compile(r"(.*\d.*) off", re.IGNORECASE)
_SHARE = re.compile(r"(\d{1,3}) ?%")
_SUM = re.compile(r"(\D{1,3}?) ?(\d{1,6}(?:\.\d\d)?)")


def given(value: str, currency: str, words: Phrases) -> str:
    """Return what an offer gives, "10 % Rabatt" for "10% off"; what is worded in another way stays as the shop wrote it."""
    if value in (FREE_SHIPPING, FREE_GIFT):
        return words.say(value)
    off = _OFF.fullmatch(value.strip())
    if off is None or words.language == ENGLISH:
        return value
    return words.say("{amount} off", amount=_share(off[1], words) or _sum(off[1], currency, words) or off[1])


def _share(amount: str, words: Phrases) -> str:
    found = _SHARE.fullmatch(amount)
    return str(format_percent(int(found[1]) / 100, locale=words.locale)) if found else ""


def _sum(amount: str, currency: str, words: Phrases) -> str:
    """Return "10 €" for "€10", where the sign is that of the store's currency; whole sums go without decimals, as in a shop window."""
    found = _SUM.fullmatch(amount)
    if found is None or not is_currency(currency) or get_currency_symbol(currency, locale="en") != found[1]:
        return ""
    pattern = str(words.locale.currency_formats["standard"].pattern)
    shown = pattern if "." in found[2] else pattern.replace(".00", "")
    return str(format_currency(Decimal(found[2]), currency, shown, locale=words.locale, currency_digits=False))
