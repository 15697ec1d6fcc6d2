"""Permission: the ledger, and the customer's present state that repeats its latest word.

The ledger is append-only. A word that is older than the one held goes into the ledger but changes nothing; the same word said
twice writes nothing.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from customers import events
from customers.models import Consent, Customer

Topic = Consent.Topic
Marketing = Customer.Marketing


def grant(customer: Customer, *, topic: str, source: str, now: datetime, wording: str = "", at: datetime | None = None) -> None:
    """Write down that the customer allows `topic`."""
    _say(customer, topic=topic, is_granted=True, source=source, wording=wording, at=at or now, now=now)


def withdraw(customer: Customer, *, topic: str, source: str, now: datetime, wording: str = "", at: datetime | None = None) -> None:
    """Write down that the customer no longer allows `topic`; queued mails are stopped by the last-moment gate."""
    _say(customer, topic=topic, is_granted=False, source=source, wording=wording, at=at or now, now=now)


@transaction.atomic
def renew(customer: Customer, *, source: str, now: datetime, wording: str = "") -> bool:
    """Write down that the customer wants to go on getting marketing; return False if there is nothing to go on with."""
    held = Customer.objects.select_for_update().get(pk=customer.pk)
    if held.marketing != Marketing.SUBSCRIBED:
        return False
    Consent.objects.create(
        store_id=held.store_id, customer=held, topic=Topic.MARKETING, is_granted=True, source=source, wording=wording, at=now,
        recorded_at=now,
    )  # fmt: skip
    Customer.objects.filter(pk=held.pk).update(marketing_changed_at=now)
    kind = events.Kind.CONSENT_RENEWED
    events.record(held, kind, at=now, key=f"{kind}:{held.pk}:{now:%Y-%m-%d}", now=now, data={"topic": Topic.MARKETING, "source": source})
    return True


def note_from_shop(customer: Customer, *, state: str, at: datetime, source: str, now: datetime, history: bool = False) -> None:
    """Take a shop's word on marketing (`subscribed`, `unsubscribed`, `never`); "never asked" says nothing new about anyone."""
    if state == Marketing.NEVER:
        return
    _say(
        customer,
        topic=Topic.MARKETING,
        is_granted=state == Marketing.SUBSCRIBED,
        source=source,
        wording="",
        at=at,
        now=now,
        history=history,
    )


@transaction.atomic
def _say(
    customer: Customer, *, topic: str, is_granted: bool, source: str, wording: str, at: datetime, now: datetime, history: bool = False
) -> None:
    held = Customer.objects.select_for_update().get(pk=customer.pk)
    since, is_held = _held(held, topic)
    if is_held == is_granted or held.consents.filter(topic=topic, is_granted=is_granted, at=at).exists():
        return
    Consent.objects.create(
        store_id=held.store_id, customer=held, topic=topic, is_granted=is_granted, source=source, wording=wording, at=at, recorded_at=now
    )
    if since is not None and at < since:
        return
    if topic == Topic.MARKETING:
        held.marketing = Marketing.SUBSCRIBED if is_granted else Marketing.UNSUBSCRIBED
        held.marketing_changed_at = at
    else:
        held.objected_to_service_at = None if is_granted else at
    held.save(update_fields=["marketing", "marketing_changed_at", "objected_to_service_at"])
    for name in ("marketing", "marketing_changed_at", "objected_to_service_at"):
        setattr(customer, name, getattr(held, name))
    kind = events.Kind.CONSENT_GRANTED if is_granted else events.Kind.CONSENT_WITHDRAWN
    key = f"{kind}:{held.pk}:{topic}:{at.isoformat()}"
    events.record(held, kind, at=at, key=key, now=now, data={"topic": topic, "source": source}, history=history)


def _held(customer: Customer, topic: str) -> tuple[datetime | None, bool | None]:
    """Return since when the customer's present word on a topic holds, and the word (None: never asked)."""
    if topic == Topic.SERVICE:
        since = customer.consents.filter(topic=topic).aggregate(at=Max("at"))["at"]  # an objection that was taken back leaves no date
        return since, customer.objected_to_service_at is None
    word = {Marketing.SUBSCRIBED.value: True, Marketing.UNSUBSCRIBED.value: False}.get(customer.marketing)
    return customer.marketing_changed_at, word
