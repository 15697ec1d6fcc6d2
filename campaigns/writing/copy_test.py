"""Seven questions to a mail's words (ux 5c). They score and never stand in the way. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from messaging.rendering import Rendered, environments

_A_SECOND = 2.6  # words read aloud
_LONGEST = 45  # seconds
_OWN_THINGS = (
    "bought_words", "first_item", "items", "last_item", "lessons_item", "missing", "call_item", "pairings_title", "things_words",
    "tips_item", "tips_title", "order_number", "placed_words", "offer_value", "landing_words", "expected_day", "expected_words",
    "stage_words", "refunded",
)  # fmt: skip
_BUTTONS = ("button", "offer")
_FULSOME = re.compile(
    r"\b(we(’|'| a)?re (so |very |super )?(excited|thrilled|delighted|stoked|pumped)|excited to (announce|share))\b", re.IGNORECASE
)
_BLIND = re.compile(r"\b(click|tap) (here|below|the (picture|image|button))\b|\bsee (the )?(picture|image) (above|below)\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d")
_WORD = re.compile(r"\S*\w\S*")
_ADDRESS = re.compile(r"\]\(\S*?\)")
_FOOT = "\n---\n"


@dataclass(frozen=True)
class Answer:
    """One question, whether the mail passes it, and what would help."""

    question: str
    is_good: bool
    advice: str


def of(content: Mapping[str, Any], drawn: Rendered) -> list[Answer]:
    """Return the seven answers for a mail as somebody gets it."""
    said = drawn.text.split(_FOOT)[0]
    written, seconds = _written(content), round(len(_WORD.findall(_spoken(said))) / _A_SECOND)
    buttons = sum(block.get("kind") in _BUTTONS for block in content["blocks"])
    return [
        Answer(f"Reads aloud in under {_LONGEST} seconds", seconds < _LONGEST, f"It takes {seconds}: say less, or link to the rest."),
        Answer("Begins with something of theirs", _begins_with_theirs(content), "Name what they bought in the subject or at the start."),
        Answer("Has one button", buttons <= 1, f"It has {buttons}: keep the one that matters, and make links of the others."),
        Answer("Says who writes", _is_signed(content), "Close with a signature."),
        Answer("Is not excited", not _FULSOME.search(written), "Say what it is about instead of how you feel about it."),
        Answer("Has no number that nobody asked for", not _NUMBER.search(written), "Leave out figures that are not about their order."),
        Answer("Makes sense as plain text", _is_whole(said), "Say where a link leads, and what a picture shows."),
    ]


def _written(content: Mapping[str, Any]) -> str:
    """Return the words that the merchant wrote, without values and addresses."""
    texts = [content["subject"], *(block.get("text") or "" for block in content["blocks"] if block["kind"] in ("heading", "text"))]
    return _ADDRESS.sub("] ", environments.CODE.sub(" ", "\n".join(texts)))


def _spoken(text: str) -> str:
    return re.sub(r"https?://\S+|mailto:\S+", "", text)


def _begins_with_theirs(content: Mapping[str, Any]) -> bool:
    words = [block.get("text") or "" for block in content["blocks"] if block["kind"] in ("heading", "text")][:2]
    codes = environments.CODE.findall(" ".join([content["subject"], *words]))
    return any(re.search(rf"\b({'|'.join(_OWN_THINGS)})\b", code) for code in codes)


def _is_signed(content: Mapping[str, Any]) -> bool:
    said = " ".join(block.get("text") or "" for block in content["blocks"])
    return "sender_" in said or any(block["kind"] == "signature" for block in content["blocks"])


def _is_whole(said: str) -> bool:
    return len(_spoken(said).split()) >= 8 and not _BLIND.search(said)
