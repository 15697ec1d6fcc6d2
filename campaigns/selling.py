"""What sells in a mail, block by block: who may not get offers gets the mail without it, and no mail about an order forces it on them."""

from collections.abc import Mapping
from typing import Any

from messaging.models import Purpose
from messaging.rendering import Problem, blocks

#: Kinds of block that offer something to buy; counting the days to a day of one's own choosing may be about anything.
SELLS = frozenset({"pairings", "offer", "referral"})


_FOR_ALL = "It sells, and this mail also goes to those who get no offers: show it “Only those who may get offers”."


def problems(content: Mapping[str, Any], purpose: str) -> list[Problem]:
    """Return the blocks of a mail about orders that would sell to those who never agreed, in every language of it."""
    if purpose == Purpose.MARKETING or blocks.complaints(content):
        return []
    return [
        Problem(f"block {number}", _FOR_ALL)
        for said in (content, *content.get("in", {}).values())
        for number, block in _selling(said)
        if block.get("only") != "marketing"
    ]


def only_for_some(content: Mapping[str, Any], purpose: str) -> list[tuple[int, str]]:
    """Return the blocks, by number and kind, that only those of a mail's readers get who may get offers."""
    if purpose == Purpose.MARKETING:
        return []
    return [(number, block["kind"]) for number, block in _selling(content) if block.get("only") == "marketing"]


def _selling(content: Mapping[str, Any]) -> list[tuple[int, Mapping[str, Any]]]:
    return [(number, block) for number, block in enumerate(content.get("blocks", ()), start=1) if block.get("kind") in SELLS]
