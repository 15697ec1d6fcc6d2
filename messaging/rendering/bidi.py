"""Keep text of two directions apart: the direction of a language, and isolates around foreign runs. Pure.

Source: Unicode TR9; U+2066 and U+2067 (left-to-right, right-to-left isolate), U+2068 (first strong isolate) … U+2069 (pop). A name that
brings its own direction marks loses them, so that it can neither close our isolate nor turn the words around it.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

_RTL_LANGUAGES = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001eeff]")
_LTR = re.compile("[A-Za-z0-9\u00c0-\u024f\u0370-\u058f]")
_MARKS = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_SPACES = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029\ufeff]+")
_NOT_WORDS = ("url", "picture", "code", "stage", "names")
#: Sentences' parts in the mail's own language, though a foreign name may begin them.
_OWN_WORDS = ("_words",)
_TURNED = {"ltr": "\u2066", "rtl": "\u2067"}


@lru_cache(maxsize=256)
def direction(language: str) -> str:
    """Return "rtl" for languages written from the right, else "ltr"."""
    return "rtl" if re.split("[-_]", language.lower())[0] in _RTL_LANGUAGES else "ltr"


def isolated(text: str, around: str, *, is_own: bool = False) -> str:
    """Return `text` in an isolate if any of it runs against `around` ("ltr" or "rtl"), and as `around` if it is the mail's own words.

    Where only some parts between commas do, as in an address, each of those gets its own: in one isolate they would change places.
    """
    foreign = _RTL if around == "ltr" else _LTR
    if not foreign.search(text):
        return text
    if is_own:
        return f"{_TURNED[around]}{text}\u2069"
    parts = text.split(", ")
    if all(foreign.search(part) for part in parts):
        return f"\u2068{text}\u2069"
    return ", ".join(f"\u2068{part}\u2069" if foreign.search(part) else part for part in parts)


def ready(values: Mapping[str, Any], around: str) -> dict[str, Any]:
    """Return values as templates want them: one line each, foreign runs isolated, and nothing but None for what is empty."""
    return {key: _ready(value, around, key) for key, value in values.items()}


def _ready(value: Any, around: str, key: str) -> Any:
    if isinstance(value, str):
        if around == "ltr" and value.isascii() and value.isprintable():  # most values, and nothing to set right in them
            return value.strip() or None
        line = _one_line(value)
        return (line if key.endswith(_NOT_WORDS) else isolated(line, around, is_own=key.endswith(_OWN_WORDS))) or None
    if isinstance(value, dict):
        return ready(value, around)
    if isinstance(value, list | tuple):
        return [_ready(item, around, key) for item in value] or None
    return value


def _one_line(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text.strip()
    return _SPACES.sub(" ", _MARKS.sub("", text)).strip()
