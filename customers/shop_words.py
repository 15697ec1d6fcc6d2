"""Takes a shop's word on the marketing of many people at once: the rule of `consent.note_from_shop`, in three statements."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from customers import events
from customers.identity import Held
from customers.models import Consent, Customer
from stores import rows

Word = tuple[Held, str, datetime]


@dataclass(frozen=True)
class Basis:
    """On what a yes rests: where it was said, and in which words, as the ledger keeps them."""

    source: str = "shop"
    wording: str = ""


SHOP = Basis()


def note(words: Iterable[Word], *, now: datetime, history: bool = False, basis: Basis = SHOP) -> list[int]:
    """Note (customer, state, at) triples in their order, the customers' rows being locked; return the ids of new lines of the ledger.

    What is held already, "never asked" and words older than the one held say nothing. What comes as history, from a file, never turns a
    no into a yes, whatever its date: the file may be older than the no that it does not know of.
    """
    ledger: list[rows.Row] = []
    told: list[events.NewEvent] = []
    changed: dict[int, Held] = {}
    for customer, state, at in words:
        since = customer.marketing_changed_at
        if state in (Customer.Marketing.NEVER, customer.marketing) or (since is not None and at < since) or customer.erased_at:
            continue
        if history and customer.marketing == Customer.Marketing.UNSUBSCRIBED:
            continue
        customer.marketing, customer.marketing_changed_at = state, at
        changed[customer.id] = customer
        ledger.append(_entry(customer, at, now, basis))
        told.append(_event(customer, at, basis))
    written = rows.insert(Consent, ledger, returning="id")
    fresh = [{"id": pk, "marketing": c.marketing, "marketing_changed_at": c.marketing_changed_at} for pk, c in sorted(changed.items())]
    rows.update(Customer, fresh)
    events.record_many(told, now=now, history=history)
    return [pk for (pk,) in written]


def _entry(customer: Held, at: datetime, now: datetime, basis: Basis) -> rows.Row:
    return {
        "store_id": customer.store_id,
        "customer_id": customer.id,
        "topic": Consent.Topic.MARKETING.value,
        "is_granted": customer.marketing == Customer.Marketing.SUBSCRIBED,
        "source": basis.source,
        "wording": basis.wording,
        "at": at,
        "recorded_at": now,
    }


def _event(customer: Held, at: datetime, basis: Basis) -> events.NewEvent:
    topic = Consent.Topic.MARKETING.value
    is_granted = customer.marketing == Customer.Marketing.SUBSCRIBED
    kind = events.Kind.CONSENT_GRANTED if is_granted else events.Kind.CONSENT_WITHDRAWN
    key = f"{kind}:{customer.id}:{topic}:{at.isoformat()}"
    return events.NewEvent(customer.store_id, customer.id, kind, at, key, {"topic": topic, "source": basis.source})
