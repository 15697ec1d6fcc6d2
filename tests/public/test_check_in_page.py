import pytest
from django.test import Client
from django.urls import reverse

from customers.models import Event, Task


@pytest.fixture
def address(response) -> str:
    return reverse("public:check-in", args=[response.token])


@pytest.fixture
def strict() -> Client:
    return Client(enforce_csrf_checks=True)


def checked(page: str) -> list[int]:
    return [score for score in range(1, 6) if f'value="{score}" required checked' in page]


def test_asks_one_question_with_five_answers(client, address):
    page = client.get(address).content.decode()
    assert "How is life with what you bought?" in page
    assert page.count('type="radio"') == 5
    assert checked(page) == []
    assert "textarea" not in page


def test_the_mails_link_preselects_and_counts_nothing(client, address, response):
    assert checked(client.get(address + "?score=4").content.decode()) == [4]
    response.refresh_from_db()
    assert (response.score, response.answered_at, Event.objects.count()) == (None, None, 0)


@pytest.mark.parametrize("score", ["0", "6", "x", "", "4.0", "٤"])
def test_a_link_with_another_score_preselects_nothing(client, address, score):
    answer = client.get(address, {"score": score})
    assert (answer.status_code, checked(answer.content.decode())) == (200, [])


def test_a_visitor_without_a_cookie_can_answer(strict, address, response):
    page = strict.get(address + "?score=5")
    form = {"score": "5", "csrfmiddlewaretoken": page.context["csrf_token"]}
    answer = strict.post(address, form, headers={"origin": "http://testserver"})
    assert (answer.status_code, answer["Location"]) == (303, address)
    response.refresh_from_db()
    assert response.score == 5
    assert "Thank you, that is good to hear" in strict.get(address).content.decode()


def test_an_answer_from_elsewhere_is_refused(strict, address, response):
    assert strict.post(address, {"score": "1"}).status_code == 403
    response.refresh_from_db()
    assert response.score is None


@pytest.mark.parametrize(
    ("score", "thanks"),
    [
        (1, "</bdi> reads this today and writes to you."),
        (3, "</bdi> reads every answer, and yours is there now."),
        (5, "</bdi> will be glad to read it."),
    ],
)
def test_says_what_happens_next(client, address, score, thanks):
    client.post(address, {"score": score})
    page = client.get(address).content.decode()
    assert "<bdi>Jo" + thanks in page
    assert f"You answered {score} of 5" in page


def test_a_low_answer_posted_twice_opens_one_task(client, address):
    for _ in range(2):
        client.post(address, {"score": "1"})
    assert Task.objects.count() == 1
    assert Event.objects.filter(kind="answer.given").count() == 1


def test_words_can_be_added_after_the_answer(client, address, response):
    client.post(address, {"score": "2"})
    client.post(address, {"score": "2", "comment": "The lid <b>broke</b>"})
    response.refresh_from_db()
    assert (response.score, response.comment) == (2, "The lid <b>broke</b>")
    assert "The lid &lt;b&gt;broke&lt;/b&gt;" in client.get(address).content.decode()


def test_an_answer_can_be_changed_and_keeps_its_words(client, address, response):
    client.post(address, {"score": "2", "comment": "The lid"})
    page = client.get(address + "?change=1").content.decode()
    assert checked(page) == [2]
    assert ">The lid</textarea>" in page
    client.post(address, {"score": "4"})
    response.refresh_from_db()
    assert (response.score, response.comment) == (4, "The lid")


def test_another_score_from_the_mail_after_the_answer_offers_the_change(client, address):
    client.post(address, {"score": "2"})
    page = client.get(address + "?score=5").content.decode()
    assert checked(page) == [5]
    assert "Change my answer" in page


@pytest.mark.parametrize("form", [{}, {"score": "9"}, {"comment": "Only words"}])
def test_sending_without_a_choice_says_how_to_fix_it(client, address, response, form):
    answer = client.post(address, form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose one of the five answers." in page
    assert "<title>Error: " in page
    response.refresh_from_db()
    assert response.answered_at is None
