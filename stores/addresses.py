"""Addresses of pages, by their shape: Django finds a pattern, fills it and checks it anew for every link, and a page has hundreds."""

import re
from functools import cache

from django.urls import NoReverseMatch, get_script_prefix, reverse

_PLAIN = re.compile(r"[\w-]+", re.ASCII)
#: Stands for the values while the shape is found; digits fit numbers, slugs and words alike.
_MARK = 700_000_000


def to(name: str, *values: object) -> str:
    """Return the address of a page by its name and the values in it, as `reverse` does. Raises NoReverseMatch."""
    texts = [str(value) for value in values]
    shape = _shape(name, len(texts), get_script_prefix()) if all(map(_PLAIN.fullmatch, texts)) else None
    if shape is None:
        return reverse(name, args=values)
    return shape.format(*texts)


@cache
def _shape(name: str, count: int, prefix: str) -> str | None:
    """Return an address with {0}, {1} … for its values; None where not every value fits, or another has its words."""
    marks = [str(_MARK + place) for place in range(count)]
    try:
        shape = reverse(name, args=marks).replace("{", "{{").replace("}", "}}")
    except NoReverseMatch:
        return None
    for place, mark in enumerate(marks):
        shape = shape.replace(mark, f"{{{place}}}")
    return shape
