"""What a block is edited with: the controls of each kind, in the order they stand, and their labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from messaging.rendering import blocks

#: The control of a text that is no single line, by kind of block and name, or by name alone.
_CONTROLS: Mapping[str | tuple[str, str], str] = {
    ("text", "text"): "text", ("signature", "text"): "text", ("countdown", "text"): "text", ("columns", "text"): "text",
    ("columns", "text2"): "text", "html": "html", "src": "picture", "src2": "picture", "until": "day", "size": "choice",
    "url": "address", "url2": "address", **dict.fromkeys(blocks.NETWORKS, "address"),
}  # fmt: skip
_LABELS = {
    "text": "Text", "label": "Words on the button", "url": "Where it leads", "src": "Picture", "alt": "What the picture shows",
    "until": "Last day", "size": "How high", "html": "HTML", "name": "Who signs", "role": "What they do",
    **blocks.NETWORKS,
}  # fmt: skip
_SIDES = {"columns": ("First column", "Second column")}
_HINTS: Mapping[str | tuple[str, str], str] = {
    "alt": "For those who cannot see it, and while pictures are off.",
    "until": "Left empty, it is the last day of the offer.",
    ("signature", "name"): "Left empty, it is the sender of the brand.",
    ("image", "url"): "Left empty, it leads nowhere.",
}
_CHOICES = {"size": tuple((size, f"{size.capitalize()}, {pixels} pixels") for size, pixels in blocks.SIZES.items())}
#: What few say of a kind of block: its control stands behind a line until it says something.
_SELDOM: Mapping[str, tuple[str, ...]] = {
    "signature": ("name", "role", "src", "alt"), "image": ("url",), "countdown": ("until", "text"),
    **dict.fromkeys(("question", "stars", "pairings", "referral"), ("text",)),
}  # fmt: skip
#: Values that are kept though no control shows them.
KEPT = ("level", "tone")


@dataclass(frozen=True)
class Field:
    """One text of a block; `kind` is line, text, html, address, picture, day or choice (one of `choices`)."""

    name: str
    label: str
    kind: str
    value: str
    error: str
    hint: str = ""
    choices: Sequence[tuple[str, str]] = ()


def names_of(kind: str) -> list[str]:
    known = blocks.KINDS.get(kind)
    return [name for name in (*known.must, *known.may) if name not in KEPT] if known else []


def of(block: Mapping[str, Any], wrong: Mapping[str, str], number: int) -> tuple[list[Field], list[Field]]:
    """Return the controls of a block, with what is wrong with each by its place (\"block 2, text\"); apart those it has no use for yet."""
    found: list[Field] = []
    more: list[Field] = []
    for name in names_of(block["kind"]):
        if name != "answers":
            field = _field(block, name, wrong.get(f"block {number}, {name}", ""))
            is_idle = name in _SELDOM.get(block["kind"], ()) and not field.value and not field.error
            (more if is_idle else found).append(field)
            continue
        answers = [*block.get("answers", ()), *[""] * blocks.ANSWERS][: blocks.ANSWERS]
        for place, answer in enumerate(answers, start=1):
            found.append(Field(f"answer{place}", f"Answer {place}", "line", answer, wrong.get(f"block {number}, answer {place}", "")))
    return found, more


def _field(block: Mapping[str, Any], name: str, error: str) -> Field:
    kind, stem = block["kind"], name.rstrip("2")
    control = _CONTROLS.get((kind, name)) or _CONTROLS.get(name, "line")
    label = _LABELS.get(stem, stem.capitalize())
    if kind in _SIDES:
        label = f"{_SIDES[kind][name != stem]}: {label[0].lower()}{label[1:]}"
    hint = _HINTS.get((kind, name)) or _HINTS.get(stem, "")
    return Field(name, label, control, str(block.get(name) or ""), error, hint, _CHOICES.get(name, ()))
