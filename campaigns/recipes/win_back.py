"""For those who used to come back and have not for half a year: a word first, then one reason to return, then peace."""

from datetime import time
from typing import Any

from campaigns.models import FlowVersion, Step
from campaigns.recipes.wanted import Wanted
from messaging.models import Purpose

KEY = "win-back"
NAME = "Win-back, 2 mails"
TRIGGER = "segment.entered"
PRIORITY = 40
REENTRY, REENTRY_DAYS = FlowVersion.Reentry.AFTER_DAYS, 365
EXITS = ["bought", "unsubscribed"]
SEGMENT = Wanted(
    "Used to come back",
    {
        "all": [
            {"what": "orders_count", "op": "at_least", "value": "2"},
            {"what": "last_order", "op": "before_last", "days": 180},
        ]
    },
)
OFFER, OFFER_VALUE = "Come back", "10% off"
SAYS = "Two orders or more, and none for half a year: a question from you, and a week later a reason to come back. It ends when they buy."
NEEDS = "A discount code for the second mail."

_HELLO = "{% if first_name %}, {{ first_name }}{% endif %}"

_HOW_IS_IT = {
    "subject": "{% if last_item %}Your {{ last_item | truncate: 20, '…' }}, half a year on{% else %}It has been half a year{% endif %}",
    "preheader": "One question from a person, and nothing to buy. A line back is enough.",
    "blocks": [
        {"kind": "heading", "text": f"It has been a while{_HELLO}"},
        {
            "kind": "text",
            "text": "{% if last_item %}Your {{ last_item }} must have half a year behind it by now. Does it still do what you got it for?"
            "{% else %}It is half a year since your last order. Did everything do what you got it for?{% endif %}",
        },
        {
            "kind": "text",
            "text": "If something was not right, with it or with us, reply to this mail and say so. "
            "{% if sender_first %}{{ sender_first }} reads{% else %}We read{% endif %} every answer, and the honest ones help most.",
        },
        {"kind": "signature", "text": "All the best,"},
    ],
}

_A_REASON = {
    "subject": "{% if offer_value %}{{ offer_value | truncate: 12, '…' }} for you, until {{ offer_day }}"
    "{% else %}A reason to come back{% endif %}",
    "preheader": "Your own code and the day it ends. After this one we leave you in peace.",
    "blocks": [
        {"kind": "heading", "text": "{% if offer_value %}{{ offer_value }}{% else %}Something{% endif %} for your next order"},
        {
            "kind": "text",
            "text": f"You used to come by now and then{_HELLO}. We would like that again, so here is a reason: {{{{ offer_value }}}}.",
        },
        {"kind": "offer", "label": "Have a look round"},
        {"kind": "text", "tone": "soft", "text": "Not now? Then not. There is no next mail about it."},
        {"kind": "signature", "text": "Until then,"},
    ],
}  # fmt: skip

STEPS: list[dict[str, Any]] = [
    {
        "key": "how-is-it",
        "name": "How is it going?",
        "anchor": Step.Anchor.ENTERED,
        "offset_hours": 24,
        "time_of_day": time(10, 0),
        "purpose": Purpose.MARKETING,
        "use_by_hours": 240,
        "content": _HOW_IS_IT,
    },
    {
        "key": "a-reason",
        "name": "A reason to come back",
        "anchor": Step.Anchor.ENTERED,
        "offset_hours": 192,
        "time_of_day": time(10, 0),
        "purpose": Purpose.MARKETING,
        "conditions": ["has_code", "not_bought_since"],
        "use_by_hours": 240,
        "content": _A_REASON,
        "offer": OFFER,
    },
]
