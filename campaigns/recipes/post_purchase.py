"""Post-purchase in five mails, as data: when each goes, to whom, and what it says, ready to be sent as it is.

The order of blocks and the voice follow one rule each: the fact first; one job and one button a mail; a person signs. Sentences that
print a value nobody knows disappear, so no text here needs a fallback for a missing name or date.
"""

from datetime import time
from typing import Any

from campaigns.models import Step
from messaging.models import Purpose

KEY = "post-purchase"
NAME = "Post-purchase, 5 mails"
TRIGGER = "order.placed"
PRIORITY = 10
SAYS = (
    "From the confirmation to a thank-you, two weeks after the parcel: tips before it lands, a question a week later, an offer at the end."
)
NEEDS = "Usage tips for what you sell, and a discount code for the last mail."
OFFER = "Thanks"
OFFER_VALUE = "10% off"
SURVEY = "check-in"
QUESTION = "How is life with what you bought?"

_HELLO = "{% if first_name %}, {{ first_name }}{% endif %}"

_CONFIRMATION = {
    "subject": f"Got it{_HELLO}{{% if expected_day %}}. Arriving {{{{ expected_day }}}}{{% endif %}}",
    "preheader": "What you ordered, what it cost, and where to follow it.",
    "blocks": [
        {"kind": "heading", "text": f"Got it{_HELLO}. Thank you"},
        {"kind": "text", "text": "We have your order and are getting it ready: {{ bought_words }}."},
        {"kind": "parcel"},
        {"kind": "order_lines"},
        {"kind": "totals"},
        {"kind": "button", "label": "Follow your order", "url": "{{ tracker_url }}"},
        {"kind": "text", "text": "It goes to {{ ship_to }}. Something wrong there? Reply to this mail now, before it leaves."},
        {"kind": "policy"},
        {"kind": "signature", "text": "Speak soon,"},
        {"kind": "divider", "only": "marketing", "if": "pairings"},
        {"kind": "pairings", "only": "marketing", "if": "pairings", "text": "Goes well with it", "label": "See it"},
    ],
}

_TIPS = {
    "subject": "{{ landing_words }}{% if tips_title %}: {{ tips_title }}{% endif %}",
    "preheader": "{% if has_arrived %}Two minutes now, and the first go is a good one."
    "{% else %}Before it arrives: two minutes that make the first go a good one.{% endif %}",
    "blocks": [
        {"kind": "heading", "text": "{% if has_arrived %}Now that it is here{% else %}Before it arrives{% endif %}"},
        {
            "kind": "text",
            "text": "{% unless has_arrived %}Your parcel is on its way{% if expected_words %}, arriving {{ expected_words }}{% endif %}."
            "{% endunless %}\n\nTwo minutes with these steps, and the first go with your {{ tips_item }} is a good one.",
        },
        {"kind": "tips"},
        {"kind": "button", "unless": "has_arrived", "label": "See where it is", "url": "{{ tracker_url }}"},
        {"kind": "signature", "text": "Stuck at a step? Reply and tell me which one.\n\nGood luck with it,"},
    ],
}

_GOES_WELL = {
    "subject": "Goes well with your {{ first_item }}",
    "preheader": "{{ pairings_title }} we would add to it, and why.",
    "blocks": [
        {"kind": "heading", "text": "Settled in with your {{ first_item }}?"},
        {
            "kind": "text",
            "text": "{% if pairings_title %}{{ pairings_title }} we would add, and why. {% endif %}"
            "None of it is a must: what you have does its job on its own.",
        },
        {"kind": "pairings", "label": "Have a look"},
        {"kind": "text", "tone": "soft", "text": "Not for you? Reply and say so, then we suggest something better or nothing at all."},
        {"kind": "signature", "text": "All the best,"},
    ],
}

_CHECK_IN = {
    "subject": "How is life with your {{ first_item }}?",
    "preheader": "One tap is enough. {% if sender_first %}{{ sender_first }} reads{% else %}We read{% endif %} the bad ones first.",
    "blocks": [
        {"kind": "heading", "text": "How is life with your {{ first_item }}?"},
        {"kind": "text", "text": "It has been a week{% if first_name %}, {{ first_name }}{% endif %}. One tap tells us how it went."},
        {"kind": "question", "answers": ["Love it", "Good", "It is all right", "Not great", "Something is wrong"]},
        {
            "kind": "text",
            "text": "{% if sender_first %}{{ sender_first }} reads the bad ones first and writes back{% else %}"
            "We read the bad ones first and write back{% endif %} within a working day. Anything longer than a tap: reply to this mail.",
        },
        {"kind": "text", "tone": "soft", "text": "Your warranty runs until {{ warranty_until }}. Keep this mail for it."},
        {"kind": "signature", "text": "Thank you,"},
    ],
}

_THANKS = {
    "subject": "Thanks{% if offer_value %}: {{ offer_value }}{% endif %}{% if offer_day %}, until {{ offer_day }}{% endif %}",
    "preheader": "Your own code, and the day it ends. Nothing else to it.",
    "blocks": [
        {"kind": "heading", "text": f"Thank you{_HELLO}"},
        {"kind": "text", "text": "Your order made a small shop’s week. Here is a thank-you for the next one: {{ offer_value }}."},
        {"kind": "offer", "label": "Use it in the shop"},
        {
            "kind": "text",
            "text": "Enter the code at checkout. "
            "{% if offer_day %}After {{ offer_day }} it stops working, and we will not chase you about it.{% endif %}",
        },
        {"kind": "signature", "text": "With thanks,"},
        {"kind": "divider", "order": "later", "if": "referral_url"},
        {
            "kind": "referral",
            "order": "later",
            "text": "Know somebody who would like it here? {{ referral_gives }} for them, {{ referral_gets }} for you.",
            "label": "Get your link",
        },
    ],
}

STEPS: list[dict[str, Any]] = [
    {
        "key": "confirmation",
        "name": "Confirmation",
        "anchor": Step.Anchor.PLACED,
        "purpose": Purpose.TRANSACTIONAL,
        "use_by_hours": 48,
        "may_be_the_shops": True,
        "content": _CONFIRMATION,
    },
    {
        "key": "tips",
        "name": "Usage tips",
        "anchor": Step.Anchor.SHIPPED,
        "offset_hours": 24,
        "not_after_anchor": Step.Anchor.EXPECTED,
        "not_after_hours": 6,
        "purpose": Purpose.SERVICE,
        "conditions": ["has_tips"],
        "use_by_hours": 96,
        "content": _TIPS,
    },
    {
        "key": "goes-well",
        "name": "Goes well with it",
        "anchor": Step.Anchor.RECEIVED,
        "offset_hours": 96,
        "time_of_day": time(10, 0),
        "purpose": Purpose.MARKETING,
        "conditions": ["has_pairings", "not_bought_since", "no_return"],
        "use_by_hours": 168,
        "content": _GOES_WELL,
    },
    {
        "key": "check-in",
        "name": "Check-in",
        "anchor": Step.Anchor.RECEIVED,
        "offset_hours": 168,
        "purpose": Purpose.SERVICE,
        "conditions": ["not_answered"],
        "use_by_hours": 168,
        "content": _CHECK_IN,
    },
    {
        "key": "thanks",
        "name": "Thanks, for a time",
        "anchor": Step.Anchor.RECEIVED,
        "offset_hours": 336,
        "early_after_answer_hours": 72,
        "purpose": Purpose.MARKETING,
        "conditions": ["has_code", "not_bought_since", "no_return"],
        "use_by_hours": 168,
        "content": _THANKS,
        "offer": OFFER,
    },
]
