"""Differences and how sure they are, against figures worked out elsewhere."""

import pytest

from campaigns.comparing import Group, newcombe, of_means, of_shares, wilson


def test_shares_as_newcombe_printed_them():
    """Newcombe 1998, table II, example (a), method 10: 56 of 70 against 48 of 80 lies between 0.0524 and 0.3339."""
    low, high = wilson(Group(70, 56))
    assert (round(low, 4), round(high, 4)) == (0.6918, 0.877)
    found = newcombe(Group(70, 56), Group(80, 48))
    assert (round(found.value, 4), round(found.low, 4), round(found.high, 4)) == (0.2, 0.0524, 0.3339)
    assert found.is_sure


def test_means_by_welch():
    """Standard error √(400²/100 + 300²/225) = √2000 = 44.72."""
    found = of_means(Group(100, 30, 1250.0, 160_000.0), Group(225, 90, 1150.0, 90_000.0))
    assert found and (round(found.value), round(found.low, 1), round(found.high, 1)) == (100, 12.3, 187.7)
    assert found.is_sure


@pytest.mark.parametrize(("one", "two"), [(Group(99, 40), Group(900, 300)), (Group(900, 300), Group(0, 0))])
def test_of_too_few_nothing_is_said(one, two):
    assert of_shares(one, two) is None
    assert of_means(one, two) is None


def test_of_money_nothing_is_said_before_enough_bought():
    assert of_means(Group(500, 90, 900.0, 4.0), Group(100, 19, 800.0, 4.0)) is None
    same = of_shares(Group(500, 90), Group(100, 19))
    assert same and not same.is_sure
