"""What to call a person: only when it is sure."""

import pytest

from customers.names import sure_given_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ana Ribeiro", "Ana"), ("Wolfgang Amadeus Theophilus von Hohenstein", "Wolfgang"), ("Jean-Luc Picard", "Jean-Luc"),
        ("ana ribeiro", "Ana"), ("Maeve O'Connor", "Maeve"), ("فاطمة الزهراء", "فاطمة"), ("Ana", ""), ("", ""), ("A. Silva", ""),
        ("Dr. Silva", ""), ("Frau Schmidt", ""), ("Silva GmbH", ""), ("Ribeiro, Ana", ""), ("ACME TRADING", ""), ("Tom & Ana Smith", ""),
        ("Order 1042", ""), ("<b>Ana</b> Silva", ""), ("The Blue Shop", ""), ("x y", ""), ("one two three four five six", ""),
    ],
)  # fmt: skip
def test_a_given_name_is_said_only_when_it_is_sure(name, expected):
    assert sure_given_name(name) == expected


@pytest.mark.parametrize("where", [{"language": "hu"}, {"language": "ja-JP"}, {"country": "cn"}])
def test_where_the_family_name_comes_first_nothing_is_guessed(where):
    assert sure_given_name("Nagy Anna", **where) == ""
