"""What all blocks are made of, in HTML: the row, the button, the guarded text."""

from dataclasses import dataclass

from messaging.rendering import markup
from messaging.rendering.shield import Shield
from stores.phrases import Phrases


@dataclass(frozen=True)
class Sheet:
    """The page being drawn on: its Liquid, its direction, and the language of its own words."""

    shield: Shield
    direction: str
    words: Phrases

    @property
    def side(self) -> str:
        """Return the attributes of a cell that starts where reading starts."""
        return "" if self.direction == "ltr" else ' dir="rtl" align="right"'

    def when(self, test: str, inner: str) -> str:
        """Draw `inner` only if the Liquid `test` holds."""
        return self.shield.tag("{% if " + test + " %}") + inner + self.shield.tag("{% endif %}")

    def unless(self, test: str, inner: str) -> str:
        """Draw `inner` only if the Liquid `test` does not hold."""
        return self.shield.tag("{% unless " + test + " %}") + inner + self.shield.tag("{% endunless %}")

    def each(self, name: str, many: str, inner: str) -> str:
        """Draw `inner` for each `name` of `many` (which may say `limit: 3`)."""
        return self.shield.tag("{% for " + name + " in " + many + " %}") + inner + self.shield.tag("{% endfor %}")

    def show(self, path: str) -> str:
        """Return the stand-in that prints a value."""
        return self.shield.out("{{ " + path + " }}")


SPACE = '<div class="sp">&#160;</div>'


def row(sheet: Sheet, inner: str, style: str = "r") -> str:
    """Return one row of the column."""
    return f'<mj-raw><tr><td class="{style}"{sheet.side}>{inner}</td></tr></mj-raw>'


def table(inner: str, style: str = "w") -> str:
    """Return a layout table; its body is written out, or the inliner would put one in at the wrong side of a loop's start."""
    return f'<table role="presentation" border="0" cellpadding="0" cellspacing="0" class="{style}"><tbody>{inner}</tbody></table>'


def words(sheet: Sheet, text: str, element: str = "p", style: str = "p") -> str:
    """Return the paragraphs of a text; one whose words all disappeared leaves nothing."""
    return "".join(_paragraph(sheet, part, element, style) for part in markup.paragraphs(text))


def phrase(sheet: Sheet, text: str) -> str:
    """Return a text of one line, without an element of its own."""
    return markup.escaped(markup.one_line(text), sheet.shield)


def linked(sheet: Sheet, address: str, inner: str, style: str = "a", around: str = "{}", otherwise: str = "") -> str:
    """Return a link inside `around`, or `otherwise` if the address is not one that may be linked to."""
    name = sheet.shield.name()
    guard = sheet.shield.tag(markup.link_guard(markup.address_of(address), name) + "{% if " + name + " %}")
    link = around.format(f'<a class="{style}" href="{sheet.show(name)}">{inner}</a>')
    rest = sheet.shield.tag("{% else %}") + otherwise if otherwise else ""
    return guard + link + rest + sheet.shield.tag("{% endif %}")


def button(sheet: Sheet, address: str, label: str) -> str:
    """Return a button that stays one in every client: padding and ground on elements, no picture."""
    frame = table('<tr><td class="b" bgcolor="#1d2126">{}</td></tr>', "bw")
    return linked(sheet, address, label, "ba", frame)


def picture(sheet: Sheet, address: str, alt: str, around: str) -> str:
    """Return a picture of 96 px inside `around` if its address is one."""
    name = sheet.shield.name()
    guard = sheet.shield.tag(markup.link_guard(address, name) + "{% if " + name + " %}")
    image = f'<img class="x" src="{sheet.show(name)}" alt="{alt}" width="96" height="96" />'
    return guard + around.format(image) + sheet.shield.tag("{% endif %}")


def _paragraph(sheet: Sheet, part: str, element: str, style: str) -> str:
    inner = markup.escaped(part, sheet.shield)
    if "{" not in part:
        return f'<{element} class="{style}">{inner}</{element}>'
    name = sheet.shield.name()
    body = sheet.shield.tag("{% capture " + name + " %}") + inner + sheet.shield.tag("{% endcapture %}{% if " + name + " != blank %}")
    return body + f'<{element} class="{style}">{sheet.show(name)}</{element}>' + sheet.shield.tag("{% endif %}")
