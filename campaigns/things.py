"""The things a mail without an order is about, in words: those of a cart, or one product. No queries, no clock."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from campaigns import wording
from campaigns.subjects import Subject, name_of
from catalog.models import Product
from orders.models import Cart
from stores import dates, money
from stores.phrases import Phrases

_WEEKS_FROM, _MONTHS_FROM = 21, 75


def values(subject: Subject, *, shop_url: str, base: str, now: datetime, zone: ZoneInfo, words: Phrases) -> dict[str, Any]:
    """Return the values that say what a mail is about, by the names of VARIABLES. Of no thing, an order keeps its own."""
    return {**UNSAID, **_said(subject, now=now, zone=zone, words=words), **_of_things(subject, shop_url=shop_url, base=base, words=words)}


def _said(subject: Subject, *, now: datetime, zone: ZoneInfo, words: Phrases) -> dict[str, Any]:
    """Return what the event itself told: a day that is still to come, what is missing, how long it lasts, that they asked."""
    said = subject.said
    until = datetime.fromisoformat(said["until"]) if isinstance(said.get("until"), str) else None
    return {
        "was_asked": bool(said.get("asked")),
        "lasts_words": _span(said["days"], words) if isinstance(said.get("days"), int) else "",
        "missing": wording.short_title(said["title"]) if said.get("title") else "",
        "until_words": dates.day(until, now=now, zone=zone, words=words) if until and until > now else "",
    }


def _of_things(subject: Subject, *, shop_url: str, base: str, words: Phrases) -> dict[str, Any]:
    if not subject.products and subject.cart is None:
        return {}
    products = subject.products
    items = _of_cart(subject.cart, products, words) if subject.cart else [_of_product(product, words) for product in products]
    first = wording.short_title(items[0]["name"]) if items else ""
    others = len(items) - 1
    bought = words.say("{first} and {others}", first=first, others=words.say_many(others, "{n} other thing", "{n} other things"))
    return {
        "items": items,
        "has_pictures": any(item["picture"] for item in items),
        "item_count": sum(item["quantity"] for item in items),
        "first_item": first,
        "things_words": bought if first and others > 0 else first,
        "total": money.show(subject.cart.total_minor, subject.cart.currency, words.language) if subject.cart else "",
        "thing_url": _way(subject, shop_url),
        "later_url": f"{base}/w/{subject.cart.token}/" if subject.cart else "",
        "price_before": _before(subject, words),
        "price_now": items[0]["price"] if items and not subject.cart else "",
    }


#: What only such a mail can say, where it is about nothing.
UNSAID: dict[str, Any] = {
    "things_words": "", "thing_url": "", "later_url": "", "price_before": "", "price_now": "",
}  # fmt: skip


def _before(subject: Subject, words: Phrases) -> str:
    """Return what a product cost before its price dropped, while it still costs less than that."""
    before, product = subject.said.get("before"), subject.products[0] if subject.products else None
    if not isinstance(before, int) or product is None or (product.price_minor or before) >= before:
        return ""
    return money.show(before, product.currency, words.language)


def _way(subject: Subject, shop_url: str) -> str:
    own = subject.cart.url if subject.cart else subject.products[0].url if subject.products else ""
    return own or shop_url


def _of_product(product: Product, words: Phrases) -> dict[str, Any]:
    price = _price(product, words)
    return {
        "name": product.title[:160],
        "quantity": 1,
        "unit_price": price,
        "price": price,
        "picture": product.image_url,
        "url": product.url,
    }


def _price(product: Product, words: Phrases) -> str:
    has_price = product.price_minor is not None and product.currency
    return money.show(product.price_minor or 0, product.currency, words.language) if has_price else ""


def _of_cart(cart: Cart, products: Sequence[Product], words: Phrases) -> list[dict[str, Any]]:
    known = {product.external_id: product for product in products}
    return [_of_line(line, cart.currency, known.get(name_of(line)), words) for line in cart.lines]


def _of_line(line: dict[str, Any], currency: str, product: Product | None, words: Phrases) -> dict[str, Any]:
    quantity = line.get("quantity") if isinstance(line.get("quantity"), int) else 1
    each = _minor(line.get("unit_price"), currency)
    unit = money.show(each, currency, words.language) if each is not None else ""
    return {
        "name": str(line.get("name") or (product.title if product else words.say("Something")))[:160],
        "quantity": quantity or 1,
        "unit_price": unit,
        "price": money.show(each * (quantity or 1), currency, words.language) if each is not None else "",
        "picture": product.image_url if product else "",
        "url": product.url if product else "",
    }


def _minor(amount: Any, currency: str) -> int | None:
    try:
        return money.to_minor(amount, currency) if amount not in (None, "") else None
    except money.NotMoney:
        return None


def _span(days: int, words: Phrases) -> str:
    """Return "12 days", "6 weeks", "4 months": as exactly as one would say it."""
    if days < _WEEKS_FROM:
        return words.say_many(days, "{n} day", "{n} days")
    if days < _MONTHS_FROM:
        return words.say_many(round(days / 7), "{n} week", "{n} weeks")
    return words.say_many(round(days / 30), "{n} month", "{n} months")
