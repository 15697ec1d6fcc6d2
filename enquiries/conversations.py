"""Taking in what is said, and what staff do with a conversation. While the shop owes an answer, a task of kind `enquiry` is open."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from customers import events, tasks_for_staff
from customers.models import Customer, Event
from enquiries import acknowledging, doors, hours, matching, reviewing
from enquiries.letters import Letter
from enquiries.models import Arrival, Attachment, Enquiry, EnquiryMessage
from orders.models import Order
from stores.models import Store, User

State, Direction, Way = Enquiry.State, EnquiryMessage.Direction, Enquiry.Way
TASK = "enquiry"
#: So many letters of one conversation within an hour are a loop of two machines, whatever their headers say.
_LOOP = 12


class NotTaken(Exception):
    """The letter is not for the desk; the text says why to a person."""


@transaction.atomic
def receive(store: Store, letter: Letter, *, now: datetime, arrival: Arrival | None = None, way: str = Way.MAIL) -> Enquiry:
    """Take a letter in, into the conversation it goes on with or a new one; raise NotTaken."""
    _refuse(store, letter)
    match = matching.find(store, letter, now=now)
    is_known = match.enquiry is not None
    enquiry = locked(match.enquiry) if match.enquiry else _begun(store, letter, match, way=way, now=now)
    automatic = letter.automatic or _loop(enquiry, now) or reviewing.take(letter, match.mail, now=now)
    message = _written(enquiry, letter, automatic, arrival, now)
    if automatic:
        _keep_quiet(enquiry, is_known=is_known, now=now)
        return enquiry
    owe(enquiry, now=now)
    _tell(enquiry, message, now=now)
    if enquiry.customer and not letter.refuses_answers:
        acknowledging.acknowledge(enquiry, enquiry.customer, letter, now=now)
    return enquiry


@transaction.atomic
def ask(customer: Customer, letter: Letter, *, order: Order | None, way: str, now: datetime) -> Enquiry:
    """Take in what a customer wrote on a page of ours: into their open conversation about that order, or a new one."""
    is_alive = [*Enquiry.OWED, State.WAITING]
    held = Enquiry.objects.filter(customer=customer, order=order, way=way, state__in=is_alive).order_by("-id").first()
    match = matching.Match(held, None, customer, order)
    enquiry = locked(held) if held else _begun(customer.store, letter, match, way=way, now=now)
    message = _written(enquiry, letter, "", None, now)
    owe(enquiry, now=now)
    _tell(enquiry, message, now=now)
    acknowledging.acknowledge(enquiry, customer, letter, now=now)
    return enquiry


def _refuse(store: Store, letter: Letter) -> None:
    own = {address.lower() for address in (store.sender_email, store.reply_to, doors.of(store).address) if address}
    if not letter.from_email:
        raise NotTaken("Nobody’s address stands in it.")
    if letter.from_email.lower() in own:
        raise NotTaken("It came from the shop’s own address: a loop.")
    if letter.message_id and EnquiryMessage.objects.filter(store=store, message_id=letter.message_id).exists():
        raise NotTaken("It was taken in before.")


def _begun(store: Store, letter: Letter, match: matching.Match, *, way: str, now: datetime) -> Enquiry:
    return Enquiry.objects.create(
        store=store, customer=match.customer, order=match.order, subject=letter.subject or "(no subject)", way=way,
        from_email=letter.from_email, from_name=letter.from_name, state=State.CLOSED, opened_at=now, last_at=now, due_at=now,
    )  # fmt: skip


def _written(enquiry: Enquiry, letter: Letter, automatic: str, arrival: Arrival | None, now: datetime) -> EnquiryMessage:
    message = EnquiryMessage.objects.create(
        store_id=enquiry.store_id, enquiry=enquiry, direction=Direction.IN, from_email=letter.from_email, from_name=letter.from_name,
        text=letter.text, html=letter.html, at=now, arrival=arrival, message_id=letter.message_id, automatic=automatic,
    )  # fmt: skip
    Attachment.objects.bulk_create(
        Attachment(store_id=enquiry.store_id, message=message, name=one.name, kind=one.kind, size=one.size, content=one.content)
        for one in letter.files
    )
    return message


def _loop(enquiry: Enquiry, now: datetime) -> str:
    lately = enquiry.messages.filter(direction=Direction.IN, at__gt=now - timedelta(hours=1)).count()
    return "So many came within an hour that two machines must be answering each other." if lately >= _LOOP else ""


def _keep_quiet(enquiry: Enquiry, *, is_known: bool, now: datetime) -> None:
    """Keep what a machine wrote, or what is a review, without owing anybody an answer."""
    enquiry.last_at = now
    if not is_known:
        enquiry.closed_at = now
    enquiry.save(update_fields=["last_at", "closed_at"])


def owe(enquiry: Enquiry, *, now: datetime) -> None:
    """Say that the shop owes an answer, from now on or still."""
    if enquiry.state != State.OPEN:
        desk = doors.of(enquiry.store)
        zone = ZoneInfo(enquiry.store.timezone)
        enquiry.due_at = hours.due(now, hours=desk.answer_within_hours, week=hours.read(desk.hours), zone=zone)
    enquiry.state, enquiry.snooze_until, enquiry.closed_at, enquiry.last_at = State.OPEN, None, None, now
    enquiry.before = None
    keep_task(enquiry, now=now)
    enquiry.save()


def keep_task(enquiry: Enquiry, *, now: datetime, by: User | None = None) -> None:
    """Let the task stand as the conversation does: open while an answer is owed. A stranger has none."""
    if enquiry.customer is None:
        return
    if enquiry.state not in Enquiry.OWED:
        if enquiry.task:
            tasks_for_staff.close(enquiry.task, by=by, now=now)
        return
    if enquiry.task is None:
        enquiry.task = tasks_for_staff.open_task(
            enquiry.customer, kind=TASK, key=f"{TASK}:{enquiry.pk}", title=f"Answer “{enquiry.subject[:150]}”", due_at=enquiry.due_at,
            now=now, order_number=str(enquiry.order or ""),
        )  # fmt: skip
    tasks_for_staff.reopen(enquiry.task, now=now)
    tasks_for_staff.put(enquiry.task, due_at=enquiry.snooze_until or enquiry.due_at, assignee=enquiry.assignee)


def _tell(enquiry: Enquiry, message: EnquiryMessage, *, now: datetime) -> None:
    if enquiry.customer is None:
        return
    kind = Event.Kind.REPLY_RECEIVED
    data = {
        "enquiry": enquiry.pk,
        "subject": enquiry.subject,
        "text": message.text[:600],
        "way": message.direction,
        "order": enquiry.order_id,
    }
    events.record(enquiry.customer, kind, at=now, key=f"{kind}:{message.pk}", now=now, data=data)


def locked(enquiry: Enquiry) -> Enquiry:
    rows = Enquiry.objects.select_for_update(of=("self",), no_key=True).select_related("store", "customer", "order", "task", "assignee")
    return rows.get(pk=enquiry.pk)
