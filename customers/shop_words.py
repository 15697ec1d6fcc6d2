"""Takes a shop's word on the marketing of many people at once: the rule of `consent.note_from_shop`, in three statements."""

from collections.abc import Iterable
from datetime import datetime

from customers import events
from customers.identity import Held
from customers.models import Consent, Customer
from stores import rows

Word = tuple[Held, str, datetime]


def note(words: Iterable[Word], *, now: datetime, history: bool = False) -> bool:
    """Note (customer, state, at) triples in their order, the customers' rows being locked; return whether any was news.

    What is held already, "never asked" and words older than the one held say nothing.
    """
    ledger: list[rows.Row] = []
    told: list[events.NewEvent] = []
    changed: dict[int, Held] = {}
    for customer, state, at in words:
        since = customer.marketing_changed_at
        if state in (Customer.Marketing.NEVER, customer.marketing) or (since is not None and at < since):
            continue
        customer.marketing, customer.marketing_changed_at = state, at
        changed[customer.id] = customer
        ledger.append(_entry(customer, at, now))
        told.append(_event(customer, at))
    rows.insert(Consent, ledger)
    fresh = [{"id": pk, "marketing": c.marketing, "marketing_changed_at": c.marketing_changed_at} for pk, c in sorted(changed.items())]
    rows.update(Customer, fresh)
    events.record_many(told, now=now, history=history)
    return bool(changed)


def _entry(customer: Held, at: datetime, now: datetime) -> rows.Row:
    return {
        "store_id": customer.store_id,
        "customer_id": customer.id,
        "topic": Consent.Topic.MARKETING.value,
        "is_granted": customer.marketing == Customer.Marketing.SUBSCRIBED,
        "source": "shop",
        "wording": "",
        "at": at,
        "recorded_at": now,
    }


def _event(customer: Held, at: datetime) -> events.NewEvent:
    topic = Consent.Topic.MARKETING.value
    is_granted = customer.marketing == Customer.Marketing.SUBSCRIBED
    kind = events.Kind.CONSENT_GRANTED if is_granted else events.Kind.CONSENT_WITHDRAWN
    key = f"{kind}:{customer.id}:{topic}:{at.isoformat()}"
    return events.NewEvent(customer.store_id, customer.id, kind, at, key, {"topic": topic, "source": "shop"})
