"""An even pace with a minute's rush before it, for each sender by itself."""

import pytest

from stores import turnstile


@pytest.fixture(autouse=True)
def _ten_a_second(settings):
    settings.HOOKS_PER_SECOND = 10
    turnstile.forget()


def test_a_minutes_worth_goes_at_once_and_then_the_even_pace():
    taken = sum(turnstile.wait("a", moment=5.0) == 0 for _ in range(1000))
    assert taken == 600
    assert turnstile.wait("a", moment=5.0) == pytest.approx(0.1)
    assert [turnstile.wait("a", moment=5.0 + n / 10 + 0.001) for n in range(1, 50)] == [0.0] * 49


def test_who_is_sent_away_loses_no_turn_by_asking():
    for _ in range(5000):
        turnstile.wait("a", moment=5.0)
    assert turnstile.wait("a", moment=5.2) == 0


def test_senders_are_counted_apart():
    for _ in range(5000):
        turnstile.wait("a", moment=5.0)
    assert turnstile.wait("b", moment=5.0) == 0
