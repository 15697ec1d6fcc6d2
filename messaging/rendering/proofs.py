"""What would be wrong with a mail in front of people though it can be drawn: pictures without words, links that lead nowhere. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from messaging.rendering import blocks, environments, markup, own_html

Block = Mapping[str, Any]

#: Hosts that lead nowhere outside this very room (RFC 2606, RFC 6761), and services whose short addresses hide where they lead.
_NOWHERE = frozenset({"example.com", "example.org", "example.net"})
_NOWHERE_ENDS = (".test", ".invalid", ".localhost", ".local", ".internal")
_SHORTENERS = frozenset({"bit.ly", "tinyurl.com", "t.co", "goo.gl", "ow.ly", "is.gd", "buff.ly", "rebrand.ly", "cutt.ly", "shorturl.at"})
_ADDRESSES = ("url", "url2", *blocks.NETWORKS)


@dataclass(frozen=True)
class Proof:
    """Something wrong at a place of a content ("block 3, url"); what `is_grave` must be mended before it can go."""

    where: str
    what: str
    is_grave: bool


def read(content: Mapping[str, Any]) -> list[Proof]:
    """Return what is wrong with a content of the right shape, in the order it stands."""
    return [proof for number, block in enumerate(content["blocks"], start=1) for proof in _of_block(block, number)]


def addresses(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every address that a content leads to or loads, as it is written, with where it stands; those of its own language."""
    for number, block in enumerate(content.get("blocks", ()), start=1):
        if block.get("kind") in blocks.KINDS:
            yield from ((f"block {number}, {field}", address) for field, address in _addresses(block))


def _of_block(block: Block, number: int) -> Iterator[Proof]:
    place = f"block {number}"
    yield from _of_pictures(block, place)
    for field, address in _addresses(block):
        where = f"{place}, {field}"
        if what := _leads_nowhere(address):
            yield Proof(where, what, is_grave=True)
        elif what := _is_doubtful(address):
            yield Proof(where, what, is_grave=False)


def _of_pictures(block: Block, place: str) -> Iterator[Proof]:
    if block["kind"] == "image" and not block.get("src"):
        yield Proof(f"{place}, src", "There is no picture yet: upload one, or remove the block.", is_grave=True)
    for side in ("", "2"):
        if block.get(f"src{side}") and not block.get(f"alt{side}"):
            yield Proof(f"{place}, alt{side}", "Say what the picture shows, for those who cannot see it.", is_grave=True)
    if block["kind"] == "html" and (wordless := _Pictures.of(block.get("html") or "")):
        many = f"{wordless} pictures have" if wordless > 1 else "A picture has"
        yield Proof(f"{place}, html", f'{many} no alt="…": say what it shows, or write alt="" where nothing is lost.', is_grave=True)


def _addresses(block: Block) -> Iterator[tuple[str, str]]:
    """Return every address that a block leads to or loads, as it is written, with its field."""
    for field in blocks.KINDS[block["kind"]].may + blocks.KINDS[block["kind"]].must:
        said = block.get(field)
        if not isinstance(said, str) or not said:
            continue
        if field in _ADDRESSES or (field in ("src", "src2") and not said.startswith("/g/")):
            yield field, said
        elif field == "html":
            yield from ((field, address) for address in _Links.of(said))
        elif field in ("text", "text2"):
            yield from ((field, address) for address in markup.addresses(said))


def _leads_nowhere(address: str) -> str:
    """Return why an address cannot be followed from a mail; one that begins with a value of the mail is taken as good."""
    written = address.strip()
    if written.startswith("{"):
        return ""
    whole = environments.CODE.sub("x", written)
    if not environments.link(whole):
        return f"“{short(written)}” is no whole address: it begins with https://, or with mailto: and an address."
    host = _host(whole)
    if host in _NOWHERE or host.endswith(_NOWHERE_ENDS) or (host and "." not in host):
        return f"“{short(written)}” leads nowhere that customers can reach."
    return ""


def _is_doubtful(address: str) -> str:
    if address.startswith("http://"):
        return f"“{short(address)}” is not encrypted: write https:// if the page can be reached by it."
    if _host(environments.CODE.sub("x", address)).removeprefix("www.") in _SHORTENERS:
        return f"“{short(address)}” hides where it leads, which spam filters punish: link to the page itself."
    return ""


def _host(address: str) -> str:
    """Return an address's host in small letters, "" for one of mail."""
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return "localhost"


def short(address: str) -> str:
    """Return an address as far as a sentence can hold it."""
    return address if len(address) <= 60 else f"{address[:59]}…"


class _Pictures(HTMLParser):
    """Counts the pictures that say nothing of what they show."""

    def __init__(self) -> None:
        super().__init__()
        self.wordless = 0

    @classmethod
    def of(cls, source: str) -> int:
        reader = cls()
        reader.feed(own_html.cleaned(source))
        return reader.wordless

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.wordless += tag == "img" and "alt" not in dict(attrs)


class _Links(HTMLParser):
    """Collects the addresses of links and pictures as they are written, also those that cleaning leaves out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    @classmethod
    def of(cls, source: str) -> list[str]:
        reader = cls()
        reader.feed(source)
        return reader.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = {"a": "href", "img": "src"}.get(tag)
        self.found += [value for each, value in attrs if each == name and value]
