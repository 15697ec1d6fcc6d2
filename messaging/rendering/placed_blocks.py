"""Draw the blocks that a merchant fills by hand: pictures, columns, days left, networks, own HTML. `html_blocks` has those of an order."""

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from messaging.rendering import blocks, markup, own_html, pieces
from messaging.rendering.pieces import Sheet

Block = Mapping[str, Any]

#: How wide a picture may be: that of the card without its padding, and that of half of it.
WHOLE, HALF = 536, 256
#: What the fields of the first and of the second column end with.
SIDES = ("", "2")
#: How an uploaded picture's address ends (`stores.pictures`).
_SIZED = re.compile(r"-([1-9]\d{0,3})x([1-9]\d{0,3})\.(?:jpg|png)$")


def face(sheet: Sheet, block: Block) -> str:
    """Return the cell with the picture of who signs, "" without one."""
    return _picture(sheet, block, "", f'<td class="c1"{sheet.side}>{{}}</td>', style="fc", widest=64)


def ends_of(block: Block) -> str:
    """Return the path to the value that says how long it is until a countdown's day: its own, or the offer's last."""
    return f'countdowns["{block.get("until") or "offer"}"]'


def _image(sheet: Sheet, block: Block) -> str:
    return pieces.row(sheet, _picture(sheet, block, "", "{}", widest=WHOLE, leads=True) + pieces.SPACE)


def _columns(sheet: Sheet, block: Block) -> str:
    """Return two columns that stand beside each other where there is room, without asking the screen."""
    cells = "".join(f'<div class="co"{sheet.side}>{_column(sheet, block, side)}</div>' for side in SIDES)
    outlook = '<!--[if mso]><table role="presentation"><tr><td width="268" valign="top"><![endif]-->'
    between = '<!--[if mso]></td><td width="268" valign="top"><![endif]-->'
    halves = cells.replace('</div><div class="co"', f'</div>{between}<div class="co"', 1)
    return pieces.row(sheet, f"{outlook}{halves}<!--[if mso]></td></tr></table><![endif]-->")


def _column(sheet: Sheet, block: Block, side: str) -> str:
    above = '<div class="kt">{}</div>'
    has_button = bool(block.get(f"label{side}") and block.get(f"url{side}"))
    image = _picture(sheet, block, side, above, widest=HALF, leads=not has_button)
    said = pieces.words(sheet, block.get(f"text{side}") or "")
    if not has_button:
        return image + said
    around = pieces.table('<tr><td class="o">{}</td></tr>', "bw")
    return image + said + pieces.linked(sheet, block[f"url{side}"], pieces.phrase(sheet, block[f"label{side}"]), "oa", around)


def _picture(
    sheet: Sheet, block: Block, side: str, around: str, *, widest: int, style: str = "im", leads: bool = False
) -> str:  # fmt: skip
    """Return a block's picture inside `around`, no wider than it may be; "" where it has none."""
    source = block.get(f"src{side}") or ""
    if not source:
        return ""
    if source.startswith("/"):
        source = "{{ brand.site }}" + source
    name, alt = sheet.shield.name(), sheet.shield.name()
    guard = markup.link_guard(markup.address_of(source), name)
    words = "{% capture " + alt + " %}" + markup.address_of(" ".join((block.get(f"alt{side}") or "").split())) + "{% endcapture %}"
    size = _size(source, widest)
    image = f'<img class="{style}" src="{sheet.show(name)}" alt="{sheet.show(alt)}"{size} />'
    if leads and block.get(f"url{side}"):
        image = pieces.linked(sheet, block[f"url{side}"], image, otherwise=image)
    return sheet.shield.tag(guard + words + "{% if " + name + " %}") + around.format(image) + sheet.shield.tag("{% endif %}")


def _size(source: str, widest: int) -> str:
    """Return the attributes of a picture's size, which the address of an uploaded one names: it is never drawn larger than it is."""
    named = _SIZED.search(source)
    width, height = (int(named[1]), int(named[2])) if named else (widest, 0)
    shown = min(width, widest)
    tall = f' height="{round(height * shown / width)}"' if height else ""
    return f' width="{shown}"{tall} style="max-width:{shown}px"'


def _countdown(sheet: Sheet, block: Block) -> str:
    ends = ends_of(block)
    left = f'<p class="h2">{sheet.show(f"{ends}.left")}</p>'
    until = f'<p class="p0 s">{pieces.phrase(sheet, sheet.words.say("Until {{ DAY }}.").replace("DAY", f"{ends}.day"))}</p>'
    said = pieces.words(sheet, block.get("text") or "")
    box = pieces.table(f'<tr><td class="k"{sheet.side}>{left}{until}</td></tr>')
    return sheet.when(ends, pieces.row(sheet, f'<div class="kt">{box}</div>{said}'))


def _spacer(sheet: Sheet, block: Block) -> str:
    height = blocks.SIZES[block.get("size") or "medium"]
    space = f'<div style="height:{height}px;font-size:0;line-height:{height}px">&#160;</div>'
    return pieces.row(sheet, space)


def _social(sheet: Sheet, block: Block) -> str:
    links = [
        pieces.linked(sheet, block[network], escape(name), "a", '<span style="white-space:nowrap">{}</span> &#160; ')
        for network, name in blocks.NETWORKS.items()
        if block.get(network)
    ]
    return pieces.row(sheet, f'<p class="p">{"".join(links)}</p>') if links else ""


def _html(sheet: Sheet, block: Block) -> str:
    return pieces.row(sheet, own_html.drawn(sheet.shield, block.get("html") or ""))


DRAWN: dict[str, Callable[[Sheet, Block], str]] = {
    "image": _image,
    "columns": _columns,
    "countdown": _countdown,
    "spacer": _spacer,
    "social": _social,
    "html": _html,
}
