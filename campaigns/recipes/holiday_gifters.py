"""To who gave many presents last December: what they chose then, so that nobody gets it twice, and the last day to order in time."""

from datetime import time
from typing import Any

from campaigns.models import FlowVersion, Step
from messaging.models import Purpose

KEY = "holiday-gifters"
NAME = "Holiday gifters, 1 mail"
TRIGGER = "customer.gift_season"
PRIORITY = 32
REENTRY, REENTRY_DAYS = FlowVersion.Reentry.AFTER_DAYS, 300
EXITS = ["unsubscribed"]
SAYS = (
    "Who ordered much and often in the first week of last December hears from you in the last week of November: what they chose then, "
    "and the last day to order so that it is there by Christmas Eve."
)
NEEDS = "Orders of last December."

_GIFTS = {
    "subject": "Your presents: {% if until_words %}order by {{ until_words }}{% else %}what you gave last year{% endif %}",
    "preheader": "What you chose last December, so that nobody gets the same thing twice.",
    "blocks": [
        {"kind": "heading", "text": "Presents again{% if first_name %}, {{ first_name }}{% endif %}?"},
        {
            "kind": "text",
            "text": "Last December you chose a good many things with us. Here they are, so that nobody gets the same one twice.",
        },
        {"kind": "order_lines"},
        {
            "kind": "text",
            "text": "{% if until_words %}**Order by {{ until_words }}**, and it is there by Christmas Eve.{% endif %}"
            "\n\nTell us who it is for and what it may cost, by replying to this mail, and "
            "{% if sender_first %}{{ sender_first }} writes{% else %}a person writes{% endif %} back with three ideas from our shelves.",
        },
        {"kind": "button", "label": "Look round the shop", "url": "{{ shop_url }}"},
        {"kind": "signature", "text": "A quiet December to you,"},
    ],
}

STEPS: list[dict[str, Any]] = [
    {
        "key": "presents-again",
        "name": "Presents again?",
        "anchor": Step.Anchor.ENTERED,
        "offset_hours": 24,
        "time_of_day": time(10, 0),
        "purpose": Purpose.MARKETING,
        "use_by_hours": 168,
        "content": _GIFTS,
    },
]
