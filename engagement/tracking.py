"""Takes in what a store's pages and apps tell of their visitors: actions, and who a visitor turns out to be.

A visitor is an id that a library made up. As soon as one message names a customer too, by the shop's id or by address, the visitor is
theirs and so is everything done before. Only customers who exist are scored: nobody is made here, and nothing is ever permission for a
mail.
"""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q
from pydantic_core import from_json

from catalog.models import Product
from customers import identity
from customers.models import Alias, Customer, Identity
from engagement import actions, interests, kinds
from engagement.actions import Counted, Done
from engagement.interests import Shown
from engagement.messages import VISIT, Told
from engagement.models import Receipt, Visitor
from orders.models import Order
from stores import rows, tokens
from stores.models import Store

#: The key of Segment's "Order Completed".
ORDERED = "order_completed"
#: The libraries try again for hours, not for days.
RECEIPTS_KEPT = timedelta(days=3)


@transaction.atomic
def take_in(store: Store, told: Sequence[Told], *, now: datetime, kept_from: datetime) -> int:
    """Take in messages, each once however often it comes; return how many were new."""
    fresh = _unseen(store, [each for each in told if each.at >= kept_from], now=now)
    if not fresh:
        return 0
    people = _people(store, fresh)
    visitors = _visitors(store, fresh, people)
    _claim([visitor for visitor in visitors.values() if visitor.is_joined], now=now)
    products = _products(store, fresh)
    has_orders = Order.objects.filter(store=store).exists()
    done = []
    for each in sorted(fresh, key=lambda one: one.at):
        visitor = visitors.get(each.anonymous_id)
        kind = _kind_of(each, visitor, has_orders=has_orders)
        customer = _named(each, people) or (visitor.customer_id if visitor else None)
        if kind and (customer or visitor):
            data = each.properties | {"topics": topics} if (topics := list(_topics(each, products))) else each.properties
            key = f"told:{each.message_id or tokens.public_token()}"[:120]
            done.append(Done(store.pk, kind, each.at, key, customer_id=customer, visitor_id=visitor.id if visitor else None, data=data))
    show(actions.write(done, now=now))
    return len(fresh)


def show(done: Iterable[Done]) -> None:
    """Add what actions were about to the interests of their customers."""
    interests.add(
        Shown(each.store_id, each.customer_id, each.kind, each.at, tuple(each.data["topics"]))
        for each in done
        if each.customer_id and each.data.get("topics")
    )


def _unseen(store: Store, told: Sequence[Told], *, now: datetime) -> list[Told]:
    """Return messages that were not taken in before; one without an id is always new."""
    first = {_digest(each): each for each in reversed(told) if each.message_id}
    fresh = [{"store_id": store.pk, "digest": digest, "at": now} for digest in sorted(first)]
    new = rows.insert(Receipt, fresh, conflict="(store_id, digest) DO NOTHING", returning="digest")
    kept = {id(first[str(digest)]) for (digest,) in new}
    return [each for each in told if not each.message_id or id(each) in kept]


def _digest(each: Told) -> str:
    return str(uuid.UUID(bytes=hashlib.md5(each.message_id.encode(), usedforsecurity=False).digest()))


def _people(store: Store, told: Sequence[Told]) -> dict[str, int]:
    """Return the customers that messages name, by the shop's id and by the address as it was given; erased ones are nobody."""
    ids = {each.user_id for each in told if each.user_id}
    keys = {each.email: key for each in told if each.email and (key := identity.email_key(each.email))}
    names = Identity.objects.filter(store=store, external_id__in=ids, customer__erased_at=None)
    found = dict(names.values_list("external_id", "customer"))
    if keys:
        known = dict(Customer.objects.filter(store=store, email_key__in=keys.values(), erased_at=None).values_list("email_key", "pk"))
        known |= dict(Alias.objects.filter(store=store, email_key__in=keys.values()).values_list("email_key", "customer"))
        found |= {email: known[key] for email, key in keys.items() if key in known}
    return found


@dataclass
class Seen:
    """A visitor's row; `last` is when they were last seen before the action at hand, None if never."""

    id: int
    customer_id: int | None
    is_joined: bool
    last: datetime | None


def _visitors(store: Store, told: Sequence[Told], people: dict[str, int]) -> dict[str, Seen]:
    """Return the visitors of messages by their own ids, made where new, and given to the customers they say they are."""
    latest: dict[str, datetime] = {}
    belongs: dict[str, int | None] = {}
    for each in told:
        customer = _named(each, people)
        for name in {each.anonymous_id, each.previous_id if each.type == "alias" else ""} - {""}:
            latest[name] = max(each.at, latest.get(name, each.at))
            belongs[name] = customer or belongs.get(name)
    before = {
        row.anonymous_id: row
        for row in Visitor.objects.select_for_update().filter(store=store, anonymous_id__in=latest).order_by("anonymous_id")
    }
    fresh = [{"store_id": store.pk, "anonymous_id": name, "customer_id": belongs[name], "seen_at": latest[name]} for name in sorted(latest)]
    held = rows.insert(Visitor, fresh, conflict=_MEET_AGAIN, returning="id, anonymous_id, customer_id")
    return {
        name: Seen(
            pk, customer, is_joined=bool(customer and not (name in before and before[name].customer_id)),
            last=before[name].seen_at if name in before else None,
        )
        for pk, name, customer in held
    }  # fmt: skip


_MEET_AGAIN = (
    "(store_id, anonymous_id) DO UPDATE SET customer_id = coalesce(excluded.customer_id, engagement_visitor.customer_id),"
    " seen_at = greatest(excluded.seen_at, engagement_visitor.seen_at)"
)


def _named(each: Told, people: dict[str, int]) -> int | None:
    return people.get(each.user_id) or people.get(each.email)


def _claim(visitors: Sequence[Seen], *, now: datetime) -> None:
    """Give what visitors did before to the customers they turned out to be, and count it."""
    of = {visitor.id: visitor.customer_id for visitor in visitors}
    if not of:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE engagement_action a SET customer_id = v.customer_id FROM engagement_visitor v"
            " WHERE v.id = a.visitor_id AND a.visitor_id = ANY(%s) AND a.customer_id IS NULL"
            " RETURNING a.store_id, a.customer_id, a.kind, a.at, a.data",
            [sorted(of)],
        )
        found = cursor.fetchall()
    actions.count([Counted(store, customer, kind, at) for store, customer, kind, at, _ in found], now=now)
    show(Done(store, kind, at, "", customer_id=customer, data=from_json(data)) for store, customer, kind, at, data in found)


def _kind_of(each: Told, visitor: Seen | None, *, has_orders: bool) -> str:
    """Return the kind of action that a message is, "" if it is none; moves the visitor's visit on."""
    if each.type in ("page", "screen"):
        last = visitor.last if visitor else each.at
        if visitor:
            visitor.last = max(each.at, last or each.at)
        if last is None:
            return kinds.VISIT
        return kinds.REPEAT_VISIT if each.at - last > VISIT else kinds.PAGE
    if each.type != "track":
        return ""
    if visitor:
        visitor.last = max(each.at, visitor.last or each.at)
    kind = kinds.key_of(each.name)
    # Where the shop itself tells of orders they count from there, once.
    return kinds.PURCHASE if kind == ORDERED and not has_orders else kind


def _products(store: Store, told: Sequence[Told]) -> dict[str, Product]:
    """Return the products that messages are about, by external id and by SKU."""
    names = {name for each in told for name in _product_names(each)}
    if not names:
        return {}
    found = Product.objects.filter(Q(external_id__in=names) | Q(sku__in=names), store=store)
    return {name: product for product in found for name in (product.sku, product.external_id) if name}


def _product_names(each: Told) -> list[str]:
    return [name for name in (each.properties.get("product_id"), each.properties.get("sku"), *each.properties.get("products", [])) if name]


def _topics(each: Told, products: dict[str, Product]) -> tuple[str, ...]:
    """Return the topics of a message: what its products stand for, else the category or topic that it names itself."""
    about = interests.topics_of(products[name] for name in _product_names(each) if name in products)
    named = (interests.topic_key(each.properties.get(name)) for name in ("topic", "category"))
    return about or tuple(name for name in named if name)


def forget(*, now: datetime, before: datetime) -> None:
    """Delete receipts that no repeat can ask for, and visitors who never said who they are and whose actions are gone."""
    Receipt.objects.filter(at__lt=now - RECEIPTS_KEPT).delete()
    with connection.cursor() as cursor:  # Django would look for the actions of each, which went with their months
        cursor.execute("DELETE FROM engagement_visitor WHERE seen_at < %s", [before])
