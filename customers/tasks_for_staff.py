"""What a person must do for a customer: opened by rules or people, closed by people. While one is open, nothing is sold."""

from datetime import datetime

from django.db import transaction

from customers import events
from customers.models import Customer, Task
from stores.models import User


@transaction.atomic
def open_task(
    customer: Customer, *, kind: str, key: str, title: str, due_at: datetime, now: datetime, detail: str = "", order_number: str = ""
) -> Task:
    """Open a task, once per `key`; a closed one with that key stays closed."""
    task, is_new = Task.objects.get_or_create(
        store_id=customer.store_id,
        key=key,
        defaults={
            "customer": customer, "kind": kind, "title": title, "detail": detail,
            "order_number": order_number, "opened_at": now, "due_at": due_at,
        },
    )  # fmt: skip
    if is_new:
        data = {"task": task.pk, "title": title, "detail": detail, "number": order_number}
        events.record(customer, events.Kind.TASK_OPENED, at=now, key=f"task.opened:{task.pk}", now=now, data=data)
    return task


@transaction.atomic
def close(task: Task, *, by: User | None, now: datetime) -> None:
    """Close a task; closing it twice is closing it once."""
    closed = Task.objects.filter(pk=task.pk, state=Task.State.OPEN).update(state=Task.State.CLOSED, closed_at=now, closed_by=by)
    if closed:
        data = {"task": task.pk, "title": task.title, "by": str(by or "")}
        key = f"task.closed:{task.pk}:{now.isoformat()}"
        events.record(task.customer, events.Kind.TASK_CLOSED, at=now, key=key, now=now, data=data)


@transaction.atomic
def reopen(task: Task, *, now: datetime) -> None:
    """Take a closing back."""
    opened = Task.objects.filter(pk=task.pk, state=Task.State.CLOSED).update(state=Task.State.OPEN, closed_at=None, closed_by=None)
    if opened:
        data = {"task": task.pk, "title": task.title, "again": True}
        key = f"task.opened:{task.pk}:{now.isoformat()}"
        events.record(task.customer, events.Kind.TASK_OPENED, at=now, key=key, now=now, data=data)


def put(task: Task, *, due_at: datetime, assignee: User | None) -> None:
    """Say until when a task is to be done, and by whom."""
    task.due_at, task.assignee = due_at, assignee
    Task.objects.filter(pk=task.pk).update(due_at=due_at, assignee=assignee)
