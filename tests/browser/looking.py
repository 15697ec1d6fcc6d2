"""What every page is held to in Chromium: no fault that axe knows, wide and narrow, in both themes, and no sideways scroll."""

from typing import Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

#: (width, theme). Colours do not hang on the width, nor the layout on the theme: two looks see what four would.
LOOKS: tuple[tuple[int, Literal["dark", "light"]], ...] = ((390, "dark"), (1320, "light"))
DRAWN = """async () => {
  await new Promise(requestAnimationFrame); await new Promise(requestAnimationFrame)
  const ending = document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime < Infinity)
  await Promise.all(ending.map((one) => one.finished))
}"""
VIOLATIONS = "async (options) => (await axe.run(options)).violations"


def faults(page: Page, **options: object) -> list[tuple[str, int, str, str, str]]:
    """(address, width, theme, rule of axe or ``sideways``, first markup) of each fault; the page is left wide and light.

    ``options`` are axe's own: ``runOnly`` and such.
    """
    found: list[tuple[str, int, str, str, str]] = []
    page.evaluate(AXE_SCRIPT)
    for width, theme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        page.evaluate(DRAWN)  # a theme is drawn a frame later, and colours may fade into it: axe must not look in between
        violations = page.evaluate(VIOLATIONS, {"resultTypes": ["violations"], **options})
        found += [(page.url, width, theme, each["id"], each["nodes"][0]["html"]) for each in violations]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append((page.url, width, theme, "sideways", ""))
    return found
