"""A shop's colour on its customers' pages, darkened or lightened until text in it can be read (WCAG 2 AA).

The stylesheet is made from the colour alone and stands at an address that names it, so it needs no inline style, no query, and may
be cached for good.
"""

import re
from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse

_HEX = re.compile(r"[0-9a-f]{6}")
_AA = 4.5
_STEP = 0.02  # of OKLCH lightness
_WHITE, _INK = "ffffff", "1d2126"
#: The grounds on which links and buttons stand (tokens.css: surface, canvas).
_LIGHT, _DARK = ("ffffff", "fbf9f6"), ("181b21", "101317")

Linear = tuple[float, float, float]


def stylesheet(request: HttpRequest, color: str) -> HttpResponse:
    """Serve the colour variables of one brand colour (six lower-case hex digits) for both themes."""
    if not _HEX.fullmatch(color):
        raise Http404
    return HttpResponse(css(color), content_type="text/css", headers={"Cache-Control": "public, max-age=31536000, immutable"})


def name(color: str) -> str:
    """Return a store's colour as the stylesheet's address has it; one that is none becomes our own blue."""
    bare = color.lower().removeprefix("#")
    return bare if _HEX.fullmatch(bare) else "2451a9"


def css(color: str) -> str:
    light, dark = readable(color, _LIGHT), readable(color, _DARK)
    day = f"--brand:#{color};--brand-ink:#{light};--on-brand:#{on(light)}"
    night = f"--brand:#{color};--brand-ink:#{dark};--on-brand:#{on(dark)}"
    return f":root{{{day}}}@media (prefers-color-scheme:dark){{:root{{{night}}}}}"


def on(color: str) -> str:
    """Return the text colour, white or ink, that reads better on a colour."""
    return max((_WHITE, _INK), key=lambda text: contrast(text, color))


def readable(color: str, grounds: Sequence[str]) -> str:
    """Return the colour, moved away from its grounds just until text in it, and white or ink on it, can be read."""
    lightness, a, b = _oklab(color)
    step = -_STEP if luminance(grounds[0]) > 0.5 else _STEP
    for _ in range(round(1 / _STEP) + 1):
        if min(*(contrast(color, ground) for ground in grounds), contrast(on(color), color)) >= _AA:
            break
        lightness = min(max(lightness + step, 0.0), 1.0)
        color = _from_oklab(lightness, a, b)
    return color


def contrast(one: str, two: str) -> float:
    """Return the contrast ratio of WCAG 2, 1 to 21."""
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


def luminance(color: str) -> float:
    red, green, blue = _linear(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(color: str) -> Linear:
    channels = [int(color[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return red, green, blue


def _oklab(color: str) -> Linear:
    """Return lightness, a and b (Björn Ottosson, "A perceptual color space for image processing", 2020)."""
    red, green, blue = _linear(color)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _from_oklab(lightness: float, a: float, b: float) -> str:
    """Return the nearest colour a screen has, by clipping each channel."""
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    channels = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return "".join(f"{_byte(channel):02x}" for channel in channels)


def _byte(linear: float) -> int:
    clipped = min(max(linear, 0.0), 1.0)
    return round(255 * (12.92 * clipped if clipped <= 0.0031308 else 1.055 * clipped ** (1 / 2.4) - 0.055))
