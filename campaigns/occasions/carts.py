"""Carts that were left behind, that somebody wants to be reminded of, and that were bought after all; told to the wire.

Each is told of once for each time it was touched. Only the first of a week may lead to a mail (`reminds`), and what was asked for always.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from customers import events
from orders.models import Cart, Order
from stores.models import Store

Kind = events.Kind
#: What was quiet so long when it is first seen is no news any more.
STALE = timedelta(days=3)
#: So long after one mail about a cart there is none about another.
PEACE = timedelta(days=7)
#: So long after it was left behind an order still counts as brought back.
CREDITED = timedelta(days=14)
_AT_ONCE = 500

_ORDERS = Order.objects.filter(customer=OuterRef("customer"), cancelled_at=None, is_test=False)
_BOUGHT_SINCE_START = Exists(_ORDERS.filter(placed_at__gte=OuterRef("started_at")))


def note(*, now: datetime) -> int:
    """Record what was left behind, what is to be reminded of, and what was bought; return how many events were new."""
    return _bought(now=now) + _asked_for(now=now) + _left_behind(now=now)


def _locked(found: QuerySet[Cart]) -> list[Cart]:
    known = found.filter(customer__isnull=False, customer__erased_at=None)
    return list(known.select_for_update(of=("self",), skip_locked=True).order_by("updated_at", "pk")[:_AT_ONCE])


@transaction.atomic
def _left_behind(*, now: datetime) -> int:
    told = 0
    for hours, stores in _by_patience().items():
        quiet = Cart.objects.filter(
            ~_BOUGHT_SINCE_START, Q(abandoned_at=None) | Q(abandoned_at__lt=F("updated_at")), store__in=stores, completed_at=None,
            updated_at__lte=now - timedelta(hours=hours), updated_at__gt=now - STALE,
        ).exclude(lines=[])  # fmt: skip
        found = _locked(quiet)
        recent: set[int | None] = set(
            Cart.objects.filter(customer__in={cart.customer_id for cart in found}, abandoned_at__gt=now - PEACE).values_list(
                "customer_id", flat=True
            )
        )
        said = []
        for cart in found:
            data = {**_about(cart), "reminds": cart.customer_id not in recent, "asked": False}
            recent.add(cart.customer_id)
            said.append(_event(cart, Kind.CART_ABANDONED, now, cart.updated_at.isoformat(), data))
        Cart.objects.filter(pk__in=[cart.pk for cart in found]).update(abandoned_at=now)
        told += events.record_many(said, now=now)
    return told


def _by_patience() -> dict[int, list[int]]:
    """Return the stores by how many hours each leaves a cart alone."""
    found: dict[int, list[int]] = {}
    for pk, hours in Store.objects.values_list("pk", "cart_quiet_hours"):
        found.setdefault(hours, []).append(pk)
    return found


@transaction.atomic
def _asked_for(*, now: datetime) -> int:
    due = _locked(Cart.objects.filter(remind_at__lte=now))
    meant = set(Cart.objects.filter(~_BOUGHT_SINCE_START, pk__in=[cart.pk for cart in due], completed_at=None).values_list("pk", flat=True))
    said = [
        _event(cart, Kind.CART_ABANDONED, now, f"asked:{cart.remind_at:%Y%m%d%H%M}", {**_about(cart), "reminds": True, "asked": True})
        for cart in due
        if cart.pk in meant
    ]
    Cart.objects.filter(pk__in=[cart.pk for cart in due]).update(remind_at=None)
    return events.record_many(said, now=now)


@transaction.atomic
def _bought(*, now: datetime) -> int:
    """Record who bought after they had left a cart behind: that cart, or anything else within two weeks."""
    since = _ORDERS.filter(placed_at__gte=OuterRef("abandoned_at"), placed_at__lte=OuterRef("abandoned_at") + CREDITED)
    left = Cart.objects.filter(abandoned_at__gt=now - CREDITED - PEACE, recovered_at=None)
    found = _locked(left.filter(Q(completed_at__isnull=False) | Exists(since)))
    Cart.objects.filter(pk__in=[cart.pk for cart in found]).update(recovered_at=now, remind_at=None)
    return events.record_many([_event(cart, Kind.CART_RECOVERED, now, "", _about(cart)) for cart in found], now=now)


def _about(cart: Cart) -> dict[str, Any]:
    return {"cart": cart.pk, "amount": cart.total_minor, "currency": cart.currency, "checkout": cart.is_checkout}


def _event(cart: Cart, kind: str, now: datetime, mark: str, data: dict[str, Any]) -> events.NewEvent:
    assert cart.customer_id is not None
    return events.NewEvent(cart.store_id, cart.customer_id, kind, now, f"{kind}:{cart.pk}:{mark}", data)
