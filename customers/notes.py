"""What staff write about a customer."""

from datetime import datetime

from django.db import transaction

from customers import events
from customers.models import Customer, Note
from stores.models import User


@transaction.atomic
def add(customer: Customer, *, text: str, by: User | None, now: datetime, signed: str = "") -> Note:
    """Keep a note and show it on the timeline; one that nobody wrote is `signed` by what did."""
    note = Note.objects.create(store_id=customer.store_id, customer=customer, author=by, text=text, at=now)
    data = {"text": text, "by": str(by or signed)}
    events.record(customer, events.Kind.NOTE_ADDED, at=now, key=f"note.added:{note.pk}", now=now, data=data)
    return note
