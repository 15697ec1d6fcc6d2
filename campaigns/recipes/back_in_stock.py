"""A thing somebody waits for can be bought again: told at once, to who has it in the cart or on the wish list."""

from typing import Any

from campaigns.models import FlowVersion, Step
from messaging.models import Purpose

KEY = "back-in-stock"
NAME = "Back in stock, 1 mail"
TRIGGER = "product.back_in_stock"
PRIORITY = 23
REENTRY = FlowVersion.Reentry.EVERY_TIME
EXITS = ["got_it", "unsubscribed"]
SAYS = "A product can be bought again: who has it in an open cart or on the wish list hears of it at once."
NEEDS = "Word from your shop of what can be bought, and carts or wish lists."

_BACK = {
    "subject": "It is back: {% if first_item %}{{ first_item | truncate: 30, '…' }}{% else %}what you wanted{% endif %}",
    "preheader": "You wanted it when there was none. There is some again, from today.",
    "blocks": [
        {"kind": "heading", "text": "{% if first_item %}{{ first_item }}{% else %}What you wanted{% endif %} is back"},
        {
            "kind": "text",
            "text": "You wanted it when there was none{% if first_name %}, {{ first_name }}{% endif %}. There is some again. "
            "We cannot say for how long.",
        },
        {"kind": "order_lines"},
        {"kind": "button", "label": "Get one", "url": "{{ thing_url }}"},
        {
            "kind": "text",
            "tone": "soft",
            "text": "A question first? Reply, and {% if sender_first %}{{ sender_first }} answers{% else %}a person answers{% endif %}.",
        },
        {"kind": "signature", "text": "All the best,"},
    ],
}

STEPS: list[dict[str, Any]] = [
    {
        "key": "it-is-back",
        "name": "It is back",
        "anchor": Step.Anchor.ENTERED,
        "purpose": Purpose.MARKETING,
        "conditions": ["can_be_bought", "agreed_or_bought"],
        "use_by_hours": 36,
        "content": _BACK,
    },
]
