"""What a guide teaches after the thing is there: its lessons, a film, a call with a person. Pure, over rows already loaded."""

from collections.abc import Iterable
from typing import Any

from campaigns import wording
from catalog.models import ProductGuide
from orders.models import OrderLine

MOST_LESSONS = 4


def values(lines: Iterable[OrderLine]) -> dict[str, Any]:
    """Return the lessons and the call of the most costly items that have any, by the names of VARIABLES."""
    known = list(lines)
    teacher, caller = _first(known, "lessons"), _first(known, "call_url")
    return {
        "lessons": [_parts(line) for line in teacher[1].lessons[:MOST_LESSONS]] if teacher else [],
        "lessons_item": wording.short_title(teacher[0].name) if teacher else "",
        "call_url": caller[1].call_url if caller else "",
        "call_item": wording.short_title(caller[0].name) if caller else "",
        "film_url": caller[1].video_url if caller else "",
    }


def lessons_in(lines: Iterable[OrderLine]) -> int:
    """Return how many lessons there are to give."""
    teacher = _first(list(lines), "lessons")
    return len(teacher[1].lessons[:MOST_LESSONS]) if teacher else 0


def has_call(lines: Iterable[OrderLine]) -> bool:
    return _first(list(lines), "call_url") is not None


def _first(lines: list[OrderLine], field: str) -> tuple[OrderLine, ProductGuide] | None:
    by_cost = sorted(lines, key=lambda line: -line.unit_price_minor)
    guided = ((line, getattr(line.product, "guide", None)) for line in by_cost)
    return next(((line, guide) for line, guide in guided if guide is not None and getattr(guide, field)), None)


def _parts(line: str) -> dict[str, str]:
    """Return a lesson's title and text: what stands before its first colon, and after it."""
    title, colon, text = line.partition(":")
    return {"title": title.strip(), "text": text.strip()} if colon else {"title": wording.short_title(line), "text": line}
