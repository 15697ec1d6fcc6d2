from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from customers.models import Event, Task
from surveys import answers
from tests.public.conftest import PLACED


@pytest.mark.django_db(transaction=True)
def test_one_answer_sent_eight_times_at_once_is_one_event_and_one_task(response):
    def send(_: int) -> None:
        try:
            answers.answer(response, score=1, comment="The lid", now=PLACED + timedelta(days=9))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(8)))
    assert list(Event.objects.order_by("pk").values_list("kind", flat=True)) == ["answer.given", "task.opened"]
    assert Task.objects.count() == 1
