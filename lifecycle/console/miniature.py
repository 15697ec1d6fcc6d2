"""A mail in miniature, drawn from the very copy that was kept: where its headings, words, pictures and buttons stand."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 120, 150
_LEFT, _WIDE, _BOTTOM = 16, 88, 138
_GROUND, _CARD, _INK, _WORDS, _PICTURE = "#f5f3ef", "#ffffff", "#1d2126", "#c4c0b9", "#e2dfdb"
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_LETTERS_A_LINE, _MOST_LINES, _LONGEST = 48, 4, 400_000
_VOID = frozenset({"img", "br", "hr", "meta", "link", "input", "col", "area", "base", "wbr"})


@dataclass(frozen=True)
class Piece:
    """One thing of a mail from top to bottom: heading, words, picture or button; how much of it, and its colour."""

    kind: str
    length: int = 0
    color: str = _WORDS


@dataclass
class _Reading(HTMLParser):
    """Walks through a mail's HTML; what is hidden, and the head, is nothing."""

    pieces: list[Piece] = field(default_factory=list)
    open: list[tuple[str, bool, str, str]] = field(default_factory=list)  # tag, hidden, kind, colour

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        hidden = tag in ("head", "style", "title") or "display:none" in said.get("style", "") or self._above[1]
        if tag == "img" and not hidden:
            self.pieces.append(Piece("picture", color=_PICTURE))
        if tag in _VOID:
            return
        kind, color = self._above[2:]
        if tag in ("h1", "h2", "h3"):
            kind, color = "heading", _INK
        elif tag == "td" and "b" in said.get("class", "").split():
            kind, color = "button", said["bgcolor"] if _COLOR.fullmatch(said.get("bgcolor", "")) else _INK
        self.open.append((tag, hidden, kind, color))

    def handle_endtag(self, tag: str) -> None:
        while any(each[0] == tag for each in self.open) and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        length = len(" ".join(data.split()))
        if length and not self._above[1]:
            self.pieces.append(Piece(self._above[2], length, self._above[3]))

    @property
    def _above(self) -> tuple[str, bool, str, str]:
        return self.open[-1] if self.open else ("", False, "words", _WORDS)


def pieces(html: str) -> Sequence[Piece]:
    """Return what stands in a mail, in order. Pure."""
    reading = _Reading()
    reading.feed(html[:_LONGEST])
    return reading.pieces


def drawn(found: Sequence[Piece]) -> SafeString:
    """Return it as a small SVG of fixed size; what does not fit on the sheet is left off."""
    boxes: list[tuple[str, str, str, str, str, str]] = []
    top = 18.0
    for piece in found:
        for wide, high in _sizes(piece):
            if top + high <= _BOTTOM:
                round_ = "3" if piece.kind == "button" else "1"
                boxes.append((f"{_LEFT}", f"{top:g}", f"{wide:g}", f"{high:g}", round_, piece.color))
            top += high + 4
        top += 3
    shapes = format_html_join("", '<rect x="{}" y="{}" width="{}" height="{}" rx="{}" fill="{}"/>', boxes)
    sheet = '<rect width="{0}" height="{1}" fill="{2}"/><rect x="8" y="8" width="{3}" height="{4}" rx="5" fill="{5}"/>{6}'
    whole = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}">' + sheet + "</svg>"
    return format_html(whole, WIDTH, HEIGHT, _GROUND, WIDTH - 16, HEIGHT - 16, _CARD, shapes)


def _sizes(piece: Piece) -> list[tuple[float, float]]:
    """Return how wide and high the bars of a piece are."""
    if piece.kind == "picture":
        return [(28, 22)]
    if piece.kind == "button":
        return [(min(_WIDE, 22 + piece.length * 1.6), 11)]
    letters, high = (_LETTERS_A_LINE * 0.6, 6) if piece.kind == "heading" else (_LETTERS_A_LINE, 2.5)
    full, rest = divmod(piece.length, int(letters))
    wides = [float(_WIDE)] * full + ([max(8.0, _WIDE * rest / letters)] if rest else [])
    return [(wide, high) for wide in wides[:_MOST_LINES]]
