"""The offers' reader of the wire: which codes orders were placed with, and which friends have ordered.

An order counts by what it is now, so late news end the same way; a cancelled one has used nothing.
Shops take codes in any case of letters, and let one be used by somebody else than who was given it: it is used all the same.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from customers import events
from customers.models import Event
from offers.models import Offer, OfferCode
from offers.referral import crediting
from orders.models import Order
from stores import rows

READER = "offers"
State = OfferCode.State

#: The codes that orders name, each with its order: one made for one person once, of a shared one the buyer's own, once in an order.
_NAMED = """
SELECT c.id, o.id FROM orders_order o CROSS JOIN LATERAL unnest(o.discount_codes) word
JOIN offers_offercode c ON c.store_id = o.store_id AND upper(c.code) = upper(word)
WHERE o.id = ANY(%s) AND c.state <> 'used' AND (NOT c.is_shared OR c.customer_id = o.customer_id AND c.is_current
    AND NOT EXISTS (SELECT 1 FROM offers_offercode u WHERE u.offer_id = c.offer_id AND u.order_id = o.id))
ORDER BY c.id, o.placed_at, o.id
"""
#: Orders that name a shared code which was not given to their buyer.
_STRAY = """
SELECT DISTINCT f.id, o.id FROM orders_order o CROSS JOIN LATERAL unnest(o.discount_codes) word
JOIN offers_offer f ON f.store_id = o.store_id AND f.kind = 'shared' AND f.code <> '' AND upper(f.code) = upper(word)
WHERE o.id = ANY(%s) AND NOT EXISTS (SELECT 1 FROM offers_offercode c WHERE c.offer_id = f.id AND c.order_id = o.id)
ORDER BY f.id, o.id
"""


@transaction.atomic
def read(*, now: datetime, limit: int = 500) -> int:
    """Note what unread events of orders mean for codes; return how many were read. One that cannot be noted is set aside."""
    unread = events.claim(READER, limit=limit)
    rows.in_halves(unread, lambda batch: _act(batch, now=now), lambda event, _: events.set_aside(READER, event, now=now))
    return len(unread)


def _act(batch: Sequence[Event], *, now: datetime) -> None:
    touched = {event.data["order"] for event in batch if event.data.get("order")}
    orders = Order.objects.filter(pk__in=touched, is_test=False).exclude(discount_codes=[]).in_bulk()
    fallen = {pk for pk, order in orders.items() if order.cancelled_at or order.financial_status == Order.Financial.VOIDED}
    if fallen:
        _give_back(fallen)
    if standing := {pk: order for pk, order in orders.items() if pk not in fallen}:
        _redeem(standing, now=now)
    crediting.note(touched, now=now)
    events.forget(READER, batch)


def _give_back(orders: set[int]) -> None:
    """Open the codes of cancelled orders again: they took nothing off.

    A shop may let one be used again or not, so one of a person's own is not promised again; what the buyer was not given is forgotten.
    """
    used = OfferCode.objects.filter(order__in=orders, state=State.USED)
    used.filter(is_shared=True, issued_at=None).delete()
    used.exclude(issued_at=None).update(state=State.GIVEN, used_at=None, order=None)


def _redeem(orders: dict[int, Order], *, now: datetime) -> None:
    """Mark the codes of orders as used, each once, and tell the wire."""
    named: dict[int, Order] = {}
    for pk, order in _asked(_NAMED, orders):
        named.setdefault(pk, orders[order])
    used = list(
        OfferCode.objects.select_for_update().filter(pk__in=named).exclude(state=State.USED).select_related("offer__store").order_by("pk")
    )
    for code in used:
        _use(code, named[code.pk])
    rows.update_many(used, ["state", "used_at", "order", "customer", "is_current", "worth_minor", "currency"])
    strays = _asked(_STRAY, orders)
    offers = Offer.objects.select_related("store").in_bulk([offer for offer, _ in strays])
    fresh = [_use(_stray(offers[offer]), orders[order]) for offer, order in strays]
    OfferCode.objects.bulk_create(fresh, ignore_conflicts=True)  # another worker may have read of the same order
    events.record_many([_told(code, orders[code.order_id or 0]) for code in [*used, *fresh]], now=now)


def _asked(statement: str, orders: dict[int, Order]) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(orders)])
        found: list[tuple[int, int]] = cursor.fetchall()
        return found


def _stray(offer: Offer) -> OfferCode:
    """Return the unsaved row of a shared code that somebody uses whom nobody gave it."""
    return OfferCode(store_id=offer.store_id, offer=offer, code=offer.code, is_shared=True)


def _use(code: OfferCode, order: Order) -> OfferCode:
    """Mark a code as used; one that was given to nobody is the buyer's, and worth what its offer is."""
    code.state, code.used_at, code.order, code.is_current = State.USED, order.placed_at, order, False
    if code.customer_id is None:
        code.customer_id = order.customer_id
    if code.issued_at is None:
        code.worth_minor, code.currency = code.offer.worth_minor or 0, code.offer.currency or code.offer.store.currency
    return code


def _told(code: OfferCode, order: Order) -> events.NewEvent:
    kind = events.Kind.COUPON_REDEEMED
    data = {
        "order": order.pk, "number": str(order), "code": code.code, "offer": code.offer_id, "value": code.offer.value,
        "flow": code.flow, "step": code.step,
    }  # fmt: skip
    return events.NewEvent(order.store_id, order.customer_id, kind, order.placed_at, f"{kind}:{code.offer_id}:{order.pk}", data)
