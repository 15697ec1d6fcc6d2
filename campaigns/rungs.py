"""Two steps on one rung, of which each customer takes exactly one: whom the segment of the second means when the first look falls on
either of them takes the second, everybody else the first. What was taken once stays so, however the segment or the plan moves later."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from campaigns.models import Enrollment, Step, StepRun
from segments import audience
from segments.models import Segment


def not_taken(runs: Sequence[StepRun], *, now: datetime) -> frozenset[int]:
    """Return those of these runs (ids) in whose place another step is taken; all are of versions that have such steps.

    Where nothing was taken yet it is chosen, under the passages' locks.
    """
    if not runs:
        return frozenset()
    seconds = Step.objects.filter(version__in={run.step.version_id for run in runs}).exclude(instead_of="").select_related("only_if")
    by_rung = {(step.version_id, step.instead_of): step for step in seconds}
    paired = [(run, second) for run in runs if (second := by_rung.get((run.step.version_id, run.step.instead_of or run.step_key)))]
    passages = Enrollment.objects.select_for_update(no_key=True).filter(pk__in={run.enrollment_id for run, _ in paired})
    held = {passage.pk: passage for passage in passages.order_by("pk")}
    undecided = [(run, second) for run, second in paired if second.instead_of not in held[run.enrollment_id].rungs]
    meant = among([(second.only_if, run) for run, second in undecided if second.only_if], now=now)
    for run, second in undecided:
        takes_second = (second.only_if_id, run.customer_id) in meant
        held[run.enrollment_id].rungs.setdefault(second.instead_of, second.key if takes_second else second.instead_of)
    Enrollment.objects.bulk_update([held[pk] for pk in sorted({run.enrollment_id for run, _ in undecided})], ["rungs"])
    return frozenset(run.pk for run, second in paired if held[run.enrollment_id].rungs[second.instead_of] != run.step_key)


def among(asked: Iterable[tuple[Segment, StepRun]], *, now: datetime) -> frozenset[tuple[int | None, int]]:
    """Return the (segment, customer), as ids, that are so of those asked about: one query a segment."""
    by_segment: dict[Segment, list[StepRun]] = defaultdict(list)
    for segment, run in asked:
        by_segment[segment].append(run)
    return frozenset(
        (segment.pk, pk)
        for segment, runs in by_segment.items()
        for pk in audience.among(segment, {run.customer_id for run in runs}, store=runs[0].store, now=now)
    )
