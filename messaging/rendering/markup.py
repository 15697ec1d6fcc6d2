"""The little markup of merchants' text: Liquid, **bold**, [label](address), blank lines between paragraphs.

Each paragraph is one piece of Liquid. A sentence that prints a value which turns out to be empty disappears, unless it
provides for that itself by a tag or a filter; a paragraph left without words disappears too.
"""

import re
from dataclasses import dataclass, field
from html import escape

from messaging.rendering import environments
from messaging.rendering.shield import Shield
from stores.phrases import Phrases

_HOLE = re.compile("\ue000(\\d+)\ue001")
_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
_LINK = re.compile(r"\[([^\[\]]+)\]\(([^()\s]+)\)")
_SENTENCE = re.compile(r"(?<=[.!?؟])\s+")
_GAP = re.compile("[^\\S\u00a0\u202f]+")
_BARE = re.compile(r"\{\{-?\s*([A-Za-z_][\w.]*)\s*-?\}\}")


def one_line(text: str) -> str:
    """Return a text on one line; the spaces that hold a French colon to its word stay what they are."""
    return _GAP.sub(" ", text).strip()


def paragraphs(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]


def escaped(text: str, shield: Shield) -> str:
    """Return one paragraph as shielded HTML."""
    stash = _Stash()
    words = escape(stash.hollow(_graceful(text)))
    words = _LINK.sub(lambda found: _anchor(found[1], stash.filled(found[2]), shield), words)
    words = _BOLD.sub(r"<strong>\1</strong>", words)
    return stash.shielded(words, shield)


def plain(text: str) -> str:
    """Return one paragraph as Liquid for the text part, each link on its own line under it."""
    stash = _Stash()
    words = stash.hollow(_graceful(text))
    links = [f"\n{linked_plain(stash.filled(address))}" for _, address in _LINK.findall(words)]
    words = _BOLD.sub(r"\1", _LINK.sub(r"\1", words))
    return stash.filled(words) + "".join(links)


def addresses(text: str) -> list[str]:
    """Return the addresses of a text's links as they are written."""
    stash = _Stash()
    return [stash.filled(address) for _, address in _LINK.findall(stash.hollow(text))]


def linked_plain(address: str) -> str:
    """Return Liquid that prints an address, or nothing if it may not be one."""
    return "{% capture address %}" + address + "{% endcapture %}{{ address | link }}"


def named_link(words: Phrases, label: str, address: str) -> str:
    """Return Liquid for the text part: a label with its address on the next line, or nothing."""
    capture = "{% capture address %}" + address + "{% endcapture %}{% assign address = address | link %}"
    return capture + "{% if address %}" + headed(words, label) + "\n{{ address }}{% endif %}"


def headed(words: Phrases, label: str) -> str:
    """Return what heads the next line, with a colon as its language sets it; what ends by itself needs none."""
    return label if label.endswith((":", "?", "!", "؟")) else words.say("{label}:", label=label)


def link_guard(address: str, name: str) -> str:
    """Return the Liquid (for HTML) that puts a checked address into `name`, nil if it may not be one. `address` is HTML-escaped."""
    return "{% capture " + name + " %}" + address + "{% endcapture %}{% assign " + name + " = " + name + " | link %}"


def address_of(text: str) -> str:
    """Return an address with Liquid in it, its literal parts HTML-escaped."""
    stash = _Stash()
    return stash.filled(escape(stash.hollow(text)))


def _anchor(label: str, address: str, shield: Shield) -> str:
    name = shield.name()
    start = shield.tag(link_guard(address, name) + "{% if " + name + " %}")
    href = shield.out("{{ " + name + " }}")
    middle, end = shield.tag("{% endif %}"), shield.tag("{% if " + name + " %}")
    close = shield.tag("{% endif %}")
    return f'{start}<a class="a" href="{href}">{middle}{label}{end}</a>{close}'


def _graceful(text: str) -> str:
    """Wrap each sentence that prints bare values, and has no tags of its own, in a test for them."""
    stash = _Stash()
    gaps = _SENTENCE.split(stash.hollow(text))
    return " ".join(_guarded(stash.filled(sentence)) for sentence in gaps)


def _guarded(sentence: str) -> str:
    codes = environments.CODE.findall(sentence)
    if any(code.startswith("{%") for code in codes):
        return sentence
    names = dict.fromkeys(found[1] for found in (_BARE.fullmatch(code) for code in codes) if found)
    if not names:
        return sentence
    return "{% if " + " and ".join(names) + " %}" + sentence + "{% endif %}"


@dataclass
class _Stash:
    """Liquid taken out of a text, so that markup and escaping cannot touch it."""

    codes: list[str] = field(default_factory=list)

    def hollow(self, text: str) -> str:
        text = text.replace("\ue000", "").replace("\ue001", "")
        return environments.CODE.sub(self._hole, text)

    def filled(self, text: str) -> str:
        return _HOLE.sub(lambda hole: self.codes[int(hole[1])], text)

    def shielded(self, text: str, shield: Shield) -> str:
        def token(hole: re.Match[str]) -> str:
            code = self.codes[int(hole[1])]
            return shield.tag(code) if code.startswith("{%") else shield.out(code)

        return _HOLE.sub(token, text)

    def _hole(self, found: re.Match[str]) -> str:
        self.codes.append(found.group())
        return f"\ue000{len(self.codes) - 1}\ue001"
