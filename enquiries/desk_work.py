"""What staff do with a conversation, and what time does: answers, notes, calls written down, snoozing, closing. Each can be taken back."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from customers import events, identity
from customers.models import Customer, Event
from enquiries import conversations, mentions, posting
from enquiries.models import Enquiry, EnquiryMessage
from messaging.models import Message
from messaging.reasons import Reason
from messaging.rendering import RenderError
from stores.models import User
from stores.phrases import Phrases

State, Direction = Enquiry.State, EnquiryMessage.Direction
#: So long an answer waits in the outbox, and can be taken back.
UNDO_SECONDS = 10
#: Who does not come back within a week has their answer.
SETTLED_AFTER = timedelta(days=7)
_LASTS = timedelta(days=3)
#: So long an act can be undone, unless something else happened since.
UNDO_FOR = timedelta(hours=1)
#: The times that an act changes, and that undoing it puts back.
_TIMES = ("due_at", "snooze_until", "closed_at")


class Meanwhile(Exception):
    """Something was said after what the writer had read."""


class Refused(Exception):
    """It cannot be done; the text says why to a person."""


@transaction.atomic
def answer(enquiry: Enquiry, *, text: str, by: User, read_up_to: int, now: datetime, closes: bool = False) -> Message:
    """Mail an answer, signed by whoever writes it. Raises Meanwhile, and Refused."""
    held = conversations.locked(enquiry)
    if held.messages.filter(pk__gt=read_up_to).exclude(author=by).exclude(direction=Direction.NOTE).exists():
        raise Meanwhile
    customer = held.customer or _made_known(held, now=now)
    (blocks, values), words = posting.paragraphs(text), posting.words_for(customer, held)
    if not blocks:
        raise Refused("The answer is empty, so nothing was sent.")
    draft = posting.Draft(
        step="answer", blocks=(*blocks, posting.signature(words)), key=("answer", len(blocks)), values=values, language=words.language,
        signed=name_of(by, held, words), dedupe_key=f"answer:{held.pk}:{now.isoformat()}", lasts=_LASTS, in_seconds=UNDO_SECONDS,
    )  # fmt: skip
    try:
        mail = posting.queue(held, customer, draft, now=now)
    except (posting.CannotWrite, RenderError) as refusal:
        raise Refused(str(refusal)) from refusal
    posting.say(held, mail, text=text, author=by, at=now)
    held.first_answered_at = held.first_answered_at or now
    held.assignee = held.assignee or by
    _settle(held, State.CLOSED if closes else State.WAITING, by=by, now=now)
    return mail


def name_of(by: User, enquiry: Enquiry, words: Phrases) -> str:
    """Return who signs: a person of the shop, by name; the shop's own sender for who has told no name."""
    store = enquiry.store
    return words.say("{name} at {shop}", name=by.name.split()[0], shop=store.name) if by.name.strip() else store.sender_name or store.name


def _made_known(enquiry: Enquiry, *, now: datetime) -> Customer:
    """Make a stranger a customer: who is answered is no stranger any more."""
    person = identity.Person(email=enquiry.from_email, likely_name=enquiry.from_name, acted_at=now)
    if identity.email_key(enquiry.from_email) is None:
        raise Refused("No mail can go to this address. Write down a call instead.")
    found = identity.resolve(enquiry.store_id, [person], now=now)[0]
    enquiry.customer = Customer.objects.get(pk=found.id)
    return enquiry.customer


@transaction.atomic
def take_back(enquiry: Enquiry, message: EnquiryMessage, *, now: datetime) -> str | None:
    """Take an answer back that has not left yet; return its words, None if it has left."""
    held = conversations.locked(enquiry)
    still = Message.objects.filter(said=message, store=held.store, state=Message.State.QUEUED)
    if message.author is None or not still.update(state=Message.State.CANCELLED, reason=Reason.STAFF):
        return None
    message.delete()
    earlier = held.messages.filter(direction__in=[Direction.OUT, Direction.CALL, Direction.SOCIAL]).exclude(author=None)
    first = earlier.order_by("at", "id").first()
    held.first_answered_at = first.at if first else None
    conversations.owe(held, now=now)
    return message.text


@transaction.atomic
def note(enquiry: Enquiry, *, text: str, by: User, now: datetime) -> None:
    """Keep a note for colleagues beside what was said."""
    message = _add(enquiry, Direction.NOTE, text=text, by=by, now=now)
    mentions.tell(enquiry.store_id, text, customer=enquiry.customer, enquiry=enquiry, by=by, now=now)
    if enquiry.customer:
        kind = Event.Kind.NOTE_ADDED
        data = {"text": text, "by": str(by), "enquiry": enquiry.pk}
        events.record(enquiry.customer, kind, at=now, key=f"{kind}:enquiry:{message.pk}", now=now, data=data)


@transaction.atomic
def log(enquiry: Enquiry, *, direction: str, text: str, by: User, now: datetime) -> None:
    """Write down a call or what was said on social media; who was spoken to was answered."""
    held = conversations.locked(enquiry)
    message = _add(held, direction, text=text, by=by, now=now)
    held.first_answered_at = held.first_answered_at or now
    held.assignee = held.assignee or by
    _settle(held, State.WAITING, by=by, now=now)
    if held.customer:
        kind = Event.Kind.REPLY_RECEIVED
        data = {"enquiry": held.pk, "subject": held.subject, "text": text[:600], "way": direction, "by": str(by), "order": held.order_id}
        events.record(held.customer, kind, at=now, key=f"{kind}:{message.pk}", now=now, data=data)


@transaction.atomic
def open_by_hand(customer: Customer, *, way: str, subject: str, text: str, by: User, now: datetime) -> Enquiry:
    """Begin a conversation that was had elsewhere; it stays open until somebody says that it is done."""
    enquiry = Enquiry.objects.create(
        store_id=customer.store_id, customer=customer, subject=subject[:300], way=way, from_email=customer.email, from_name=customer.name,
        state=State.CLOSED, assignee=by, opened_at=now, last_at=now, due_at=now,
    )  # fmt: skip
    held = conversations.locked(enquiry)
    conversations.owe(held, now=now)
    log(held, direction=way, text=text, by=by, now=now)
    return held


@transaction.atomic
def write_first(customer: Customer, *, subject: str, text: str, by: User, now: datetime) -> Message:
    """Write to a customer who has asked nothing; their answer goes on with it. Raises Refused."""
    enquiry = Enquiry.objects.create(
        store_id=customer.store_id, customer=customer, subject=subject, from_email=customer.email, from_name=customer.name,
        state=State.CLOSED, assignee=by, opened_at=now, last_at=now, due_at=now,
    )  # fmt: skip
    return answer(enquiry, text=text, by=by, read_up_to=0, now=now)


def _add(enquiry: Enquiry, direction: str, *, text: str, by: User, now: datetime) -> EnquiryMessage:
    Enquiry.objects.filter(pk=enquiry.pk).update(last_at=now)
    return EnquiryMessage.objects.create(
        store_id=enquiry.store_id, enquiry=enquiry, direction=direction, author=by, from_name=str(by), text=text[:20_000], at=now
    )


@transaction.atomic
def assign(enquiry: Enquiry, *, to: User | None, by: User, now: datetime) -> None:
    held = conversations.locked(enquiry)
    if held.assignee != to:
        before = _standing(held)
        held.assignee = to
        _act(held, f"given to {to}" if to else "given to nobody", before, by=by, now=now)


@transaction.atomic
def snooze(enquiry: Enquiry, *, until: datetime, by: User, now: datetime) -> None:
    """Put a conversation out of sight until a moment; the answer stays owed."""
    held = conversations.locked(enquiry)
    before = _standing(held)
    held.state, held.snooze_until, held.closed_at = State.SNOOZED, until, None
    _act(held, "snoozed", before, by=by, now=now, until=until)


@transaction.atomic
def close(enquiry: Enquiry, *, by: User | None, now: datetime, is_settled_by_offer: bool = False) -> bool:
    """Close a conversation; return whether it was open."""
    held = conversations.locked(enquiry)
    if held.state == State.CLOSED:
        return False
    before = _standing(held)
    held.is_settled_by_offer = is_settled_by_offer
    held.state, held.snooze_until, held.closed_at = State.CLOSED, None, now
    _act(held, "answered by what was sent at once" if is_settled_by_offer else "closed", before, by=by, now=now)
    return True


@transaction.atomic
def reopen(enquiry: Enquiry, *, by: User, now: datetime) -> None:
    """Owe an answer (again)."""
    held = conversations.locked(enquiry)
    before = _standing(held)
    conversations.owe(held, now=now)
    _act(held, "opened again", before, by=by, now=now)


def undoable(enquiry: Enquiry, *, now: datetime) -> str:
    """Return the act that can be undone, in words; nothing if there is none, or something happened since."""
    return enquiry.before["what"] if enquiry.before and now - datetime.fromisoformat(enquiry.before["at"]) < UNDO_FOR else ""


@transaction.atomic
def undo(enquiry: Enquiry, *, by: User, now: datetime) -> str:
    """Let a conversation stand as it did before the last act, and return what is undone. Raises Refused."""
    held = conversations.locked(enquiry)
    before, what = held.before, undoable(held, now=now)
    if not before or not what:
        raise Refused("Something happened since, or it is too long ago, so nothing was changed.")
    held.state, held.assignee = before["state"], mentions.colleagues(held.store_id).filter(pk=before["assignee"]).first()
    for name in _TIMES:
        setattr(held, name, before[name] and datetime.fromisoformat(before[name]))
    _act(held, f"taken back: {what}", None, by=by, now=now)
    return what


def _standing(enquiry: Enquiry) -> Mapping[str, Any]:
    times = ((name, getattr(enquiry, name)) for name in _TIMES)
    return {"state": enquiry.state, "assignee": enquiry.assignee_id} | {name: time and time.isoformat() for name, time in times}


def _settle(enquiry: Enquiry, state: str, *, by: User | None, now: datetime) -> None:
    enquiry.state, enquiry.snooze_until, enquiry.last_at = State(state), None, now
    enquiry.closed_at, enquiry.before = now if state == State.CLOSED else None, None
    enquiry.save()
    conversations.keep_task(enquiry, now=now, by=by)


def _act(
    enquiry: Enquiry, what: str, before: Mapping[str, Any] | None, *, by: User | None, now: datetime, until: datetime | None = None
) -> None:
    """Keep what staff did, how it stood before, and tell the timeline."""
    enquiry.before = {**before, "what": what, "at": now.isoformat()} if before and by else None
    enquiry.save()
    conversations.keep_task(enquiry, now=now, by=by)
    if enquiry.customer and by:
        kind = Event.Kind.STAFF_ACTED
        data = {"text": f"Conversation “{enquiry.subject}”: {what}", "by": str(by), "until": until, "enquiry": enquiry.pk}
        events.record(enquiry.customer, kind, at=now, key=f"{kind}:enquiry:{enquiry.pk}:{now.isoformat()}", now=now, data=data)


def wake(*, now: datetime, limit: int = 100) -> int:
    """Bring snoozed conversations back whose time has come, and close those nobody came back to; return how many."""
    due = list(Enquiry.objects.filter(state=State.SNOOZED, snooze_until__lte=now).order_by("snooze_until")[:limit])
    for enquiry in due:
        with transaction.atomic():
            held = conversations.locked(enquiry)
            if held.state == State.SNOOZED:
                conversations.owe(held, now=now)
    settled = list(Enquiry.objects.filter(state=State.WAITING, last_at__lte=now - SETTLED_AFTER).order_by("last_at")[:limit])
    for enquiry in settled:
        with transaction.atomic():
            held = conversations.locked(enquiry)
            if held.state == State.WAITING:
                _settle(held, State.CLOSED, by=None, now=now)
    return len(due) + len(settled)
