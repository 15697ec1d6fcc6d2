"""What an order's total is made of: only what adds up is shown."""

import pytest

from orders import sums


@pytest.mark.parametrize(
    ("total", "told", "made_of"),
    [
        (10_490, {"shipping": 490, "discount": 0, "tax": 1_675}, sums.Sums(10_000, 0, 490, 1_675, is_tax_included=True)),
        (11_290, {"shipping": 490, "discount": None, "tax": 800}, sums.Sums(10_000, 0, 490, 800, is_tax_included=False)),
        (9_000, {"shipping": 0, "discount": 1_000, "tax": None}, sums.Sums(10_000, 1_000, 0, 0, is_tax_included=True)),
        (10_990, {"shipping": 490, "discount": 0, "tax": 0}, None),  # a tip, a gift card: nobody is shown a sum that is wrong
        (10_000, {"shipping": 0, "discount": 0, "tax": 0}, None),  # no parts to show
        (10_000, {"shipping": None, "discount": None, "tax": None}, None),
    ],
)
def test_the_parts_of_a_total_are_known_where_they_make_it(total, told, made_of):
    assert sums.of(total, [8_000, 2_000], **told) == made_of
