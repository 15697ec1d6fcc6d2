"""Editing a flow: everything happens in a draft beside the live version, and nobody's mails change before it is published.

Each verb takes the flow's row first, so that two editors follow one another; who saves over a change they have not seen is told of it.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core import serializers
from django.db import transaction
from django.db.models import F, Max

from campaigns.models import Flow, FlowVersion, Step
from campaigns.writing.new_step import new_step, survey_key
from stores.models import User

#: The stops of the line from the order to its end; steps stand in this order, and by their time under each.
LINE: tuple[str, ...] = (
    "placed", "shipped", "expected", "out_for_delivery", "ready", "late", "problem", "received", "refunded", "entered", "waited",
)  # fmt: skip
#: Those that stand on the line even where no step hangs from them.
ALWAYS = frozenset({"placed", "shipped", "received"})
#: What a step keeps when it takes another's place in time.
MOMENT = ("offset_hours", "time_of_day")
#: What may be changed of a step; its key and its version never are.
EDITABLE = frozenset(
    {
        *MOMENT, "not_after_anchor", "not_after_hours", "early_after_answer_hours", "name", "kind", "details", "anchor", "use_by_hours",
        "purpose", "conditions", "only_if", "instead_of", "content", "variants", "offer", "writer", "may_be_the_shops",
    }
)  # fmt: skip
RULES = ("trigger", "only_where", "reentry", "reentry_days", "exits", "audience", "writer")


class Stale(Exception):
    """Somebody else changed the step since it was read; `step` is as it stands now."""

    def __init__(self, step: Step) -> None:
        super().__init__(f"{step.edited_by or 'Somebody'} changed “{step}” in the meantime.")
        self.step = step


def of(flow: Flow) -> FlowVersion | None:
    """Return the version that is being edited; None where a draft is yet to be begun."""
    if flow.draft is not None:
        return flow.draft
    is_first = flow.version is not None and flow.version.published_at is None and flow.state == Flow.State.DRAFT
    return flow.version if is_first else None


@transaction.atomic
def begin(flow: Flow, *, now: datetime) -> FlowVersion:
    """Return the flow's draft, made from its live version if there is none; what was never published is its own draft."""
    held = locked(flow)
    draft = of(held)
    if draft is None:
        assert held.version is not None
        draft = copy_of(held.version, now=now)
        held.draft = draft
        held.save(update_fields=["draft"])
    flow.draft, flow.version, flow.state = held.draft, held.version, held.state
    return draft


def locked(flow: Flow) -> Flow:
    return Flow.objects.select_for_update(of=("self",), no_key=True).select_related("version", "draft", "store").get(pk=flow.pk)


def copy_of(source: FlowVersion, *, now: datetime) -> FlowVersion:
    """Return a new draft with the rules and steps of a version."""
    number = FlowVersion.objects.filter(flow=source.flow_id).aggregate(last=Max("number"))["last"] + 1
    draft = FlowVersion.objects.create(
        store_id=source.store_id, flow_id=source.flow_id, number=number, created_at=now, based_on=source,
        **{name: getattr(source, name) for name in RULES},
    )  # fmt: skip
    steps = list(source.steps.all())
    for step in steps:
        step.pk, step.version = None, draft
    Step.objects.bulk_create(steps)
    return draft


@transaction.atomic
def restore(version: FlowVersion, *, now: datetime) -> FlowVersion:
    """Make an earlier version the draft, in place of what was being edited; what is live stays until it is published."""
    held = locked(version.flow)
    held.draft = copy_of(version, now=now)
    held.save(update_fields=["draft"])
    return held.draft


@transaction.atomic
def discard(flow: Flow) -> FlowVersion | None:
    """Stop editing: the draft is put aside and stands in the history. Return it; None where there was none."""
    held = locked(flow)
    draft, held.draft = held.draft, None
    held.save(update_fields=["draft"])
    flow.draft = None
    return draft


@transaction.atomic
def add(flow: Flow, *, anchor: str, after: str = "", kind: str = Step.Kind.MAIL, by: User, now: datetime) -> Step:
    """Add a step to the draft, a mail if not said otherwise: a day after the step it follows, or right at its stop; return it."""
    draft = begin(flow, now=now)
    before = draft.steps.filter(key=after, anchor=anchor).first()
    offset = before.offset_hours + 24 if before else 0
    step = new_step(draft, anchor=anchor, offset_hours=offset, key=_free_key(draft, kind), kind=kind)
    step.position = before.position if before else 0
    _touch(step, by, now)
    step.save()
    _settle(draft)
    return step


@transaction.atomic
def duplicate(flow: Flow, key: str, *, by: User, now: datetime) -> Step:
    """Add a second of the same kind, a day after the first; return it."""
    step = _second(flow, key, "{name}, again", by, now)
    step.offset_hours += 24
    step.save()
    _settle(step.version)
    return step


@transaction.atomic
def add_instead(flow: Flow, key: str, *, by: User, now: datetime) -> Step:
    """Add a second on the rung of a step, for those of a segment that is still to be chosen; return it.

    Where there is one already, or the step is itself the second, that one is returned.
    """
    first = _step(begin(flow, now=now), key)
    there = first if first.instead_of else first.version.steps.filter(instead_of=key).first()
    if there is not None:
        return there
    step = _second(flow, key, "{name}, instead", by, now)
    step.instead_of, step.only_if = key, None
    step.save()
    _settle(step.version)
    return step


def _second(flow: Flow, key: str, called: str, by: User, now: datetime) -> Step:
    """Return an unsaved copy of a step, on a rung of its own."""
    step = _step(begin(flow, now=now), key)
    step.pk, step.key, step.name, step.revision = None, _free_key(step.version, step.key), called.format(name=step.name[:110]), 1
    step.instead_of = ""
    if step.kind == Step.Kind.SURVEY:
        step.details = {**step.details, "survey": survey_key(step.version, step.key)}
    _touch(step, by, now)
    return step


@transaction.atomic
def move(flow: Flow, key: str, *, places: int, by: User, now: datetime) -> Step:
    """Move a step along the line, up by negative places.

    Past another it changes moments with it; past a stop it hangs from the next one, a day from its neighbour there.
    """
    draft = begin(flow, now=now)
    for _ in range(min(abs(places), 50)):
        steps = list(draft.steps.all())
        step = next(each for each in steps if each.key == key)
        _move_one(step, steps, -1 if places < 0 else 1, by, now)
        _settle(draft)
    return _step(draft, key)


def _move_one(step: Step, steps: list[Step], way: int, by: User, now: datetime) -> None:
    beside = [each for each in steps if each.anchor == step.anchor]
    place = beside.index(step) + way
    if 0 <= place < len(beside):
        _swap(step, beside[place], by, now)
        return
    stops = [anchor for anchor in LINE if anchor in ALWAYS or any(each.anchor == anchor for each in steps)]
    stop = stops.index(step.anchor) + way
    if step.anchor == "entered" or not 0 <= stop < len(stops) or stops[stop] == "entered":
        return
    there = [each for each in steps if each.anchor == stops[stop]]
    next_to = (there[-1] if way < 0 else there[0]) if there else None
    step.anchor, step.position = stops[stop], (next_to.position if next_to else 1) - way
    step.offset_hours = max(next_to.offset_hours - 24 * way, 0) if next_to else 0
    step.time_of_day = next_to.time_of_day if next_to else None
    if step.not_after_anchor and LINE.index(step.anchor) >= LINE.index(step.not_after_anchor):
        step.not_after_anchor, step.not_after_hours = "", 0  # it cannot stay ahead of what it now follows
    _touch(step, by, now)
    step.save()


def _swap(step: Step, other: Step, by: User, now: datetime) -> None:
    for name in (*MOMENT, "position"):
        mine, theirs = getattr(step, name), getattr(other, name)
        setattr(step, name, theirs)
        setattr(other, name, mine)
    for each in (step, other):
        _touch(each, by, now)
        each.save()


@transaction.atomic
def edit(flow: Flow, key: str, *, revision: int, changes: Mapping[str, Any], by: User, now: datetime) -> Step:
    """Change fields of a step (EDITABLE) of which `revision` was seen; return it. Raises Stale. What is the same changes nothing."""
    draft = begin(flow, now=now)
    step = _step(draft, key)
    new = {name: value for name, value in changes.items() if getattr(step, name) != value}
    if not EDITABLE.issuperset(new):
        raise ValueError(f"These fields of a step are not edited: {', '.join(sorted(set(new) - EDITABLE))}.")
    if new and step.revision != revision:
        raise Stale(step)
    if new:
        for name, value in new.items():
            setattr(step, name, value)
        step.revision += 1
        _touch(step, by, now)
        step.save()
        _settle(draft)
    return step


@transaction.atomic
def switch(flow: Flow, key: str, *, is_off: bool, by: User, now: datetime) -> Step:
    """Switch a step off, or on again: an inactive step stays in the flow and mails nobody."""
    step = _step(begin(flow, now=now), key)
    step.is_off = is_off
    _touch(step, by, now)
    step.save()
    return step


@transaction.atomic
def remove(flow: Flow, key: str, *, now: datetime) -> Step:
    """Take a step out of the draft, which keeps it to be put back."""
    draft = begin(flow, now=now)
    step = _step(draft, key)
    kept: list[Any] = json.loads(serializers.serialize("json", [step]))
    draft.taken_out = [*draft.taken_out, *kept]
    draft.save(update_fields=["taken_out"])
    step.delete()
    _settle(draft)
    return step


@transaction.atomic
def put_back(flow: Flow, key: str, *, now: datetime) -> Step | None:
    """Put a step back that was taken out of the draft; None where none of that key was, or another has it by now."""
    draft = begin(flow, now=now)
    kept = next((each for each in draft.taken_out if each["fields"]["key"] == key), None)
    if kept is None or draft.steps.filter(key=key).exists():
        return None
    draft.taken_out = [each for each in draft.taken_out if each is not kept]
    draft.save(update_fields=["taken_out"])
    step = next(iter(serializers.deserialize("python", [kept]))).object
    assert isinstance(step, Step)
    step.pk, step.version = None, draft
    step.save()
    _settle(draft)
    return step


@transaction.atomic
def change_rules(flow: Flow, changes: Mapping[str, Any], *, now: datetime) -> FlowVersion:
    """Change who enters, how often, and who leaves (RULES), in the draft.

    Where no order starts it any more, what followed an order's moments follows the entering.
    """
    draft = begin(flow, now=now)
    for name in RULES:
        if name in changes:
            setattr(draft, name, changes[name])
    draft.save(update_fields=list(RULES))
    if not draft.is_about_order:
        draft.steps.exclude(anchor=Step.Anchor.WAITED).update(
            anchor=Step.Anchor.ENTERED, not_after_anchor="", not_after_hours=0, revision=F("revision") + 1
        )
        _settle(draft)
    return draft


def _step(draft: FlowVersion, key: str) -> Step:
    """Return a step of a draft; raise Step.DoesNotExist."""
    step = draft.steps.select_related("version", "edited_by", "offer").get(key=key)
    step.version = draft
    return step


def _touch(step: Step, by: User, now: datetime) -> None:
    step.edited_by, step.edited_at = by, now


def _settle(draft: FlowVersion) -> None:
    """Number the steps in the order of the line, so that first is what comes first."""
    steps = sorted(draft.steps.all(), key=lambda step: (LINE.index(step.anchor), step.offset_hours, step.position, step.pk))
    for number, step in enumerate(steps, start=1):
        step.position = number
    Step.objects.bulk_update(steps, ["position"])


def _free_key(draft: FlowVersion, stem: str) -> str:
    """Return a key that no step of any version of the flow has had: whoever got that one is not taken to have got this."""
    taken = set(Step.objects.filter(version__flow=draft.flow_id).values_list("key", flat=True))
    taken |= {each["fields"]["key"] for each in draft.taken_out}
    number = 2
    while (key := f"{stem[:55]}-{number}") in taken:
        number += 1
    return key
