"""A merchant's own HTML: read, and written anew with nothing but what is listed here. What was not understood is text, or gone.

Nothing is passed on as it stood: elements come from a list, attributes are quoted by us, styles are read declaration by declaration, and
every element that was opened is closed. So what a browser makes of the result is what was read, and no script, form, frame or outside
style sheet is in it. Values of the mail may stand in texts and attributes, tests and loops between the elements.
"""

import re
from html import escape
from html.parser import HTMLParser

from messaging.rendering import environments, markup
from messaging.rendering.shield import Shield

ELEMENTS = frozenset({
    "a", "abbr", "b", "blockquote", "br", "center", "code", "dd", "del", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "hr", "i",
    "img", "ins", "li", "ol", "p", "pre", "q", "s", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead",
    "tr", "u", "ul",
})  # fmt: skip
#: Gone with everything in them.
SILENT = frozenset({
    "applet", "audio", "canvas", "embed", "form", "frameset", "head", "iframe", "math", "noembed", "noframes", "noscript", "object",
    "script", "select", "style", "svg", "template", "textarea", "title", "video", "xml", "xmp",
})  # fmt: skip
VOID = frozenset({"br", "hr", "img"})
ATTRIBUTES = frozenset({
    "align", "alt", "bgcolor", "border", "cellpadding", "cellspacing", "color", "colspan", "dir", "face", "height", "href", "lang", "role",
    "rowspan", "size", "src", "start", "style", "title", "valign", "width",
})  # fmt: skip
ADDRESSES = frozenset({"href", "src"})
PROPERTIES = re.compile(
    r"(background-color|border(-(top|right|bottom|left))?(-(color|style|width|radius|collapse|spacing))?|color|direction|display"
    r"|font(-(family|size|style|weight))?|height|letter-spacing|line-height|list-style-type|margin(-(top|right|bottom|left))?"
    r"|max-width|min-width|mso-[a-z-]+|padding(-(top|right|bottom|left))?|table-layout|text-(align|decoration|transform)|vertical-align"
    r"|white-space|width|word-(break|spacing|wrap))"
)
_VALUE = re.compile(r"[\w\s#%.,'\"!()+-]*")
_HOLE = re.compile("\ue000(\\d+)\ue001")
_HEADS = ("h1", "h2", "h3", "h4")
_LINES = frozenset({"blockquote", "br", "dd", "div", "dl", "dt", *_HEADS, "hr", "li", "ol", "p", "pre", "table", "tr", "ul"})
#: Nothing is lost with these: a document around the words, and what only style sheets and programs read.
_UNSEEN = frozenset({"html", "body", "meta", "link", "base"})
_UNSAID = frozenset({"class", "id", "target", "rel", "xmlns", "name", "data-id"})
_OUTSIDE = ("url", "expression")


def drawn(shield: Shield, source: str) -> str:
    """Return the cleaned HTML with its Liquid behind the shield."""
    reader = _Cleaner(_Codes(source), shield)
    reader.feed(reader.codes.hollow)
    reader.close()
    return "".join([*reader.out, *(f"</{name}>" for name in reversed(reader.open))])


def plain(source: str) -> str:
    """Return the words of it as Liquid for the text part, each link on a line of its own."""
    reader = _Plain(_Codes(source))
    reader.feed(reader.codes.hollow)
    reader.close()
    lines = [" ".join(line.split()) for line in "".join(reader.out).split("\n")]
    return reader.codes.filled(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip())


def cleaned(source: str) -> str:
    """Return the cleaned HTML with its Liquid as it was written: what an import keeps, and an editor shows."""
    reader = _Cleaner(_Codes(source), None)
    reader.feed(reader.codes.hollow)
    reader.close()
    return "".join([*reader.out, *(f"</{name}>" for name in reversed(reader.open))])


def left_out(source: str) -> set[str]:
    """Return what cleaning takes out: "<script>", "onclick", "position". Closing tags and comments are not worth a word."""
    reader = _Cleaner(_Codes(source), None)
    reader.feed(reader.codes.hollow)
    reader.close()
    return reader.lost


class _Codes:
    """A source whose Liquid is taken out, so that no parser of HTML can touch it."""

    def __init__(self, source: str) -> None:
        self.codes: list[str] = []
        clean = source.replace("\ue000", "").replace("\ue001", "").replace("\x00", "")
        self.hollow = environments.CODE.sub(self._hole, clean)

    def filled(self, text: str) -> str:
        return _HOLE.sub(lambda hole: self.codes[int(hole[1])], text)

    def _hole(self, found: re.Match[str]) -> str:
        self.codes.append(found.group())
        return f"\ue000{len(self.codes) - 1}\ue001"


class _Reader(HTMLParser):
    """Reads elements that are known, and leaves out what lies within silent ones."""

    def __init__(self, codes: _Codes) -> None:
        super().__init__(convert_charrefs=True)
        self.codes, self.out, self.hidden, self.lost = codes, list[str](), list[str](), set[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self.hidden.append(tag)
            self.lost.add(f"<{tag}>")
        elif self.hidden or tag in _UNSEEN:
            return
        elif tag not in ELEMENTS:
            self.lost.add(f"<{tag}>")
        else:
            self.begins(tag, {name: value or "" for name, value in reversed(attrs)})  # of two the first counts

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag in SILENT:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.hidden:
            while self.hidden.pop() != tag:
                pass
        elif not self.hidden and tag in ELEMENTS:
            self.ends(tag)

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.says(data)

    def begins(self, tag: str, attributes: dict[str, str]) -> None:
        raise NotImplementedError

    def ends(self, tag: str) -> None:
        raise NotImplementedError

    def says(self, data: str) -> None:
        raise NotImplementedError


class _Cleaner(_Reader):
    """Writes what was read as HTML; without a shield its Liquid stands as it was."""

    def __init__(self, codes: _Codes, shield: Shield | None) -> None:
        super().__init__(codes)
        self.shield, self.open = shield, list[str]()

    def begins(self, tag: str, attributes: dict[str, str]) -> None:
        before, said = "", ""
        for name, value in sorted(attributes.items()):
            if name not in ATTRIBUTES:
                self.lost |= {name} - _UNSAID
            elif (fit := self._fit(name, value)) is not None:
                tests, written = self._written(fit, is_address=name in ADDRESSES)
                before, said = before + tests, f'{said} {name}="{written}"'
        self.out.append(f"{before}<{tag}{said}{' /' if tag in VOID else ''}>")
        if tag not in VOID:
            self.open.append(tag)

    def ends(self, tag: str) -> None:
        if tag not in self.open:
            return
        while (last := self.open.pop()) != tag:
            self.out.append(f"</{last}>")
        self.out.append(f"</{tag}>")

    def says(self, data: str) -> None:
        self.out.append(_HOLE.sub(self._code, escape(data, quote=False)))

    def _code(self, hole: re.Match[str]) -> str:
        code = self.codes.codes[int(hole[1])]
        if self.shield is None:
            return code
        return self.shield.tag(code) if code.startswith("{%") else self.shield.out(code)

    def _fit(self, name: str, value: str) -> str | None:
        """Return an attribute's value as it may stand, None where it may not."""
        if name == "style":
            kept, lost = _declarations(value)
            self.lost |= lost
            return kept or None
        if name in ADDRESSES and not _HOLE.search(value):
            return environments.link(value)
        return value

    def _written(self, value: str, *, is_address: bool) -> tuple[str, str]:
        """Return what stands before the element, and the attribute's value in it."""
        if self.shield is None:
            return "", self.codes.filled(escape(value))
        if not _HOLE.search(value):
            return "", escape(value)
        name, words = self.shield.name(), self.codes.filled(escape(value))
        capture = markup.link_guard(words, name) if is_address else "{% capture " + name + " %}" + words + "{% endcapture %}"
        return self.shield.tag(capture), self.shield.out("{{ " + name + " }}")


class _Plain(_Reader):
    """Writes what was read as lines of text."""

    def __init__(self, codes: _Codes) -> None:
        super().__init__(codes)
        self.links: list[str] = []

    def begins(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in _LINES:
            self.out.append("\n\n" if tag in ("p", "table", "ul", "ol", *_HEADS) else "\n")
        if tag == "li":
            self.out.append("- ")
        elif tag == "img":
            self.out.append(attributes.get("alt", ""))
        elif tag == "a":
            self.links.append(attributes.get("href", ""))

    def ends(self, tag: str) -> None:
        if tag == "a" and self.links and (address := self.links.pop()):
            self.out.append("\n" + markup.linked_plain(self.codes.filled(address)) + "\n")
        elif tag in _LINES:
            self.out.append("\n\n" if tag in ("p", *_HEADS) else "\n")
        elif tag in ("td", "th"):
            self.out.append(" ")

    def says(self, data: str) -> None:
        self.out.append(data.replace("\n", " "))


def _declarations(style: str) -> tuple[str, set[str]]:
    """Return the declarations of a style that are known, and the names of the others; no value calls for anything from outside."""
    kept, lost = list[str](), set[str]()
    for declaration in style.split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip().lower(), " ".join(value.split())
        calls = any(word in value.lower() for word in _OUTSIDE)
        if PROPERTIES.fullmatch(name) and value and _VALUE.fullmatch(value) and not calls:
            kept.append(f"{name}:{value}")
        elif name:
            lost.add(name)
    return ";".join(kept), lost
