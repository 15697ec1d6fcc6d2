"""One mail to who had begun to order and did not finish: nothing was charged, here is the way back, or another day for it."""

from typing import Any

from campaigns.models import FlowVersion, Step
from campaigns.recipes.abandoned_cart import LATER
from messaging.models import Purpose

KEY = "abandoned-checkout"
NAME = "Abandoned checkout, 1 mail"
TRIGGER = "cart.abandoned"
ONLY_WHERE = [{"name": "checkout", "test": "is", "value": True}, {"name": "reminds", "test": "is", "value": True}]
PRIORITY = 17
REENTRY = FlowVersion.Reentry.EVERY_TIME
EXITS = ["got_it", "unsubscribed"]
SAYS = (
    "Who gave their address and stopped before paying hears once that nothing is lost, with the way back and “remind me later”. "
    "It goes to who agreed to offers, and to others where your sending rules allow it. Buying ends it."
)
NEEDS = "Checkouts from your shop: Shopify sends them, for others the page Carts says how."

_UNFINISHED = {
    "subject": "{% if was_asked %}As you asked: your order is waiting{% else %}Your order is one step from done{% endif %}",
    "preheader": "Nothing was charged and nothing is lost. One click takes you back to it.",
    "blocks": [
        {"kind": "heading", "text": "{% if was_asked %}You wanted to be reminded{% else %}Your order is not finished{% endif %}"},
        {
            "kind": "text",
            "text": "{% if was_asked %}Today is the day you picked{% else %}You had nearly ordered{% if things_words %} {{ things_words }}"
            "{% endif %}, and then it stopped{% endif %}{% if first_name %}, {{ first_name }}{% endif %}. "
            "Nothing was charged, and what you typed in is still there.",
        },
        {"kind": "order_lines"},
        {"kind": "totals"},
        {"kind": "button", "label": "Finish your order", "url": "{{ thing_url }}"},
        {
            "kind": "text",
            "text": "Did something not work, the payment or the address? Reply and say what, and we put it right.",
        },
        LATER,
        {"kind": "signature", "text": "All the best,"},
    ],
}

STEPS: list[dict[str, Any]] = [
    {
        "key": "unfinished",
        "name": "Checkout not finished",
        "anchor": Step.Anchor.ENTERED,
        "purpose": Purpose.MARKETING,
        "use_by_hours": 48,
        "content": _UNFINISHED,
    },
]
