"""The format of a mail's content, and its checking: a subject, a preheader, and blocks of known kinds.

`{"subject": …, "preheader": …, "blocks": [{"kind": "text", "text": "…"}, …]}`. Any block may also say `"only": "marketing"` (drawn
only for those who may get marketing), `"order": "first"` or `"later"` (which order of the customer's it is), `"bought": "Coffee"` (only
to who bought a product or out of a category of that name), `"if": "value"` or `"unless": "value"` (drawn by whether that value has
anything to say). Texts are Liquid with the markup of `markup`. Everything the kinds draw on their own comes from values of fixed names.

A content may say its `"language"` (default English), and what the whole mail says in others: `"in": {"de": {"subject": …}, …}`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from messaging.rendering.errors import RenderError
from stores import phrases

MOST_BLOCKS = 40
LONGEST_TEXT = 4_000
LONGEST_HTML = 60_000
ANSWERS = 5
SIZES = {"small": 8, "medium": 24, "large": 48}  # pixels of a space
NETWORKS = {
    "instagram": "Instagram", "facebook": "Facebook", "tiktok": "TikTok", "youtube": "YouTube", "pinterest": "Pinterest",
    "linkedin": "LinkedIn", "threads": "Threads", "bluesky": "Bluesky",
}  # fmt: skip

_NAME = re.compile(r"[a-z_]+(\.[a-z_]+)?")
_BLANK_LINES = re.compile(r"\n\s*\n")
_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_COMMON = frozenset({"kind", "only", "order", "bought", "if", "unless"})
#: What a block may say that is no text of the merchant's: it is never read as Liquid.
_SETTINGS = frozenset({"level", "tone", "size", "until"})


@dataclass(frozen=True)
class Kind:
    """One kind of block: the texts it must have, those it may have, and the values it draws on."""

    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


KINDS: dict[str, Kind] = {
    "heading": Kind(must=("text",), may=("level",)),
    "text": Kind(must=("text",), may=("tone",)),
    "tips": Kind(),
    "order_lines": Kind(),
    "totals": Kind(),
    "parcel": Kind(),
    "button": Kind(must=("label", "url")),
    "question": Kind(must=("answers",), may=("text",)),
    "stars": Kind(must=("answers",), may=("text",)),
    "pairings": Kind(may=("text", "label")),
    "offer": Kind(may=("label",)),
    "referral": Kind(may=("text", "label")),
    "policy": Kind(),
    "image": Kind(may=("src", "alt", "url")),
    "columns": Kind(may=("src", "alt", "text", "label", "url", "src2", "alt2", "text2", "label2", "url2")),
    "countdown": Kind(may=("until", "text")),
    "divider": Kind(),
    "spacer": Kind(may=("size",)),
    "social": Kind(may=tuple(NETWORKS)),
    "html": Kind(may=("html",)),
    "signature": Kind(may=("text", "name", "role", "src", "alt")),
}


def languages(content: Mapping[str, Any]) -> list[str]:
    """Return the languages a mail can be sent in, its own first."""
    return [content.get("language") or phrases.ENGLISH, *content.get("in", {})]


def in_language(content: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    """Return what a mail says in one of its languages."""
    said: Mapping[str, Any] = content.get("in", {}).get(language, content)
    return said


def checked(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the blocks, headings with their level; raise RenderError for a content of the wrong shape."""
    for where, complaint in complaints(content):
        raise RenderError(f"{where}: {complaint}")
    seen_title = False
    blocks = []
    for block in content["blocks"]:
        level = block.get("level") or (2 if seen_title else 1)
        seen_title = seen_title or (block["kind"] == "heading" and level == 1)
        blocks.append({**block, "level": level})
    return blocks


def gate_of(block: Mapping[str, Any]) -> tuple[str, str]:
    """Return the Liquid before and after a block that decides whether it is drawn; both empty if it always is."""
    tests = ["may_get_marketing"] if block.get("only") == "marketing" else []
    if block.get("order"):
        tests.append("order_place == 1" if block["order"] == "first" else "order_place > 1")
    if block.get("bought"):
        tests.append(f"bought_names contains {_quoted(named(block['bought']))}")
    before, after = "".join(f"{{% if {test} %}}" for test in tests), "{% endif %}" * len(tests)
    if block.get("if"):
        return before + "{% if " + block["if"] + " %}", "{% endif %}" + after
    if block.get("unless"):
        return before + "{% unless " + block["unless"] + " %}", "{% endunless %}" + after
    return before, after


def named(name: str) -> str:
    """Return a product's or category's name as names are compared: one line, in small letters."""
    return " ".join(name.split()).casefold()


def _quoted(name: str) -> str:
    return f'"{name}"' if "'" in name else f"'{name}'"


def texts(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return every piece of Liquid a merchant wrote, with where it stands. The content must be of the right shape."""
    found = [("subject", content["subject"]), ("preheader", content.get("preheader") or "")]
    for number, block in enumerate(content["blocks"], start=1):
        for field in (*KINDS[block["kind"]].must, *KINDS[block["kind"]].may):
            if field == "answers":
                found += [(f"block {number}, answer {place}", answer) for place, answer in enumerate(block[field], start=1)]
            elif field == "html":
                found.append((f"block {number}, html", _BLANK_LINES.sub("\n", block.get("html") or "")))
            elif isinstance(block.get(field), str) and field not in _SETTINGS:
                found.append((f"block {number}, {field}", block[field]))
    return found


def complaints(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what is wrong with the shape of a content: (where, what)."""
    found = []
    if not isinstance(content.get("subject"), str) or not content["subject"].strip():
        found.append(("subject", "A mail needs a subject."))
    if not isinstance(content.get("preheader") or "", str):
        found.append(("preheader", "The preheader is a text."))
    blocks = content.get("blocks")
    if not isinstance(blocks, list) or not blocks:
        return [*found, ("blocks", "A mail needs at least one block.")]
    if len(blocks) > MOST_BLOCKS:
        found.append(("blocks", f"A mail has at most {MOST_BLOCKS} blocks."))
    for number, block in enumerate(blocks, start=1):
        found += [(f"block {number}", what) for what in _of_block(block)]
    return found + _of_languages(content)


def _of_languages(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    others = content.get("in", {})
    if not isinstance(others, Mapping):
        return [("languages", "Each language has its own subject and blocks.")]
    unknown = [name for name in languages(content) if name not in phrases.LANGUAGES]
    found = [("languages", f"There are no words of our own in {name!r} yet; there are {', '.join(phrases.LANGUAGES)}.") for name in unknown]
    for name, said in others.items():
        found += [(f"{name}, {where}", what) for where, what in complaints(said if isinstance(said, Mapping) else {})]
    return found


def _of_block(block: Any) -> list[str]:
    if not isinstance(block, Mapping) or block.get("kind") not in KINDS:
        return [f"There is no block of this kind; there are {', '.join(KINDS)}."]
    kind = KINDS[block["kind"]]
    found = [f"It has no {field}." for field in kind.must if not block.get(field)]
    found += [f"It has no use for {field!r}." for field in block if field not in _COMMON and field not in (*kind.must, *kind.may)]
    for field in block:
        most = LONGEST_HTML if field == "html" else LONGEST_TEXT
        found += [f"{field} is too long: at most {most} letters."] if len(str(block[field])) > most else []
    return [*found, *_of_tests(block), *_of_fields(block)]


def _of_tests(block: Mapping[str, Any]) -> list[str]:
    found = [f"{name!r} names one value." for name in ("if", "unless") if name in block and not _NAME.fullmatch(str(block[name]))]
    if block.get("only", "marketing") != "marketing":
        found.append("'only' can be 'marketing'.")
    if block.get("order", "first") not in ("first", "later"):
        found.append("'order' is 'first' or 'later'.")
    bought = block.get("bought", "")
    if not isinstance(bought, str) or {"'", '"'}.issubset(bought) or any(sign in bought for sign in ("{", "}", "%")):
        found.append("'bought' is the name of a product or a category, without brackets and with one kind of quotation marks.")
    if "if" in block and "unless" in block:
        found.append("It has 'if' or 'unless', not both.")
    return found


def _are_answers(answers: Any) -> bool:
    return isinstance(answers, list) and len(answers) == ANSWERS and all(isinstance(answer, str) and answer for answer in answers)


def _of_fields(block: Mapping[str, Any]) -> list[str]:
    are_texts = [field for field in block if field not in ("answers", "level")]
    found = [f"{field} is a text." for field in are_texts if not isinstance(block[field], str)]
    if "answers" in block and not _are_answers(block["answers"]):
        found.append(f"It has {ANSWERS} answers, the best first.")
    if block.get("level", 1) not in (1, 2):
        found.append("level is 1 or 2.")
    if block.get("size", "small") not in SIZES:
        found.append(f"size is one of {', '.join(SIZES)}.")
    if isinstance(until := block.get("until", ""), str) and until and not _DAY.fullmatch(until):
        found.append("until is a day, such as 2026-11-29.")
    return found
