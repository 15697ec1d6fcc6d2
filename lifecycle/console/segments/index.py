"""The list of segments, and those worth having that a store has not yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render

from lifecycle.console import tabs
from lifecycle.console.answer import see
from lifecycle.console.segments import uses
from lifecycle.console.segments.uses import Uses
from segments import membership, naming, ready_made, saving, trees
from segments.models import Count, Segment
from segments.rules.parsing import NotARule
from segments.rules.wording import sentence
from stores import clock
from stores.access import StoreRequest, may, page
from stores.models import Membership, Store


@dataclass(frozen=True)
class Line:
    """A segment of the list; `change` is that since `since`, None where nothing was counted at least a week ago."""

    segment: Segment
    sentence: str
    change: int | None
    since: date | None
    uses: Uses
    is_slow: bool


@page()
def show(request: StoreRequest) -> HttpResponse:
    """List segments (?show=archived: those put away); a marketer makes a list here, by its name."""
    if request.method == "POST":
        return _make_list(request)
    now, which = clock.read(), "archived" if request.GET.get("show") == "archived" else ""
    every = list(Segment.objects.filter(store=request.store).order_by("name"))
    used, held = uses.of_all(request.store, every), [one for one in every if bool(one.archived_at) == bool(which)]
    today = now.astimezone(ZoneInfo(request.store.timezone)).date()
    names = {one.name for one in every}
    context = {
        "section": "segments", "now": now, "show": which, "lines": _lines(request.store, held, used, now=now),
        "chips": tabs.of(request, "show", [("", "In use"), ("archived", "Archived")], which), "chips_label": "Show",
        "ready": [ready for ready in ready_made.of(request.store, today=today) if ready.name not in names],
    }  # fmt: skip
    return render(request, "console/segments.html", context)


def _make_list(request: StoreRequest) -> HttpResponse:
    if not may(request.membership, Membership.Role.MARKETER):
        raise PermissionDenied
    try:
        made = saving.create_list(request.store, name=request.POST.get("name", ""), now=clock.read())
    except saving.Taken as problem:
        messages.error(request, str(problem))
        return see("console:segments", request.store.slug)
    messages.success(request, f"Made: {made}. Add people to it here, or from the list of customers.")
    return see("console:segment_members", request.store.slug, made.pk)


def _lines(store: Store, held: Sequence[Segment], used: dict[int, Uses], *, now: datetime) -> list[Line]:
    nodes = {}
    for segment in held:
        if segment.kind == Segment.Kind.RULE:
            try:
                nodes[segment.pk] = trees.of(segment)
            except NotARule as refused:
                segment.problem = str(refused)
    names = naming.names_of(store, nodes.values())
    before = _before(held, now=now)
    return [
        Line(
            segment,
            sentence(nodes[segment.pk], names) if segment.pk in nodes else "",
            segment.people - before[segment.pk][1] if segment.pk in before else None,
            before[segment.pk][0] if segment.pk in before else None,
            used[segment.pk],
            (segment.build_ms or 0) > membership.SLOW_MS,
        )
        for segment in held
    ]


def _before(held: Sequence[Segment], *, now: datetime) -> dict[int, tuple[date, int]]:
    """Return how many people segments had on the first day of the last thirty that was counted, if that is a week ago or more."""
    today = now.date()
    counted = Count.objects.filter(segment__in=held, day__gte=today - timedelta(days=30), day__lte=today - timedelta(days=7))
    first = counted.order_by("segment", "day").distinct("segment").values_list("segment", "day", "people")
    return {pk: (day, people) for pk, day, people in first}
