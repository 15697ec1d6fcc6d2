"""Tasks: one for one thing, closed once, and told."""

from datetime import UTC, datetime, timedelta

import pytest

from customers import tasks_for_staff
from customers.models import Event, Task
from tests.factories.customers import customer

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DUE = NOW + timedelta(days=1)


def open_one(person, key="low-score:1", **fields) -> Task:
    return tasks_for_staff.open_task(person, kind="low_score", key=key, title="Write to Ada", due_at=DUE, **{"now": NOW, **fields})


def told() -> list[tuple[str, datetime]]:
    return list(Event.objects.order_by("pk").values_list("kind", "occurred_at"))


def test_a_task_is_opened_once_for_one_thing_and_told_once(store):
    person = customer(store)
    first = open_one(person, detail="The lid leaks.", order_number="#7")
    second = open_one(person, detail="again", now=NOW + timedelta(hours=1))
    assert (first.pk, Task.objects.count(), second.detail, second.opened_at) == (second.pk, 1, "The lid leaks.", NOW)
    assert told() == [("task.opened", NOW)]
    assert Event.objects.get().data == {"task": first.pk, "title": "Write to Ada", "detail": "The lid leaks.", "number": "#7"}


def test_the_same_thing_at_two_stores_is_two_tasks(store, other):
    open_one(customer(store))
    open_one(customer(other))
    assert Task.objects.count() == 2


def test_closing_twice_is_closing_once_and_keeps_who_did_it(store, alice, bob):
    task = open_one(customer(store))
    tasks_for_staff.close(task, by=bob, now=NOW + timedelta(hours=1))
    tasks_for_staff.close(task, by=alice, now=NOW + timedelta(hours=2))
    task.refresh_from_db()
    assert (task.state, task.closed_by, task.closed_at) == ("closed", bob, NOW + timedelta(hours=1))
    assert told() == [("task.opened", NOW), ("task.closed", NOW + timedelta(hours=1))]
    assert Event.objects.get(kind="task.closed").data["by"] == "Bob"


def test_a_closed_task_stays_closed_when_the_same_thing_is_said_again(store, bob):
    person = customer(store)
    tasks_for_staff.close(open_one(person), by=bob, now=NOW + timedelta(hours=1))
    assert open_one(person, now=NOW + timedelta(hours=2)).state == "closed"
    assert len(told()) == 2


def test_a_closing_can_be_taken_back_and_done_again(store, bob):
    task = open_one(customer(store))
    for hours, act in [(1, "close"), (2, "reopen"), (3, "reopen"), (4, "close")]:
        now = NOW + timedelta(hours=hours)
        if act == "close":
            tasks_for_staff.close(task, by=bob, now=now)
        else:
            tasks_for_staff.reopen(task, now=now)
    task.refresh_from_db()
    assert (task.state, task.closed_at) == ("closed", NOW + timedelta(hours=4))
    assert [kind for kind, _ in told()] == ["task.opened", "task.closed", "task.opened", "task.closed"]


def test_the_system_may_close_one_too(store):
    tasks_for_staff.close(open_one(customer(store)), by=None, now=NOW)
    assert (Task.objects.get().closed_by, Event.objects.get(kind="task.closed").data["by"]) == (None, "")
