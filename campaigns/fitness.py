"""What stands in the way of a step besides the words of its mail: what it waits for or does, whom it is for, what it hangs from."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from campaigns import selling, variables
from campaigns.models import Step
from customers.models import Event
from messaging import rendering
from messaging.rendering import Problem

#: The longest wait, in hours.
LONGEST = 24 * 366
#: What must be said of a deed, by its kind.
_NEEDED = {
    Step.Kind.TAG: ("tag", "Name the tag."),
    Step.Kind.NOTE: ("text", "Write the note."),
    Step.Kind.TASK: ("title", "Name the task."),
}


def of_step(step: Step) -> list[Problem]:
    """Return what is wrong with one step by itself: its mail in every wording, or what it does."""
    if not step.is_mail:
        return [Problem("step", what) for what in _of_deed(step)]
    found = of_mail(step.content, step.purpose)
    for each in step.variants:
        found += [
            replace(problem, where=f"wording {each['key'].upper()}, {problem.where}")
            for problem in of_mail(step.content_of(each["key"]), step.purpose)
        ]
    if step.kind == Step.Kind.SURVEY and not (step.shows("question") and str(step.details.get("question", "")).strip()):
        found.append(Problem("question", "Write the question, and keep the block with its answers in the mail."))
    shares = [each["share"] for each in step.variants]
    if shares and (sum(shares) >= 100 or min(shares) < 1):
        found.append(Problem("wordings", "Leave some of a hundred people for the step’s own wording, and at least one for each other."))
    return found


def of_mail(content: Mapping[str, Any], purpose: str) -> list[Problem]:
    """Return what is wrong with what a mail of a purpose says."""
    return rendering.check(content, known=variables.VARIABLES) + selling.problems(content, purpose)


def _of_deed(step: Step) -> list[str]:
    details, kind = step.details, step.kind
    if kind == Step.Kind.WAIT:
        hours = details.get("hours")
        is_known = details.get("event") in Event.Kind.values
        fits = isinstance(hours, int) and 0 < hours <= LONGEST
        return [*([] if is_known else ["Say what it waits for."]), *([] if fits else ["Say for how long it waits: an hour to a year."])]
    if kind == Step.Kind.COUPON:
        return [] if step.offer_id else ["Choose the offer it gives a code of."]
    if kind == Step.Kind.WEBHOOK:
        return [] if str(details.get("url", "")).startswith("https://") else ["Enter an address that begins with https://."]
    name, words = _NEEDED[Step.Kind(kind)]
    return [] if str(details.get(name, "")).strip() else [words]


def among(steps: Sequence[Step]) -> list[tuple[str, str]]:
    """Return what is wrong between the steps of a version: (the step's key, what)."""
    by_key = {step.key: step for step in steps}
    found, taken = [], set()
    for step in steps:
        if step.anchor == Step.Anchor.WAITED and not any(each.kind == Step.Kind.WAIT and each.position < step.position for each in steps):
            found.append((step.key, f"{step.name} follows a wait, and there is none before it."))
        if not step.instead_of:
            continue
        first = by_key.get(step.instead_of)
        if first is None or first.instead_of or first.key in taken or not step.only_if_id:
            found.append((step.key, f"{step.name} goes instead of another step: choose one, for whom, and no two for one."))
        taken.add(step.instead_of)
    return found
