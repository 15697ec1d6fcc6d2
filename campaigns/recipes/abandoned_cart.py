"""One mail about a cart that was left behind, and another only on the day its owner picks. No code: leaving a cart is not rewarded."""

from typing import Any

from campaigns.models import FlowVersion, Step
from messaging.models import Purpose

KEY = "abandoned-cart"
NAME = "Abandoned cart, 1 mail"
TRIGGER = "cart.abandoned"
ONLY_WHERE = [{"name": "checkout", "test": "is", "value": False}, {"name": "reminds", "test": "is", "value": True}]
PRIORITY = 18
REENTRY = FlowVersion.Reentry.EVERY_TIME
EXITS = ["got_it", "unsubscribed"]
SAYS = (
    "Once a cart has been quiet for a while: what lies in it, the way back, and “remind me later” for a day they pick. One a week at most, "
    "and only to who agreed to offers or bought before. Buying ends it."
)
NEEDS = "Carts from your shop: the page Carts says how to send them."

_SHORT = "{% if first_item %}{{ first_item | truncate: 18, '…' }}{% else %}your cart{% endif %}"
LATER = {
    "kind": "text",
    "text": "Not now? [Pick a day to be reminded]({{ later_url }}): tomorrow, in three days or in a week. Otherwise we leave it at this.",
}
ASK = {
    "kind": "text",
    "tone": "soft",
    "text": "Still unsure? Reply, and {% if sender_first %}{{ sender_first }} answers{% else %}a person answers{% endif %}.",
}

_LEFT = {
    "subject": f"{{% if was_asked %}}As you asked: {_SHORT}{{% else %}}Still thinking about {_SHORT}?{{% endif %}}",
    "preheader": "Your cart is as you left it. Take it up again, or pick a day to be reminded.",
    "blocks": [
        {"kind": "heading", "text": "{% if was_asked %}You wanted to be reminded{% else %}Your cart is still here{% endif %}"},
        {
            "kind": "text",
            "text": "{% if was_asked %}Today is the day you picked{% else %}You had chosen{% if things_words %} {{ things_words }}"
            "{% else %} something{% endif %}, and then something came up{% endif %}{% if first_name %}, {{ first_name }}{% endif %}. "
            "Everything is as you left it.",
        },
        {"kind": "order_lines"},
        {"kind": "totals"},
        {"kind": "button", "label": "Back to your cart", "url": "{{ thing_url }}"},
        LATER,
        ASK,
        {"kind": "signature", "text": "All the best,"},
    ],
}

STEPS: list[dict[str, Any]] = [
    {
        "key": "left-behind",
        "name": "Cart left behind",
        "anchor": Step.Anchor.ENTERED,
        "purpose": Purpose.MARKETING,
        "conditions": ["agreed_or_bought"],
        "use_by_hours": 48,
        "content": _LEFT,
    },
]
