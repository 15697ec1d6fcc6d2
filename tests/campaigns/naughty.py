"""What strangers type, put into everything of a mail that is theirs or the shop's to type; and that it stays words there."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from campaigns import values
from messaging import rendering
from offers import giving
from tests.messaging.test_rendering import assert_balanced

INJECTIONS = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ total }}", "{% endif %}", "<!--", "]]>", "</td></table>"]


class _Reader(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.addresses: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]


def assert_stays_words(draw: Callable[[str], rendering.Rendered], strings: Iterable[str]) -> None:
    """Ask of a mail that each text is nothing but words in it, beside how it looks with a plain address everywhere."""
    clean = _Reader(draw("https://shop.example/").html)
    for text in strings:
        drawn = draw(text)
        assert_balanced(drawn.html)
        found = _Reader(drawn.html)
        assert found.tags <= clean.tags, text
        assert found.attributes <= clean.attributes, text
        assert all(re.match("https?://|mailto:", address) for address in found.addresses), text
        assert not re.search("[\x00-\x1f\x7f]", drawn.subject), text
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f]", drawn.text + drawn.html), text


def _name(product: Any, text: str) -> None:
    product.title = product.url = product.image_url = text
    if guide := getattr(product, "guide", None):
        guide.headline = guide.mistake = guide.care = guide.video_url = guide.call_url = text
        guide.tips, guide.lessons = [text, text], [text] * 4


def everywhere(seen: values.MailFacts, text: str) -> values.MailFacts:
    """Return a mail's facts with a text as each name, title, number, address, link and word of guides, carts, carriers and suggestions."""
    seen.customer.first_name = seen.customer.name = text
    if seen.order:
        seen.order.number, seen.order.shipping_address = text, {"name": text, "address1": text, "city": text}
    for line in seen.lines:
        line.name = text
    for pairing in seen.pairings:
        pairing.reason = text
    for product in (*(line.product for line in seen.lines), *(pairing.suggested for pairing in seen.pairings), *seen.subject.products):
        _name(product, text)
    for parcel in seen.parcels:
        parcel.carrier = parcel.tracking_url = text
        parcel.said = {"pickup": ["", text, ""]}
    if seen.subject.cart:
        seen.subject.cart.url = text
        seen.subject.cart.lines = [{**line, "name": text} for line in seen.subject.cart.lines]
    said = {**seen.subject.said, **({"title": text} if "title" in seen.subject.said else {})}
    offer = giving.Promise(text, text, datetime(2026, 11, 29, 22, 59, tzinfo=UTC), text)
    return replace(seen, offer=offer, subject=replace(seen.subject, said=said), last_item=text if seen.last_item else "")
