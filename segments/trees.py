"""How the segments of a store ask about each other: what must be known first, who asks, and that nobody asks about themselves."""

from collections.abc import Iterable
from datetime import datetime

from segments.models import Segment
from segments.rules.parsing import NotARule, Problem, parse
from segments.rules.tree import Node, Row, rows_of, segments_of


def of(segment: Segment) -> Node:
    """Return the tree by which a segment's members are found; a list's is that one stands on it. Raise NotARule."""
    return Row("segment", "any", segment=segment.pk) if segment.kind == Segment.Kind.LIST else parse(segment.rule)


def asked_by(segment: Segment) -> set[int]:
    """Return the segments that a segment's rule asks about; none if it can no longer be read."""
    if segment.kind == Segment.Kind.LIST:
        return set()
    try:
        return segments_of(parse(segment.rule))
    except NotARule:
        return set()


def in_order(segments: Iterable[Segment]) -> list[Segment]:
    """Return segments so that each comes after those it asks about."""
    waiting = {segment.pk: segment for segment in segments}
    asked = {pk: asked_by(segment) & waiting.keys() for pk, segment in waiting.items()}
    ordered: list[Segment] = []
    while waiting:
        ready = [pk for pk in waiting if not asked[pk] & waiting.keys()] or list(waiting)
        ordered += [waiting.pop(pk) for pk in ready]
    return ordered


def asking(segment: Segment) -> list[Segment]:
    """Return the store's segments whose rules ask about this one."""
    others = Segment.objects.filter(store=segment.store_id, archived_at=None, kind=Segment.Kind.RULE).exclude(pk=segment.pk)
    return [other for other in others if segment.pk in asked_by(other)]


def ask_again(segment: Segment, *, now: datetime) -> None:
    """Have the segments that ask about this one, whose members have changed, found anew."""
    Segment.objects.filter(pk__in=[other.pk for other in asking(segment)], due_at__gt=now).update(due_at=now)


def check(node: Node, *, store_id: int, pk: int | None) -> None:
    """Raise NotARule where a rule, to be that of segment `pk`, asks about a segment that is not the store's, or in the end about itself."""
    held = {segment.pk: segment for segment in Segment.objects.filter(store=store_id)}
    problems = [
        Problem((), row.number, "segment", "This segment is not there any more. Choose another.")
        for row in rows_of(node)
        if {row.segment, row.when.segment} - {0} - held.keys()
    ]
    if problems:
        raise NotARule(problems)
    back = [f"“{held[each]}”" for each in sorted(segments_of(node)) if pk in _reached({each}, held)]
    if back:
        words = f"The rule asks about {' and '.join(back)}, which in the end asks about this segment. Leave that row out."
        raise NotARule([Problem((), 0, "", words)])


def _reached(first: set[int], held: dict[int, Segment]) -> set[int]:
    """Return these segments and all that they ask about, however far."""
    seen: set[int] = set()
    waiting = set(first)
    while waiting:
        pk = waiting.pop()
        seen.add(pk)
        if pk in held:
            waiting |= asked_by(held[pk]) - seen
    return seen
