"""Order mails whose outcome stays unknown become tasks: a person looks whether the customer has it. News that settles one closes its task.

Marketing is not worth a person's time, and a second copy of it no customer's; a restored backup's doubts, never tried, are told as a whole.
"""

from datetime import datetime, timedelta

from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat

from customers import tasks_for_staff
from customers.models import Task
from messaging.models import Message, Purpose

KIND = "unknown"
#: A provider's news mostly comes within minutes.
_WAITS, _WITHIN = timedelta(minutes=30), timedelta(hours=4)
_LATELY = timedelta(days=7)
_ASKED = Task.objects.filter(store=OuterRef("store"), key=Concat(Value(f"{KIND}:"), Cast(OuterRef("pk"), CharField())))


def ask(*, now: datetime, limit: int = 100) -> int:
    """Open tasks for what stayed unknown, and close those of what did not; return how many moved."""
    held = Message.objects.filter(state=Message.State.UNKNOWN, purpose=Purpose.TRANSACTIONAL, attempts__gt=0, repeated_by=None)
    held = held.filter(due_at__gt=now - _LATELY, due_at__lte=now - _WAITS, customer__erased_at=None).exclude(Exists(_ASKED))
    lost = list(held.select_related("customer", "order").defer("html", "text").order_by("due_at")[:limit])
    for message in lost:
        tasks_for_staff.open_task(
            message.customer, kind=KIND, key=f"{KIND}:{message.pk}", title=f"Did “{message.subject[:120]}” arrive?",
            detail="The line went dead after it was handed over. Ask, or send it again.", order_number=str(message.order or ""),
            due_at=now + _WITHIN, now=now,
        )  # fmt: skip
    return len(lost) + _close_settled(now=now)


def mail_of(task: Task) -> int | None:
    """Return the number of the mail that a task is about."""
    kind, _, number = task.key.partition(":")
    return int(number) if kind == KIND and number.isdecimal() else None


def _close_settled(*, now: datetime) -> int:
    asked = {number: task for task in Task.objects.filter(state=Task.State.OPEN, kind=KIND) if (number := mail_of(task))}
    still = set(Message.objects.filter(pk__in=asked, state=Message.State.UNKNOWN).values_list("pk", flat=True))
    settled = [task for number, task in asked.items() if number not in still]
    for task in settled:
        tasks_for_staff.close(task, by=None, now=now)
    return len(settled)
