"""Reviews: asked for once an order, taken and changed, kept from others until staff show them, and never lost."""

import pytest

from customers.models import Event, Task
from stores import clock
from surveys import answers, reviews
from surveys.models import Review
from tests.public.conftest import PLACED, add_line


@pytest.fixture
def review(order) -> Review:
    return reviews.ask(order, now=PLACED)


def told(kind: str) -> list[tuple[int, str]]:
    return [(event.data["score"], event.data["comment"]) for event in Event.objects.filter(kind=kind).order_by("pk")]


def test_asks_about_the_most_costly_thing_that_was_kept_once_an_order(order):
    add_line(order, "Gold lid", unit_price_minor=9900, refunded_quantity=1)
    add_line(order, "Filters", unit_price_minor=500)
    review = reviews.ask(order, now=PLACED)
    assert (review.title, review.name, review.state) == ("Stovetop kettle", "Ana S.", "asked")
    assert reviews.ask(order, now=clock.read()) == review


def test_what_is_given_waits_and_what_is_changed_waits_again(review):
    reviews.give(review, stars=5, now=PLACED)
    reviews.show(review)
    reviews.give(review, stars=5, now=PLACED)
    review.refresh_from_db()
    assert (review.state, told("review.given")) == ("shown", [(5, "")])
    reviews.give(review, stars=4, text=" Pours well\x00 ", name="Ana", now=PLACED)
    review.refresh_from_db()
    assert (review.state, review.text, review.name, told("review.given")) == ("waiting", "Pours well", "Ana", [(5, ""), (4, "Pours well")])


@pytest.mark.parametrize("stars", [0, 6, -1])
def test_other_stars_are_refused(review, stars):
    with pytest.raises(reviews.NotStars):
        reviews.give(review, stars=stars, now=PLACED)
    assert (Event.objects.count(), Review.objects.get().given_at) == (0, None)


def test_few_stars_open_one_task_with_the_latest_words(review):
    reviews.give(review, stars=2, now=PLACED)
    reviews.give(review, stars=1, text="It leaks", now=PLACED)
    task = Task.objects.get()
    assert (task.kind, task.title, task.detail, task.state) == ("low_review", "Gave 2 of 5 stars to Stovetop kettle", "It leaks", "open")


def test_nothing_is_shown_hidden_or_answered_before_it_is_given(review, alice):
    for decide in (
        lambda: reviews.show(review),
        lambda: reviews.hide(review, because="abuse"),
        lambda: reviews.answer(review, text="Hello", by=alice, now=PLACED),
    ):
        with pytest.raises(reviews.NotGiven):
            decide()
    assert Review.objects.get().state == "asked"


def test_few_stars_are_no_reason_to_hide(review):
    reviews.give(review, stars=1, now=PLACED)
    with pytest.raises(ValueError, match="bad"):
        reviews.hide(review, because="bad")
    reviews.hide(review, because="private")
    assert (Review.objects.get().state, review.reason) == ("hidden", "it names a private person or an address")


def test_an_answer_is_told_once_and_can_be_taken_back(review, alice):
    reviews.give(review, stars=4, now=PLACED)
    for _ in range(2):
        reviews.answer(review, text="Thank you", by=alice, now=PLACED)
    assert Event.objects.filter(kind="review.answered").count() == 1
    reviews.answer(review, text=" ", by=alice, now=PLACED)
    held = Review.objects.get()
    assert (held.answer, held.answered_at, held.answered_by) == ("", None, None)


def test_a_happy_answer_asks_for_a_review_unless_the_shop_does_not_want_that(response, store):
    answers.answer(response, score=3, now=PLACED)
    assert not Review.objects.exists()
    store.asks_for_reviews = False
    store.save()
    answers.answer(response, score=5, now=PLACED)
    assert not Review.objects.exists()
    store.asks_for_reviews = True
    store.save()
    answers.answer(response, score=4, now=PLACED)
    assert Review.objects.get().order == response.order
