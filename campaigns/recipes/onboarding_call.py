"""An offer to show how it works, by a person, a few days after the thing has arrived; never to who has booked a call already."""

from datetime import time
from typing import Any

from campaigns.models import Step
from messaging.models import Purpose

KEY = "onboarding-call"
NAME = "Shown by a person, 1 mail"
TRIGGER = "order.placed"
PRIORITY = 16
SAYS = (
    "Three days after the parcel, for products that have one: a call with somebody who shows how it works, "
    "and the film for who would rather watch."
)
NEEDS = "An address where a call is booked, in the guide of a product."

_CALL = {
    "subject": "Shall we show you how it works?",
    "preheader": "Fifteen minutes with a person, at a time you pick. Or the film, at any hour.",
    "blocks": [
        {"kind": "heading", "text": "Shall we show you your {{ call_item }}?"},
        {
            "kind": "text",
            "text": "It has been with you for three days{% if first_name %}, {{ first_name }}{% endif %}. "
            "Some things are quicker shown than read: pick a quarter of an hour, and "
            "{% if sender_first %}{{ sender_first }} goes{% else %}one of us goes{% endif %} through it with you.",
        },
        {"kind": "button", "label": "Pick a time", "url": "{{ call_url }}"},
        {
            "kind": "text",
            "text": "{% if film_url %}Would you rather watch? [Here is the film]({{ film_url }}).{% endif %}"
            "\n\nOr is there just one question? Reply with it, that is quickest.",
        },
        {"kind": "signature", "text": "Until then,"},
    ],
}

STEPS: list[dict[str, Any]] = [
    {
        "key": "call",
        "name": "Shown by a person",
        "anchor": Step.Anchor.RECEIVED,
        "offset_hours": 72,
        "time_of_day": time(10, 0),
        "purpose": Purpose.SERVICE,
        "conditions": ["has_call", "no_return"],
        "use_by_hours": 96,
        "content": _CALL,
    },
]
