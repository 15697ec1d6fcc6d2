"""More of what runs out, shortly before it does: by how long it lasts others who bought it again, not by a guess."""

from datetime import time
from typing import Any

from campaigns.models import FlowVersion, Step
from messaging.models import Purpose

KEY = "replenishment"
NAME = "Nearly used up, 1 mail"
TRIGGER = "product.runs_out"
PRIORITY = 28
REENTRY, REENTRY_DAYS = FlowVersion.Reentry.AFTER_DAYS, 7
EXITS = ["got_it", "unsubscribed"]
SAYS = "Shortly before something is used up, by how long it lasts those who buy it again: more of it, one click away. Buying it ends it."
NEEDS = "Products that people buy again: how long each lasts is learned from at least ten of them."

_ITEM = "{% if first_item %}{{ first_item }}{% else %}supply{% endif %}"

_MORE = {
    "subject": "Running low on {% if first_item %}{{ first_item | truncate: 28, '…' }}{% else %}supplies{% endif %}?",
    "preheader": "Order now, and the next one is there before this one is empty.",
    "blocks": [
        {"kind": "heading", "text": f"Is your {_ITEM} nearly used up?"},
        {
            "kind": "text",
            "text": "{% if lasts_words %}It lasts most people about {{ lasts_words }}{% if first_name %}, {{ first_name }}{% endif %}. "
            "{% endif %}\n\nIf yours is near its end, order now, and the next one is there before this one is empty.",
        },
        {"kind": "order_lines"},
        {"kind": "button", "label": "Order it again", "url": "{{ thing_url }}"},
        {"kind": "text", "tone": "soft", "text": "Plenty left? Then leave it. This is the only mail about this one."},
        {"kind": "signature", "text": "All the best,"},
    ],
}

STEPS: list[dict[str, Any]] = [
    {
        "key": "more-of-it",
        "name": "More of it",
        "anchor": Step.Anchor.ENTERED,
        "time_of_day": time(10, 0),
        "offset_hours": 24,
        "purpose": Purpose.MARKETING,
        "conditions": ["can_be_bought"],
        "use_by_hours": 120,
        "content": _MORE,
    },
]
