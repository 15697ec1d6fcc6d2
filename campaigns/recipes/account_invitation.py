"""To who bought as a guest: an account, with the reasons that make it worth having, and the address filled in already."""

from datetime import time
from typing import Any

from campaigns.models import FlowVersion, Step
from messaging.models import Purpose

KEY = "account-invitation"
NAME = "Account invitation, 1 mail"
TRIGGER = "order.received"
PRIORITY = 26
REENTRY = FlowVersion.Reentry.ONCE
SAYS = "Two days after a guest’s order arrived, once in a lifetime: what an account is good for, with their address filled in."
NEEDS = "The address of your account page (Settings), and word from your pages when somebody makes an account (account_created)."

_ACCOUNT = {
    "subject": "Keep your orders and warranties together",
    "preheader": "An account takes a password and nothing else: your address is filled in.",
    "blocks": [
        {"kind": "heading", "text": "All you bought from us, in one place"},
        {
            "kind": "text",
            "text": "You ordered as a guest{% if first_name %}, {{ first_name }}{% endif %}, and that is fine for next time, too. "
            "With an account two things are easier:",
        },
        {
            "kind": "text",
            "text": "**Your orders and warranties** stand in one place{% if warranty_until %}, such as the one until {{ warranty_until }}"
            "{% endif %}: no mail to search for.\n\n**The next order** is quicker: your address is there already.",
        },
        {"kind": "button", "label": "Make an account", "url": "{{ account_url }}"},
        {"kind": "text", "tone": "soft", "text": "You have one under another address? Reply with it, and we put this order there."},
        {"kind": "signature", "text": "All the best,"},
    ],
}

STEPS: list[dict[str, Any]] = [
    {
        "key": "account",
        "name": "An account",
        "anchor": Step.Anchor.ENTERED,
        "offset_hours": 48,
        "time_of_day": time(11, 0),
        "purpose": Purpose.SERVICE,
        "conditions": ["is_guest"],
        "use_by_hours": 120,
        "content": _ACCOUNT,
    },
]
