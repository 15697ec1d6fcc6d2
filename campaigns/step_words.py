"""A step in words: when it goes, for whom, and what its subject line says. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from campaigns import decisions, event_facts, leaving
from campaigns.models import FlowVersion, Step
from campaigns.occasions import dates
from customers.models import Event
from segments.models import Segment

_AFTER = {
    "placed": "the order", "shipped": "shipping", "expected": "the expected day", "received": "it arrived",
    "out_for_delivery": "it went out for delivery", "ready": "it became ready to be picked up", "late": "it became late",
    "problem": "the carrier could not hand it over", "refunded": "money was given back", "entered": "entering", "waited": "the wait",
}  # fmt: skip
#: What is said of a step that goes at once.
_WITH = {
    "placed": "with the order", "shipped": "with shipping", "expected": "on the expected day", "received": "when it arrives",
    "out_for_delivery": "when it is out for delivery", "ready": "when it is ready to be picked up", "late": "when it is late",
    "problem": "when the carrier cannot hand it over", "refunded": "when money is given back", "entered": "with what starts the flow",
    "waited": "when the wait is over",
}  # fmt: skip
#: What a step waits for that may never happen.
ONLY = {
    "out_for_delivery": "On its day", "ready": "If it is to be fetched", "late": "If it is late", "problem": "If delivery fails",
    "refunded": "If money goes back",
}  # fmt: skip
#: What starts a flow, of whoever it happens to.
_STARTS = {
    "order.placed": "orders", "customer.birthday": "has a birthday", "consent.granted": "gives permission",
    "consent.withdrawn": "withdraws permission", "cart.abandoned": "leaves a cart behind", "product.runs_out": "runs out of something",
    "product.price_dropped": "waits for something that becomes cheaper", "product.back_in_stock": "waits for something that is back",
    "customer.gift_season": "gave many presents last December", "order.out_of_stock": "has something missing from an order",
    "order.received": "has an order arrive",
    "consent.expiring": "has long given no sign",
    "answer.given": "answers a check-in",
    "referral.credited": "brings a friend who orders",
}  # fmt: skip
_VALUE = re.compile(r"{{-?\s*([\w.]+)[^}]*}}")
_TAG = re.compile(r"{%-?.*?-?%}", re.DOTALL)


def when(step: Step) -> str:
    """Return a step's offset: "at once", "1 day after", "4 days after, 10:00 their time"."""
    hours = step.offset_hours
    if step.time_of_day is not None:
        day = "the same day" if hours < 24 else f"{_days(hours // 24)} after"
        return f"{day}, {step.time_of_day:%H:%M} their time"
    if hours == 0:
        return "at once"
    return f"{_days(hours // 24)} after" if hours % 24 == 0 else f"{hours} hours after"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def goes(step: Step) -> str:
    """Return when a step goes, whole: "at once, with the order", "4 days after it arrived, 10:00 their time"."""
    words = when(step)
    if words == "at once":
        return f"at once, {_WITH[step.anchor]}"
    return words.replace(" after", f" after {_AFTER[step.anchor]}", 1)


def starts(version: FlowVersion) -> str:
    """Return what starts a flow, of a person: "orders", "comes to be among “VIP: top 1 %”"."""
    if version.trigger == Event.Kind.SEGMENT_ENTERED and version.audience:
        return f"comes to be among “{version.audience}”"
    if version.trigger == Event.Kind.CUSTOMER_DATE and (asked := dates.asked_for(version.only_where)):
        return f"is {_days(abs(asked[1]))} {'after' if asked[1] >= 0 else 'before'} {dates.DATES[asked[0]][0]}"
    kind = Event.Kind(version.trigger).label if version.trigger in Event.Kind.values else version.trigger
    words = _STARTS.get(version.trigger, f"has this happen: {kind.lower()}")
    return words + _tests(version.only_where)


def _tests(tests: Sequence[Mapping[str, Any]]) -> str:
    return f" ({', '.join(event_facts.say(test) for test in tests)})" if tests else ""


def rules(version: FlowVersion) -> list[str]:
    """Return who enters a flow, how often, and what ends it, as sentences."""
    said = [f"Whoever {starts(version)} enters."]
    if version.audience and version.trigger != Event.Kind.SEGMENT_ENTERED:
        said.append(f"Only those in “{version.audience}”.")
    said.append(_AGAIN[FlowVersion.Reentry(version.reentry)].format(days=version.reentry_days))
    exits = [leaving.EXITS[name][0] for name in leaving.by_name(version) if name in leaving.EXITS]
    exits += [_ends(each, version) for each in leaving.by_event(version)]
    if exits:
        said.append(f"It ends as soon as they {_joined(exits, 'or')}.")
    return [*said, f"Its mails come from {version.writer}."] if version.writer else said


def _ends(asked: Mapping[str, Any], version: FlowVersion) -> str:
    """Return an event that ends a flow, of a person: "come to be among “VIPs”", "have this happen: review given (the score …)"."""
    if asked["event"] == Event.Kind.SEGMENT_ENTERED:
        segment = Segment.objects.filter(store=version.store_id, pk__in=[test["value"] for test in asked["where"]]).first()
        return f"come to be among “{segment or 'a segment that is gone'}”"
    kind = Event.Kind(asked["event"]).label if asked["event"] in Event.Kind.values else asked["event"]
    return f"have this happen: {kind.lower()}{_tests(asked['where'])}"


_AGAIN = {
    FlowVersion.Reentry.ONCE: "Once in a lifetime.",
    FlowVersion.Reentry.PER_ORDER: "Once an order.",
    FlowVersion.Reentry.AFTER_DAYS: "Again after {days} days at the earliest.",
    FlowVersion.Reentry.EVERY_TIME: "Every time.",
}


def _joined(words: list[str], last: str) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def bound(step: Step) -> str:
    """Return what a step must stay ahead of, in words; empty if nothing."""
    if not step.not_after_anchor:
        return ""
    ahead = f"{step.not_after_hours} h before " if step.not_after_hours else "before "
    return f"at the latest {ahead}{_AFTER[step.not_after_anchor]}"


def only_if(step: Step) -> str:
    """Return a step's conditions as one sentence; empty if it has none. The second of two on one rung says whom it is for."""
    words = [decisions.CONDITIONS[name][0] for name in step.conditions if name in decisions.CONDITIONS]
    instead = f"Instead, for “{step.only_if}”." if step.instead_of and step.only_if else ""
    if step.only_if and not instead:
        words.append(f"they are among “{step.only_if}”")
    return " ".join(part for part in (instead, f"Only if {_joined(words, 'and')}." if words else "") if part)


def does(step: Step) -> str:
    """Return what a step does that is no mail; empty of a mail."""
    details, kind = step.details, step.kind
    if kind == Step.Kind.WAIT:
        tests = _tests(details.get("where", ()))
        return f"Waits for “{Event.Kind(details['event']).label}”{tests}, for {span(details['hours'])} at the most."
    if kind == Step.Kind.TAG:
        return f"Takes the tag “{details['tag']}” away." if details.get("remove") else f"Tags them “{details['tag']}”."
    words = {
        Step.Kind.WEBHOOK: f"Tells {details.get('url', '')}.",
        Step.Kind.COUPON: f"Gives them a code of “{step.offer}”.",
        Step.Kind.NOTE: f"Writes a note: “{details.get('text', '')}”.",
        Step.Kind.TASK: f"Opens a task for staff: “{details.get('title', '')}”. Nothing is sold to them before it is closed.",
    }
    return words.get(Step.Kind(kind), "")


def variants(step: Step) -> str:
    """Return how the wordings of a step's mail are shared out; empty if it has one only."""
    if not step.variants:
        return ""
    own = 100 - sum(each["share"] for each in step.variants)
    others = [f"{each['share']} % get wording {each['key'].upper()}" for each in step.variants]
    return f"{own} % get its own wording, {_joined(others, 'and')}."


def early(step: Step) -> str:
    """Return what a happy answer does to a step's moment; empty if nothing."""
    return f"already {span(step.early_after_answer_hours)} after a happy answer" if step.early_after_answer_hours is not None else ""


def of_use(step: Step) -> str:
    """Return how long a step's mail may wait: "Of no use 3 days after that: then it is skipped."."""
    return f"Of no use {span(step.use_by_hours)} after that: then it is skipped."


def span(hours: int) -> str:
    """Return a length of time: "3 days", "1 hour"."""
    return _days(hours // 24) if hours and hours % 24 == 0 else f"{hours} hour{'s' * (hours != 1)}"


def in_brackets(words: object) -> str:
    """Return what is written in a mail with its values named in brackets: "Got it, [first name]"."""
    words = _TAG.sub("", str(words or ""))
    return _VALUE.sub(lambda found: f"[{found[1].split('.')[-1].replace('_', ' ')}]", words).strip()
