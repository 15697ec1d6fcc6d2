import pytest
from django.urls import NoReverseMatch, reverse

from stores import addresses


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("console:home", ["marlow"]), ("console:customer", ["marlow", 7]), ("console:customer_act", ["marlow", 7, 700_000_001, "send-now"]),
        ("public:tracker", ["a_b-C"]), ("public:tracker", ["a b ä%{0}"]), ("public:picture", ["0" * 32, "jpg"]), ("console:stores", []),
    ],
)  # fmt: skip
def test_an_address_is_the_one_django_gives(name, values):
    assert addresses.to(name, *values) == reverse(name, args=values)
    assert addresses.to(name, *values) == reverse(name, args=values)


@pytest.mark.parametrize(("name", "values"), [("console:customer", ["marlow"]), ("console:customer", ["marlow", ""]), ("nowhere", [1])])
def test_what_has_no_address_is_refused(name, values):
    with pytest.raises(NoReverseMatch):
        addresses.to(name, *values)
