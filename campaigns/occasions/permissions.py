"""Permission that grows stale: who agreed long ago and has shown nothing since is asked again, and silence ends it.

A sign is an order, a click, a reply, an answer or a review. Nobody is taken off who was not really asked: the mail must have gone.
"""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from campaigns.models import Flow
from campaigns.occasions import listening
from customers import consent, events
from customers.models import Consent, Customer, Event
from messaging.models import Message
from stores import walltime
from stores.models import Store

KIND = events.Kind.CONSENT_EXPIRING
#: So long after being asked silence is an answer.
NOTICE = timedelta(days=30)
#: At most so many of a store are asked in a night: an old list asked at once looks like spam to every mail provider.
A_NIGHT = 500
SIGNS = (
    events.Kind.ORDER_PLACED, events.Kind.MAIL_CLICKED, events.Kind.REPLY_RECEIVED, events.Kind.ANSWER_GIVEN, events.Kind.REVIEW_GIVEN,
)  # fmt: skip


def note(*, now: datetime) -> int:
    """Record whose permission grows stale, and take back what nobody renewed; return how many were new."""
    stores = [store for store in listening.stores(KIND) if store.consent_months]
    return sum(_ask(store, now=now) for store in stores) + sum(_end(store, now=now) for store in stores)


def _ask(store: Store, *, now: datetime) -> int:
    limit = walltime.months_later(now, -(store.consent_months or 0))
    of_them = Event.objects.filter(customer=OuterRef("pk"))
    stale = Customer.objects.filter(
        ~Exists(of_them.filter(kind__in=SIGNS, occurred_at__gt=limit)),
        ~Exists(of_them.filter(kind=KIND, occurred_at__gt=limit)),
        Q(marketing_changed_at__lte=limit) | Q(marketing_changed_at=None, created_at__lte=limit),
        store=store, erased_at=None, marketing=Customer.Marketing.SUBSCRIBED,
    ).order_by("marketing_changed_at", "pk")[:A_NIGHT]  # fmt: skip
    return events.record_many(
        [
            events.NewEvent(store.pk, person.pk, KIND, now, f"{KIND}:{person.pk}:{now:%Y-%m-%d}", {"until": now + NOTICE})
            for person in stale
        ],
        now=now,
    )


def _end(store: Store, *, now: datetime) -> int:
    """Take back the permission of who was asked in time, by a mail that went, and has shown no sign since."""
    asked = Event.objects.filter(store=store, kind=KIND, occurred_at__lte=now - NOTICE, occurred_at__gt=now - 3 * NOTICE)
    flows = list(Flow.objects.filter(store=store, version__trigger=KIND).values_list("key", flat=True))
    ended = 0
    for event in asked.order_by("pk"):
        of_them = Event.objects.filter(customer=OuterRef("pk"), occurred_at__gt=event.occurred_at)
        mails = Message.objects.filter(customer=OuterRef("pk"), flow__in=flows, state=Message.State.SENT, sent_at__gt=event.occurred_at)
        silent = Customer.objects.filter(
            Exists(mails), ~Exists(of_them.filter(kind__in=SIGNS)),
            Q(marketing_changed_at=None) | Q(marketing_changed_at__lt=event.occurred_at),
            pk=event.customer_id, marketing=Customer.Marketing.SUBSCRIBED, erased_at=None,
        ).first()  # fmt: skip
        if silent is not None:
            consent.withdraw(silent, topic=Consent.Topic.MARKETING, source="not renewed", wording="Asked again, and no answer.", now=now)
            ended += 1
    return ended
