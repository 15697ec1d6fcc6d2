"""The colours and measures of every mail, as two style sheets: one put onto the elements, one kept for phones and the dark."""

from collections.abc import Collection
from dataclasses import dataclass

from messaging.rendering import contrast
from messaging.rendering.brand import Brand

FALLBACK = "#2451a9"
#: By Store.Typeface: nothing is loaded, so each names what devices of every make have, and ends in a kind.
FONTS = {
    "plain": "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif",
    "round": "'Trebuchet MS','Lucida Grande','Lucida Sans Unicode',Tahoma,sans-serif",
    "wide": "Verdana,'DejaVu Sans',Geneva,Tahoma,sans-serif",
    "book": "Georgia,'Times New Roman',Times,serif",
    "pen": "Palatino,'Palatino Linotype','Book Antiqua',Georgia,serif",
}
NUMBERS = "ui-monospace,Consolas,Menlo,monospace"


@dataclass(frozen=True)
class Scheme:
    """One set of colours; text on card and ground is at least 6.7:1 (ux §5a)."""

    ground: str
    card: str
    ink: str
    soft: str
    link: str
    button: str
    on_button: str
    plate: str
    line: str


LIGHT = Scheme("#f5f3ef", "#ffffff", "#1d2126", "#4c5058", "#2451a9", "#1d2126", "#ffffff", "#f5f3ef", "#e2dfdb")
DARK = Scheme("#101317", "#181b21", "#f2f0ed", "#bbbec3", "#96bbfe", "#f2f0ed", "#101317", "#22262d", "#3a3f48")


def inlined(brand: Brand) -> str:
    """Return the rules that end up on the elements."""
    start, end = ("left", "right") if brand.direction == "ltr" else ("right", "left")
    mark, font = mark_of(brand, LIGHT), FONTS[brand.typeface]
    return (
        f".r{{padding:0 32px;font-family:{font};font-size:16px;line-height:24px;color:{LIGHT.ink};text-align:{start}}}"
        ".r,.f,.m{word-break:break-word}"
        f".f{{padding:0 32px;font-family:{font};font-size:13px;line-height:20px;color:{LIGHT.soft};text-align:{start}}}"
        f".h1{{margin:0 0 12px;font-size:24px;line-height:30px;font-weight:700;color:{LIGHT.ink}}}"
        f".h2{{margin:0 0 8px;font-size:18px;line-height:24px;font-weight:700;color:{LIGHT.ink}}}"
        ".p{margin:0 0 16px}.p0{margin:0}.q{margin:0 0 8px}"
        f".s{{color:{LIGHT.soft};font-size:14px;line-height:20px}}"
        f".a{{color:{LIGHT.link};text-decoration:underline}}"
        f".i{{color:{LIGHT.ink};text-decoration:underline}}"
        ".w{width:100%;border-collapse:separate}.bw{margin:8px 0 24px;border-collapse:separate}.g0{margin:0;border-collapse:separate}"
        f".b{{background:{LIGHT.button};border-radius:8px;text-align:center}}"
        f".ba{{display:inline-block;padding:12px 26px;border:1px solid {LIGHT.button};border-radius:8px;color:{LIGHT.on_button};"
        f"font-family:{font};font-size:16px;line-height:20px;font-weight:600;text-decoration:none}}"
        f".o{{border:1px solid {LIGHT.soft};border-radius:8px}}"
        f".oa{{display:block;padding:11px 20px;color:{LIGHT.ink};font-family:{font};font-size:16px;line-height:22px;font-weight:600;"
        "text-decoration:none}"
        f".l{{border-top:1px solid {LIGHT.line}}}"
        f".c1{{padding:12px 0;padding-{end}:16px;width:96px;vertical-align:top}}.c2{{padding:12px 0;vertical-align:top}}"
        ".c3{padding:5px 0}"
        f".x{{display:block;border-radius:8px;background:{LIGHT.plate}}}"
        f".k{{background:{LIGHT.plate};border-radius:8px;padding:16px 20px}}"
        f".v{{background:{mark};border-radius:3px;height:6px;font-size:0;line-height:6px}}"
        f".e{{background:{LIGHT.line};border-radius:3px;height:6px;font-size:0;line-height:6px}}"
        ".y{font-size:0;line-height:6px}"
        f".n{{width:32px;height:32px;border-radius:16px;background:{mark};color:{contrast.ink_on(mark)};text-align:center;font-weight:700;"
        "font-size:15px;line-height:32px}"
        f".nt{{padding:4px 0 16px;padding-{start}:14px;vertical-align:top}}.nc{{width:32px;vertical-align:top;padding:0 0 16px}}"
        f".z{{font-family:{NUMBERS};font-size:22px;line-height:28px;font-weight:700;letter-spacing:1px}}"
        ".kt{margin:0 0 16px}.gt{margin:12px 0 0}.st{margin:0 0 8px}.sp{height:16px;font-size:0;line-height:16px}"
        ".y8{height:8px;font-size:0;line-height:8px}"
        ".dv{font-size:0;line-height:24px}"
        f".u{{text-align:{end}}}.j{{text-align:{start}}}"
        f".m{{font-weight:700;font-size:15px;color:{LIGHT.ink};padding:24px 32px 16px;font-family:{font};line-height:20px;"
        f"text-align:{start}}}.lg{{display:block;border:0}}"
        ".im{display:block;width:100%;height:auto;border:0;border-radius:8px;font-size:14px;line-height:20px}"
        ".fc{display:block;width:64px;height:64px;border:0;border-radius:32px}"
        f".co{{display:inline-block;width:100%;max-width:256px;vertical-align:top;margin-{end}:12px}}"
    )


def kept(brand: Brand, kinds: Collection[str] = ()) -> str:
    """Return the sheet for narrow screens and for dark mode (Outlook.com marks it with data-ogsc and data-ogsb).

    `kinds` are the blocks of the mail: what only some need stays out of the others.
    """
    dark, font = _dark(brand), FONTS[brand.typeface]
    outlook = "".join(
        f"[{'data-ogsb' if name == 'background' else 'data-ogsc'}] {selector}{{{name}:{color}!important}}"
        for selectors, name, color in dark
        for selector in selectors.split(",")
        if selector != "body"
    )
    media = "".join(f"{selectors}{{{name}:{color}!important}}" for selectors, name, color in dark)
    narrow = ".co{max-width:none!important}" if "columns" in kinds else ""
    narrow += ".r,.f,.m{padding-left:20px!important;padding-right:20px!important}.bw{width:100%!important}.ba{display:block!important}"
    return f"td{{font-family:{font}}}:root{{color-scheme:light dark}}@media (max-width:480px){{{narrow}}}" + (
        f"@media (prefers-color-scheme:dark){{{media}}}{outlook}"
    )


def mark_of(brand: Brand, scheme: Scheme) -> str:
    """Return the brand's colour as it can be seen on the card: 3:1, what WCAG wants of a graphic."""
    return contrast.repaired(brand.color, scheme.card, at_least=3, fallback=FALLBACK)


def _dark(brand: Brand) -> list[tuple[str, str, str]]:
    mark = mark_of(brand, DARK)
    return [
        ("body,.g", "background", DARK.ground),
        (".c,.c>table", "background", DARK.card),
        (".r,.h1,.h2,.m,.oa,.i", "color", DARK.ink),
        (".s,.f", "color", DARK.soft),
        (".a", "color", DARK.link),
        (".b", "background", DARK.button),
        (".ba", "color", DARK.on_button),
        (".ba", "border-color", DARK.button),
        (".k,.x", "background", DARK.plate),
        (".l", "border-color", DARK.line),
        (".o", "border-color", DARK.soft),
        (".v,.n", "background", mark),
        (".n", "color", contrast.ink_on(mark)),
        (".e", "background", DARK.line),
    ]
