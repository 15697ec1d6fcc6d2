"""Whose a letter is, and which conversation it goes on with; always within one store.

What is unguessable decides first: the token in the address it was sent to, then the ids of the mails it follows. Only then what anybody
could write: a subject, and an order's number, which count for the sender's own conversations and orders alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from customers.identity import email_key
from customers.models import Alias, Customer
from enquiries import letters
from enquiries.letters import Letter
from enquiries.models import Enquiry, EnquiryMessage
from messaging.models import Message
from orders.models import Order
from stores.models import Store

_ALIKE_FOR = timedelta(days=14)
_NUMBER = re.compile(r"#?\b([A-Za-z]{0,6}-?\d{3,12}(?:-\d{1,6})?)\b")
_MOST_IDS = 40


@dataclass(frozen=True)
class Match:
    """What is known of a letter: the conversation, the mail it answers, the customer and the order. Any may be missing."""

    enquiry: Enquiry | None = None
    mail: Message | None = None
    customer: Customer | None = None
    order: Order | None = None


def find(store: Store, letter: Letter, *, now: datetime) -> Match:
    ids = letter.follows[:_MOST_IDS]
    mail = _mail(store, letter, ids)
    enquiry = _by_token(store, letter.tokens) or _by_ids(store, ids, mail)
    sender = customer_at(store, letter.from_email)
    customer = enquiry.customer if enquiry and enquiry.customer else mail.customer if mail else sender
    enquiry = enquiry or _alike(store, letter, sender, now=now)
    order = (mail.order if mail else None) or _order(store, letter, customer if sender == customer else None)
    return Match(enquiry, mail, customer if customer is None or customer.erased_at is None else None, order)


def customer_at(store: Store, address: str) -> Customer | None:
    """Return whose address that is, or was before a merge."""
    key = email_key(address) if address else None
    if key is None:
        return None
    held = Customer.objects.filter(store=store, email_key=key, erased_at=None).first()
    alias = None if held else Alias.objects.filter(store=store, email_key=key).select_related("customer").first()
    return held or (alias.customer if alias else None)


def _mail(store: Store, letter: Letter, ids: Sequence[str]) -> Message | None:
    """Return the mail of ours that a letter answers: our ids begin with the mail's token; some providers write their own in its place."""
    names = list(dict.fromkeys([*letter.tokens, *(each.partition("@")[0] for each in ids)]))
    sent = Message.objects.filter(store=store).select_related("customer", "order").defer("html", "text")
    found = {message.token: message for message in sent.filter(token__in=names)} if names else {}
    if not found and ids and (key := email_key(letter.from_email)):
        theirs = sent.filter(customer__store=store, customer__email_key=key, provider_id__in=[*names, *ids])
        found = {message.provider_id: message for message in theirs}
        names = [*names, *ids]
    return next((found[name] for name in names if name in found), None)


def _by_token(store: Store, tokens: Sequence[str]) -> Enquiry | None:
    held = Enquiry.objects.filter(store=store).select_related("customer")
    return held.filter(token__in=tokens).order_by("-id").first() if tokens else None


def _by_ids(store: Store, ids: Sequence[str], mail: Message | None) -> Enquiry | None:
    """Return the conversation in which one of these mails stands, ours or the customer's own."""
    said = EnquiryMessage.objects.filter(store=store).select_related("enquiry__customer")
    found = said.filter(mail=mail).first() if mail else None
    if found is None and ids:
        held = {one.message_id: one for one in said.filter(message_id__in=ids)}
        found = next((held[each] for each in ids if each in held), None)
    return found.enquiry if found else None


def _alike(store: Store, letter: Letter, sender: Customer | None, *, now: datetime) -> Enquiry | None:
    """Return the sender's conversation of the same subject, if the letter says that it answers: some programs keep no ids."""
    subject = letters.bare_subject(letter.subject)
    if letter.follows or not subject or subject == letters.one_line(letter.subject).casefold():
        return None
    held = Enquiry.objects.filter(store=store, last_at__gte=now - _ALIKE_FOR).select_related("customer")
    theirs = held.filter(customer=sender) if sender else held.filter(customer=None, from_email__iexact=letter.from_email)
    return next((one for one in theirs.order_by("-last_at", "-id")[:20] if letters.bare_subject(one.subject) == subject), None)


def _order(store: Store, letter: Letter, customer: Customer | None) -> Order | None:
    """Return the order of the customer whose number the letter names; their only order of late, where it names none."""
    if customer is None:
        return None
    theirs = list(Order.objects.filter(store=store, customer=customer).order_by("-placed_at")[:50])
    named = {word.lower() for word in _NUMBER.findall(f"{letter.subject} {letter.text[:4000]}")}
    found = next((order for order in theirs if order.number.lstrip("#").lower() in named), None)
    return found or (theirs[0] if len(theirs) == 1 else None)
