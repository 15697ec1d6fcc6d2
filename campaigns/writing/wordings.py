"""The wordings of a step's mail: its own, and others that parts of its people get instead (campaigns.lots). Pure: lists in, lists out."""

from collections.abc import Mapping, Sequence
from string import ascii_lowercase
from typing import Any

Variant = Mapping[str, Any]

#: Beside the step's own; with more, each gets too few people to tell them apart.
MOST = 3
#: What a wording says of its own; its languages are the step's.
SAYS = ("subject", "preheader", "blocks")


class Unshareable(ValueError):
    """The shares leave nobody for one of the wordings."""


def added(variants: Sequence[Variant], content: Mapping[str, Any], *, taken: Sequence[str]) -> list[dict[str, Any]]:
    """Return the wordings with one more, which begins as `content` and is called by no letter `taken`; everybody is shared out evenly."""
    letters = {*taken, *(each["key"] for each in variants)}
    key = next(letter for letter in ascii_lowercase[1:] if letter not in letters)
    said = {name: content[name] for name in SAYS if name in content}
    share = 100 // (len(variants) + 2)
    return [{**each, "share": share} for each in variants] + [{"key": key, "share": share, "content": said}]


def shared(variants: Sequence[Variant], shares: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the wordings with new shares, as they were typed; raise Unshareable."""
    numbers = {key: int(text) if text.isdecimal() and len(text) < 4 else 0 for key, text in shares.items()}
    found = [{**each, "share": numbers.get(each["key"], each["share"])} for each in variants]
    if min(each["share"] for each in found) < 1 or sum(each["share"] for each in found) > 99:
        raise Unshareable("Each wording needs at least 1 of 100 people, and its own wording what is left.")
    return found


def without(variants: Sequence[Variant], key: str) -> list[dict[str, Any]]:
    """Return the wordings but one; its people get the step's own."""
    return [dict(each) for each in variants if each["key"] != key]


def saying(variants: Sequence[Variant], key: str, content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the wordings with what one of them says now."""
    said = {name: content[name] for name in SAYS if name in content}
    return [{**each, "content": said} if each["key"] == key else dict(each) for each in variants]
