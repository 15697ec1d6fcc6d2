"""What becomes of the mails of those inside a flow if they come over to its draft: how many move, and by how much.

Counted by step and version, never person by person: a flow may have a hundred thousand inside.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count

from campaigns import step_words
from campaigns.models import Enrollment, Flow, Step, StepRun
from campaigns.writing import differences


@dataclass(frozen=True)
class ComingOver:
    """How many `people` are inside, what would become of their mails, a sentence a step, and how many of those to come would stay."""

    people: int
    says: Sequence[str] = ()
    staying: int = 0


def of(flow: Flow) -> ComingOver:
    """Return it of a flow and its draft; three queries."""
    passages = Enrollment.objects.filter(flow=flow, state=Enrollment.State.ACTIVE).order_by()
    inside = dict(passages.values_list("version").annotate(Count("pk")))
    people = sum(inside.values())
    if flow.draft is None or not inside:
        return ComingOver(people)
    old = list(Step.objects.filter(version__in=inside, is_off=False).order_by("version", "position"))
    to_come = StepRun.objects.filter(step__in=old, state__in=StepRun.OPEN).order_by()
    runs = dict(to_come.values_list("step").annotate(Count("pk")))
    told = [*_of_steps(flow.draft.active_steps(), old, runs), *_of_new(flow.draft.active_steps(), old, inside)]
    return ComingOver(people, [words for words, _ in told], sum(runs.values()) - sum(number for _, number in told))


def _of_steps(steps: Sequence[Step], old: Sequence[Step], runs: Mapping[int, int]) -> Iterator[tuple[str, int]]:
    """Yield what becomes of what is planned already, and of how many; steps of several versions that fare alike are said together."""
    new = {step.key: step for step in steps}
    fates: dict[tuple[str, str, str], int] = {}
    places = {key: place for place, key in enumerate(new)}
    for step in sorted(old, key=lambda step: places.get(step.key, len(places))):
        now = new.get(step.key)
        if (number := runs.get(step.pk, 0)) and (fate := _fate(step, now)):
            alike = ((now or step).name, "mail" if step.kind in (Step.Kind.MAIL, Step.Kind.SURVEY) else "planned step", fate)
            fates[alike] = fates.get(alike, 0) + number
    for (name, what, fate), number in fates.items():
        yield f"{name}: {number:,} {what}{'' if number == 1 else 's'} {fate}.", number


def _fate(old: Step, new: Step | None) -> str:
    """Return what becomes of what is planned for a step, of several; empty where its moment stays."""
    if new is None:
        return "will not go any more"
    if step_words.goes(old) == step_words.goes(new):
        bounds = list(differences.of_bounds(old, new))
        return f"may move: {'; '.join(bounds)}" if bounds else ""
    hours = new.offset_hours - old.offset_hours
    if (old.anchor, old.time_of_day) == (new.anchor, new.time_of_day):
        return f"will go {step_words.span(abs(hours))} {'later' if hours > 0 else 'earlier'}, {step_words.goes(new)}"
    return f"will go {step_words.goes(new)}, instead of {step_words.goes(old)}"


def _of_new(steps: Sequence[Step], old: Sequence[Step], inside: Mapping[int, int]) -> Iterator[tuple[str, int]]:
    """Yield which steps are planned anew, and for how many: for those by whose version they were not there. Nothing to come moves by it."""
    there = {(step.version_id, step.key) for step in old}
    for step in steps:
        if number := sum(people for version, people in inside.items() if (version, step.key) not in there):
            yield f"{step.name}: new for {number:,} {'person' if number == 1 else 'people'}.", 0
