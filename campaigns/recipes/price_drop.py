"""A thing somebody waits for became cheaper: told once, with both prices, to who has it in the cart or on the wish list."""

from typing import Any

from campaigns.models import FlowVersion, Step
from messaging.models import Purpose

KEY = "price-drop"
NAME = "Price drop, 1 mail"
TRIGGER = "product.price_dropped"
PRIORITY = 24
REENTRY, REENTRY_DAYS = FlowVersion.Reentry.AFTER_DAYS, 7
EXITS = ["got_it", "unsubscribed"]
SAYS = "A product became cheaper by 5 % or more: who has it in an open cart or on the wish list hears of it, once a week at most."
NEEDS = "Products with prices from your shop, and carts or wish lists."

_CHEAPER = {
    "subject": "{% if first_item %}{{ first_item | truncate: 24, '…' }}{% else %}It{% endif %}"
    "{% if price_now %}: now {{ price_now }}{% else %} costs less now{% endif %}",
    "preheader": "You had your eye on it. It costs less since today; no code, nothing to enter.",
    "blocks": [
        {"kind": "heading", "text": "{% if first_item %}Your {{ first_item }}{% else %}It{% endif %} costs less now"},
        {
            "kind": "text",
            "text": "You had your eye on it{% if first_name %}, {{ first_name }}{% endif %}. "
            "{% if price_before %}It was {{ price_before }} and is now {{ price_now }}. {% endif %}There is no code to enter.",
        },
        {"kind": "order_lines"},
        {"kind": "button", "label": "Have a look", "url": "{{ thing_url }}"},
        {"kind": "text", "tone": "soft", "text": "Lost interest? Then leave it. We write once about a price, not twice."},
        {"kind": "signature", "text": "All the best,"},
    ],
}

STEPS: list[dict[str, Any]] = [
    {
        "key": "costs-less",
        "name": "It costs less",
        "anchor": Step.Anchor.ENTERED,
        "purpose": Purpose.MARKETING,
        "conditions": ["can_be_bought", "agreed_or_bought"],
        "use_by_hours": 36,
        "content": _CHEAPER,
    },
]
