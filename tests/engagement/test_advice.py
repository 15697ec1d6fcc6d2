"""What is advised, by hand."""

import pytest

from engagement.advice import WORDS, Quadrant, next_action, quadrant_of


@pytest.mark.parametrize(
    ("value", "impact", "quadrant"),
    [
        (10, 5, Quadrant.ADVOCATES), (10, 4.9, Quadrant.BUYERS), (9.9, 5, Quadrant.VOICES), (0, 0, Quadrant.QUIET),
    ],
)  # fmt: skip
def test_the_lines_belong_to_the_higher_side(value, impact, quadrant):
    assert quadrant_of(value, impact, value_split=10, impact_split=5) is quadrant


def test_a_store_without_splits_has_only_quiet_people():
    assert quadrant_of(10, 10, value_split=0, impact_split=0) is Quadrant.QUIET


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"checkout_started": 1}, "Ask whether something went wrong when they wanted to pay."),
        ({"checkout_started": 1, "purchase": 1}, "Ask how it is, then for a review."),
        ({"purchase": 1, "reviewed": 0.9}, "Ask them to bring a friend."),
        ({"purchase": 1, "answered": 1}, "Ask whether they want to hear of news."),
        ({"product_viewed": 0.31}, "Help them choose: a guide to what they looked at."),
        ({"product_viewed": 0.29}, WORDS[Quadrant.QUIET].action),
        ({}, WORDS[Quadrant.QUIET].action),
    ],
)
def test_the_next_rung_is_advised_and_faded_actions_say_nothing(counts, words):
    assert next_action(counts, Quadrant.QUIET) == words
