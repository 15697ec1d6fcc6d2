"""Asks once more, and once again, whether somebody still wants to hear from the shop. No answer is a no."""

from datetime import time
from typing import Any

from campaigns.models import FlowVersion, Step
from messaging.models import Purpose

KEY = "permission-renewal"
NAME = "Permission renewal, 2 mails"
TRIGGER = "consent.expiring"
PRIORITY = 45
REENTRY, REENTRY_DAYS = FlowVersion.Reentry.AFTER_DAYS, 180
EXITS = ["renewed", "unsubscribed"]
SAYS = (
    "Who agreed to offers long ago and has not ordered, clicked or answered since is asked whether to go on, and again three weeks later. "
    "A month of silence ends the permission, and the offers with it; order mails still come."
)
NEEDS = ""

_YES = {"kind": "button", "label": "Yes, keep writing", "url": "{{ renew_url }}"}
_ELSE = {
    "kind": "text",
    "tone": "soft",
    "text": "Want less, or something else? [Choose what you get]({{ preferences_url }}). What concerns an order of yours always comes.",
}

_STILL = {
    "subject": "Shall we keep writing to you?",
    "preheader": "You agreed to our offers a while ago. One tap keeps them, silence ends them.",
    "blocks": [
        {"kind": "heading", "text": "Shall we keep writing{% if first_name %}, {{ first_name }}{% endif %}?"},
        {
            "kind": "text",
            "text": "You said yes to our offers a good while ago, and we have not heard from you since. A yes should not last for ever "
            "by itself, so we ask again.",
        },
        _YES,
        {"kind": "text", "text": "You need not do anything to end it: if we hear nothing, we stop in a month."},
        _ELSE,
        {"kind": "signature", "text": "All the best,"},
    ],
}
_LAST = {
    "subject": "The last mail, unless you say yes",
    "preheader": "We asked three weeks ago. Without a yes our offers to you end next week.",
    "blocks": [
        {"kind": "heading", "text": "We stop next week"},
        {
            "kind": "text",
            "text": "Three weeks ago we asked whether you still want our offers{% if first_name %}, {{ first_name }}{% endif %}. "
            "Without an answer they end next week, and that is quite all right.",
        },
        _YES,
        _ELSE,
        {"kind": "signature", "text": "Thank you for reading,"},
    ],
}

STEPS: list[dict[str, Any]] = [
    {
        "key": "still-wanted",
        "name": "Shall we keep writing?",
        "anchor": Step.Anchor.ENTERED,
        "offset_hours": 24,
        "time_of_day": time(10, 0),
        "purpose": Purpose.MARKETING,
        "use_by_hours": 168,
        "content": _STILL,
    },
    {
        "key": "last-call",
        "name": "The last one",
        "anchor": Step.Anchor.ENTERED,
        "offset_hours": 528,
        "time_of_day": time(10, 0),
        "purpose": Purpose.MARKETING,
        "use_by_hours": 120,
        "content": _LAST,
    },
]
