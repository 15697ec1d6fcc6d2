"""Reads what only Shopify says, or says in its own way."""

import re
from urllib.parse import SplitResult, parse_qs, urlsplit

from customers import traits
from integrations.bodies import Body, items, text

_VARIANT = re.compile(r"[0-9]{1,20}:[1-9][0-9]{0,4}")


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
    lines = items(order.get("line_items"), name="line_items")
    wanted = [f"{line.get('variant_id')}:{line.get('quantity')}" for line in lines]
    if shop.scheme != "https" or not shop.hostname or not wanted or not all(_VARIANT.fullmatch(each) for each in wanted):
        return ""
    return f"https://{shop.hostname}/cart/{','.join(wanted)}"


def _web(value: object) -> SplitResult:
    try:
        return urlsplit(text(value, 2000))
    except ValueError:  # a foreign site's address may be anything
        return urlsplit("")
