"""Answers at once, by itself, in the shop's voice and the customer's language: it has arrived, when somebody reads it, and what may be the
answer already.

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
from enquiries.letters import Letter
from enquiries.models import CannedAnswer, Desk, Enquiry
from messaging import own_words
from messaging.models import Message
from messaging.rendering import RenderError
from stores import dates
from stores.phrases import Phrases, marked

_MOST_A_DAY = 3
_LASTS = timedelta(hours=6)
_OPENING: tuple[dict[str, Any], ...] = (
    {"kind": "heading", "text": marked("Your message has arrived")},
    {"kind": "text", "if": "first_name", "text": marked("Thank you, {{ first_name }}. {{ when }}")},
    {"kind": "text", "unless": "first_name", "text": marked("Thank you. {{ when }}")},
)
_OFFERED: dict[str, Any] = {"kind": "heading", "level": 2, "text": marked("It may be this")}
_DID_IT: tuple[dict[str, Any], ...] = (
    {"kind": "button", "label": marked("Yes, that answers it"), "url": "{{ answered_url }}"},
    {"kind": "text", "tone": "soft", "text": marked("If not, there is nothing to do: somebody reads your message either way.")},
)


def acknowledge(enquiry: Enquiry, customer: Customer, letter: Letter, *, now: datetime) -> Message | None:
    """Queue the mail; None where none is to go."""
    store, desk = enquiry.store, doors.of(enquiry.store)
    today = now.astimezone(ZoneInfo(store.timezone)).date()
    recent = Message.objects.filter(customer=customer, step=Message.ACKNOWLEDGES, created_at__gt=now - timedelta(days=1))
    if not desk.acknowledges or recent.count() >= _MOST_A_DAY:
        return None
    words = posting.words_for(customer, enquiry, letter.language)
    offer = next(iter(canned.fitting(store, f"{enquiry.subject}\n{letter.text}", offered_in=words.language)), None)
    try:
        with transaction.atomic():
            draft = _draft(
                enquiry, customer, offer, words, key=f"acknowledgement:{enquiry.pk}:{today}", when=when_words(enquiry, desk, words, now=now)
            )
            message = posting.queue(enquiry, customer, draft, now=now)
            posting.say(enquiry, message, text=message.text, author=None, at=now)
    except IntegrityError:  # today's went out before
        return None
    except (posting.CannotWrite, RenderError):
        return None
    if offer:
        enquiry.offered = offer
        enquiry.save(update_fields=["offered"])
    return message


def _draft(enquiry: Enquiry, customer: Customer, offer: CannedAnswer | None, words: Phrases, *, key: str, when: str) -> posting.Draft:
    store = enquiry.store
    values = {**canned.values(canned.Person(store, customer, enquiry.order)), "when": when, "answered_url": answered_url(enquiry)}
    return posting.Draft(
        step=Message.ACKNOWLEDGES, blocks=_blocks(offer, words), values=values, signed=store.sender_name or store.name, dedupe_key=key,
        key=("acknowledgement", offer.pk if offer else 0, offer.changed_at if offer else None), lasts=_LASTS, language=words.language,
    )  # fmt: skip


def _blocks(offer: CannedAnswer | None, words: Phrases) -> tuple[dict[str, Any], ...]:
    """Return the mail's blocks: all of it is ours and said in the language but the canned answer, which is written in it."""
    offered = (*own_words.said([_OFFERED], words), {"kind": "text", "text": offer.body}, *own_words.said(_DID_IT, words)) if offer else ()
    return (*own_words.said(_OPENING, words), *offered, posting.signature(words))


def when_words(enquiry: Enquiry, desk: Desk, words: Phrases, *, now: datetime) -> str:
    """Return when somebody will answer, by the desk's hours: "You have our answer by tomorrow, 11:00. We are here: Monday–Friday …"."""
    zone, week = ZoneInfo(enquiry.store.timezone), hours.read(desk.hours)
    due, opens = (
        hours.when_words(moment, now=now, zone=zone, said=words) for moment in (enquiry.due_at, hours.opens(now, week=week, zone=zone))
    )
    said = [words.say("You have our answer by {moment}.", moment=due)]
    if here := hours.words(week, words):
        if not hours.is_open(now, week=week, zone=zone):
            said.append(words.say("We are back: {moment}.", moment=opens))
        said.append(words.say("We are here: {hours} ({place}).", hours=here, place=dates.place(zone, words)))
    return " ".join(said)


def answered_url(enquiry: Enquiry) -> str:
    return settings.PUBLIC_URL + reverse("public:answered", args=[enquiry.token])
