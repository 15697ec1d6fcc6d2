"""Asking one question about one order, and taking the answer: kept, changeable, told to the wire, and a task when it is low."""

from datetime import datetime, timedelta

from django.db import transaction

from customers import events, tasks_for_staff
from customers.models import Customer, Event, Task
from orders.models import Order
from stores.models import Store
from stores.phrases import marked
from surveys import reviews
from surveys.models import Response, Survey

CHECK_IN = "check-in"
QUESTIONS = {CHECK_IN: marked("How is life with what you bought?")}

#: At or below it a person looks after the customer; at or above HIGH they are happy (contracts, "Permission").
LOW, HIGH = 2, 4
#: The five answers in words, as the check-in page says them.
WORDS = {1: marked("Something is wrong"), 2: marked("Not great"), 3: marked("It is all right"), 4: marked("Good"), 5: marked("Love it")}
_LOOKED_AT_WITHIN = timedelta(hours=24)


class NotAScore(ValueError):
    """An answer that is not one of 1, 2, 3, 4, 5."""


def ask(survey_key: str, *, store: Store, customer: Customer, order: Order, now: datetime, question: str = "") -> Response:
    """Return the row that waits for the customer's answer about an order; asking again returns the same row.

    A store without that survey gets it, with the usual question; one whose `question` has changed asks the new one.
    """
    usual = QUESTIONS.get(survey_key, QUESTIONS[CHECK_IN])
    survey, _ = Survey.objects.get_or_create(store=store, key=survey_key, defaults={"question": question or usual})
    if question and survey.question != question:
        Survey.objects.filter(pk=survey.pk).update(question=question)
    response, _ = Response.objects.get_or_create(
        survey=survey, order=order, defaults={"store": store, "customer": customer, "asked_at": now}
    )
    return response


@transaction.atomic
def answer(response: Response, *, score: int, now: datetime, comment: str = "") -> Response:
    """Take an answer of 1 (worst) to 5 (best), or a change of it; the same answer twice is one answer. Raise NotAScore.

    A low one opens a task for staff, which only staff close: a better answer later does not. A happy one asks for a review.
    """
    if score not in range(1, 6):
        raise NotAScore(f"{score!r} is not a score from 1 to 5")
    held = (
        Response.objects.select_for_update(of=("self",))
        .select_related("survey", "order__customer", "customer", "store")
        .get(pk=response.pk)
    )
    before, comment = held.score, comment.replace("\x00", "").strip()
    if (before, held.comment) == (score, comment):
        return held
    held.score, held.comment, held.answered_at = score, comment, now
    held.save(update_fields=["score", "comment", "answered_at"])
    _record(held, now=now)
    if score <= LOW:
        _call_for_help(held, was_low=before is not None and before <= LOW, now=now)
    if score >= HIGH and held.order and held.store.asks_for_reviews:
        reviews.ask(held.order, now=now)
    return held


def _record(response: Response, *, now: datetime) -> None:
    """Write the event of this change; its number makes the key, counted under the row's lock."""
    prefix = f"{Event.Kind.ANSWER_GIVEN}:{response.pk}:"
    given = Event.objects.filter(customer_id=response.customer_id, kind=Event.Kind.ANSWER_GIVEN, key__startswith=prefix).count()
    data = {
        "order": response.order_id,
        "number": str(response.order or ""),
        "survey": response.survey.key,
        "score": response.score,
        "comment": response.comment,
    }
    events.record(response.customer, Event.Kind.ANSWER_GIVEN, at=now, key=f"{prefix}{given + 1}", now=now, data=data)


def task_key(response_pk: int) -> str:
    """Return the key of the task that a low answer opens."""
    return f"low-score:{response_pk}"


def _call_for_help(response: Response, *, was_low: bool, now: datetime) -> None:
    """Have a task open for a low answer: reopened when they became unhappy again, and always with their latest words."""
    number = str(response.order or "")
    task = tasks_for_staff.open_task(
        response.customer,
        kind="low_score",
        key=task_key(response.pk),
        title=f"Was not happy: answered {response.score} of 5" + (f" about order {number}" if number else ""),
        detail=response.comment,
        order_number=number,
        due_at=now + _LOOKED_AT_WITHIN,
        now=now,
    )
    if task.state == Task.State.CLOSED and not was_low:
        tasks_for_staff.reopen(task, now=now)
    if task.detail != response.comment:
        Task.objects.filter(pk=task.pk).update(detail=response.comment)
