"""Which topics somebody cares for, from what they bought, looked at, followed and took. It fades, and with it what it permits.

A topic is a category or a tag of products, in lower case. Weights add up and halve every `HALF_LIFE_DAYS`; `interested_in` is what a mail
about a topic may go by (implied permission: who took the guide gets its sequel, and only they do, until it has faded).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import DurationField, ExpressionWrapper, F, FloatField, QuerySet, Value
from django.db.models.functions import Cast, Extract, Power

from catalog.models import Product
from customers.models import Customer
from engagement.models import Interest
from stores import rows
from stores.models import Store

HALF_LIFE_DAYS = 120
#: Below this an interest is over: a purchase lasts about eight months, a look at a product four, a guide six.
LEAST = 0.5
#: What an action of a kind says of the topics it was about; the other kinds say nothing.
WEIGHTS = {
    "purchase": 2.0,
    "renewed": 2.0,
    "guide_taken": 1.5,
    "webinar_joined": 1.5,
    "product_added": 1.0,
    "wish_listed": 1.0,
    "checkout_started": 1.0,
    "mail_clicked": 1.0,
    "product_viewed": 1.0,
    "reviewed": 0.5,
}

_AGE = "extract(epoch FROM {later} - {earlier}) / 86400.0 / " + str(HALF_LIFE_DAYS)
_HELD = "engagement_interest"
_LATER = f"greatest({_HELD}.at, excluded.at)"
_ADD = (
    "(customer_id, topic) DO UPDATE SET at = " + _LATER + ", weight ="
    f" {_HELD}.weight * power(2.0, -({_AGE.format(later=_LATER, earlier=_HELD + '.at')}))"
    f" + excluded.weight * power(2.0, -({_AGE.format(later=_LATER, earlier='excluded.at')}))"
)


@dataclass(frozen=True)
class Shown:
    """One action of a customer that was about topics."""

    store_id: int
    customer_id: int
    kind: str
    at: datetime
    topics: tuple[str, ...]


@dataclass(frozen=True)
class Cares:
    """A topic and what an interest in it weighs now."""

    topic: str
    weight: float


def add(shown: Iterable[Shown], *, sign: int = 1) -> None:
    """Add to customers' interests what their actions show, within a transaction; with `sign` -1 take it out again."""
    sums: dict[tuple[int, str], rows.Row] = {}
    for each in sorted(shown, key=lambda one: one.at):
        for topic in dict.fromkeys(each.topics):
            before = sums.get((each.customer_id, topic))
            weight = sign * WEIGHTS.get(each.kind, 0.0) + (before["weight"] * _left(each.at, since=before["at"]) if before else 0.0)
            sums[each.customer_id, topic] = {
                "store_id": each.store_id, "customer_id": each.customer_id, "topic": topic, "weight": weight, "at": each.at
            }  # fmt: skip
    fresh = [row for _, row in sorted(sums.items()) if row["weight"]]
    rows.insert(Interest, fresh, conflict=_ADD)


def topics_of(products: Iterable[Product]) -> tuple[str, ...]:
    """Return the topics that products stand for."""
    return tuple(dict.fromkeys(key for product in products for name in (product.category, *product.tags) if (key := topic_key(name))))


def topic_key(name: object) -> str:
    """Return how a topic is kept: lower case, single spaces, at most 120 letters."""
    return " ".join(name.casefold().replace("\0", "").split())[:120] if isinstance(name, str) else ""


def alive(*, now: datetime) -> QuerySet[Any]:
    """Return interests that still count, with what each weighs `now`, the weightiest first."""
    age = Cast(Extract(ExpressionWrapper(Value(now) - F("at"), DurationField()), "epoch"), FloatField())
    left = Power(Value(2.0, FloatField()), age * Value(-1 / 86400 / HALF_LIFE_DAYS), output_field=FloatField())
    return Interest.objects.annotate(weight_now=F("weight") * left).filter(weight_now__gte=LEAST).order_by("-weight_now", "topic")


def interest_of(customer: Customer, *, now: datetime) -> list[Cares]:
    """Return what a customer cares for now, the most first."""
    return [Cares(topic, weight) for topic, weight in alive(now=now).filter(customer=customer).values_list("topic", "weight_now")]


def interested_in(store: Store, topic: str, *, now: datetime) -> QuerySet[Customer]:
    """Return a store's customers who care for a topic now."""
    found = alive(now=now).filter(store=store, topic=topic_key(topic))
    return Customer.objects.filter(store=store, pk__in=found.order_by().values("customer"))


def forget(*, now: datetime) -> int:
    """Delete interests that are over by far; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM engagement_interest WHERE weight * power(2.0, -({_AGE.format(later='%s::timestamptz', earlier='at')})) < %s",
            [now, LEAST / 8],
        )
        return int(cursor.rowcount)


def _left(now: datetime, *, since: datetime) -> float:
    return float(2.0 ** (-max((now - since).total_seconds(), 0) / 86400 / HALF_LIFE_DAYS))
