"""Something they ordered is not there: said by the shop at once, with the new day if there is one, and three ways to go on."""

from typing import Any

from campaigns.models import FlowVersion, Step
from messaging.models import Purpose

KEY = "out-of-stock"
NAME = "Out of stock, 1 mail"
TRIGGER = "order.out_of_stock"
PRIORITY = 4
REENTRY = FlowVersion.Reentry.EVERY_TIME
SAYS = (
    "As soon as somebody marks on an order that a thing is missing: what, until when, and that waiting, another thing or the money back "
    "are all fine."
)
NEEDS = "Your team marks it on the order: “Out of stock”."

_MISSING = {
    "subject": "{% if until_words %}Sorry: it comes to us by {{ until_words }}{% else %}Sorry: something you ordered is missing{% endif %}",
    "preheader": "You should hear it from us first. What happened, and what you can choose.",
    "blocks": [
        {"kind": "heading", "text": "{% if missing %}{{ missing }} is{% else %}Something you ordered is{% endif %} out of stock"},
        {
            "kind": "text",
            "text": "You ordered it{% if placed_words %} on {{ placed_words }}{% endif %}, and now we see that there is none left. "
            "We are sorry{% if first_name %}, {{ first_name }}{% endif %}: the shop should not have sold it."
            "\n\n{% if until_words %}**New ones come by {{ until_words }}**, and yours leaves the same day.{% endif %}",
        },
        {
            "kind": "text",
            "text": "Three ways, all fine with us. Reply with one word:\n\n**Wait**, and we send it when it is there. **Other**, and "
            "{% if sender_first %}{{ sender_first }} suggests{% else %}we suggest{% endif %} something like it. "
            "**Money**, and we send yours back today. If we hear nothing, we wait with you.",
        },
        {"kind": "button", "label": "Open your order", "url": "{{ tracker_url }}"},
        {"kind": "signature", "text": "Sorry for the trouble,"},
    ],
}

STEPS: list[dict[str, Any]] = [
    {
        "key": "missing",
        "name": "Something is missing",
        "anchor": Step.Anchor.ENTERED,
        "purpose": Purpose.TRANSACTIONAL,
        "use_by_hours": 72,
        "may_be_the_shops": True,
        "content": _MISSING,
    },
]
