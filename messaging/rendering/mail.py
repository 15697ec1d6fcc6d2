"""A mail's content turned into templates once, and templates into finished mails many times."""

import json
import re
import textwrap
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from typing import Any

from liquid import BoundTemplate
from liquid.exceptions import LiquidError

from messaging.rendering import bidi, blocks, environments, frame, html_blocks, markup, paint, shield, text_blocks
from messaging.rendering.brand import Brand
from messaging.rendering.compiling import Template
from messaging.rendering.errors import RenderError
from messaging.rendering.pieces import Sheet
from stores import phrases

HTML_LIMIT = 90_000
LONGEST_SUBJECT = 150
COLUMNS = 72

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_MANY_LINES = re.compile(r"\n{3,}")
_HANG = re.compile(r"- |\d+\. ")


@dataclass(frozen=True)
class Rendered:
    """A finished mail: one line of subject, the HTML part, the text part."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True)
class CompiledMail:
    """A mail of one brand and purpose, ready to be filled with values."""

    brand: Brand
    purpose: str
    subject: Template
    html: Template
    text: Template

    @cached_property
    def _brand(self) -> Mapping[str, Any]:
        return bidi.ready(asdict(self.brand), self.brand.direction)

    def render(self, values: Mapping[str, Any], told: Sequence[Mapping[str, Any]] = ()) -> Rendered:
        """Return the mail for one person; raise RenderError. A value that is not there prints nothing.

        `told` is data for mail programs (JSON-LD), which stands in the head.
        """
        if self.purpose != "transactional" and not environments.link(values.get("unsubscribe_url")):
            raise RenderError("A mail of this purpose needs its unsubscribe link.")
        ready = {**bidi.ready(values, self.brand.direction), "brand": self._brand}
        try:
            subject = _one_line(self.subject.render(ready))
            html = self.html.render({**ready, "mail_title": subject})
            text = _wrapped(self.text.render(ready))
        except (LiquidError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
            raise RenderError(f"The mail's text could not be filled in: {error}") from error
        if told:
            html = html.replace("</head>", f"{_script(told)}</head>", 1)
        if not subject:
            raise RenderError("The subject came out empty.")
        if len(html) > HTML_LIMIT // 4 and (size := len(html.encode())) > HTML_LIMIT:
            raise RenderError(f"The mail has {size // 1000} kB; mail programs cut it off beyond {HTML_LIMIT // 1000}.")
        return Rendered(subject=subject, html=html, text=text)


def compile_mail(content: Mapping[str, Any], *, brand: Brand, purpose: str, is_marked: bool = False) -> CompiledMail:
    """Return a mail's templates; raise RenderError, naming the place, for content that is none.

    Where `is_marked`, block 3 can be gone to in the HTML by the name of "block-3".
    """
    parts = blocks.checked(content)
    for where, source in blocks.texts(content):
        for part in markup.paragraphs(source):
            _parsed(part, escaped=False, where=where)
    return CompiledMail(
        brand=brand,
        purpose=purpose,
        subject=Template(_parsed(content["subject"], escaped=False, where="subject")),
        html=Template(_parsed(_html(parts, content.get("preheader") or "", brand, purpose, is_marked), escaped=True, where="mail")),
        text=Template(_parsed(_text(parts, brand, purpose), escaped=False, where="text part")),
    )


def compiled(
    key: Hashable, content: Callable[[], Mapping[str, Any]] | Mapping[str, Any], brand: Brand, purpose: str, *, is_marked: bool = False
) -> CompiledMail:
    """Return `compile_mail`'s result, kept per process by all but the content. `key` must change whenever that does."""
    return _kept(_Keyed(key, content), brand, purpose, is_marked)


@dataclass(frozen=True)
class _Keyed:
    """Content that is as good as its key: only the key is compared."""

    key: Hashable
    content: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keyed) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=512)
def _kept(keyed: _Keyed, brand: Brand, purpose: str, is_marked: bool) -> CompiledMail:
    content = keyed.content() if callable(keyed.content) else keyed.content
    return compile_mail(content, brand=brand, purpose=purpose, is_marked=is_marked)


def _html(parts: list[dict[str, Any]], preheader: str, brand: Brand, purpose: str, is_marked: bool) -> str:
    guard = shield.Shield()
    sheet = Sheet(guard, brand.direction, phrases.of(brand.language))
    body = ""
    for number, block in enumerate(parts, start=1):
        drawn = html_blocks.DRAWN[block["kind"]](sheet, block)
        if is_marked:
            drawn = drawn.replace("<tr>", f'<tr id="block-{number}">', 1)
        before, after = blocks.gate_of(block)
        body += guard.tag(before) + drawn + guard.tag(after) if before else drawn
    mjml = frame.document(sheet, brand, body=body, preheader=preheader, purpose=purpose)
    return guard.restored(shield.compiled(mjml, direction=brand.direction, kept_css=paint.kept(brand, {block["kind"] for block in parts})))


def _text(parts: list[dict[str, Any]], brand: Brand, purpose: str) -> str:
    written, words = [], phrases.of(brand.language)
    for block in parts:
        before, after = blocks.gate_of(block)
        written.append(before + text_blocks.WRITTEN[block["kind"]](words, block) + after)
    return "\n\n".join([*written, frame.footer_text(words, purpose)])


def _parsed(source: str, *, escaped: bool, where: str) -> BoundTemplate:
    """Return a parsed template without control letters; `bidi.ready` keeps them out of the values."""
    try:
        return environments.parse(_CONTROLS.sub("", source), escaped=escaped)
    except LiquidError as error:
        raise RenderError(f"{where}: {error}") from error


def _script(told: Sequence[Mapping[str, Any]]) -> str:
    """Return data as JSON-LD that nothing in it can break out of."""
    said = json.dumps(told, ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        said = said.replace(sign, f"\\u{ord(sign):04x}")
    return f'<script type="application/ld+json">{said}</script>'


def _one_line(subject: str) -> str:
    line = markup.one_line(_CONTROLS.sub(" ", subject))
    return line if len(line) <= LONGEST_SUBJECT else textwrap.shorten(line, LONGEST_SUBJECT, placeholder="…") or line[:LONGEST_SUBJECT]


def _wrapped(text: str) -> str:
    """Return text of at most 72 columns, addresses unbroken, never more than one empty line in a row."""
    lines = [wrapped for line in text.strip().splitlines() for wrapped in _folded(line.strip())]
    return _MANY_LINES.sub("\n\n", "\n".join(lines)).strip() + "\n"


def _folded(line: str) -> list[str]:
    """Return a line as `textwrap` folds it between words; most lines need nothing, and few need its care for odd spaces."""
    if "\t" not in line and len(line) <= COLUMNS:
        return [line]
    hang = _HANG.match(line)
    indent = " " * (hang.end() if hang else 0)
    if "\t" in line or "  " in line:
        return textwrap.wrap(line, COLUMNS, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    lines, start = [], 0
    while len(line) > COLUMNS:
        cut = line.rfind(" ", start, COLUMNS + 1)
        cut = cut if cut > 0 else line.find(" ", COLUMNS)
        if cut < 0:
            break
        lines.append(line[:cut])
        line, start = indent + line[cut + 1 :], len(indent)
    return [*lines, line]
