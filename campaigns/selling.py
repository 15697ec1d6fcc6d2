"""What sells in a mail, block by block: who may not get offers gets the mail without it, and no mail about an order forces it on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from messaging.models import Purpose
from messaging.rendering import Problem, blocks

#: Kinds of block that offer something to buy; counting the days to a day of one's own choosing may be about anything.
SELLS = frozenset({"pairings", "offer", "referral"})


_FOR_ALL = "It sells, and this mail also goes to those who get no offers: show it “Only to those who may get offers”."


@dataclass(frozen=True)
class Split:
    """A block that sells in a mail that does not: of `everyone` whom the mail reaches, `may` get it with the block."""

    number: int
    kind: str
    may: int
    everyone: int


def problems(content: Mapping[str, Any], purpose: str) -> list[Problem]:
    """Return the blocks of a mail about orders that would sell to those who never agreed, in every language of it."""
    if purpose == Purpose.MARKETING or blocks.complaints(content):
        return []
    return [
        Problem(
            f"block {number}", "It sells, and this mail also goes to those who get no offers: show it “Only to those who may get offers”."
        )
        for said in (content, *content.get("in", {}).values())
        for number, block in _selling(said)
        if block.get("only") != "marketing"
    ]


def splits(content: Mapping[str, Any], purpose: str, by_purpose: Mapping[str, int]) -> list[Split]:
    """Return the blocks that only some of a mail's readers get, with how many."""
    if purpose == Purpose.MARKETING:
        return []
    may, everyone = min(by_purpose[Purpose.MARKETING], by_purpose[purpose]), by_purpose[purpose]
    return [Split(number, block["kind"], may, everyone) for number, block in _selling(content) if block.get("only") == "marketing"]


def _selling(content: Mapping[str, Any]) -> list[tuple[int, Mapping[str, Any]]]:
    return [(number, block) for number, block in enumerate(content.get("blocks", ()), start=1) if block.get("kind") in SELLS]
