from datetime import timedelta

import pytest

from customers import tasks_for_staff
from customers.models import Event, Task
from surveys import answers
from surveys.models import Response
from tests.public.conftest import PLACED

NOW = PLACED + timedelta(days=10)


def given():
    return list(Event.objects.filter(kind="answer.given").order_by("pk").values_list("key", "data"))


def test_asking_twice_gives_the_same_unanswered_row(store, customer, order, response):
    again = answers.ask("check-in", store=store, customer=customer, order=order, now=NOW)
    assert (again.pk, again.token, again.score, again.answered_at, again.asked_at) == (response.pk, response.token, None, None, PLACED)
    assert Response.objects.count() == 1
    assert again.survey.question == "How is life with what you bought?"


def test_an_answer_is_kept_and_told_to_the_wire(order, response):
    held = answers.answer(response, score=4, comment=" Pours well ", now=NOW)
    assert (held.score, held.comment, held.answered_at) == (4, "Pours well", NOW)
    assert given() == [
        (
            f"answer.given:{response.pk}:1",
            {"order": order.pk, "number": "1042", "survey": "check-in", "score": 4, "comment": "Pours well"},
        )
    ]
    assert not Task.objects.exists()


@pytest.mark.parametrize("score", [1, 2])
def test_a_low_answer_sent_twice_opens_one_task_and_writes_one_event(customer, response, score):
    for _ in range(2):
        answers.answer(response, score=score, comment="Lid broke", now=NOW)
    task = Task.objects.get()
    assert (task.customer, task.kind, task.key, task.order_number) == (customer, "low_score", f"low-score:{response.pk}", "1042")
    assert task.title == f"Was not happy: answered {score} of 5 about order 1042"
    assert (task.detail, task.opened_at, task.due_at) == ("Lid broke", NOW, NOW + timedelta(hours=24))
    assert list(Event.objects.order_by("pk").values_list("kind", flat=True)) == ["answer.given", "task.opened"]


@pytest.mark.parametrize("score", [3, 4, 5])
def test_a_middling_or_good_answer_opens_no_task(response, score):
    answers.answer(response, score=score, now=NOW)
    assert not Task.objects.exists()


def test_each_change_is_an_event_also_at_the_same_moment(response):
    for score in (5, 3, 5):
        answers.answer(response, score=score, now=NOW)
    assert [(key.rpartition(":")[2], data["score"]) for key, data in given()] == [("1", 5), ("2", 3), ("3", 5)]


def test_a_better_answer_does_not_close_the_task(response):
    answers.answer(response, score=1, now=NOW)
    answers.answer(response, score=5, now=NOW + timedelta(hours=1))
    assert Task.objects.get().state == "open"


def test_a_task_that_was_closed_is_open_again_when_they_become_unhappy_again(response, alice):
    answers.answer(response, score=1, now=NOW)
    tasks_for_staff.close(Task.objects.get(), by=alice, now=NOW)
    answers.answer(response, score=4, now=NOW)
    assert Task.objects.get().state == "closed"
    answers.answer(response, score=2, now=NOW + timedelta(hours=2))
    assert Task.objects.get().state == "open"


def test_words_added_to_a_low_answer_reach_its_task_without_reopening_it(response, alice):
    answers.answer(response, score=1, now=NOW)
    tasks_for_staff.close(Task.objects.get(), by=alice, now=NOW)
    answers.answer(response, score=1, comment="The lid", now=NOW)
    assert Task.objects.values_list("state", "detail").get() == ("closed", "The lid")


@pytest.mark.parametrize("score", [0, 6, -1, 2.5])
def test_a_score_out_of_range_is_refused_and_nothing_is_written(response, score):
    with pytest.raises(answers.NotAScore, match="is not a score from 1 to 5"):
        answers.answer(response, score=score, now=NOW)
    response.refresh_from_db()
    assert (response.score, Event.objects.count(), Task.objects.count()) == (None, 0, 0)
