"""Answers at once, by itself, in the shop's voice: it has arrived, when somebody reads it, and what may be the answer already.

Once a day for a conversation and three times for a customer; never to a stranger, whose address anybody may have forged, and never to a
machine.
"""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from customers.models import Customer
from enquiries import canned, doors, hours, posting
from enquiries.models import CannedAnswer, Desk, Enquiry
from messaging.models import Message
from messaging.rendering import RenderError

_MOST_A_DAY = 3
_LASTS = timedelta(hours=6)
_OPENING: tuple[dict[str, Any], ...] = (
    {"kind": "heading", "text": "Your message has arrived"},
    {"kind": "text", "if": "first_name", "text": "Thank you, {{ first_name }}. {{ when }}"},
    {"kind": "text", "unless": "first_name", "text": "Thank you. {{ when }}"},
)
_CLOSING: tuple[dict[str, Any], ...] = ({"kind": "signature", "text": "All the best,"},)


def acknowledge(enquiry: Enquiry, customer: Customer, *, question: str, now: datetime) -> Message | None:
    """Queue the mail; None where none is to go."""
    store, desk = enquiry.store, doors.of(enquiry.store)
    today = now.astimezone(ZoneInfo(store.timezone)).date()
    recent = Message.objects.filter(customer=customer, step=Message.ACKNOWLEDGES, created_at__gt=now - timedelta(days=1))
    if not desk.acknowledges or recent.count() >= _MOST_A_DAY:
        return None
    offer = next(iter(canned.fitting(store, f"{enquiry.subject}\n{question}")), None)
    try:
        with transaction.atomic():
            message = posting.queue(enquiry, customer, _draft(enquiry, customer, desk, offer, day=f"{today}", now=now), now=now)
            posting.say(enquiry, message, text=message.text, author=None, at=now)
    except IntegrityError:  # today's went out before
        return None
    except (posting.CannotWrite, RenderError):
        return None
    if offer:
        enquiry.offered = offer
        enquiry.save(update_fields=["offered"])
    return message


def _draft(enquiry: Enquiry, customer: Customer, desk: Desk, offer: CannedAnswer | None, *, day: str, now: datetime) -> posting.Draft:
    store = enquiry.store
    person = canned.Person(store, customer, enquiry.order)
    values = {**canned.values(person), "when": when_words(enquiry, desk, now=now), "answered_url": answered_url(enquiry)}
    key = ("acknowledgement", offer.pk if offer else 0, offer.changed_at if offer else None)
    return posting.Draft(
        step=Message.ACKNOWLEDGES, blocks=(*_OPENING, *(_offered(offer) if offer else ()), *_CLOSING), key=key, values=values,
        signed=store.sender_name or store.name, dedupe_key=f"acknowledgement:{enquiry.pk}:{day}", lasts=_LASTS,
    )  # fmt: skip


def _offered(answer: CannedAnswer) -> tuple[dict[str, Any], ...]:
    return (
        {"kind": "heading", "level": 2, "text": "It may be this"},
        {"kind": "text", "text": answer.body},
        {"kind": "button", "label": "Yes, that answers it", "url": "{{ answered_url }}"},
        {"kind": "text", "tone": "soft", "text": "If not, there is nothing to do: somebody reads your message either way."},
    )


def when_words(enquiry: Enquiry, desk: Desk, *, now: datetime) -> str:
    """Return when somebody will answer, by the desk's hours: "We answer by tomorrow at 11:00. We are here Monday to …"."""
    zone, week = ZoneInfo(enquiry.store.timezone), hours.read(desk.hours)
    promise = f"We answer by {hours.when_words(enquiry.due_at, now=now, zone=zone).removeprefix('on ')}."
    here = hours.words(week)
    back = ""
    if here and not hours.is_open(now, week=week, zone=zone):
        back = f" We are back {hours.when_words(hours.opens(now, week=week, zone=zone), now=now, zone=zone)}."
    return f"{promise}{back}{f' We are here {here}.' if here else ''}"


def answered_url(enquiry: Enquiry) -> str:
    return settings.PUBLIC_URL + reverse("public:answered", args=[enquiry.token])
