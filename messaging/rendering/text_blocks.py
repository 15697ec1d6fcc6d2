"""Write each kind of block as the plain text part: the twin of `html_blocks`, not a stripped copy of it."""

from collections.abc import Callable, Mapping
from typing import Any

from messaging.rendering import html_blocks, markup

Block = Mapping[str, Any]

_GAP = "\n\n"


def _paragraphs(text: str) -> str:
    return _GAP.join(markup.plain(part) for part in markup.paragraphs(text))


def _heading(block: Block) -> str:
    return markup.plain(" ".join(block["text"].split()))


def _text(block: Block) -> str:
    return _paragraphs(block["text"])


def _order_lines(block: Block) -> str:
    most = html_blocks.MOST_LINES
    each = "{% if item.quantity > 1 %} ({{ item.quantity }} at {{ item.unit_price }}){% endif %}"
    line = "{{ item.name }}{% if item.price %}, {{ item.price }}" + each + "{% endif %}"
    more = "{% if items.size > " + str(most) + " %}\nAnd {{ items.size | minus: " + str(most) + " }} more.{% endif %}"
    return "{% for item in items limit: " + str(most) + " %}\n- " + line + "{% endfor %}" + more


def _totals(block: Block) -> str:
    return (
        "{% if total %}Total: {{ total }}{% if refunded %} (refunded: {{ refunded }}){% endif %}{% endif %}"
        "{% if order_number %}\nOrder: {{ order_number }}{% endif %}"
    )


def _parcel(block: Block) -> str:
    return "{% if stage_index %}" + html_blocks.PROMISE + ".\n" + html_blocks.STAGE + "{% endif %}"


def _button(block: Block) -> str:
    return markup.named_link(markup.plain(block["label"]), block["url"])


def _question(block: Block) -> str:
    return _choices(block, "check_in_url", "score")


def _stars(block: Block) -> str:
    return _choices(block, "review_url", "stars")


def _choices(block: Block, url: str, field: str) -> str:
    asked = markup.plain(block.get("text") or "")
    answers = zip(range(5, 0, -1), block["answers"], strict=True)
    lines = "".join(f"{_GAP}{markup.plain(answer)}:\n{{{{ {url} }}}}?{field}={score}" for score, answer in answers)
    return f"{{% if {url} %}}" + asked + lines + "{% endif %}"


def _tips(block: Block) -> str:
    return (
        "{% for tip in tips limit: 2 %}\n\n{{ tip.title }}{% if tip.headline %}\n{{ tip.headline }}{% endif %}\n"
        "{% for step in tip.steps %}\n{{ forloop.index }}. {{ step }}{% endfor %}"
        "{% if tip.mistake %}\n\nOne mistake to avoid: {{ tip.mistake }}{% endif %}"
        "{% if tip.care %}\n\nCare: {{ tip.care }}{% endif %}"
        "{% assign address = tip.video_url | link %}{% if address %}\n\nWatch it done:\n{{ address }}{% endif %}{% endfor %}"
    )


def _pairings(block: Block) -> str:
    heading = markup.plain(block["text"]) if block.get("text") else ""
    return (
        "{% if pairings %}" + heading + "{% for pairing in pairings limit: " + str(html_blocks.MOST_PAIRINGS) + " %}"
        "\n\n{{ pairing.name }}{% if pairing.price %}, {{ pairing.price }}{% endif %}"
        "{% if pairing.reason %}\n{{ pairing.reason }}{% endif %}"
        "{% assign address = pairing.url | link %}{% if address %}\n{{ address }}{% endif %}{% endfor %}{% endif %}"
    )


def _offer(block: Block) -> str:
    label = markup.plain(block.get("label") or "Use it in the shop")
    return (
        "{% if offer_code %}{% if offer_value %}{{ offer_value }}\n{% endif %}Code: {{ offer_code }}"
        "{% if offer_until %}\nGood until {{ offer_until }}.{% endif %}\n\n"
        + markup.named_link(label, "{{ offer_url }}")
        + "{% if calendar_url %}\n\n"
        + markup.named_link(html_blocks.REMIND, "{{ calendar_url }}")
        + "{% endif %}{% endif %}"
    )


def _policy(block: Block) -> str:
    return "{% if return_until %}Returns until {{ return_until }}.{% endif %}" + (
        "{% if warranty_until %}\nWarranty until {{ warranty_until }}.{% endif %}"
    )


def _divider(block: Block) -> str:
    return "---"


def _signature(block: Block) -> str:
    closing = _paragraphs(block.get("text") or "")
    return closing + "\n{{ sender_name }}"


WRITTEN: dict[str, Callable[[Block], str]] = {
    "heading": _heading,
    "text": _text,
    "tips": _tips,
    "order_lines": _order_lines,
    "totals": _totals,
    "parcel": _parcel,
    "button": _button,
    "question": _question,
    "stars": _stars,
    "pairings": _pairings,
    "offer": _offer,
    "policy": _policy,
    "divider": _divider,
    "signature": _signature,
}
