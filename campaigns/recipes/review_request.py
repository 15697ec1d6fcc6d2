"""Asks for a review, once an order. Where the check-in asks that week, a happy answer leads on to it and only silence is asked again."""

from typing import Any

from campaigns.models import Step
from messaging.models import Purpose

KEY = "review-request"
NAME = "Review request, 1 mail"
TRIGGER = "order.placed"
PRIORITY = 20
SAYS = (
    "A week after the parcel: how many stars? Who gets a check-in that week is not asked twice: a happy answer leads on to the review, "
    "silence is asked five days later, and who was unhappy is left alone."
)
NEEDS = "Somebody who reads the reviews: none is shown before."

_ITEM = "{% if first_item %}your {{ first_item }}{% else %}what you bought{% endif %}"


def _ask(since: str) -> dict[str, Any]:
    return {
        "subject": "How many stars for your {% if first_item %}{{ first_item | truncate: 20, '…' }}{% else %}order{% endif %}?",
        "preheader": "One tap. Whoever thinks of buying it reads that first.",
        "blocks": [
            {"kind": "heading", "text": f"How many stars for {_ITEM}?"},
            {
                "kind": "text",
                "text": f"{since}{{% if first_name %}}, {{{{ first_name }}}}{{% endif %}}, so you know what no product page can say. "
                "Somebody who thinks of buying the same will read you before they read us.",
            },
            {"kind": "stars", "answers": ["★★★★★ Great", "★★★★ Good", "★★★ All right", "★★ Poor", "★ Bad"]},
            {
                "kind": "text",
                "text": "Would you rather write? Reply with a number from one to five on the first line, "
                "and your words and pictures below it.",
            },
            {
                "kind": "text",
                "text": "Few stars are shown like many, and we answer them. Something is wrong with it? Reply to this mail, and "
                "{% if sender_first %}{{ sender_first }} puts{% else %}we put{% endif %} it right.",
            },
            {"kind": "signature", "text": "Thank you,"},
        ],
    }


STEPS: list[dict[str, Any]] = [
    {
        "key": "ask",
        "name": "Ask for a review",
        "anchor": Step.Anchor.RECEIVED,
        "offset_hours": 168,
        "purpose": Purpose.SERVICE,
        "conditions": ["no_check_in", "no_review_asked", "not_unhappy", "no_return"],
        "use_by_hours": 168,
        "content": _ask("You have had it for a week"),
    },
    {
        "key": "ask-the-silent",
        "name": "Ask who did not answer the check-in",
        "anchor": Step.Anchor.RECEIVED,
        "offset_hours": 288,
        "purpose": Purpose.SERVICE,
        "conditions": ["no_review_asked", "not_unhappy", "no_return"],
        "use_by_hours": 168,
        "content": _ask("You have had it for almost two weeks"),
    },
]
