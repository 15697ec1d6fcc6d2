"""Write each kind of block as the plain text part: the twin of `html_blocks`, not a stripped copy of it."""

from collections.abc import Callable, Mapping
from typing import Any

from messaging.rendering import blocks, html_blocks, markup, own_html, placed_blocks
from stores.phrases import Phrases

Block = Mapping[str, Any]

_GAP = "\n\n"


def _paragraphs(text: str) -> str:
    return _GAP.join(markup.plain(part) for part in markup.paragraphs(text))


def _heading(words: Phrases, block: Block) -> str:
    return markup.plain(markup.one_line(block["text"]))


def _text(words: Phrases, block: Block) -> str:
    return _paragraphs(block["text"])


def _order_lines(words: Phrases, block: Block) -> str:
    most = html_blocks.MOST_LINES
    each = "{% if item.quantity > 1 %} (" + words.say("{{ item.quantity }} at {{ item.unit_price }}") + "){% endif %}"
    line = "{{ item.name }}{% if item.price %}, {{ item.price }}" + each + "{% elsif item.quantity > 1 %}, {{ item.quantity }} ×{% endif %}"
    more = "{% if items.size > " + str(most) + " %}\n" + words.say("And {{ items.size | minus: 20 }} more.") + "{% endif %}"
    return "{% for item in items limit: " + str(most) + " %}\n- " + line + "{% endfor %}" + more


def _totals(words: Phrases, block: Block) -> str:
    refunded = "{% if refunded %}" + words.say(" (refunded: {{ refunded }})") + "{% endif %}"
    parts = "{% for sum in sums %}" + words.say("{{ sum.label }}: {{ sum.amount }}") + "\n{% endfor %}"
    inside = "{% if tax_in_total %}" + words.say(" (including {{ tax_in_total }} tax)") + "{% endif %}"
    total = "{% if total %}" + parts + words.say("Total: {{ total }}") + inside + refunded + "{% endif %}"
    return total + "{% if order_number %}\n" + words.say("Order: {{ order_number }}") + "{% endif %}"


def _parcel(words: Phrases, block: Block) -> str:
    return "{% if stage_index %}" + html_blocks.promise(words) + ".\n" + html_blocks.stage(words) + "{% endif %}"


def _button(words: Phrases, block: Block) -> str:
    return markup.named_link(words, markup.plain(block["label"]), block["url"])


def _question(words: Phrases, block: Block) -> str:
    return _choices(words, block, "check_in_url", "score")


def _stars(words: Phrases, block: Block) -> str:
    return _choices(words, block, "review_url", "stars")


def _choices(words: Phrases, block: Block, url: str, field: str) -> str:
    asked = markup.plain(block.get("text") or "")
    answers = zip(range(5, 0, -1), block["answers"], strict=True)
    lines = "".join(f"{_GAP}{markup.headed(words, markup.plain(answer))}\n{{{{ {url} }}}}?{field}={score}" for score, answer in answers)
    return f"{{% if {url} %}}" + asked + lines + "{% endif %}"


def _tips(words: Phrases, block: Block) -> str:
    mistake, care, watch = words.say("One mistake to avoid"), words.say("Care."), words.say("Watch it done")
    return (
        "{% for tip in tips limit: 2 %}\n\n{{ tip.title }}{% if tip.headline %}\n{{ tip.headline }}{% endif %}\n"
        "{% for step in tip.steps %}\n{{ forloop.index }}. {{ step }}{% endfor %}"
        "{% if tip.mistake %}\n\n" + markup.headed(words, mistake) + " {{ tip.mistake }}{% endif %}"
        "{% if tip.care %}\n\n" + care + " {{ tip.care }}{% endif %}"
        "{% assign address = tip.video_url | link %}{% if address %}\n\n"
        + markup.headed(words, watch)
        + "\n{{ address }}{% endif %}{% endfor %}"
    )


def _pairings(words: Phrases, block: Block) -> str:
    heading = markup.plain(block["text"]) if block.get("text") else ""
    return (
        "{% if pairings %}" + heading + "{% for pairing in pairings limit: " + str(html_blocks.MOST_PAIRINGS) + " %}"
        "\n\n{{ pairing.name }}{% if pairing.price %}, {{ pairing.price }}{% endif %}"
        "{% if pairing.reason %}\n{{ pairing.reason }}{% endif %}"
        "{% assign address = pairing.url | link %}{% if address %}\n{{ address }}{% endif %}{% endfor %}{% endif %}"
    )


def _offer(words: Phrases, block: Block) -> str:
    label = markup.plain(block.get("label") or words.say("Use it in the shop"))
    code, begins, until = words.say("Code: {{ offer_code }}"), words.say(html_blocks.FROM), words.say(html_blocks.UNTIL)
    return (
        "{% if offer_code %}{% if offer_value %}{{ offer_value }}\n{% endif %}"
        + code
        + "{% if offer_terms %}\n{{ offer_terms }}{% endif %}{% if offer_from %}\n"
        + begins
        + "{% endif %}{% if offer_until %}\n"
        + until
        + "{% endif %}\n\n"
        + markup.named_link(words, label, "{{ offer_url }}")
        + "{% if calendar_url %}\n\n"
        + markup.named_link(words, html_blocks.remind(words), "{{ calendar_url }}")
        + "{% endif %}{% endif %}"
    )


def _referral(words: Phrases, block: Block) -> str:
    said = markup.plain(block.get("text") or words.say(html_blocks.TERMS))
    label = markup.plain(block.get("label") or words.say("Bring a friend"))
    return "{% if referral_url %}" + said + _GAP + markup.named_link(words, label, "{{ referral_url }}") + "{% endif %}"


def _policy(words: Phrases, block: Block) -> str:
    returns, warranty = (markup.plain(part) for part in markup.paragraphs(html_blocks.policy(words)))
    return returns + "\n" + warranty


def _divider(words: Phrases, block: Block) -> str:
    return "---"


def _signature(words: Phrases, block: Block) -> str:
    closing = _paragraphs(block.get("text") or "")
    role = "\n" + markup.plain(block["role"]) if block.get("role") else ""
    return closing + "\n" + markup.plain(block.get("name") or "{{ sender_name }}") + role


def _image(words: Phrases, block: Block) -> str:
    return _pictured(words, block, "")


def _columns(words: Phrases, block: Block) -> str:
    return _GAP.join(filter(None, (_side(words, block, side) for side in placed_blocks.SIDES)))


def _side(words: Phrases, block: Block, side: str) -> str:
    said = _paragraphs(block.get(f"text{side}") or "")
    if not (block.get(f"label{side}") and block.get(f"url{side}")):
        return _GAP.join(filter(None, (_pictured(words, block, side), said)))
    alt = markup.plain(block.get(f"alt{side}") or "") if block.get(f"src{side}") else ""
    return _GAP.join(filter(None, (alt, said, markup.named_link(words, markup.plain(block[f"label{side}"]), block[f"url{side}"]))))


def _pictured(words: Phrases, block: Block, side: str) -> str:
    """Return what a picture's words say, with where it leads."""
    alt = markup.plain(block.get(f"alt{side}") or "") if block.get(f"src{side}") else ""
    return markup.named_link(words, alt, block[f"url{side}"]) if alt and block.get(f"url{side}") else alt


def _countdown(words: Phrases, block: Block) -> str:
    ends = placed_blocks.ends_of(block)
    said = _paragraphs(block.get("text") or "")
    until = words.say("Until {{ DAY }}.").replace("DAY", ends + ".day")
    return "{% if " + ends + " %}{{ " + ends + ".left }}\n" + until + (_GAP + said if said else "") + "{% endif %}"


def _spacer(words: Phrases, block: Block) -> str:
    return ""


def _social(words: Phrases, block: Block) -> str:
    return "".join(_GAP + markup.named_link(words, name, block[network]) for network, name in blocks.NETWORKS.items() if block.get(network))


def _html(words: Phrases, block: Block) -> str:
    return own_html.plain(block.get("html") or "")


WRITTEN: dict[str, Callable[[Phrases, Block], str]] = {
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
    "referral": _referral,
    "policy": _policy,
    "divider": _divider,
    "signature": _signature,
    "image": _image,
    "columns": _columns,
    "countdown": _countdown,
    "spacer": _spacer,
    "social": _social,
    "html": _html,
}
