"""What a merchant should know of a mail that can go: its weight, colours hard to read, styles that mail programs leave out. Pure."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from PIL import ImageColor

from messaging.rendering import contrast, environments, own_html, paint, proofs
from messaging.rendering.mail import HTML_LIMIT, Rendered
from messaging.rendering.proofs import Proof

HEAVY = 60_000
_LEAST = 4.5  # WCAG 2.2, 1.4.3
_MOST_TOLD = 3
#: What can be done without: a mail that has none of it is drawn plainer, and not wrong.
_HARMLESS = frozenset({"border-radius", "border-spacing", "letter-spacing", "word-break", "word-wrap", "text-transform"})


def read(content: Mapping[str, Any], drawn: Rendered | None) -> list[Proof]:
    """Return what is worth knowing of a content and of the mail it makes; nothing of it stands in the way."""
    found = [proof for proof in proofs.read(content) if not proof.is_grave]
    for number, block in enumerate(content["blocks"], start=1):
        if block["kind"] == "html" and block.get("html"):
            found += [Proof(f"block {number}, html", what, is_grave=False) for what in _of_html(block["html"])]
    return [*found, *([Proof("mail", what, is_grave=False) for what in _of_weight(drawn)] if drawn else [])]


def weight_of(drawn: Rendered) -> int:
    """Return the bytes of a mail's HTML."""
    return len(drawn.html.encode())


def _of_weight(drawn: Rendered) -> Iterator[str]:
    size = weight_of(drawn)
    if size > HEAVY:
        slow, most = HEAVY // 1000, HTML_LIMIT // 1000
        yield f"It has {size // 1000} kB of HTML. From {slow} on some programs are slow, beyond {most} it is not sent."


def _of_html(source: str) -> Iterator[str]:
    if lost := own_html.left_out(source):
        yield f"Left out: {_listed(sorted(lost))}."
    for feature, programs in _unsupported(own_html.cleaned(source)):
        yield f"{feature} is not drawn by {_listed(programs)}."
    for words, schemes in _Colors.of(source):
        yield f"“{words}” is hard to read {' and '.join(schemes)}: choose another colour, or give it a ground of its own."


def _listed(names: list[str]) -> str:
    shown = names[:_MOST_TOLD]
    return ", ".join([*shown, *([f"and {len(names) - _MOST_TOLD} more"] if len(names) > _MOST_TOLD else [])])


@cache
def _lacking() -> Mapping[str, list[str]]:
    """Return the mail programs that lack a feature of CSS, by "property" and "property:value"."""
    held: Mapping[str, list[str]] = json.loads(Path(__file__).with_name("css_support.json").read_text(encoding="utf-8"))["lacking"]
    return held


def _unsupported(cleaned: str) -> list[tuple[str, list[str]]]:
    used = dict.fromkeys(
        feature
        for style in re.findall(r'style="([^"]*)"', cleaned)
        for name, _, value in (declaration.partition(":") for declaration in style.split(";"))
        for feature in (name, f"{name}:{value}")
        if feature in _lacking() and name not in _HARMLESS
    )
    return [(feature, _lacking()[feature]) for feature in used]


class _Colors(HTMLParser):
    """Finds words whose colour is too near their ground's, by day or in the dark, where the card is dark and the words are light."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[tuple[str, str, str]] = [("", "", "")]
        self.found: dict[str, list[str]] = {}

    @classmethod
    def of(cls, source: str) -> list[tuple[str, list[str]]]:
        reader = cls()
        reader.feed(own_html.cleaned(environments.CODE.sub("x", source)))
        reader.close()
        return list(reader.found.items())[:_MOST_TOLD]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in own_html.VOID:
            return
        _, ink, ground = self.stack[-1]
        said = {name: value or "" for name, value in attrs}
        style = dict(declaration.split(":", 1) for declaration in said.get("style", "").split(";") if ":" in declaration)
        ink = _hex(style.get("color") or said.get("color", "")) or ink
        ground = _hex(style.get("background-color") or said.get("bgcolor", "")) or ground
        self.stack.append((tag, ink, ground))

    def handle_endtag(self, tag: str) -> None:
        if len(self.stack) > 1 and self.stack[-1][0] == tag:
            self.stack.pop()

    def handle_data(self, data: str) -> None:
        words, (_, ink, ground) = " ".join(data.split()), self.stack[-1]
        if not words or not (ink or ground):
            return
        schemes = [
            name
            for name, scheme in (("by day", paint.LIGHT), ("in the dark", paint.DARK))
            if contrast.ratio(ink or scheme.ink, ground or scheme.card) < _LEAST
        ]
        if schemes:
            self.found.setdefault(words if len(words) <= 30 else f"{words[:29]}…", schemes)


def _hex(color: str) -> str:
    """Return a colour of CSS as #rrggbb, "" for none and for what is no colour."""
    try:
        return "#{:02x}{:02x}{:02x}".format(*ImageColor.getrgb(color.strip())[:3]) if color.strip() else ""
    except ValueError:
        return ""
