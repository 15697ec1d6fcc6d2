"""Credits whoever brought a friend, once that friend's first order is paid; an order that falls before the reward takes it back.

An order counts by what it is now, so doubled and late news end the same way. An order credits one person at most.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from customers import events
from customers.models import Customer
from offers.models import OfferCode, Program, Referral
from offers.referral import hinting, likeness
from orders.models import Order

State = Referral.State
_OPEN = (State.ASKED, State.INVITED)
_PAID = (Order.Financial.PAID, Order.Financial.PARTIALLY_REFUNDED)
_FALLEN = (Order.Financial.REFUNDED, Order.Financial.VOIDED)
_DID_NOT_STAND = "The order did not stand"
_FELL_LATER = "The order fell after the reward was mailed"


def note(orders: Collection[int], *, now: datetime) -> None:
    """Look at what these orders mean for referrals."""
    credited = Referral.objects.select_for_update(of=("self",)).filter(order__in=orders, state__in=[State.ORDERED, State.REWARDED])
    for referral in credited.select_related("order", "by").order_by("pk"):
        if referral.order and has_fallen(referral.order):
            revoke(referral, now=now)
    for order in _that_may_credit(orders):
        _credit(order, now=now)


def has_fallen(order: Order) -> bool:
    """Say whether nothing is left of an order: it was cancelled, or all of its money was given back."""
    return order.cancelled_at is not None or order.financial_status in _FALLEN or 0 < order.total_minor <= order.refunded_minor


def revoke(referral: Referral, *, now: datetime) -> None:
    """Take a credit back, or say that it was too late for that; each is told once."""
    if referral.state == State.REWARDED:
        if referral.reason:
            return
        referral.reason = _FELL_LATER
    else:
        referral.state, referral.reason, referral.due_at, referral.settled_at = State.REVOKED, _DID_NOT_STAND, None, now
    referral.save(update_fields=["state", "reason", "due_at", "settled_at"])
    tell(referral, events.Kind.REFERRAL_REVOKED, now=now)


def tell(referral: Referral, kind: str, *, now: datetime) -> None:
    """Write on the wire of who brought the friend what became of it."""
    data = {"referral": referral.pk, "friend": referral.friend_id, "reason": referral.reason}
    events.record(referral.by, kind, at=now, key=f"{kind}:{referral.pk}", now=now, data=data)


def _that_may_credit(orders: Collection[int]) -> QuerySet[Order]:
    """Return those of these orders that are paid and stand, of a friend or with a friend's code, and that nobody was credited for."""
    waiting = Referral.objects.filter(state__in=_OPEN)
    friends, handed = waiting.filter(friend=OuterRef("customer")), waiting.filter(friend__codes__order=OuterRef("pk"))
    counted = Exists(Referral.objects.filter(order=OuterRef("pk")))
    paid = Order.objects.filter(pk__in=orders, financial_status__in=_PAID, cancelled_at=None, is_test=False, is_history=False)
    return paid.filter(Exists(friends) | Exists(handed), ~counted).select_related("customer").order_by("placed_at", "pk")


def _credit(order: Order, *, now: datetime) -> None:
    """Credit whoever brought the buyer, or else whoever brought the one whose code the buyer was handed."""
    waiting = Referral.objects.select_for_update(of=("self",)).filter(state__in=_OPEN, by__erased_at=None)
    handed = OfferCode.objects.filter(order=order, offer=F("store__program__friend_offer"), is_shared=False).values("customer")
    related = waiting.select_related("by", "friend").order_by("pk")
    referral = related.filter(friend=order.customer).first() or related.filter(friend__in=handed).first()
    if referral is None:
        return
    referral.order, referral.ordered_at, referral.reason = order, order.placed_at, _why_not(referral, order)
    if referral.reason:
        referral.state, referral.due_at, referral.settled_at = State.REFUSED, None, now
    else:
        referral.state, referral.due_at = State.ORDERED, order.placed_at + timedelta(days=_wait_days(referral))
    referral.save(update_fields=["state", "reason", "order", "ordered_at", "due_at", "settled_at"])
    if not referral.reason:
        tell(referral, events.Kind.REFERRAL_CREDITED, now=now)


def _wait_days(referral: Referral) -> int:
    return Program.objects.filter(store=referral.store_id).values_list("wait_days", flat=True).first() or 0


def _why_not(referral: Referral, order: Order) -> str:
    """Return why an order credits nobody, in words, or ""."""
    if order.customer_id == referral.by_id:
        return "They used it themselves"
    if order.placed_at < referral.asked_at:
        return "Ordered before they asked for the code"
    is_earlier = Q(placed_at__lt=order.placed_at) | Q(placed_at=order.placed_at, pk__lt=order.pk)
    earlier = Order.objects.filter(is_earlier, customer=order.customer_id)
    if earlier.filter(is_test=False, cancelled_at=None, financial_status__in=(*_PAID, Order.Financial.REFUNDED)).exists():
        return "Not their first order"
    buyer = Customer.objects.get(pk=order.customer_id)
    return likeness.same(hinting.of(referral.by), hinting.of(buyer, besides=order))
