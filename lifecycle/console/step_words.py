"""A step in words: when it goes, for whom, and what its subject line says. Pure."""

import re
from typing import Any

from campaigns import decisions
from campaigns.models import Step

_AFTER = {
    "placed": "the order", "shipped": "shipping", "expected": "the expected day", "received": "it arrived",
    "out_for_delivery": "it went out for delivery", "late": "it became late", "problem": "the carrier could not hand it over",
    "refunded": "money was given back", "entered": "entering",
}  # fmt: skip
_VALUE = re.compile(r"{{-?\s*([\w.]+)[^}]*}}")
_TAG = re.compile(r"{%-?.*?-?%}", re.DOTALL)


def when(step: Step) -> str:
    """Return a step's offset: "at once", "1 day after", "4 days after, 10:00 their time"."""
    hours = step.offset_hours
    if step.time_of_day is not None:
        day = "the same day" if hours < 24 else f"{_days(hours // 24)} after"
        return f"{day}, {step.time_of_day:%H:%M} their time"
    if hours == 0:
        return "at once"
    return f"{_days(hours // 24)} after" if hours % 24 == 0 else f"{hours} hours after"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def after(step: Step) -> str:
    """Return what a step follows: "the order", "shipping"."""
    return _AFTER[step.anchor]


def bound(step: Step) -> str:
    """Return what a step must stay ahead of, in words; empty if nothing."""
    if not step.not_after_anchor:
        return ""
    ahead = f"{step.not_after_hours} h before " if step.not_after_hours else "before "
    return f"at the latest {ahead}{_AFTER[step.not_after_anchor]}"


def only_if(step: Step) -> str:
    """Return a step's conditions as one sentence; empty if it has none."""
    words = [decisions.CONDITIONS[name][0] for name in step.conditions if name in decisions.CONDITIONS]
    if not words:
        return ""
    listed = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    return f"Only if {listed}."


def of_use(step: Step) -> str:
    """Return how long a step's mail may wait: "Of no use 3 days after that: then it is skipped."."""
    hours = step.use_by_hours
    span = _days(hours // 24) if hours % 24 == 0 else f"{hours} hour{'s' * (hours > 1)}"
    return f"Of no use {span} after that: then it is skipped."


def subject(content: dict[str, Any]) -> str:
    """Return a step's subject line with its values named in brackets: "Got it, [first name]"."""
    words = _TAG.sub("", str(content.get("subject", "")))
    return _VALUE.sub(lambda found: f"[{found[1].split('.')[-1].replace('_', ' ')}]", words).strip()
