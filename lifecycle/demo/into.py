"""Puts a small part of the demo shop's story into a store of one's own: its goods in the store's money, its newest orders."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from django.db import transaction

from catalog.models import Pairing, Product, ProductGuide
from integrations import inbox
from lifecycle.demo import story
from lifecycle.demo.goods import GOODS, Good
from stores import money
from stores.models import Store

ORDERS = 12


@transaction.atomic
def fill(store: Store, *, now: datetime, as_history: bool) -> int:
    """Tell a store the demo's newest orders through the real verbs; return how many. `as_history`: they enrol nobody, whatever is live."""
    _stock(store, now=now)
    told = _told(store, now=now)
    live_since = now + timedelta(days=1) if as_history else store.created_at - timedelta(days=60)
    for delivery in told:
        inbox.apply(store, delivery.topic, delivery.payload, now=now, live_since=live_since)
    return sum(delivery.topic == "orders/create" for delivery in told)


def _told(store: Store, *, now: datetime) -> list[story.Delivery]:
    """Return what the shop tells of its newest orders, amounts in the store's money."""
    every = story.deliveries(now=now)
    newest = [each.payload["external_id"] for each in every if each.topic == "orders/create"][-ORDERS:]
    ours = [each for each in every if (each.payload.get("order_external_id") or each.payload["external_id"]) in newest]
    return [replace(each, payload=_in_money(each.payload, store.currency)) for each in ours]


def _in_money(payload: dict[str, Any], currency: str) -> dict[str, Any]:
    """Return a payload with its amounts written in another currency."""
    changed = dict(payload)
    for name in ("total", "shipping_total", "tax_total", "amount", "unit_price"):
        if name in changed:
            changed[name] = _amount(changed[name], currency)
    if "currency" in changed:
        changed["currency"] = currency
    if "total" in changed:
        changed["lines"] = [_in_money(line, currency) for line in changed["lines"]]
        items = sum((Decimal(line["unit_price"]) * line["quantity"] for line in changed["lines"]), Decimal(0))
        changed["total"] = str(items + Decimal(changed["shipping_total"]))
    return changed


def _amount(text: str, currency: str) -> str:
    """Return the same figure with as many decimals as the currency has: 7.50 is 8 yen."""
    return money.to_wire(round(Decimal(text).scaleb(get_currency_precision(currency))), currency)


def _stock(store: Store, *, now: datetime) -> None:
    """Put the goods on the shelf through the door for products, then their guides and what goes well together."""
    for good in GOODS:
        payload = {
            "external_id": good.sku, "title": good.title, "sku": good.sku, "kind": good.kind, "url": f"https://marlow.example/{good.sku}",
            "category": good.category, "tags": list(good.tags), "price": _amount(good.price, store.currency), "currency": store.currency,
        }  # fmt: skip
        inbox.apply(store, "products/create", payload, now=now, live_since=now)
    products = {product.external_id: product for product in Product.objects.filter(store=store, external_id__in=[g.sku for g in GOODS])}
    for good in GOODS:
        _guide(store, good, products)


def _guide(store: Store, good: Good, products: dict[str, Product]) -> None:
    if good.tips:
        guide = {"headline": good.headline, "tips": list(good.tips), "mistake": good.mistake, "care": good.care}
        ProductGuide.objects.get_or_create(product=products[good.sku], defaults={"store": store, **guide})
    for rank, (sku, reason) in enumerate(good.pairs, start=1):
        pair = {"product": products[good.sku], "suggested": products[sku]}
        Pairing.objects.get_or_create(**pair, defaults={"store": store, "reason": reason, "rank": rank})
