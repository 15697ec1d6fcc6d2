"""Draw each kind of block as rows of MJML. `DRAWN` is the one list of kinds; `text_blocks` has its twin."""

from collections.abc import Callable, Mapping
from typing import Any

from messaging.rendering import markup, pieces, placed_blocks
from messaging.rendering.pieces import Sheet
from stores.phrases import Phrases, marked

Block = Mapping[str, Any]

#: More lines than this would make Gmail cut the mail off; the tracker has them all.
MOST_LINES = 20
MOST_PAIRINGS = 3
REMIND = "Put its last day into your calendar"
FROM = marked("It begins {{ offer_from }}.")
UNTIL = "Good until {{ offer_until }}."
TERMS = marked("{{ referral_gives }} for a friend, {{ referral_gets }} for you")


def _heading(sheet: Sheet, block: Block) -> str:
    level = block["level"]
    return pieces.row(sheet, f'<h{level} class="h{level}">{pieces.phrase(sheet, block["text"])}</h{level}>')


def _text(sheet: Sheet, block: Block) -> str:
    return pieces.row(sheet, pieces.words(sheet, block["text"], style="p s" if block.get("tone") == "soft" else "p"))


def _order_lines(sheet: Sheet, block: Block) -> str:
    name, url = sheet.show("item.name"), "{{ item.url }}"
    image = pieces.picture(sheet, "{{ item.picture }}", name, "{}")
    plate = sheet.when("has_pictures", f'<td class="c1"{sheet.side}>{image}</td>')
    title = pieces.linked(sheet, url, f"<strong>{name}</strong>", "i", otherwise=f"<strong>{name}</strong>")
    each = sheet.when("item.quantity > 1", f" · {pieces.phrase(sheet, sheet.words.say('{{ item.quantity }} at {{ item.unit_price }}'))}")
    price = sheet.when("item.price", f'<br /><span class="s">{sheet.show("item.price")}{each}</span>')
    several = sheet.when("item.quantity > 1", f'<br /><span class="s">{sheet.show("item.quantity")} ×</span>')
    cell = f'<td class="c2"{sheet.side}>{title}{price}{sheet.unless("item.price", several)}</td>'
    lines = sheet.each("item", f"items limit: {MOST_LINES}", f"<tr>{plate}{cell}</tr>")
    more = pieces.words(sheet, "{% if items.size > " + str(MOST_LINES) + " %}" + sheet.words.say(_MORE_LINES) + "{% endif %}", style="p s")
    return sheet.when("items", pieces.row(sheet, pieces.table(lines) + more))


_MORE_LINES = "And {{ items.size | minus: 20 }} more: [see them all]({{ tracker_url }})."


def _totals(sheet: Sheet, block: Block) -> str:
    words = sheet.words
    number = sheet.when("order_number", pieces.phrase(sheet, words.say("Order {{ order_number }}")))
    left = f'<td class="c2 s j l"{sheet.side}>{number}</td>'
    right = f'<td class="c2 u l">{pieces.phrase(sheet, words.say("Total **{{ total }}**"))}</td>'
    given_back = pieces.phrase(sheet, words.say("Refunded {{ refunded }}"))
    inside = pieces.phrase(sheet, words.say("Including {{ tax_in_total }} tax"))
    below = "".join(
        sheet.when(name, f'<tr><td class="s j"></td><td class="s u">{said}</td></tr>')
        for name, said in (("tax_in_total", inside), ("refunded", given_back))
    )
    part = f'<tr><td class="s j c3">{sheet.show("sum.label")}</td><td class="s u c3">{sheet.show("sum.amount")}</td></tr>'
    parts = pieces.table(sheet.each("sum", "sums", part), "w l")
    total = pieces.table(f"<tr>{left}{right}</tr>{below}")
    return sheet.when("total", pieces.row(sheet, sheet.when("sums", parts) + total + pieces.SPACE))


def _parcel(sheet: Sheet, block: Block) -> str:
    gap = '<td class="y" width="1%">&#160;</td>'
    cells = []
    for number in range(1, 6):
        full, empty = (f'<td class="{style}" width="19%">&#160;</td>' for style in ("v", "e"))
        cells.append(sheet.when(f"stage_index >= {number}", full) + sheet.when(f"stage_index < {number}", empty))
    bar = pieces.table(f'<tr aria-hidden="true">{gap.join(cells)}</tr>', "w st")
    said = pieces.words(sheet, promise(sheet.words), style="h2")
    return sheet.when("stage_index", pieces.row(sheet, said + bar + pieces.words(sheet, stage(sheet.words), style="p s")))


def promise(words: Phrases) -> str:
    return "{% if expected_words %}" + words.say("Arriving {{ expected_words }}") + "{% else %}{{ stage_words }}{% endif %}"


def stage(words: Phrases) -> str:
    carried = "{% if carrier %} " + words.say("Carried by {{ carrier }}.") + "{% endif %}"
    placed, alone = words.say("{{ stage_words }}, step {{ stage_index }} of 5."), words.say("Step {{ stage_index }} of 5.")
    return "{% if expected_words %}" + placed + "{% else %}" + alone + "{% endif %}" + carried


def _button(sheet: Sheet, block: Block) -> str:
    return pieces.row(sheet, pieces.button(sheet, block["url"], pieces.phrase(sheet, block["label"])))


def _question(sheet: Sheet, block: Block) -> str:
    return _choices(sheet, block, "check_in_url", "score")


def _stars(sheet: Sheet, block: Block) -> str:
    return _choices(sheet, block, "review_url", "stars")


def _choices(sheet: Sheet, block: Block, url: str, field: str) -> str:
    """Return five links to one page, each of which preselects an answer there."""
    rows = []
    for score, answer in _scored(block["answers"]):
        link = pieces.linked(sheet, f"{{{{ {url} }}}}?{field}={score}", pieces.phrase(sheet, answer), "oa")
        rows.append(f'<tr><td class="o"{sheet.side}>{link}</td></tr><tr><td class="y8" height="8"></td></tr>')
    asked = f'<h2 class="h2">{pieces.phrase(sheet, block["text"])}</h2>' if block.get("text") else ""
    return sheet.when(url, pieces.row(sheet, asked + pieces.table("".join(rows)) + pieces.SPACE))


def _tips(sheet: Sheet, block: Block) -> str:
    words = sheet.words
    headline = sheet.when("tip.headline", f'<p class="q s">{sheet.show("tip.headline")}</p>')
    title = f'<h2 class="h2">{sheet.show("tip.title")}</h2>{headline}'
    number = pieces.table(f'<tr><td class="n" align="center">{sheet.show("forloop.index")}</td></tr>', "g0")
    step = f'<tr><td class="nc" width="32">{number}</td><td class="nt"{sheet.side}>{sheet.show("step")}</td></tr>'
    steps = pieces.table(sheet.each("step", "tip.steps", step))
    avoid = f"<strong>{words.say('One mistake to avoid')}</strong><br />{sheet.show('tip.mistake')}"
    mistake = sheet.when("tip.mistake", pieces.table(f'<tr><td class="k"{sheet.side}>{avoid}</td></tr>', "w kt"))
    care = sheet.when("tip.care", f'<p class="p"><strong>{words.say("Care.")}</strong> {sheet.show("tip.care")}</p>')
    video = pieces.linked(sheet, "{{ tip.video_url }}", words.say("Watch it done"), around='<p class="p">{}</p>')
    return pieces.row(sheet, sheet.each("tip", "tips limit: 2", title + steps + mistake + care + video))


def _pairings(sheet: Sheet, block: Block) -> str:
    name = sheet.show("pairing.name")
    image = pieces.picture(sheet, "{{ pairing.picture }}", "", f'<td class="c1"{sheet.side}>{{}}</td>')
    price = sheet.when("pairing.price", f'<br /><span class="s">{sheet.show("pairing.price")}</span>')
    reason = sheet.when("pairing.reason", f"<br />{sheet.show('pairing.reason')}")
    label = pieces.phrase(sheet, block.get("label") or sheet.words.say("See it"))
    button = pieces.linked(sheet, "{{ pairing.url }}", label, "oa", pieces.table('<tr><td class="o">{}</td></tr>', "g0 gt"))
    cell = f'<td class="c2"{sheet.side}><strong>{name}</strong>{price}{reason}{button}</td>'
    rows = sheet.each("pairing", f"pairings limit: {MOST_PAIRINGS}", pieces.table(f"<tr>{image}{cell}</tr>"))
    heading = f'<h2 class="h2">{pieces.phrase(sheet, block["text"])}</h2>' if block.get("text") else ""
    return sheet.when("pairings", pieces.row(sheet, heading + rows + pieces.SPACE))


def _offer(sheet: Sheet, block: Block) -> str:
    words = sheet.words
    value = f'<p class="q"><strong>{sheet.show("offer_value")}</strong></p>'
    code = f'<p class="q z" dir="ltr">{sheet.show("offer_code")}</p>'
    terms = sheet.when("offer_terms", f'<p class="p0 s">{sheet.show("offer_terms")}</p>')
    days = terms + "".join(
        sheet.when(name, f'<p class="p0 s">{pieces.phrase(sheet, words.say(phrase))}</p>')
        for name, phrase in (("offer_from", FROM), ("offer_until", UNTIL))
    )
    box = pieces.table(f'<tr><td class="k" align="center">{sheet.when("offer_value", value)}{code}{days}</td></tr>')
    button = pieces.button(sheet, "{{ offer_url }}", pieces.phrase(sheet, block.get("label") or words.say("Use it in the shop")))
    dates = pieces.linked(sheet, "{{ calendar_url }}", pieces.phrase(sheet, remind(words)), "a", '<p class="p s">{}</p>')
    return sheet.when("offer_code", pieces.row(sheet, f'<div class="kt">{box}</div>{button}{dates}'))


def remind(words: Phrases) -> str:
    """Return what leads to the offer's days for a calendar: the last one, and the first where that is still to come."""
    return "{% if offer_from %}" + words.say("Put it into your calendar") + "{% else %}" + words.say(REMIND) + "{% endif %}"


def _referral(sheet: Sheet, block: Block) -> str:
    said = pieces.phrase(sheet, block.get("text") or sheet.words.say(TERMS))
    label = pieces.phrase(sheet, block.get("label") or sheet.words.say("Bring a friend"))
    link = pieces.linked(sheet, "{{ referral_url }}", label, "oa", pieces.table('<tr><td class="o">{}</td></tr>', "g0 gt"))
    box = pieces.table(f'<tr><td class="k"{sheet.side}><strong>{said}</strong>{link}</td></tr>')
    return sheet.when("referral_url", pieces.row(sheet, f'<div class="kt">{box}</div>'))


def _policy(sheet: Sheet, block: Block) -> str:
    return pieces.row(sheet, pieces.words(sheet, policy(sheet.words), style="q") + pieces.SPACE)


def policy(words: Phrases) -> str:
    returns = "{% if return_until %}" + words.say("**Returns** until {{ return_until }}.") + "{% endif %}"
    return returns + "\n\n{% if warranty_until %}" + words.say("**Warranty** until {{ warranty_until }}.") + "{% endif %}"


def _divider(sheet: Sheet, block: Block) -> str:
    return pieces.row(sheet, pieces.table('<tr><td class="l dv" height="24"></td></tr>'))


def _signature(sheet: Sheet, block: Block) -> str:
    *before, closing = markup.paragraphs(block.get("text") or "") or [""]
    said = pieces.words(sheet, "\n\n".join(before)) + pieces.words(sheet, closing, style="p0")
    role = pieces.words(sheet, block["role"], style="p0 s") if block.get("role") else ""
    name = pieces.words(sheet, block.get("name") or "{{ sender_name }}", style="p0") + role
    face = placed_blocks.face(sheet, block)
    signed = pieces.table(f'<tr>{face}<td class="c2"{sheet.side}>{name}</td></tr>', "g0") if face else name
    return pieces.row(sheet, said + signed + pieces.SPACE)


def _scored(answers: list[str]) -> list[tuple[int, str]]:
    """Pair the answers, best first, with 5 to 1."""
    return list(zip(range(5, 0, -1), answers, strict=True))


DRAWN: dict[str, Callable[[Sheet, Block], str]] = {
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
    **placed_blocks.DRAWN,
}
