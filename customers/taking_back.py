"""Takes back what a file made of customers by mistake: people nobody has had to do with since, a yes to marketing, changed words.

The ledger and the wire are append-only, save for erasure and merge. A yes that only a file claimed was never given, so its line goes,
with its event. A no stays: whether it was the file's or the customer's own, nobody asks twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from customers import identity
from customers.models import Consent, Customer, Event, Identity, Unread
from stores import rows

Kind = Event.Kind
#: Reckoned from the rest, by whatever room: it goes with the customer. One-to-one rows are all of this sort.
_RECKONED = frozenset({"interest", "membership", "duplicate"})
#: Of what a customer has done, this is the beginning of the keys that only repeat their orders.
_OF_ORDERS = "order:"
#: Events that say nothing of anybody's own doing.
_NO_DEED = (Kind.CONSENT_GRANTED, Kind.CONSENT_WITHDRAWN, Kind.SEGMENT_ENTERED, Kind.SEGMENT_LEFT, Kind.CUSTOMER_BIRTHDAY)
#: What is said of a customer by the rows that others tie to them.
_WORDS = {
    "order": "they have orders", "orderline": "they have orders", "cart": "they have a cart", "note": "there are notes about them",
    "task": "there are tasks about them", "message": "mails were written to them", "response": "they have answered",
    "enrollment": "they are in a flow", "steprun": "they are in a flow", "visitor": "they have been on the site",
    "action": "they have done something on the site", "merge": "somebody was merged into them", "alias": "somebody was merged into them",
}  # fmt: skip


def lock(store_id: int, ids: Iterable[int]) -> list[int]:
    """Lock customers in order of id; return those that are there."""
    found = Customer.objects.filter(store_id=store_id, pk__in=ids).select_for_update(of=("self",))
    return list(found.order_by("pk").values_list("pk", flat=True))


def forget_unread(ids: Iterable[int]) -> None:
    """Let nobody be told any more of events that are gone."""
    Unread.objects.filter(event_id__in=list(ids)).delete()


def take_back(store_id: int, ids: Sequence[int], *, consents: Sequence[int]) -> dict[int, str]:
    """Remove those of these customers who have nothing but what made them; return why the others stay, by id. Inside a transaction.

    `consents` are lines of the ledger that came with them.
    """
    there = lock(store_id, ids)
    told = Event.objects.filter(customer__in=there).exclude(kind__in=_NO_DEED)
    why = dict.fromkeys(told.values_list("customer", flat=True).distinct(), "something has happened to them since")
    spoken = Consent.objects.filter(customer__in=there).exclude(pk__in=consents)
    why |= dict.fromkeys(spoken.values_list("customer", flat=True).distinct(), "they have spoken for themselves since")
    why |= dict(_tied(there))
    gone = [pk for pk in there if pk not in why]
    Unread.objects.filter(customer_id__in=gone).delete()
    Customer.objects.filter(pk__in=gone).delete()
    return {pk: reason for pk, reason in why.items() if pk in there}


def _tied(ids: list[int]) -> Iterable[tuple[int, str]]:
    for tie in Customer._meta.get_fields(include_hidden=True):
        if not tie.auto_created or tie.concrete or tie.one_to_one or tie.related_model in (Identity, Event, Consent):
            continue
        meta = tie.related_model._meta  # type: ignore[union-attr]
        if meta.model_name not in _RECKONED:
            name = tie.remote_field.attname  # type: ignore[union-attr]
            found = tie.related_model._base_manager.filter(**{f"{name}__in": ids})  # type: ignore[union-attr]
            found = found.exclude(key__startswith=_OF_ORDERS) if meta.model_name == "action" else found
            reason = _WORDS.get(str(meta.model_name), f"they have {meta.verbose_name_plural}")
            yield from ((pk, reason) for pk in found.values_list(name, flat=True).distinct())


def unsay(store_id: int, ids: Sequence[int]) -> tuple[int, int]:
    """Take these lines of the ledger back where they are the customer's only word on marketing and say yes.

    Return how many went, and how many stay because their customer has spoken since. Inside a transaction.
    """
    lines = Consent.objects.filter(store_id=store_id, pk__in=ids, is_granted=True, topic=Consent.Topic.MARKETING)
    lock(store_id, lines.values_list("customer", flat=True))
    others = Consent.objects.filter(topic=Consent.Topic.MARKETING, customer__in=lines.values("customer")).exclude(pk__in=ids)
    spoken = set(others.values_list("customer", flat=True))
    found = list(lines.values_list("pk", "customer", "at"))
    gone = [(pk, customer, at) for pk, customer, at in found if customer not in spoken]
    Customer.objects.filter(pk__in=[customer for _, customer, _ in gone], marketing=Customer.Marketing.SUBSCRIBED).update(
        marketing=Customer.Marketing.NEVER, marketing_changed_at=None
    )
    said = Event.objects.filter(customer__in=[customer for _, customer, _ in gone], kind=Kind.CONSENT_GRANTED)
    forget_unread(said.filter(occurred_at__in={at for _, _, at in gone}).values_list("pk", flat=True))
    said.filter(occurred_at__in={at for _, _, at in gone}, data__topic=Consent.Topic.MARKETING.value).delete()
    Consent.objects.filter(pk__in=[pk for pk, _, _ in gone]).delete()
    return len(gone), len(found) - len(gone)


def restore(store_id: int, before: Mapping[int, Mapping[str, Sequence[Any]]]) -> tuple[int, int]:
    """Give customers back what they were called before, field by field where it still says what was written over it.

    `before` is {id: {field: [before, after]}}. Return how many customers have all of it again, and how many not: somebody has changed
    them since, or another customer has the address now. Inside a transaction.
    """
    there = Customer.objects.in_bulk(lock(store_id, before))
    restored = partly = 0
    for pk, customer in there.items():
        kept = [name for name, (_, after) in before[pk].items() if getattr(customer, name) != after]
        for name, (said, _) in before[pk].items():
            if name not in kept and (name != "email" or _is_free(customer, said)):
                setattr(customer, name, said)
            elif name not in kept:
                kept.append(name)
        restored, partly = restored + (not kept), partly + bool(kept)
    rows.update_many(list(there.values()), sorted({name for changed in before.values() for name in changed} | {"email_key"}))
    return restored, partly


def _is_free(customer: Customer, email: str) -> bool:
    """Give the customer the key of an address, unless somebody else has it."""
    key = identity.email_key(email) if email else None
    if key and Customer.objects.filter(store_id=customer.store_id, email_key=key).exclude(pk=customer.pk).exists():
        return False
    customer.email_key = key
    return True
