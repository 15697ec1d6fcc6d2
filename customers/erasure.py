"""Forgets a person for good: what says who they were goes, what a shop's figures rest on stays. Mails to them stop at once.

Two steps. `ask` marks the row, which the last-moment gate reads, and tells the wire; whoever reads that (`campaigns.forgetting`) lets every
room forget what it holds, and this one last (`forget`): all in one transaction, so that nothing is half forgotten. The row remains, without
a word of theirs, so that orders still add up and what a shop repeats finds it (`disguises`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction

from customers import disguises, events
from customers.models import Alias, Consent, Customer, Event, Identity, Merge, Note, Task
from stores import rows, tokens
from stores.models import Store

#: What is kept of a customer's row: no person can be told by it.
KEPT = frozenset({
    "id", "store", "country", "marketing", "marketing_changed_at", "objected_to_service_at", "has_ordered", "erased_at",
    "created_at",
})  # fmt: skip
#: What is kept of an event: which rows it is about, and words of a fixed list.
KEPT_OF_EVENTS = (
    "order", "message", "flow", "step", "run", "reason", "words", "bounce", "due_at", "until", "amount", "currency", "score", "link",
    "topic", "source", "product", "by",
)  # fmt: skip

_AT_ONCE = 5000
_EVENTS = """
UPDATE customers_event SET data = coalesce((SELECT jsonb_object_agg(name, value) FROM jsonb_each(data) AS each(name, value)
    WHERE name = ANY(%s)), '{}') WHERE customer_id = %s
"""


@dataclass(frozen=True)
class Person:
    """Who is to be forgotten, by every name they are known by: addresses in their normal form, and the platforms' external ids."""

    id: int
    store_id: int
    addresses: tuple[str, ...]
    names: tuple[str, ...]


@transaction.atomic
def ask(customer: Customer, *, by: str, now: datetime) -> bool:
    """Have a customer erased; return whether that was news. `by` is who asks, such as a member of the staff."""
    if not Customer.objects.filter(pk=customer.pk, erased_at=None).update(erased_at=now):
        return False
    kind = Event.Kind.CUSTOMER_ERASED
    events.record(customer, kind, at=now, key=f"{kind}:{customer.pk}", now=now, data={"by": by})
    return True


@transaction.atomic
def ask_for_all(store: Store, *, by: str, now: datetime) -> int:
    """Have every customer of a store erased; return how many were news."""
    still_known = Customer.objects.filter(store=store, erased_at=None).select_for_update(no_key=True).order_by("pk")
    ids = list(still_known.values_list("pk", flat=True))
    Customer.objects.filter(pk__in=ids).update(erased_at=now)
    kind = Event.Kind.CUSTOMER_ERASED
    told = [events.NewEvent(store.pk, pk, kind, now, f"{kind}:{pk}", {"by": by}) for pk in ids]
    for start in range(0, len(told), _AT_ONCE):
        events.record_many(told[start : start + _AT_ONCE], now=now)
    return len(ids)


def lock(customer_id: int) -> Person:
    """Return who is behind a customer's row, locked until the transaction ends: nothing new of theirs comes in meanwhile."""
    held = Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
    keys = (held.email_key, *held.aliases.values_list("email_key", flat=True))
    names = held.identities.values_list("external_id", flat=True)
    return Person(held.pk, held.store_id, tuple(key for key in keys if key), tuple(names))


def forget(person: Person) -> None:
    """Take away what this room holds of a person; within the transaction that locked them."""
    _disguise(person)
    for model in (Note, Task, Alias, Merge):
        model.objects.filter(customer=person.id).delete()
    Consent.objects.filter(customer=person.id).update(wording="")
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, [list(KEPT_OF_EVENTS), person.id])
    held = Customer.objects.get(pk=person.id)
    blank(held, kept=KEPT)
    held.token = tokens.public_token()
    held.save()


def blank(row: models.Model, *, kept: frozenset[str]) -> None:
    """Empty every field of a row but those that are kept; unsaved. A field of a later release is emptied."""
    for field in row._meta.concrete_fields:
        if field.name not in kept:
            setattr(row, field.attname, _empty(field))


def _empty(field: "models.Field[Any, Any]") -> Any:
    return None if field.null else field.get_default()


def _disguise(person: Person) -> None:
    """Put digests in the place of every name by which a shop may tell of them again."""
    Identity.objects.filter(customer=person.id).delete()
    digests = sorted(disguises.of(name)[0] for name in {*person.addresses, *person.names})
    fresh = [{"store_id": person.store_id, "external_id": digest, "customer_id": person.id} for digest in digests]
    rows.insert(Identity, fresh, conflict="(store_id, external_id) DO UPDATE SET customer_id = excluded.customer_id")
