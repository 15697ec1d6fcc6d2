"""Where the order is, told before anybody asks: seven short mails as data, of which most orders see three.

Each says the fact first and one thing to do. What went wrong is said by the shop, with what happens next; none of them sells.
"""

from typing import Any

from campaigns.models import Step
from messaging.models import Purpose

KEY = "order-status"
NAME = "Order status, 7 mails"
TRIGGER = "order.placed"
PRIORITY = 5
SAYS = (
    "Shipped, out for delivery or ready to be picked up, delivered; and the shop says it first when a parcel is late, stuck, or money "
    "goes back."
)
NEEDS = "Tracking from your shop or carrier. Without it only “shipped” and “refund done” go out."

_THING = "{% if first_item %}Your {{ first_item }}{% else %}Your order{% endif %}"
_THING_INSIDE = "{% if first_item %}your {{ first_item }}{% else %}your order{% endif %}"
_SHORT = "{% if first_item %}{{ first_item | truncate: 22, '…' }}{% else %}Your order{% endif %}"
_CARRIER = "{% if carrier %}{{ carrier }}{% else %}The carrier{% endif %}"
_CARRIER_SAYS = "{% if carrier %}says {{ carrier }}{% else %}as we hear{% endif %}"
_HELLO = "{% if first_name %}, {{ first_name }}{% endif %}"

_SHIPPED = {
    "subject": "It left us{% if expected_day %}: arriving {{ expected_day }}{% endif %}",
    "preheader": f"{_THING} is packed and under way. Here is where to follow it.",
    "blocks": [
        {"kind": "heading", "text": "It left us{% if first_name %}, {{ first_name }}{% endif %}"},
        {
            "kind": "text",
            "text": f"Great news: {_THING_INSIDE} is packed and on its way"
            "{% if carrier %} with {{ carrier }}{% endif %}.",
        },
        {"kind": "parcel"},
        {"kind": "button", "label": "See where it is", "url": "{{ tracker_url }}"},
        {"kind": "text", "text": "It goes to {{ ship_to }}. Nobody home that day? Reply, and we tell you what can be done."},
        {"kind": "order_lines"},
        {"kind": "signature", "text": "Until it arrives,"},
    ],
}  # fmt: skip

_OUT_FOR_DELIVERY = {
    "subject": f"Today: {_SHORT} is out for delivery",
    "preheader": "It is in the van. Where it goes, and what to do if you are out.",
    "blocks": [
        {"kind": "heading", "text": f"{_THING} comes today"},
        {
            "kind": "text",
            "text": "Great news: it is in {% if carrier %}{{ carrier }}’s{% else %}the{% endif %} van, "
            "on the last stretch to {{ ship_to }}.",
        },
        {"kind": "parcel"},
        {"kind": "button", "label": "Follow the last stretch", "url": "{{ tracker_url }}"},
        {"kind": "text", "text": "Out today? Most carriers leave it with a neighbour or try again on the next working day."},
        {"kind": "signature", "text": "Nearly there,"},
    ],
}

_READY = {
    "subject": f"Ready to be picked up: {_SHORT}",
    "preheader": "{% if pickup_until %}It waits for you until {{ pickup_until }}.{% else %}It waits for you for some days.{% endif %} "
    "Where, and what to bring.",
    "blocks": [
        {"kind": "heading", "text": f"{_THING} is ready to be picked up"},
        {
            "kind": "text",
            "text": f"Great news{_HELLO}: you can fetch it{{% if carrier %}} from {{{{ carrier }}}}{{% endif %}}"
            "{% if pickup_until %} until **{{ pickup_until }}**{% endif %}."
            "\n\n{% if pickup_place %}**Where:** {{ pickup_place }}{% else %}The carrier’s page says where it is, and for how long: "
            "your order’s page leads there.{% endif %}",
        },
        {"kind": "text", "text": "Bring something with your name on it: most places ask for it."},
        {"kind": "button", "label": "See where it is", "url": "{{ tracker_url }}"},
        {
            "kind": "text",
            "text": "Can’t make it in time? Reply to this mail, and "
            "{% if sender_first %}{{ sender_first }} sees{% else %}we see{% endif %} what can be done.",
        },
        {"kind": "signature", "text": "Nearly there,"},
    ],
}

_DELIVERED = {
    "subject": f"It is here: {_SHORT}",
    "preheader": "{% if was_fetched %}You have picked it up. If anything is not right, reply and we put it right."
    "{% else %}Delivered. If it is not in your hands, reply and we look for it at once.{% endif %}",
    "blocks": [
        {"kind": "heading", "text": f"{_THING} is here"},
        {"kind": "text", "unless": "was_fetched", "text": f"Great news{_HELLO}: it is delivered, {_CARRIER_SAYS}."},
        {
            "kind": "text",
            "unless": "was_fetched",
            "text": "Not in your hands? Look with the neighbours first, then reply to this mail. "
            "{% if sender_first %}{{ sender_first }} looks{% else %}We look{% endif %} for it the same working day.",
        },
        {"kind": "button", "label": "Open your order", "url": "{{ tracker_url }}"},
        {"kind": "policy"},
        {"kind": "signature", "text": "Enjoy it,"},
    ],
}  # fmt: skip

_LATE = {
    "subject": "{% if silent_words %}No news of your parcel: we look for it"
    "{% elsif expected_day %}It is late: now {{ expected_day }}. We are sorry{% else %}It is late. We are sorry{% endif %}",
    "preheader": "You should hear it from us first: what happened, and what you can do.",
    "blocks": [
        {
            "kind": "heading",
            "text": f"{{% if silent_words %}}We have no news of {_THING_INSIDE}{{% else %}}{_THING} is late{{% endif %}}",
        },
        {
            "kind": "text",
            "text": "You should hear it from us first{% if first_name %}, {{ first_name }}{% endif %}."
            f"{{% if silent_words %}} {_CARRIER} has not told of it since {{{{ silent_words }}}}.{{% endif %}}"
            "{% unless silent_words %}{% if promised_words %} It was promised for {{ promised_words }}, and that did not hold.{% endif %}"
            "{% endunless %}"
            f"{{% unless expected_words or silent_words %}} {_CARRIER} has not named a new day yet.{{% endunless %}}"
            "\n\nWe are sorry. You need to do nothing: we watch it until it is with you.",
        },
        {"kind": "parcel"},
        {"kind": "button", "label": "See where it is now", "url": "{{ tracker_url }}"},
        {
            "kind": "text",
            "text": "Too late for what you need it for? Reply to this mail. "
            "{% if sender_first %}{{ sender_first }} sends{% else %}We send{% endif %} another one or gives the money back, as you like.",
        },
        {"kind": "signature", "text": "Sorry for the wait,"},
    ],
}  # fmt: skip

_PROBLEM = {
    "subject": "Your parcel got stuck. What now?",
    "preheader": "The carrier could not hand it over. One reply from you sets it right.",
    "blocks": [
        {"kind": "heading", "text": "Your parcel could not be handed over"},
        {
            "kind": "text",
            "text": f"{_CARRIER} tried to bring {_THING_INSIDE} and could not. You should hear that from us, not find it out.",
        },
        {
            "kind": "text",
            "text": "It was going to {{ ship_to }}. Is that right? Reply with “yes”, or with the address where somebody is in: "
            "we arrange another try or send it anew.",
        },
        {"kind": "button", "label": "See what the carrier says", "url": "{{ tracker_url }}"},
        {"kind": "signature", "text": "We stay on it until it is with you.\n\nSorry for the trouble,"},
    ],
}

_REFUND_DONE = {
    "subject": "Your money is on its way{% if refunded %}: {{ refunded }}{% endif %}",
    "preheader": "We have sent it back. Banks take a few days to show it.",
    "blocks": [
        {"kind": "heading", "text": "{% if refunded %}We sent {{ refunded }} back to you{% else %}We sent your money back{% endif %}"},
        {
            "kind": "text",
            "text": f"Done{_HELLO}: it goes back the way you paid. Banks and cards show it after two to ten working days; "
            "there is nothing for you to do.",
        },
        {"kind": "totals"},
        {
            "kind": "text",
            "text": "Not there after ten working days, or not the sum you expected? Reply to this mail and "
            "{% if sender_first %}{{ sender_first }} looks{% else %}we look{% endif %} it up.",
        },
        {"kind": "button", "label": "Open your order", "url": "{{ tracker_url }}"},
        {"kind": "signature", "text": "All the best,"},
    ],
}


def _step(key: str, name: str, anchor: str, content: dict[str, Any], *, use_by_hours: int, **more: Any) -> dict[str, Any]:
    return {
        "key": key, "name": name, "anchor": anchor, "content": content, "use_by_hours": use_by_hours, "may_be_the_shops": True,
        "purpose": Purpose.TRANSACTIONAL, **more,
    }  # fmt: skip


STEPS: list[dict[str, Any]] = [
    _step("shipped", "Shipped", Step.Anchor.SHIPPED, _SHIPPED, use_by_hours=48),
    _step("out-for-delivery", "Out for delivery", Step.Anchor.OUT_FOR_DELIVERY, _OUT_FOR_DELIVERY, use_by_hours=8),
    _step("ready", "Ready to be picked up", Step.Anchor.READY, _READY, use_by_hours=72),
    _step("late", "Late", Step.Anchor.LATE, _LATE, use_by_hours=72),
    _step("problem", "Delivery failed", Step.Anchor.PROBLEM, _PROBLEM, use_by_hours=72),
    _step("delivered", "Delivered", Step.Anchor.RECEIVED, _DELIVERED, use_by_hours=48, conditions=["has_arrived"]),
    _step("refund-done", "Refund done", Step.Anchor.REFUNDED, _REFUND_DONE, use_by_hours=96),
]
