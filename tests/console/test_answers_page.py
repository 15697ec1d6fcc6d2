"""What customers answered: the numbers on the home page, and the lists behind them."""

import re
from datetime import timedelta

import pytest

from customers.models import Task
from surveys import answers
from surveys.models import Response
from tests.factories.orders import NOW, place

URL = "/s/marlow/answers/"


@pytest.fixture
def given(flow, store):
    """Two low answers, a middle one, three high ones, and a question that waits."""
    for number, score in enumerate((1, 2, 3, 4, 5, 5)):
        person = {"external_id": f"c{number}", "email": f"buyer{number}@example.com", "name": f"Buyer {number}"}
        order = place(store, f"20{number}", customer=person)
        response = answers.ask("check-in", store=store, customer=order.customer, order=order, now=NOW)
        answers.answer(response, score=score, comment="It leaks <b>" if score == 1 else "", now=NOW + timedelta(minutes=number))
    waiting = place(store, "300", customer={"external_id": "c9", "email": "late@example.com", "name": "Late"})
    answers.ask("check-in", store=store, customer=waiting.customer, order=waiting, now=NOW)


@pytest.mark.parametrize(("score", "count"), [("", 6), ("all", 6), ("low", 2), ("high", 3), ("middling", 6)])
def test_each_tab_lists_as_many_as_it_says(given, vic, signed_in, score, count):
    page = signed_in(vic).get(URL, {"score": score}).content.decode()
    assert f"{count} answers" in page
    assert page.count('id="answer-') == count


def test_the_numbers_on_the_home_page_are_those_of_the_lists(given, vic, signed_in):
    browser = signed_in(vic)
    links = re.findall(rf'<a href="({URL}[^"]*)">(?:All )?(\d+)', browser.get("/s/marlow/").content.decode())
    assert links == [(URL, "6"), (f"{URL}?score=low", "2"), (f"{URL}?score=high", "3")]
    for address, number in links:
        assert f"{number} answers" in browser.get(address).content.decode()


def test_an_answer_stands_with_its_words_comment_order_and_task(given, bob, signed_in):
    page = signed_in(bob).get(URL, {"score": "low"}).content.decode()
    row = page[page.index("Something is wrong") : page.index("Something is wrong") + 1500]
    assert "It leaks &lt;b&gt;" in row
    assert "Buyer 0" in row
    assert "#200" in row
    assert "Open</span>" in row


def test_support_closes_a_task_from_its_answer(given, bob, signed_in):
    task = Task.objects.get(order_number="#200")
    page = signed_in(bob).post(
        f"/s/marlow/tasks/{task.pk}/close/", {"next": f"{URL}?score=low"}, headers={"HX-Request": "true"}, follow=True
    )
    assert page.redirect_chain == [(f"{URL}?score=low", 303)]
    assert "Closed</span>" in page.content.decode()


def test_a_viewer_closes_nothing(given, vic, signed_in):
    assert "/close/" not in signed_in(vic).get(URL).content.decode()


def test_pages_go_on_where_the_last_one_ended(flow, store, order, vic, signed_in):
    survey = answers.ask("check-in", store=store, customer=order.customer, order=order, now=NOW).survey
    Response.objects.bulk_create(
        Response(store=store, survey=survey, customer=order.customer, score=5, asked_at=NOW, answered_at=NOW) for _ in range(60)
    )
    browser, seen = signed_in(vic), []
    page = browser.get(URL).content.decode()
    seen += re.findall(r'id="answer-(\d+)"', page)
    older = re.search(r'href="(\?after=[^"]+)"', page)
    assert older
    seen += re.findall(r'id="answer-(\d+)"', browser.get(URL + older[1]).content.decode())
    assert (len(seen), len(set(seen))) == (60, 60)


@pytest.mark.parametrize(("score", "words"), [("", "No answers yet"), ("low", "No low answers"), ("high", "No high answers yet")])
def test_an_empty_list_says_what_will_be_here(store, vic, signed_in, score, words):
    page = signed_in(vic).get(URL, {"score": score}).content.decode()
    assert words in page
    assert 'href="/s/marlow/answers/?score' not in signed_in(vic).get("/s/marlow/").content.decode()


def test_other_stores_answers_are_not_seen(given, other, mallory, signed_in):
    assert "No answers yet" in signed_in(mallory).get("/s/other/answers/").content.decode()
