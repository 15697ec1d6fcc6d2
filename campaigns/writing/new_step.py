"""What a new mail of a flow says before anybody has written it: short, and good enough to go."""

from typing import Any

from campaigns.models import FlowVersion, Step
from campaigns.recipes import translated
from messaging.models import Purpose
from stores import languages

_HELLO = "{% if first_name %}, {{ first_name }}{% endif %}"

_ABOUT_ORDER: dict[str, Any] = {
    "subject": "Is everything as it should be?",
    "preheader": "About your order, from a person. A line back is enough.",
    "blocks": [
        {"kind": "heading", "text": f"Is everything as it should be{_HELLO}?"},
        {"kind": "text", "text": "This is about your order of {{ bought_words }}. If anything is not right, reply to this mail."},
        {"kind": "signature", "text": "All the best,"},
    ],
}
_TO_A_PERSON: dict[str, Any] = {
    "subject": "A word from {{ store_name }}",
    "preheader": "Short, and from a person. A line back is enough.",
    "blocks": [
        {"kind": "heading", "text": f"Hello{_HELLO}"},
        {"kind": "text", "text": "We are glad that you are with us. If there is anything we can do for you, reply to this mail."},
        {"kind": "button", "label": "Have a look round", "url": "{{ shop_url }}"},
        {"kind": "signature", "text": "All the best,"},
    ],
}

_ASKS: dict[str, Any] = {
    "subject": "One question about your order",
    "preheader": "One tap is enough, and a person reads it.",
    "blocks": [
        {"kind": "heading", "text": f"One question{_HELLO}"},
        {"kind": "text", "text": "How do you like {{ first_item }} so far?"},
        {"kind": "question", "answers": ["Love it", "Good", "It is all right", "Not great", "Something is wrong"]},
        {"kind": "signature", "text": "All the best,"},
    ],
}

#: What new mails say: about an order, to a person, and with a question.
MAILS = (_ABOUT_ORDER, _TO_A_PERSON, _ASKS)
#: What a new step that is no mail waits for or does (campaigns.waits, campaigns.doing); of a code, the offer is still to be chosen.
_DEEDS: dict[str, tuple[str, dict[str, Any]]] = {
    Step.Kind.WAIT: ("Wait for an answer", {"event": "answer.given", "hours": 72}),
    Step.Kind.COUPON: ("Give a code", {}),
    Step.Kind.TAG: ("Tag the customer", {"tag": "reached"}),
    Step.Kind.NOTE: ("Write a note", {"text": "Came this far in the flow."}),
    Step.Kind.TASK: ("Task for staff", {"title": "Write to them in person", "days": 2}),
    Step.Kind.WEBHOOK: ("Tell another system", {"url": ""}),
}
KINDS = (Step.Kind.MAIL, Step.Kind.SURVEY, *_DEEDS)


def new_step(version: FlowVersion, *, anchor: str, offset_hours: int, key: str, kind: str = Step.Kind.MAIL) -> Step:
    """Return an unsaved step of a version. About an order a mail helps, otherwise it sells: that is the careful choice of the two."""
    helps = version.is_about_order and kind != Step.Kind.COUPON
    step = Step(
        store_id=version.store_id, version=version, key=key, kind=kind, anchor=anchor, offset_hours=offset_hours, use_by_hours=72,
        purpose=Purpose.SERVICE if helps else Purpose.MARKETING,
    )  # fmt: skip
    if kind == Step.Kind.MAIL:
        step.name, step.content = "New mail", _spoken(_ABOUT_ORDER if version.is_about_order else _TO_A_PERSON, version)
    elif kind == Step.Kind.SURVEY:
        step.name, step.content = "One question", _spoken(_ASKS, version)
        step.details = {"survey": survey_key(version, key), "question": "How do you like it so far?"}
    else:
        step.name, step.details = _DEEDS[kind]
    return step


def _spoken(content: dict[str, Any], version: FlowVersion) -> dict[str, Any]:
    return translated.spoken(content, languages.offered(version.store))


def survey_key(version: FlowVersion, step_key: str) -> str:
    """Return under which name a step's answers are kept: apart from those of every other question about the same order."""
    return f"{version.flow.key[:25]}-{step_key[-14:]}"
