"""The first mail to somebody who asked for mails and has not bought anything yet: what they will get, and the promised incentive."""

from typing import Any

from campaigns.models import FlowVersion, Step
from messaging.models import Purpose

KEY = "welcome"
NAME = "Welcome for subscribers, 1 mail"
TRIGGER = "consent.granted"
ONLY_WHERE = [{"name": "topic", "test": "is", "value": "marketing"}]
PRIORITY = 25
REENTRY = FlowVersion.Reentry.ONCE
EXITS = ["bought", "unsubscribed"]
OFFER, OFFER_VALUE = "First order", "10% off"
SAYS = "At once after somebody subscribes who has not ordered yet: what they get from you, and a code for the first order."
NEEDS = "A discount code for first orders."

_WELCOME = {
    "subject": "You are in{% if first_name %}, {{ first_name | truncate: 12, '…' }}{% endif %}"
    "{% if offer_value %}: {{ offer_value | truncate: 14, '…' }} to begin with{% endif %}",
    "preheader": "What you will get from us, how seldom, and a code for your first order.",
    "blocks": [
        {"kind": "heading", "text": "Good that you are here{% if first_name %}, {{ first_name }}{% endif %}"},
        {"kind": "text", "text": "You asked to hear from us. As promised, here is something for your first order: {{ offer_value }}."},
        {"kind": "offer", "label": "Look round the shop"},
        {
            "kind": "text",
            "text": "From now on you hear from us when there is something worth your time, and not otherwise. "
            "Looking for something in particular? Reply, and "
            "{% if sender_first %}{{ sender_first }} helps{% else %}a person helps{% endif %} you choose.",
        },
        {"kind": "signature", "text": "Welcome,"},
    ],
}  # fmt: skip

STEPS: list[dict[str, Any]] = [
    {
        "key": "welcome",
        "name": "Welcome",
        "anchor": Step.Anchor.ENTERED,
        "purpose": Purpose.MARKETING,
        "conditions": ["has_code", "not_ordered"],
        "use_by_hours": 48,
        "content": _WELCOME,
        "offer": OFFER,
    },
]
