"""Lets mails forget whom they went to and what they said: that they went, and what became of them, stays."""

from datetime import datetime

from django.db.models import Q

from customers.erasure import Person
from messaging.models import Attempt, Click, Link, Message, ProviderEvent, Suppression
from messaging.reasons import Reason

State = Message.State
_WAITING = (State.QUEUED, State.RETRY, State.CLAIMED)
_WORDS = ("to_email", "to_name", "html", "text", "detail", "follows")


def hold(customer_id: int) -> bool:
    """Lock a customer's open mails; return False if one is being handed over right now: what becomes of it is to be written down first.

    Before their own row is locked, as the gate does, and without waiting: so nobody waits in a ring.
    """
    still_open = Message.objects.filter(customer=customer_id, state__in=[*_WAITING, State.SENDING])
    held = dict(still_open.select_for_update(skip_locked=True, no_key=True).values_list("pk", "state"))
    return State.SENDING not in held.values() and still_open.count() == len(held)


def forget(person: Person, *, now: datetime) -> None:
    theirs = Message.objects.filter(customer=person.id)
    waiting = theirs.filter(state__in=_WAITING)
    waiting.filter(doubtful_road=None).update(state=State.CANCELLED, reason=Reason.ERASED, claim=None, lease_until=None)
    waiting.update(state=State.UNKNOWN, claim=None, lease_until=None)  # those with a try that was never answered
    theirs.update(**dict.fromkeys(_WORDS, ""), subject="(erased)")
    Attempt.objects.filter(message__customer=person.id).update(answer="")
    Link.objects.filter(message__customer=person.id).update(url="", label="")
    Click.objects.filter(link__message__customer=person.id).update(agent="", ip_prefix="")
    _forget_news(person, now)
    Suppression.objects.filter(store=person.store_id, email_key__in=person.addresses).delete()


def _forget_news(person: Person, now: datetime) -> None:
    """Empty what mail servers and providers said of them; what was not acted on yet never will be."""
    told = ProviderEvent.objects.filter(store=person.store_id)
    unread = Q()
    for address in person.addresses:
        unread |= Q(acted_at=None, raw__icontains=address)
    if unread:
        told.filter(unread).update(acted_at=now, kind=ProviderEvent.Kind.OTHER, occurred_at=now, error="", raw=None)
    of_theirs = Q(message__customer=person.id) | Q(email_key__in=person.addresses)
    told.filter(of_theirs).update(raw=None, email_key="", detail="")
