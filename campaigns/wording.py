"""Names and stages as a customer reads them, in the language of the mail's words. Pure."""

import re
from functools import lru_cache

from orders.progress import Stage
from stores.phrases import ENGLISH, Phrases

_BREAKS = re.compile(r"\s[-–—|:/]\s|[,(\[|;]|\s{2,}")
_NOT_A_NAME = re.compile(r"://|www\.|[@/\\<>{}\[\]|=*#\d]|\.(com|net|org|ru|cn|io|info)\b", re.IGNORECASE)
_LONGEST_NAME = 30
_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def stage_words(stage: Stage, words: Phrases, *, is_ready: bool = False) -> str:
    """Return what a stop is called; what is ready to be picked up (`progress.is_ready`) does not come to the door."""
    if is_ready and stage == Stage.OUT_FOR_DELIVERY:
        return words.say("Ready to be picked up")
    return {
        Stage.ORDERED: words.say("Order received"),
        Stage.PACKED: words.say("Packed"),
        Stage.ON_ITS_WAY: words.say("On its way"),
        Stage.OUT_FOR_DELIVERY: words.say("Out for delivery"),
        Stage.DELIVERED: words.say("Delivered"),
    }[stage]


@lru_cache(maxsize=4096)
def short_title(title: str, longest: int = 40) -> str:
    """Return a product's title as one would say it: up to its first dash, bracket or comma, cut between words."""
    whole = " ".join(title.split())
    head = _BREAKS.split(whole, maxsplit=1)[0].strip()
    short = head if len(head) >= 3 else whole
    if len(short) <= longest:
        return short
    cut = short[: longest + 1].rsplit(" ", 1)[0] if " " in short[: longest + 1] else short[:longest]
    return cut.rstrip(" ,;:-–&") or short[:longest]


def given_name(name: str) -> str:
    """Return a first name if it looks like one: shouted or whispered names are set right, addresses and codes are none."""
    clean = " ".join(name.split())
    if not clean or len(clean) > _LONGEST_NAME or _NOT_A_NAME.search(clean) or not any(letter.isalpha() for letter in clean):
        return ""
    return clean.title() if clean.isascii() and (clean.islower() or (clean.isupper() and len(clean) > 2)) else clean


def given_part(sender: str) -> str:
    """Return "Jo" of "Jo at Marlow & Finch", "" where no person is named."""
    parts = re.split(r"\s+(?:at|from|of)\s+|,|\|", sender, maxsplit=1)
    return parts[0].strip() if len(parts) > 1 else ""


def in_words(counted: str, words: Phrases) -> str:
    """Return "Three things" for "3 things", where the language is English and the number small; else the same."""
    figure, _, rest = counted.partition(" ")
    is_said = words.language == ENGLISH and figure.isdecimal() and int(figure) < len(_NUMBERS)
    return f"{_NUMBERS[int(figure)]} {rest}" if is_said else counted


def taken_too(share: float, product: str, words: Phrases) -> str:
    """Return how many of a product's buyers take something with it: "1 in 5 who buy the kettle take it too"; "" for none."""
    if share <= 0:
        return ""
    several = round(1 / share)
    if several < 2:
        return words.say("Most who buy {product} take it too", product=product)
    return words.say("1 in {several} who buy {product} take it too", several=several, product=product)
