"""What a customer chooses about mails beyond yes and no: which topics, how many, none for a while. Every choice goes into the ledger."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from customers import consent, events
from customers.models import Consent, Customer
from customers.topics import Words
from stores.models import Store

#: A customer who wants fewer gets an offer at most so often; campaigns.stops counts.
FEWER_DAYS = 14
#: For how long mails may be paused.
PAUSES = (30, 90)


def chosen(customer: Customer, store: Store, topics: Sequence[Words]) -> dict[str, bool]:
    """Say of each topic whether its mails go to the customer as things stand."""
    never_asked = customer.marketing == Customer.Marketing.NEVER
    allowed = {
        Consent.Topic.MARKETING.value: customer.marketing == Customer.Marketing.SUBSCRIBED or (never_asked and store.soft_opt_in),
        Consent.Topic.SERVICE.value: customer.objected_to_service_at is None,
    }
    declined = set(customer.declined_topics or ())
    return {topic.key: allowed[topic.purpose] and topic.key not in declined for topic in topics}


@transaction.atomic
def choose(customer: Customer, *, wanted: Collection[str], topics: Sequence[Words], source: str, now: datetime) -> None:
    """Write down which topics are wanted. One left as it was says nothing new; none of a purpose withdraws the purpose."""
    held = Customer.objects.select_for_update().select_related("store").get(pk=customer.pk)
    on = chosen(held, held.store, topics)
    declined = set(held.declined_topics or ())
    for purpose in dict.fromkeys(topic.purpose for topic in topics):
        mine = [topic for topic in topics if topic.purpose == purpose]
        wishes = [topic for topic in mine if topic.key in wanted]
        if {topic.key for topic in wishes} == {topic.key for topic in mine if on[topic.key]}:
            continue
        declined -= {topic.key for topic in mine}
        if not wishes:
            consent.withdraw(held, topic=purpose, source=source, wording=_wording(mine), now=now)
            continue
        if not any(on[topic.key] for topic in mine):
            consent.grant(held, topic=purpose, source=source, wording=_wording(wishes), now=now)
        declined |= {topic.key for topic in mine} - {topic.key for topic in wishes}
        for topic in mine:
            was_declined = topic.key in (held.declined_topics or ())
            if was_declined != (topic.key in declined):
                _note(held, topic.key, is_granted=was_declined, source=source, wording=f"{topic.name}: {topic.sentence}", now=now)
    held.declined_topics = sorted(declined)
    held.save(update_fields=["declined_topics"])


@transaction.atomic
def want_fewer(customer: Customer, *, is_wanted: bool, source: str, now: datetime) -> None:
    """Write down that the customer wants fewer mails, or no longer."""
    held = Customer.objects.select_for_update().get(pk=customer.pk)
    if (held.wants_fewer_since is not None) != is_wanted:
        held.wants_fewer_since = now if is_wanted else None
        held.save(update_fields=["wants_fewer_since"])
        wording = f"Fewer: an offer at most every {FEWER_DAYS} days"
        _note(held, Consent.Topic.FEWER.value, is_granted=not is_wanted, source=source, wording=wording, now=now)


@transaction.atomic
def pause(customer: Customer, *, until: datetime | None, source: str, now: datetime) -> None:
    """Write down that nothing but order mails shall go until then; None ends a pause."""
    held = Customer.objects.select_for_update().get(pk=customer.pk)
    if held.paused_until == until or (until is None and (held.paused_until is None or held.paused_until <= now)):
        return
    held.paused_until = until
    held.save(update_fields=["paused_until"])
    wording = "Only order mails for a while" if until else "The pause is over"
    _note(held, Consent.Topic.PAUSE.value, is_granted=until is None, source=source, wording=wording, now=now, until=until)


def _wording(topics: Sequence[Words]) -> str:
    return " ".join(f"{topic.name}: {topic.sentence}" for topic in topics)


def _note(
    customer: Customer, topic: str, *, is_granted: bool, source: str, wording: str, now: datetime, until: datetime | None = None
) -> None:
    Consent.objects.create(
        store_id=customer.store_id, customer=customer, topic=topic, is_granted=is_granted, source=source, wording=wording, at=now,
        recorded_at=now,
    )  # fmt: skip
    kind = events.Kind.CONSENT_GRANTED if is_granted else events.Kind.CONSENT_WITHDRAWN
    data = {"topic": topic, "source": source, "words": wording, "until": until}
    events.record(customer, kind, at=now, key=f"{kind}:{customer.pk}:{topic}:{now.isoformat()}", now=now, data=data)
