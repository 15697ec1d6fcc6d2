"""A greeting on the day, with a present that has a real end. Once a year, in the morning of the customer's own day."""

from datetime import time
from typing import Any

from campaigns.models import FlowVersion, Step
from messaging.models import Purpose

KEY = "birthday"
NAME = "Birthday, 1 mail"
TRIGGER = "customer.birthday"
PRIORITY = 30
REENTRY, REENTRY_DAYS = FlowVersion.Reentry.AFTER_DAYS, 300
EXITS = ["unsubscribed"]
OFFER, OFFER_VALUE = "Birthday", "15% off"
SAYS = "On the morning of their birthday: a greeting, and a present with a code of their own."
NEEDS = "A discount code, and birthdays: from your shop, a file, or your customers, who can enter theirs where they choose their mails."

_GREETING = {
    "subject": "Happy birthday{% if first_name %}, {{ first_name | truncate: 28, '…' }}{% endif %}",
    "preheader": "A small present from {{ store_name | truncate: 30, '…' }}, good for two weeks from today.",
    "blocks": [
        {"kind": "heading", "text": "Happy birthday{% if first_name %}, {{ first_name }}{% endif %}"},
        {
            "kind": "text",
            "text": "Have a good day, and a good year after it. From us to you: {{ offer_value }} on whatever you like.",
        },
        {"kind": "offer", "label": "Choose something"},
        {"kind": "text", "tone": "soft", "text": "Is today not the day? Reply and tell us which one is: we would rather be right."},
        {"kind": "signature", "text": "With best wishes,"},
    ],
}

STEPS: list[dict[str, Any]] = [
    {
        "key": "greeting",
        "name": "Birthday greeting",
        "anchor": Step.Anchor.ENTERED,
        "time_of_day": time(9, 0),
        "purpose": Purpose.MARKETING,
        "conditions": ["has_code"],
        "use_by_hours": 14,
        "content": _GREETING,
        "offer": OFFER,
    },
]
