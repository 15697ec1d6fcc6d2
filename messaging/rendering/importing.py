"""Mails written elsewhere, taken over: MJML as blocks of ours, HTML as one block that keeps its look. Pure.

Of MJML these become blocks: mj-text, mj-button, mj-image, mj-divider, mj-spacer, mj-social, mj-table, mj-raw, mj-navbar, and a section of
two columns with a picture, a text and a button each; mj-title and mj-preview become subject and preheader. Their colours and measures stay
behind: the shop's brand styles them. Wrappers are gone through; of anything else it is said that it was left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import css_inline

from messaging.rendering import blocks, own_html

LARGEST = 500_000  # bytes of a file

_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False, keep_link_tags=False)
_INLINE = frozenset({"a", "b", "br", "center", "div", "em", "font", "i", "p", "small", "span", "strong", "u"})
_HEADS = frozenset({"h1", "h2", "h3", "h4"})
_HOLDS = frozenset({"mj-text", "mj-button", "mj-table", "mj-raw", "mj-title", "mj-preview", "mj-navbar-link", "mj-social-element"})
_GONE_THROUGH = frozenset(
    {"mjml", "mj-body", "mj-container", "mj-section", "mj-column", "mj-wrapper", "mj-group", "mj-hero", "mj-navbar", "mj-social"}
)
_EMPTY = frozenset({"mj-image", "mj-divider", "mj-spacer"})
_HEAD = frozenset({"mj-head", "mj-attributes", "mj-style", "mj-font", "mj-breakpoint", "mj-all", "mj-class", "mj-html-attributes"})
_HEADING = re.compile(r"(<h[1-4]\b.*?</h[1-4]\s*>)", re.IGNORECASE | re.DOTALL)
_LONGEST_HEADING = 120
_LARGE = 20  # pixels from which a text is a heading
_IN_A_COLUMN = ("image", "text", "heading", "button")


class CannotImport(Exception):
    """A file that is no mail; the message says why."""


@dataclass(frozen=True)
class Imported:
    """A content (without its subject where the file has none), and what could not be taken over."""

    content: dict[str, Any]
    left_out: Sequence[str]


def read(source: bytes) -> Imported:
    """Return the mail of a file, MJML or HTML; raise CannotImport."""
    if len(source) > LARGEST:
        raise CannotImport(f"The file is larger than {LARGEST // 1000} kB: that is more than any mail can have.")
    try:
        text = source.decode("utf-8-sig").replace("\x00", "")
    except UnicodeDecodeError as error:
        raise CannotImport("The file is not written in UTF-8. Save it as UTF-8, then upload it.") from error
    if re.search(r"<mjml[\s>]", text, re.IGNORECASE):
        return _of_mjml(text)
    if not re.search(r"<[a-z!][^>]*>", text, re.IGNORECASE):
        raise CannotImport("There is no HTML and no MJML in the file.")
    return _of_html(text)


def _of_html(text: str) -> Imported:
    """Return HTML as one block, its style sheets put onto the elements first."""
    title = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
    try:
        inlined = _INLINER.inline(text)
    except ValueError as error:
        raise CannotImport(f"The file's style sheets cannot be read: {error}") from error
    cleaned = re.sub(r"\n\s*\n+", "\n", own_html.cleaned(inlined)).strip()
    if len(cleaned) > blocks.LONGEST_HTML:
        raise CannotImport(
            f"Cleaned it still has {len(cleaned) // 1000} thousand letters of HTML; a block has {blocks.LONGEST_HTML // 1000}."
        )
    if not re.sub(r"<[^>]*>|\s", "", cleaned) and "<img" not in cleaned:
        raise CannotImport("There is nothing to read or to see in the file.")
    left_out = sorted(own_html.left_out(inlined) - {"<style>", "<title>", "<head>"})
    return Imported({"subject": _one_line(title[1]) if title else "", "blocks": [{"kind": "html", "html": cleaned}]}, left_out)


def _of_mjml(text: str) -> Imported:
    reader = _Mjml()
    reader.feed(re.sub(r"<mj-include\b[^>]*>", "", text))
    reader.close()
    found = [block for section in reader.sections for block in _section(section)][: blocks.MOST_BLOCKS]
    if not found:
        raise CannotImport("There is no text, picture or button in the file's MJML.")
    content = {"subject": _one_line(reader.title), "preheader": _one_line(reader.preview), "blocks": found}
    return Imported(content, sorted(reader.left_out))


@dataclass
class _Section:
    """The columns of one section, each a list of blocks."""

    columns: list[list[dict[str, Any]]] = field(default_factory=list)

    def add(self, block: dict[str, Any]) -> None:
        if not self.columns:
            self.columns.append([])
        self.columns[-1].append(block)


def _section(section: _Section) -> list[dict[str, Any]]:
    """Return a section's blocks: two columns of picture, text and button become one block, all else stands one under the other."""
    columns = [column for column in section.columns if column]
    if len(columns) == 2 and all(_fits(column) for column in columns):
        sides = [_side(column, end) for column, end in zip(columns, ("", "2"), strict=True)]
        return [{"kind": "columns", **sides[0], **sides[1]}]
    return [block for column in columns for block in column]


def _fits(column: Sequence[Mapping[str, Any]]) -> bool:
    kinds = [block["kind"] for block in column]
    return set(kinds) <= set(_IN_A_COLUMN) and kinds.count("image") <= 1 and kinds.count("button") <= 1


def _side(column: Sequence[Mapping[str, Any]], end: str) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for block in column:
        if block["kind"] == "image":
            said |= {f"{name}{end}": block[name] for name in ("src", "alt", "url") if block.get(name)}
        elif block["kind"] == "button":
            said |= {f"label{end}": block["label"], f"url{end}": block["url"]}
        else:
            words = f"**{block['text']}**" if block["kind"] == "heading" else block["text"]
            said[f"text{end}"] = f"{said[f'text{end}']}\n\n{words}" if f"text{end}" in said else words
    return said


class _Mjml(HTMLParser):
    """Reads MJML into sections; it need not be well-formed, as what stands in mj-text seldom is."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.sections: list[_Section] = [_Section()]
        self.title = self.preview = ""
        self.left_out: set[str] = set()
        self.holder, self.attributes, self.inner = "", dict[str, str](), list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if self.holder:
            self.inner.append(self.get_starttag_text() or "")
        elif tag in _HOLDS:
            self.holder, self.attributes, self.inner = tag, said, []
        elif tag == "mj-section":
            self.sections.append(_Section())
        elif tag == "mj-column":
            self.sections[-1].columns.append([])
        elif tag in _EMPTY:
            self.sections[-1].add(_empty(tag, said))
        elif tag.startswith("mj-") and tag not in _GONE_THROUGH | _HEAD:
            self.left_out.add(f"<{tag}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag == self.holder:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.holder and tag == self.holder:
            inner, self.holder = "".join(self.inner), ""
            self._held(tag, inner)
        elif self.holder:
            self.inner.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if self.holder:
            self.inner.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def _held(self, tag: str, inner: str) -> None:
        if tag == "mj-title":
            self.title = _plain(inner)
        elif tag == "mj-preview":
            self.preview = _plain(inner)
        elif tag == "mj-text":
            for each in _texts(self.attributes, inner):
                self.sections[-1].add(each)
        elif block := _block(tag, self.attributes, inner):
            section = self.sections[-1]
            last = section.columns[-1][-1] if section.columns and section.columns[-1] else {}
            if tag == "mj-social-element" and last.get("kind") == "social":
                last |= block
            elif tag == "mj-navbar-link" and last.get("kind") == "text" and last.get("text", "").startswith("["):
                last["text"] += f" · {block['text']}"
            else:
                section.add(block)


def _empty(tag: str, said: Mapping[str, str]) -> dict[str, Any]:
    if tag == "mj-image":
        known = {"src": said.get("src", ""), "alt": said.get("alt", ""), "url": said.get("href", "")}
        return {"kind": "image", **{name: value for name, value in known.items() if value}}
    if tag == "mj-spacer":
        height = _pixels(said.get("height", ""), 20)
        return {"kind": "spacer", "size": min(blocks.SIZES, key=lambda size: abs(blocks.SIZES[size] - height))}
    return {"kind": "divider"}


def _block(tag: str, said: Mapping[str, str], inner: str) -> dict[str, Any] | None:
    """Return the block that an element makes, None for one without words."""
    words = _plain(inner)
    if tag == "mj-button":
        return {"kind": "button", "label": words, "url": said.get("href") or "{{ shop_url }}"} if words else None
    if tag == "mj-social-element":
        network = said.get("name", "").removesuffix("-noshare").lower()
        return {"kind": "social", network: said["href"]} if network in blocks.NETWORKS and said.get("href") else None
    if tag == "mj-navbar-link":
        return {"kind": "text", "text": f"[{words}]({said['href']})"} if words and said.get("href") else None
    if tag == "mj-table":
        return {"kind": "html", "html": own_html.cleaned(f'<table width="100%">{inner}</table>')}
    cleaned = own_html.cleaned(inner).strip()
    return {"kind": "html", "html": cleaned} if cleaned else None


def _texts(said: Mapping[str, str], inner: str) -> Iterator[dict[str, Any]]:
    """Yield the blocks of a text: its headings and what stands between them, or all as HTML where it is more than words."""
    used = set(re.findall(r"<([a-z][a-z0-9]*)", inner.lower()))
    if not used <= _INLINE | _HEADS:
        yield from [{"kind": "html", "html": own_html.cleaned(inner)}] if _plain(inner) else ()
        return
    is_large = not used & _HEADS and _pixels(said.get("font-size", ""), 0) >= _LARGE
    for part in _HEADING.split(inner):
        words = _one_line(_marked(part).replace("**", ""))
        if words and len(_plain(part)) <= _LONGEST_HEADING and (is_large or _HEADING.match(part)):
            yield {"kind": "heading", "text": words}
        elif words:
            yield {"kind": "text", "text": _marked(part)}


def _marked(inner: str) -> str:
    """Return simple HTML as a text with the little markup of ours: **bold**, [label](address), blank lines between paragraphs."""
    writer = _Marker()
    writer.feed(inner)
    writer.close()
    lines = [" ".join(line.split()) for line in "".join(writer.out).split("\n")]
    return re.sub(r"\n{2,}", "\n\n", "\n".join(lines)).strip()


def _plain(inner: str) -> str:
    return _one_line(re.sub(r"\*\*|\[([^\]]*)\]\([^)]*\)", r"\1", _marked(inner)))


class _Marker(HTMLParser):
    """Writes inline HTML as marked text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.links: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("b", "strong"):
            self.out.append("**")
        elif tag == "a":
            self.links.append((len(self.out), dict(attrs).get("href") or ""))
        elif tag in ("p", "div", "br") or tag in _HEADS:
            self.out.append("\n\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("b", "strong"):
            self.out.append("**")
        elif tag == "a" and self.links:
            start, address = self.links.pop()
            label = " ".join("".join(self.out[start:]).replace("[", "(").replace("]", ")").split())
            address = "".join(address.split()).replace("(", "%28").replace(")", "%29")
            self.out[start:] = [f"[{label}]({address})" if label and address else label]
        elif tag in ("p", "div") or tag in _HEADS:
            self.out.append("\n\n")

    def handle_data(self, data: str) -> None:
        self.out.append(data.replace("\n", " "))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _pixels(said: str, otherwise: int) -> int:
    found = re.match(r"\s*(\d{1,4})", said)
    return int(found[1]) if found else otherwise
