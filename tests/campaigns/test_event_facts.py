"""Tests on what an event brings along: written by people, kept as values, said back in words."""

import pytest

from campaigns import event_facts
from campaigns.filters import holds

ORDER = {"amount": 4990, "currency": "EUR", "number": "1042"}


@pytest.mark.parametrize(
    ("name", "how", "text", "value", "said"),
    [
        ("score", "at_least", "4", 4, "the score is at least 4"),
        ("amount", "at_least", "49,90", 4990, "the sum is at least €49.90"),
        ("number", "is_one_of", "1042, #7", ["1042", "#7"], "the order’s number is one of 1042 or #7"),
        ("checkout", "is", "Yes", True, "the checkout was begun is yes"),
        ("date", "is", "their birthday", "birthday", "the date is their birthday"),
        ("days", "is", "-3", -3, "days after it is -3"),
    ],
)
def test_what_is_written_is_kept_as_a_value_and_said_back(name, how, text, value, said):
    test = event_facts.written(name, how, text, currency="EUR")
    assert (test["value"], event_facts.say(test)) == (value, said)
    assert event_facts.written(name, how, event_facts.value(test), currency="EUR") == test


@pytest.mark.parametrize(
    ("name", "how", "text", "words"),
    [
        ("score", "is", "much", "Write a number."), ("amount", "is", "a lot", "Write a sum like 49.90."),
        ("number", "at_least", "4", "Only a number can be at least or at most something."),
        ("checkout", "is", "perhaps", "Write one of these: yes, no."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_what_to_write(name, how, text, words):
    with pytest.raises(event_facts.Unreadable, match=words):
        event_facts.written(name, how, text, currency="EUR")


def test_a_sum_is_compared_with_sums_of_its_own_currency_alone():
    asked = [event_facts.written("amount", "at_least", "40", currency="EUR")]
    assert holds(asked, ORDER)
    assert not holds(asked, ORDER | {"currency": "JPY"})
    assert not holds(asked, ORDER | {"amount": 3999})
