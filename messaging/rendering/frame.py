"""The frame around the blocks: document, hidden preview line, shop's logo or name on top, card, footer."""

from html import escape

from messaging.rendering import markup, paint, pieces
from messaging.rendering.brand import Brand
from messaging.rendering.pieces import Sheet
from stores.phrases import Phrases

#: Keeps the mail's first words from following the preview line in the list of mails.
_FILLER = "&#847;&#8199;&#65279;" * 30


def document(sheet: Sheet, brand: Brand, *, body: str, preheader: str, purpose: str) -> str:
    """Return the whole mail as MJML, its Liquid behind the shield."""
    language, ground, card = escape(brand.language), paint.LIGHT.ground, paint.LIGHT.card
    turned = f' direction="{brand.direction}"'
    return (
        f'<mjml lang="{language}" dir="{brand.direction}"><mj-head><mj-title>{sheet.show("mail_title")}</mj-title>'
        '<mj-raw><meta name="color-scheme" content="light dark" /><meta name="supported-color-schemes" content="light dark" />'
        '<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no" /></mj-raw>'
        f"<mj-style>{paint.inlined(brand)}</mj-style></mj-head>"
        f'<mj-body background-color="{ground}" width="600px" css-class="g">{_preview(sheet, preheader)}'
        f'<mj-section padding="0"{turned}><mj-column>{_masthead(sheet, brand)}</mj-column></mj-section>'
        f'<mj-section background-color="{card}" padding="32px 0 24px" border-radius="12px" css-class="c"{turned}>'
        f"<mj-column>{body}</mj-column></mj-section>"
        f'<mj-section padding="24px 0 32px"{turned}><mj-column>{_footer(sheet, purpose)}</mj-column></mj-section>'
        "</mj-body></mjml>"
    )


def footer_text(words: Phrases, purpose: str) -> str:
    """Return the footer of the text part."""
    links = "".join("\n\n" + markup.named_link(words, label, address) for label, address in _links(words, purpose))
    return f"---\n{_why(words)}\n\n{_address(words)}{links}"


def _address(words: Phrases) -> str:
    """Return the shop and where it is at home."""
    both = words.say("{{ brand.name }}, {{ brand.postal_address }}")
    return "{% if brand.postal_address %}" + both + "{% else %}{{ brand.name }}{% endif %}"


def _why(words: Phrases) -> str:
    """Return why one gets it, and that a reply is read."""
    dated = words.say("You get this because you bought {{ bought_words }} on {{ placed_words }}.")
    undated = words.say("You get this because you bought {{ bought_words }}.")
    bought = "{% if placed_words %}" + dated + "{% else %}" + undated + "{% endif %}"
    customer = words.say("You get this because you are a customer of {{ brand.name }}.")
    unknown = "{% if because %}" + "{{ because }}" + "{% else %}" + customer + "{% endif %}"
    reply = words.say("Reply to this mail and a person at {{ brand.name }} reads it.")
    return "{% if bought_words %}" + bought + "{% else %}" + unknown + "{% endif %} " + reply


def _preview(sheet: Sheet, preheader: str) -> str:
    if not preheader:
        return ""
    line = pieces.phrase(sheet, preheader)
    hidden = "display:none;font-size:1px;line-height:1px;max-height:0;max-width:0;opacity:0;overflow:hidden;mso-hide:all"
    return f'<mj-raw><div style="{hidden}">{line}{_FILLER}</div></mj-raw>'


def _masthead(sheet: Sheet, brand: Brand) -> str:
    """Return the shop's logo, which brings its own plate for the dark, or its name; where pictures are off the alt text looks like it."""
    name = shown = sheet.show("brand.name")
    if brand.logo_url:
        size = f'width="{brand.logo_width}" height="{brand.logo_height}"'
        shown = f'<img class="lg" src="{sheet.show("brand.logo_url")}" alt="{name}" {size} />'
    return f'<mj-raw><tr><td class="m"{sheet.side}>{shown}</td></tr></mj-raw>'


def _footer(sheet: Sheet, purpose: str) -> str:
    why = pieces.words(sheet, _why(sheet.words), style="q")
    address = pieces.words(sheet, _address(sheet.words), style="q")
    links = " · ".join(pieces.linked(sheet, address, label, "a") for label, address in _links(sheet.words, purpose))
    return pieces.row(sheet, f'{why}{address}<p class="p0">{links}</p>', "f")


def _links(words: Phrases, purpose: str) -> list[tuple[str, str]]:
    always = [(words.say("Choose what you get"), "{{ preferences_url }}"), (words.say("View in browser"), "{{ browser_url }}")]
    return always if purpose == "transactional" else [(words.say("Unsubscribe"), "{{ unsubscribe_url }}"), *always]
