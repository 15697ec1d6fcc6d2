"""A letter to the few who keep a shop going: thanks, a direct line to a person, and word of new things first. No discount."""

from datetime import time
from typing import Any

from campaigns.models import FlowVersion, Step
from campaigns.recipes.wanted import Wanted
from messaging.models import Purpose

KEY = "vip-thanks"
NAME = "Thanks to your best customers, 1 mail"
TRIGGER = "segment.entered"
PRIORITY = 35
REENTRY = FlowVersion.Reentry.ONCE
EXITS = ["unsubscribed"]
SEGMENT = Wanted("VIP: top 1 %", {"all": [{"what": "spent", "op": "top_percent", "value": "1"}]})
SAYS = "Whoever comes to be among the top 1 % by what they spend gets a letter from you, once: thanks, and a direct line."
NEEDS = "A promise you keep: it says that you write to them first when something new is there."

_THANKS = {
    "subject": "A thank-you from {{ store_name | truncate: 27, '…' }}",
    "preheader": "No code and nothing to click. Only thanks, and two things that are yours from now on.",
    "blocks": [
        {"kind": "heading", "text": "Thank you{% if first_name %}, {{ first_name }}{% endif %}"},
        {
            "kind": "text",
            "text": "A shop like ours lives off a few people who come back again and again. You are one of them. That deserves a letter.",
        },
        {
            "kind": "text",
            "text": "Two things are yours from now on.\n\n**You hear first.** When something new comes in, you get a note before it is "
            "in the shop.\n\n**You have a direct line.** Reply to any of our mails, about anything: "
            "{% if sender_first %}{{ sender_first }} answers{% else %}a person answers{% endif %}, and you need not explain who you are.",
        },
        {"kind": "signature", "text": "With real thanks,"},
    ],
}

STEPS: list[dict[str, Any]] = [
    {
        "key": "thank-you-letter",
        "name": "Thank-you letter",
        "anchor": Step.Anchor.ENTERED,
        "offset_hours": 24,
        "time_of_day": time(10, 0),
        "purpose": Purpose.MARKETING,
        "use_by_hours": 240,
        "content": _THANKS,
    },
]
