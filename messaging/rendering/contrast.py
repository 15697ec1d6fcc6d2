"""Tell whether a colour can be read on a ground, and repair it if not. Pure.

Source: WCAG 2.2, "relative luminance" and "contrast ratio".
"""

import re

Rgb = tuple[int, int, int]

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_STEPS = 50


def ratio(color: str, ground: str) -> float:
    """Return the contrast of two `#rrggbb` colours, 1.0 to 21.0."""
    lighter, darker = sorted((_luminance(_rgb(color)), _luminance(_rgb(ground))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def repaired(color: str, ground: str, *, at_least: float, fallback: str) -> str:
    """Return `color`, moved towards black or white just as far as it needs to reach `at_least` on `ground`.

    What is no `#rrggbb` colour is replaced by `fallback` first.
    """
    start = color if _HEX.fullmatch(color) else fallback
    pole = max(("#000000", "#ffffff"), key=lambda end: ratio(end, ground))
    for step in range(_STEPS + 1):
        candidate = _mixed(start, pole, step / _STEPS)
        if ratio(candidate, ground) >= at_least:
            return candidate
    return pole


def ink_on(ground: str) -> str:
    """Return black or white, whichever reads better on `ground`; one of the two always reaches 4.5."""
    return max(("#000000", "#ffffff"), key=lambda ink: ratio(ink, ground))


def _mixed(color: str, pole: str, share: float) -> str:
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(_rgb(color), _rgb(pole), strict=True))


def _rgb(color: str) -> Rgb:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _luminance(rgb: Rgb) -> float:
    red, green, blue = (_linear(channel / 255) for channel in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
