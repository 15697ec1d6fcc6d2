"""Mails of a conversation: drawn in the shop's look, threaded, put into the outbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from customers.models import Customer
from enquiries import doors, letters
from enquiries.models import Enquiry, EnquiryMessage
from messaging import outbox, rendering
from messaging.models import Message, Purpose
from messaging.roads import accounts
from stores import phrases, tokens
from stores.models import Store
from stores.phrases import Phrases

_MOST_FOLLOWED = 12


class CannotWrite(Exception):
    """No mail can go to this customer; the text says why to a person."""


@dataclass(frozen=True)
class Draft:
    """A mail to be written: its blocks in one language, the values they print, who signs it, and its name among the logical mails."""

    step: str
    blocks: tuple[Mapping[str, Any], ...]
    key: object
    values: Mapping[str, str]
    signed: str
    dedupe_key: str
    lasts: timedelta
    language: str
    in_seconds: int = 0


def queue(enquiry: Enquiry, customer: Customer, draft: Draft, *, now: datetime) -> Message:
    """Put a mail of a conversation into the outbox; raise CannotWrite, and IntegrityError for one that was written before."""
    store = enquiry.store
    sender = accounts.sender_of(store, accounts.account_of(store, Purpose.TRANSACTIONAL))
    if not customer.email:
        raise CannotWrite("This customer has no e-mail address.")
    if not sender.email:
        raise CannotWrite("The shop has no sender’s address yet: Settings, Sender.")
    token = tokens.public_token()
    content = {"subject": "{{ mail_subject }}", "blocks": [*draft.blocks]}
    brand = rendering.brand_of(store, draft.language)
    subject = _answering(enquiry.subject) if enquiry.messages.exists() else letters.one_line(enquiry.subject)
    drawn = rendering.compiled(draft.key, content, brand, Purpose.TRANSACTIONAL).render(
        {**draft.values, **_links(store, customer, token), "mail_subject": subject, "sender_name": draft.signed}
    )
    message = Message(
        store=store, customer=customer, order=enquiry.order, dedupe_key=draft.dedupe_key, step=draft.step, purpose=Purpose.TRANSACTIONAL,
        is_urgent=True, to_email=customer.email, to_name=customer.name, from_email=sender.email, from_name=draft.signed,
        reply_to=reply_address(store, enquiry) or sender.reply_to, subject=drawn.subject, html=drawn.html, text=drawn.text, token=token,
        follows=" ".join(_followed(enquiry)), created_at=now, due_at=now + timedelta(seconds=draft.in_seconds), use_by=now + draft.lasts,
    )  # fmt: skip
    outbox.queue([message])
    return message


def words_for(customer: Customer, enquiry: Enquiry, page: str = "") -> Phrases:
    """Return the words of the customer's language, else of the page they wrote on, of the order, of the shop."""
    wanted = (customer.language, page, enquiry.order.language if enquiry.order else "", enquiry.store.language)
    return phrases.of(phrases.pick(wanted, phrases.LANGUAGES) or phrases.ENGLISH)


def signature(words: Phrases) -> Mapping[str, str]:
    return {"kind": "signature", "text": words.say("All the best,")}


def paragraphs(words: str) -> tuple[tuple[Mapping[str, Any], ...], Mapping[str, str]]:
    """Return somebody's plain words as blocks and the values they print: no word of theirs is taken for Liquid or markup."""
    parts = [letters.one_line(part) for part in words.replace("\r\n", "\n").split("\n") if part.strip()]
    parts = [*parts[:29], "\n".join(parts[29:])] if len(parts) > 30 else parts
    blocks = tuple({"kind": "text", "text": "{{ words_" + _letters(place) + " }}"} for place in range(len(parts)))
    return blocks, {f"words_{_letters(place)}": part for place, part in enumerate(parts)}


def _letters(place: int) -> str:
    return chr(ord("a") + place // 26) + chr(ord("a") + place % 26)


def reply_address(store: Store, enquiry: Enquiry) -> str:
    """Return the address that leads answers back to a conversation; empty where no mail is taken."""
    name, at, domain = doors.of(store).address.partition("@")
    return f"{name}+{enquiry.token}@{domain}" if at else ""


def _answering(subject: str) -> str:
    bare = letters.one_line(subject) or "your message"
    return bare if bare.lower().startswith("re:") else f"Re: {bare}"


def _followed(enquiry: Enquiry) -> list[str]:
    """Return the ids of the conversation's mails, the oldest first: what References names."""
    said = enquiry.messages.exclude(message_id="").order_by("-at", "-id").values_list("message_id", flat=True)
    return list(reversed(said[:_MOST_FOLLOWED]))


def id_of(message: Message) -> str:
    """Return the Message-ID that a mail of ours goes out with."""
    return f"{message.token}@{message.from_email.rpartition('@')[2]}"


def _links(store: Store, customer: Customer, token: str) -> dict[str, str]:
    return {
        "browser_url": settings.PUBLIC_URL + reverse("public:letter", args=[token]),
        "preferences_url": settings.PUBLIC_URL + reverse("public:preferences", args=[customer.token]),
        "store_name": store.name,
    }


def say(enquiry: Enquiry, mail: Message, *, text: str, author: Any, at: datetime) -> EnquiryMessage:
    """Write a mail of ours down in its conversation."""
    return EnquiryMessage.objects.create(
        store_id=enquiry.store_id, enquiry=enquiry, direction=EnquiryMessage.Direction.OUT, author=author, from_name=mail.from_name,
        from_email=mail.from_email, text=text, at=at, mail=mail, message_id=id_of(mail),
        automatic="" if author else "Sent by itself.",
    )  # fmt: skip
