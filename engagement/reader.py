"""The scores' reader of the wire. An event says where to look; an order counts by what it is now, so late news end the same way."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.db import transaction

from catalog.models import Product
from customers import events, touching
from customers.models import Consent, Customer, Event
from engagement import actions, interests, kinds, recount
from engagement.actions import Done
from engagement.interests import Shown
from orders.models import Order
from stores import rows

READER = "engagement"
#: From here up an answer of 1 to 5 is praise.
HIGH = 4
_ORDERS = (events.Kind.ORDER_PLACED, events.Kind.ORDER_CHANGED, events.Kind.ORDER_CANCELLED)


@transaction.atomic
def read(*, now: datetime, limit: int = 500) -> int:
    """Count unread events; return how many were read. One that cannot be counted is set aside, the others go on."""
    unread = events.claim(READER, limit=limit)
    rows.in_halves(unread, lambda batch: _act(batch, now=now), lambda event, _: events.set_aside(READER, event, now=now))
    return len(unread)


def _act(batch: Sequence[Event], *, now: datetime) -> None:
    people = {event.customer_id for event in batch}
    list(Customer.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk").values_list("pk"))
    merged = {event.customer_id for event in batch if event.kind == events.Kind.CUSTOMER_MERGED}
    _count_orders({event.data["order"] for event in batch if event.kind in _ORDERS and event.data.get("order")}, now=now)
    done = [deed for event in batch if (deed := deed_of(event))]
    _show_interest(actions.write(done, now=now))
    for event in batch:
        if event.kind == events.Kind.REFERRAL_REVOKED:
            actions.take_back(event.store_id, [_referral_key(event)], now=now)
    if merged:
        recount.of_customers(merged, now=now)
        for store in {event.store_id for event in batch}:
            touching.touch(store, {event.customer_id for event in batch if event.store_id == store} & merged)
    events.forget(READER, batch)


def deed_of(event: Event) -> Done | None:
    """Return what an event says that its customer did, other than order; None if nothing of worth."""
    kind = _kind_of(event)
    if not kind:
        return None
    kept = {name: event.data[name] for name in ("url", "label", "score", "subject") if event.data.get(name) not in (None, "")}
    key = _referral_key(event) if kind == "referred" else f"event:{event.pk}"
    return Done(event.store_id, kind, event.occurred_at, key, customer_id=event.customer_id, data=kept)


def _referral_key(event: Event) -> str:
    return f"referral:{event.data.get('referral')}"


def _kind_of(event: Event) -> str:
    if event.kind == events.Kind.ANSWER_GIVEN:
        score = event.data.get("score")
        return "praised" if isinstance(score, int) and score >= HIGH else "answered"
    if event.kind == events.Kind.CONSENT_GRANTED:
        return "subscribed" if event.data.get("topic") == Consent.Topic.MARKETING else ""
    if event.kind == events.Kind.REPLY_RECEIVED:
        return "replied"
    if event.kind == events.Kind.MAIL_CLICKED:
        return "mail_clicked"
    if event.kind == events.Kind.REVIEW_GIVEN:
        return "reviewed"
    return "referred" if event.kind == events.Kind.REFERRAL_CREDITED else ""


def _count_orders(ids: Iterable[int], *, now: datetime) -> None:
    """Count each order that stands, once; take back each that does not."""
    orders = list(Order.objects.filter(pk__in=set(ids)).prefetch_related("lines__product").order_by("pk"))
    stands = [order for order in orders if not order.cancelled_at and order.financial_status != "voided" and not order.is_test]
    for store in {order.store_id for order in orders}:
        actions.take_back(store, [_key(order) for order in orders if order.store_id == store and order not in stands], now=now)
    done = {
        _key(order): Done(
            order.store_id, kinds.PURCHASE, order.placed_at, _key(order), customer_id=order.customer_id, data={"order": order.pk}
        )
        for order in stands
    }
    new = {each.key for each in actions.write(list(done.values()), now=now)}
    interests.add(_bought(order for order in stands if _key(order) in new))


def forget_orders(ids: Iterable[int], *, now: datetime) -> None:
    """Take back what was counted of orders that are about to be deleted as if they had never been: purchases, and interests they showed."""
    orders = list(Order.objects.filter(pk__in=set(ids)).prefetch_related("lines__product"))
    counted: set[str] = set()
    for store in {order.store_id for order in orders}:
        counted |= actions.take_back(store, [_key(order) for order in orders if order.store_id == store], now=now)
    interests.add(_bought(order for order in orders if _key(order) in counted), sign=-1)


def _key(order: Order) -> str:
    return f"order:{order.pk}"


def _bought(orders: Iterable[Order]) -> Iterator[Shown]:
    for order in orders:
        if topics := interests.topics_of(line.product for line in order.lines.all() if line.product):
            yield Shown(order.store_id, order.customer_id, kinds.PURCHASE, order.placed_at, topics)


def _show_interest(done: Sequence[Done]) -> None:
    """A link that leads to a product shows an interest in what it stands for."""
    urls = {each.data["url"] for each in done if each.data.get("url")}
    products = {(product.store_id, product.url): product for product in Product.objects.filter(url__in=urls)} if urls else {}
    interests.add(
        Shown(each.store_id, each.customer_id, each.kind, each.at, topics)
        for each in done
        if each.customer_id
        and (product := products.get((each.store_id, each.data.get("url", ""))))
        and (topics := interests.topics_of([product]))
    )
