"""The reader of erasures: room by room, what says who somebody was goes; in one transaction for each of them."""

import logging
from datetime import datetime

from django.db import transaction

from campaigns.models import Enrollment, StepRun
from customers import erasure, events
from customers.erasure import Person
from customers.models import Event
from engagement import forgetting as actions
from enquiries import forgetting as conversations
from integrations import forgetting as deliveries
from messaging import forgetting as mails
from messaging.reasons import Reason
from orders import forgetting as orders
from stores.failpoints import reach
from surveys import forgetting as answers

log = logging.getLogger(__name__)
READER = "forgetting"


def read(*, now: datetime, limit: int = 50) -> int:
    """Forget who is to be forgotten; return how many were. Who has a mail under way just now waits for a later turn."""
    with transaction.atomic():
        asked = events.claim(READER, limit=limit)
        return sum(_is_done(event, now) for event in asked)


def _is_done(event: Event, now: datetime) -> bool:
    try:
        with transaction.atomic():
            if not mails.hold(event.customer_id):
                return False
            _forget(erasure.lock(event.customer_id), now=now)
            events.forget(READER, [event])
    except Exception:
        log.exception("Could not forget customer %s", event.customer_id)
        return False
    return True


def _forget(person: Person, *, now: datetime) -> None:
    """Let each room forget, this one first, the customers' own last: by then nobody asks for a name any more."""
    StepRun.objects.filter(customer=person.id, state__in=StepRun.OPEN).update(
        state=StepRun.State.CANCELLED, reason=Reason.ERASED, wake_at=None, decided_at=now
    )
    StepRun.objects.filter(customer=person.id).update(facts={})
    Enrollment.objects.filter(customer=person.id, state=Enrollment.State.ACTIVE).update(
        state=Enrollment.State.LEFT, left_reason=Reason.ERASED
    )
    deliveries.forget(person, orders=orders.names(person))
    answers.forget(person)
    actions.forget(person)
    conversations.forget(person)
    mails.forget(person, now=now)
    reach("in_erase")
    orders.forget(person)
    erasure.forget(person)
