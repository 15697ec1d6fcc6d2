"""The words of a mail that are its writer's own: without what they quote, and without tags. Pure."""

import re
from html.parser import HTMLParser

_OPENING = re.compile(
    r"^(?:"
    r"on\b.{5,200}\bwrote:?|am\b.{5,200}\bschrieb\b.{0,100}:?|le\b.{5,200}\ba écrit\s*:?|el\b.{5,200}\bescribió:?"
    r"|il\b.{5,200}\bha scritto:?"
    r"|op\b.{5,200}\bschreef\b.{0,100}:?|-{2,}\s*(?:original message|ursprüngliche nachricht|forwarded message|message d.origine)\s*-{2,}"
    r"|_{20,}|from:\s.+@.+|von:\s.+@.+|de\s?:\s.+@.+"
    r")$",
    re.IGNORECASE,
)
_SIGNED = re.compile(r"^(?:-- ?|sent from my \w.{0,40}|von meinem \w.{0,40} gesendet|envoyé de mon .{0,40})$", re.IGNORECASE)
_LONGEST = 20_000


def own_words(text: str) -> str:
    """Return what was written anew, above what it answers; all of it where nothing else is left."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")[:_LONGEST]
    lines = text.split("\n")
    end = next((place for place in range(len(lines)) if _ends(lines, place)), len(lines))
    own = "\n".join(line for line in lines[:end] if not line.startswith(">")).strip()
    return re.sub(r"\n{3,}", "\n\n", own or text.strip())


def _ends(lines: list[str], place: int) -> bool:
    """Say whether what is quoted, or the signature, begins at a line; mail programs break "On … wrote:" in two."""
    line = lines[place].strip()
    if _SIGNED.match(line) or _OPENING.match(line):
        return place > 0
    both = f"{line} {lines[place + 1].strip()}" if line and place + 1 < len(lines) else ""
    return place > 0 and both.endswith(":") and len(line) > 8 and _OPENING.match(both) is not None


class _Words(HTMLParser):
    _BREAKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "table", "blockquote", "hr"})
    _SILENT = frozenset({"script", "style", "head", "title", "template"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = self.quoted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in self._SILENT
        self.quoted += tag == "blockquote"
        if tag in self._BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.silent = max(0, self.silent - (tag in self._SILENT))
        self.quoted = max(0, self.quoted - (tag == "blockquote"))
        if tag in self._BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent and not self.quoted:
            self.parts.append(re.sub(r"\s+", " ", data))


def words_of_html(html: str) -> str:
    """Return the words of an HTML mail, without those it quotes."""
    reader = _Words()
    reader.feed(html[: 20 * _LONGEST])
    reader.close()
    lines = [line.strip() for line in "".join(reader.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
