"""One address, two answers: the page, and the part of it that htmx asks for; every form works both ways."""

import pytest

from customers import tasks_for_staff
from customers.models import Task
from tests.factories.orders import NOW

HTMX = {"HX-Request": "true"}
LISTS = ["customers/", "orders/", "messages/", "products/", "answers/", "tasks/", "flows/post-purchase/people/", "connections/inputs/"]


@pytest.fixture
def task(order):
    return tasks_for_staff.open_task(order.customer, kind="call", key="call:1", title="Call back", due_at=NOW, now=NOW)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_gives_its_results_alone(order, alice, signed_in, path):
    browser = signed_in(alice)
    page, part = browser.get(f"/s/marlow/{path}"), browser.get(f"/s/marlow/{path}", headers=HTMX)
    assert "<!doctype html>" in page.content.decode()
    text = part.content.decode()
    assert "<html" not in text
    assert text.count('id="results"') == 1
    assert "HX-Request" in part["Vary"]


def test_going_back_gives_the_whole_page(order, vic, signed_in):
    headers = {**HTMX, "HX-History-Restore-Request": "true"}
    assert "<!doctype html>" in signed_in(vic).get("/s/marlow/customers/?q=ada", headers=headers).content.decode()


def test_tells_how_many_are_left_and_takes_the_words_along_in_the_tabs(order, vic, signed_in):
    text = signed_in(vic).get("/s/marlow/orders/?q=ada", headers=HTMX).content.decode()
    assert '<div id="heard" hx-swap-oob="innerHTML">1 order</div>' in text
    assert '<a href="?q=ada&amp;state=under-way">On the way</a>' in text


def test_a_closed_task_leaves_the_list_and_is_told(task, bob, signed_in):
    answer = signed_in(bob).post(f"/s/marlow/tasks/{task.pk}/close/", {"next": "/s/marlow/tasks/"}, headers=HTMX, follow=True)
    text = answer.content.decode()
    assert "<html" not in text
    assert "No task waits" in text
    assert "Closed: Call back." in text
    assert Task.objects.get().closed_by == bob


def test_a_mail_is_skipped_in_place_and_the_filter_stays(order, bob, signed_in):
    run = order.runs.get(step_key="tips")
    page = f"http://testserver/s/marlow/customers/{order.customer_id}/?show=mails"
    headers = {**HTMX, "HX-Current-URL": page}
    answer = signed_in(bob).post(f"/s/marlow/customers/{order.customer_id}/next/{run.pk}/skip/", headers=headers)
    assert (answer.status_code, answer["Location"]) == (303, page)
    text = signed_in(bob).get(page, headers=HTMX).content.decode()
    assert text.count('id="customer"') == 1
    assert f'id="run-{run.pk}-release"' in text


def test_the_page_carries_the_token_and_the_rules_of_htmx(order, vic, signed_in):
    page = signed_in(vic).get("/s/marlow/").content.decode()
    assert 'hx-headers=\'{"X-CSRFToken": "' in page
    for rule in (
        '"historyCacheSize": 0',
        '"refreshOnHistoryMiss": true',
        '"allowEval": false',
        '"selfRequestsOnly": true',
        '"code": "422"',
    ):
        assert rule in page
