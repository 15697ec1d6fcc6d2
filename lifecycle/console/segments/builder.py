"""One segment: its rule to write or to read, who is meant by it now and why, how many there were, and what uses it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from customers.models import Customer
from lifecycle.console import search
from lifecycle.console.answer import back, is_fragment, see
from lifecycle.console.segments import curve, drawing, reading, uses
from lifecycle.console.segments.reading import NEW_ROW, Rule
from segments import asking, naming, ready_made, saving, trees
from segments.models import Segment
from segments.rules.parsing import NotARule, parse
from segments.rules.tree import Node
from segments.rules.wording import sentence
from segments.rules.writing import as_json
from stores import clock
from stores.access import StoreRequest, may, page
from stores.models import Membership, Store

MARKETER = Membership.Role.MARKETER


@dataclass(frozen=True)
class Draft:
    """What stands in the builder: the name, the rule as typed, and the tree if it can be read."""

    name: str
    rule: Rule
    is_watched: bool

    def node(self) -> Node | None:
        try:
            return None if any(row.get("skus") for row in reading.rows_in(self.rule)) else parse(self.rule)
        except NotARule:
            return None


@page(MARKETER)
def new(request: StoreRequest) -> HttpResponse:
    """Write a segment, from nothing or from a ready-made one (?ready=)."""
    if request.method == "POST":
        return _posted(request, None)
    today = clock.read().astimezone(ZoneInfo(request.store.timezone)).date()
    ready = ready_made.find(request.store, request.GET.get("ready", ""), today=today)
    draft = Draft(ready.name, ready.rule, False) if ready else Draft("", {"all": [dict(NEW_ROW)]}, False)
    return _shown(request, draft, None)


@page()
def show(request: StoreRequest, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment, store=request.store, pk=pk)
    if request.method == "POST":
        if not may(request.membership, MARKETER):
            raise PermissionDenied
        return _posted(request, segment)
    if segment.kind == Segment.Kind.LIST:
        return see("console:segment_members", request.store.slug, segment.pk)
    return _shown(request, Draft(segment.name, _with_root(segment.rule), segment.is_watched), segment)


def _with_root(rule: Rule) -> Rule:
    """Return a stored rule as a group: a row alone, and everyone, are groups to the builder."""
    return rule if reading.mode_of(rule) else {"all": [rule] if "what" in rule else []}


@require_POST
@page(MARKETER)
def count(request: StoreRequest) -> HttpResponse:
    """Answer how many the rule of a form means, while it is written."""
    draft = _draft(request)
    return render(request, "console/_segment_live.html", {**_live(request, draft), "with_sentence": True})


def _draft(request: StoreRequest) -> Draft:
    return Draft(request.POST.get("name", "").strip(), reading.rule_of(request.POST, request.store), "watched" in request.POST)


def _posted(request: StoreRequest, segment: Segment | None) -> HttpResponse:
    """Change the draft as a button says, or save it."""
    draft, act = _draft(request), request.POST.get("act", "save")
    if act != "save":
        next_path = reading.acted(draft.rule, act)
        if is_fragment(request):
            context = {**_built(request, draft, segment, next_path=next_path), "part": "console/_segment_rule.html"}
            answer = render(request, "fragment.html", context)
            answer["HX-Trigger-After-Settle"] = "ruled"
            return answer
        return _shown(request, draft, segment, next_path=next_path)
    return _saved(request, draft, segment)


def _saved(request: StoreRequest, draft: Draft, segment: Segment | None) -> HttpResponse:
    node = draft.node()
    if node is None:
        return _shown(request, draft, segment, is_wrong=True)
    now, rule = clock.read(), as_json(node)
    try:
        if segment is None:
            kept = saving.create(request.store, name=draft.name, rule=rule, now=now, is_watched=draft.is_watched)
        else:
            kept = saving.change(segment, name=draft.name, rule=rule, now=now)
            saving.watch(kept, is_watched=draft.is_watched)
    except saving.Taken as problem:
        return _shown(request, draft, segment, is_wrong=True, name_error=str(problem))
    except NotARule as refused:
        return _shown(request, draft, segment, is_wrong=True, rule_errors=[str(problem) for problem in refused.problems])
    messages.success(request, f"Saved: {kept}. Its members are found within seconds.")
    return see("console:segment", request.store.slug, kept.pk)


def _shown(
    request: StoreRequest, draft: Draft, segment: Segment | None, *, next_path: str = "", is_wrong: bool = False, **errors: Any
) -> HttpResponse:
    """Draw the whole page; its figures come at once where no script will fetch them."""
    context = {
        "section": "segments", "now": clock.read(), "segment": segment, "draft": draft, "is_wrong": is_wrong, **errors,
        **_built(request, draft, segment, next_path=next_path, is_wrong=is_wrong),
        **(_live(request, draft) if request.method == "POST" and not is_wrong else {"sentence": _sentence(request.store, draft)}),
    }  # fmt: skip
    if segment is not None:
        days = curve.of(segment, now=clock.read(), zone=ZoneInfo(request.store.timezone))
        context |= {"curve": days, "used_by": uses.of(segment), "is_slow": (segment.build_ms or 0) > 5000}
    return render(request, "console/segment.html", context, status=422 if is_wrong else 200)


def _built(request: StoreRequest, draft: Draft, segment: Segment | None, *, next_path: str = "", is_wrong: bool = False) -> dict[str, Any]:
    """Return what the builder's template draws."""
    choices = drawing.choices_of(request.store, draft.rule, without=segment.pk if segment else 0)
    group = drawing.draw(draft.rule, choices, shows_errors=is_wrong, next_path=next_path)
    summary = [str(problem) for problem in drawing.problems_of(draft.rule)] if is_wrong else []
    return {
        "group": group, "summary": summary, "sections": drawing.SECTIONED, "modes": drawing.MODES, "months": drawing.months(),
        "currency": request.store.currency, "segment": segment,
    }  # fmt: skip


def _sentence(store: Store, draft: Draft) -> str:
    node = draft.node()
    return sentence(node, naming.names_of(store, [node])) if node else "Some rows are not complete yet."


def _live(request: StoreRequest, draft: Draft) -> Mapping[str, Any]:
    """Return who is meant now, and whether somebody one asks about is."""
    node, now = draft.node(), clock.read()
    found: dict[str, Any] = {"sentence": _sentence(request.store, draft), "who": request.POST.get("who", "").strip()[:200], "now": now}
    try:
        if node is not None:
            trees.check(node, store_id=request.store.pk, pk=None)
    except NotARule:
        node = None
    if node is None:
        return found
    found["answer"] = asking.ask(request.store, node, now=now)
    if found["who"]:
        person = _named(request.store, found["who"])
        found["person"] = asking.about(request.store, node, person, now=now) if person else None
        found["is_nobody"] = person is None
    return found


def _named(store: Store, words: str) -> Customer | None:
    return search.customers_like(store, words).order_by("-created_at", "-id").first()


@require_POST
@page(MARKETER)
def act(request: StoreRequest, pk: int, verb: str) -> HttpResponse:
    """Archive a segment, take it up again, or have it looked through now."""
    segment = get_object_or_404(Segment, store=request.store, pk=pk)
    if verb not in _VERBS:
        raise Http404
    try:
        messages.success(request, _VERBS[verb](segment))
    except saving.InUse as problem:
        messages.error(request, str(problem))
    return back(request, "console:segments", request.store.slug)


def _archive(segment: Segment) -> str:
    if flows := uses.of(segment).flows:
        raise saving.InUse(f"“{segment}” cannot be archived: the flow “{flows[0].name}” is for it.")
    saving.archive(segment, now=clock.read())
    return f"Archived: {segment}. It stands under Archived, where it can be taken up again."


def _restore(segment: Segment) -> str:
    saving.restore(segment, now=clock.read())
    return f"Taken up again: {segment}. Its members are found within seconds."


def _refresh(segment: Segment) -> str:
    Segment.objects.filter(pk=segment.pk, due_at__isnull=False).update(due_at=clock.read() - timedelta(seconds=1))
    return f"{segment} is looked through now; load the page again in some seconds."


_VERBS = {"archive": _archive, "restore": _restore, "refresh": _refresh}
