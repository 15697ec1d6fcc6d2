"""Amounts between the wire, rows and people."""

import pytest

from stores import money


@pytest.mark.parametrize(
    ("wire", "currency", "minor", "back"),
    [
        ("12.50", "EUR", 1250, "12.50"), (12.5, "EUR", 1250, "12.50"), ("12", "USD", 1200, "12.00"), ("1250", "JPY", 1250, "1250"),
        ("1250.00", "JPY", 1250, "1250"), ("1.250", "KWD", 1250, "1.250"), ("-3.5", "EUR", -350, "-3.50"), ("0", "EUR", 0, "0.00"),
    ],
)  # fmt: skip
def test_an_amount_survives_the_way_in_and_out(wire, currency, minor, back):
    assert money.to_minor(wire, currency) == minor
    assert money.to_wire(minor, currency) == back


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        ("twelve", "is not an amount"),
        ("NaN", "is not an amount"),
        ("1e99", "is too large"),
        ("1.005", "has more decimals than EUR has"),
        (None, "is not"),
    ],
)
def test_what_is_no_amount_is_refused_in_words(wire, reason):
    with pytest.raises(money.NotMoney, match=reason):
        money.to_minor(wire, "EUR")


def test_people_read_amounts_in_their_own_way():
    assert money.show(123450, "EUR", "de") == "1.234,50\N{NO-BREAK SPACE}€"
    assert money.show(1250, "KWD") == "KWD\N{NO-BREAK SPACE}1.250"
    assert money.show(1250, "JPY") == "¥1,250"
    assert money.show(1250, "EUR", "xx") == "€12.50"
