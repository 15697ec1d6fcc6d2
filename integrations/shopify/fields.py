"""Reads single fields of Shopify's bodies, saying by name what is missing or wrong."""

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from customers import traits
from orders.incoming import Unusable

Body = dict[str, Any]
_VARIANT = re.compile(r"[0-9]{1,20}:[1-9][0-9]{0,4}")


def need(body: Body, names: Iterable[str]) -> None:
    """Raise Unusable if any of these fields is missing or empty, naming all that are."""
    missing = [name for name in names if body.get(name) in (None, "")]
    if missing:
        raise Unusable(f"missing: {', '.join(missing)}")


def ident(value: object, *, name: str) -> str:
    """Return a numeric id as a string; empty for none."""
    if value in (None, ""):
        return ""
    if isinstance(value, (bool, list, dict)) or len(str(value)) > 100:
        raise Unusable(f"{name}: {str(value)[:40]!r} is not an id")
    return str(value)


def text(value: object, longest: int = 200) -> str:
    return "" if value is None or isinstance(value, (list, dict)) else str(value).strip()[:longest]


def tags(body: Body) -> list[str] | None:
    """Return tags, which stand in one text with commas; None where they are not told."""
    said = body.get("tags")
    return traits.tags(said.split(",")) if isinstance(said, str) else None


def source(order: Body) -> str:
    """Return what brought a buyer: the campaign of the page they landed on, else the site they came from, else the sales channel."""
    landed, came_from = _web(order.get("landing_site")), _web(order.get("referring_site"))
    campaign = parse_qs(landed.query).get("utm_source", [""])[0]
    channel = text(order.get("source_name"), 60)
    site = (came_from.hostname or "").removeprefix("www.") if channel in ("", "web") else ""
    return (campaign or site or channel).strip().lower()[:60]


def cart_again(order: Body) -> str:
    """Return the shop's address that fills a cart with what an order had ("…/cart/variant:quantity,…"); "" if a line names no variant."""
    shop = _web(order.get("order_status_url"))
    lines = [line for line in order.get("line_items") or [] if isinstance(line, dict)]
    wanted = [f"{line.get('variant_id')}:{line.get('quantity')}" for line in lines]
    if shop.scheme != "https" or not shop.hostname or not wanted or not all(_VARIANT.fullmatch(each) for each in wanted):
        return ""
    return f"https://{shop.hostname}/cart/{','.join(wanted)}"


def _web(value: object) -> SplitResult:
    try:
        return urlsplit(text(value, 2000))
    except ValueError:  # a foreign site's address may be anything
        return urlsplit("")


def moment(body: Body, *names: str) -> datetime | None:
    """Return the first of these fields that is set, as a time with an offset."""
    for name in names:
        if body.get(name) in (None, ""):
            continue
        try:
            found = datetime.fromisoformat(str(body[name]))
        except ValueError as error:
            raise Unusable(f"{name}: {str(body[name])[:40]!r} is not a time") from error
        if found.tzinfo is None:
            raise Unusable(f"{name}: {body[name]!r} has no offset from UTC")
        return found
    return None


def whole(value: object, *, name: str) -> int:
    try:
        number = int(str(value))
    except ValueError as error:
        raise Unusable(f"{name}: {str(value)[:40]!r} is not a whole number") from error
    if not 0 <= number <= 1_000_000:
        raise Unusable(f"{name}: {number} is out of range")
    return number


def decimal(value: object, *, name: str) -> Decimal:
    try:
        number = Decimal(str(value if value not in (None, "") else 0))
    except InvalidOperation as error:
        raise Unusable(f"{name}: {str(value)[:40]!r} is not an amount") from error
    if not number.is_finite():
        raise Unusable(f"{name}: {str(value)[:40]!r} is not an amount")
    return number


def items(value: object, *, name: str) -> list[Body]:
    """Return a list of objects; none for null."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise Unusable(f"{name}: is not a list of objects")
    return value


def child(body: Body, name: str) -> Body:
    """Return an object inside; empty for null."""
    found = body.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Unusable(f"{name}: is not an object")
    return found
