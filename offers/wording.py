"""What an offer gives, as a customer reads it in the language of the page or mail. Pure."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from babel.lists import format_list
from babel.numbers import format_currency, format_percent, get_currency_symbol, is_currency

from stores import money
from stores.phrases import ENGLISH, Phrases, marked

FREE_SHIPPING, FREE_GIFT = marked("Free shipping"), marked("A free gift")
_OFF = re.compile(r"(.*\d.*) off", re.IGNORECASE)
_SHARE = re.compile(r"(\d{1,3}) ?%")
_SUM = re.compile(r"(\D{1,3}?) ?(\d{1,6}(?:\.\d\d)?)")

#: So many products are named; of more it is only said that not everything is meant.
MOST_NAMED = 3


@dataclass(frozen=True)
class Terms:
    """What an offer is good for: baskets of at least so much, and some products alone (titles; "": not known); a gift is one of them."""

    minimum_minor: int | None = None
    currency: str = ""
    products: tuple[str, ...] = ()
    is_gift: bool = False


EVERYTHING = Terms()


def terms(held: Terms, words: Phrases) -> str:
    """Return what an offer is good for and what not, in sentences; "" where it is good for everything."""
    said, named = [], held.products if all(held.products) else ()
    if named and held.is_gift:
        said.append(words.say("Your gift: {products}.", products=_named(named, "or-short", words)))
    elif 0 < len(named) <= MOST_NAMED:
        said.append(words.say("Only for {products}.", products=_named(named, "standard", words)))
    elif held.products and not held.is_gift:
        said.append(words.say("Only for some of our products."))
    if held.minimum_minor:
        amount = money.show(held.minimum_minor, held.currency, words.language)
        said.append(words.say("When you spend {amount} or more.", amount=amount))
    return " ".join(said)


def _named(products: tuple[str, ...], style: Literal["standard", "or-short"], words: Phrases) -> str:
    return format_list(products[:MOST_NAMED], style=style, locale=words.locale)


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
