"""For a thing that takes learning: up to four small mails after it is there, each with one lesson of its guide and nothing else."""

from datetime import time
from typing import Any

from campaigns.models import Step
from messaging.models import Purpose

KEY = "lessons"
NAME = "Getting good at it, up to 4 mails"
TRIGGER = "order.placed"
PRIORITY = 15
SAYS = (
    "For products that take learning: from the day after the parcel one small lesson every few days, as many as the product’s guide has. "
    "A returned item, or somebody who was not happy, gets no more."
)
NEEDS = "Lessons in the guide of a product: one line each, under Products."
_DAYS = (1, 4, 8, 13)
_OPENINGS = (
    "One small thing today, while it is new.",
    "You know it a little by now. Here is the next thing.",
    "By now you have the feel of it. This makes it better.",
    "The last one, for those who want to know it well.",
)


def _lesson(number: int) -> dict[str, Any]:
    title, text = (f"{{{{ lessons[{number - 1}].{part} }}}}" for part in ("title", "text"))
    return {
        "subject": f"{{% if lessons[{number - 1}].title %}}{{{{ lessons[{number - 1}].title | truncate: 45, '…' }}}}"
        "{% else %}One more thing{% endif %}",
        "preheader": "Two minutes with your {{ lessons_item | truncate: 30, '…' }}: one thing, and the next one in a few days.",
        "blocks": [
            {"kind": "heading", "text": title},
            {"kind": "text", "text": f"{_OPENINGS[number - 1]}\n\n{text}"},
            {"kind": "text", "tone": "soft", "text": "Does it not work that way with yours? Reply and say what happens instead."},
            {"kind": "signature", "text": "Good luck with it,"},
        ],
    }


STEPS: list[dict[str, Any]] = [
    {
        "key": f"lesson-{number}",
        "name": f"Lesson {number}",
        "anchor": Step.Anchor.RECEIVED,
        "offset_hours": days * 24,
        "time_of_day": time(10, 0),
        "purpose": Purpose.SERVICE,
        "conditions": [f"has_lesson_{number}", "not_unhappy", "no_return"],
        "use_by_hours": 72,
        "content": _lesson(number),
    }
    for number, days in enumerate(_DAYS, start=1)
]
