"""The line of a flow to be changed: each card with what moves, copies, switches off and removes it, and a button to add one between."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from campaigns import step_words
from campaigns.models import Flow, FlowVersion, Step
from campaigns.writing import drafts, history, publishing
from campaigns.writing.new_step import KINDS
from lifecycle.console import read_as, reading_flow
from lifecycle.console.answer import back, see, shown
from lifecycle.console.flows import latest
from stores import clock
from stores.access import StoreRequest, may, page
from stores.models import Membership, User

MARKETER = Membership.Role.MARKETER


def flow_of(request: StoreRequest, key: str) -> Flow:
    """Return a flow of the store with both its versions; raise Http404."""
    return get_object_or_404(Flow.objects.select_related("version", "draft", "store"), store=request.store, key=key, is_one_off=False)


def edited(flow: Flow) -> FlowVersion:
    """Return what the editor shows: the draft, or the live version while nothing was changed."""
    version = drafts.of(flow) or latest(flow)
    version.store = flow.store
    return version


@page(MARKETER)
def show(request: StoreRequest, key: str) -> HttpResponse:
    now, flow = clock.read(), flow_of(request, key)
    version = edited(flow)
    shown_as = read_as.of(request, version, now=now)
    line = reading_flow.line(flow, version, shown_as, "", now=now)
    undoable, redoable = history.turns(version)
    context = {
        "section": "flows", "now": now, "flow": flow, "line": line, "shown_as": shown_as, "version": version,
        "deeds": [(kind, Step.Kind(kind).label) for kind in _addable(request, version) if kind != Step.Kind.MAIL],
        "change": publishing.difference(flow),
        "inside": publishing.inside(flow), "is_first": drafts.of(flow) == flow.version, "problems": publishing.problems(version),
        "undoable": undoable, "redoable": redoable,
        "last": line.stops[-1].rungs[-1].step.key if line.stops and line.stops[-1].rungs else "",
    }  # fmt: skip
    return shown(request, "console/flow_editor/edit.html", context, part="console/flow_editor/_edit.html")


@require_POST
@page(MARKETER)
def act(request: StoreRequest, key: str, verb: str) -> HttpResponse:
    """Do to the draft what a button says: the verbs of `campaigns.drafts`."""
    flow = flow_of(request, key)
    if verb not in _VERBS or flow.version is None:
        raise Http404
    try:
        words = _changed(request, flow, verb, request.POST.get("step", ""))
    except Step.DoesNotExist as gone:
        raise Http404 from gone
    if isinstance(words, Step):
        return see("console:flow_edit_step", request.store.slug, key, words.key)
    messages.success(request, words)
    return back(request, "console:flow_edit", request.store.slug, key)


def _changed(request: StoreRequest, flow: Flow, verb: str, key: str) -> Step | str:
    """Do what a button says, and keep it to be undone."""
    if verb not in _SAYS:
        return _VERBS[verb](request, flow, key)
    name = edited(flow).steps.filter(key=key).values_list("name", flat=True).first() or key
    with history.kept(flow, _SAYS[verb].format(name), **_by(request)):
        return _VERBS[verb](request, flow, key)


def _undo(request: StoreRequest, flow: Flow, key: str) -> str:
    edit = history.undo(flow, **_by(request))
    return f"Undone: {edit.says}." if edit else "There is nothing to undo."


def _redo(request: StoreRequest, flow: Flow, key: str) -> str:
    edit = history.redo(flow, **_by(request))
    return f"Done again: {edit.says}." if edit else "There is nothing to do again."


def _add(request: StoreRequest, flow: Flow, key: str) -> Step:
    anchor = request.POST.get("anchor", "")
    if anchor not in Step.Anchor.values or (anchor not in (Step.Anchor.ENTERED, Step.Anchor.WAITED) and not edited(flow).is_about_order):
        raise Http404
    kind = request.POST.get("kind", Step.Kind.MAIL)
    if kind not in _addable(request, edited(flow)):
        raise Http404
    return drafts.add(flow, anchor=anchor, after=key, kind=kind, **_by(request))


def _addable(request: StoreRequest, version: FlowVersion) -> list[str]:
    """Return the kinds of step that may be added: a question is about an order; where customers' data goes, owners say."""
    without = set() if version.is_about_order else {Step.Kind.SURVEY}
    without |= set() if may(request.membership, Membership.Role.OWNER) else {Step.Kind.WEBHOOK}
    return [kind for kind in KINDS if kind not in without]


def _instead(request: StoreRequest, flow: Flow, key: str) -> Step:
    return drafts.add_instead(flow, key, **_by(request))


def _move(request: StoreRequest, flow: Flow, key: str) -> str:
    places = request.POST.get("places", "")
    if not places.removeprefix("-").isdecimal() or len(places) > 3:
        raise Http404
    step = drafts.move(flow, key, places=int(places), **_by(request))
    return f"{step.name} goes {step_words.goes(step)}."


def _duplicate(request: StoreRequest, flow: Flow, key: str) -> str:
    step = drafts.duplicate(flow, key, **_by(request))
    return f"{step.name} is there, a day later."


def _off(request: StoreRequest, flow: Flow, key: str) -> str:
    return f"{drafts.switch(flow, key, is_off=True, **_by(request)).name} is switched off."


def _on(request: StoreRequest, flow: Flow, key: str) -> str:
    return f"{drafts.switch(flow, key, is_off=False, **_by(request)).name} is switched on."


def _remove(request: StoreRequest, flow: Flow, key: str) -> str:
    return f"{drafts.remove(flow, key, now=clock.read()).name} is taken out. It stands beside the line, to be put back."


def _put_back(request: StoreRequest, flow: Flow, key: str) -> str:
    step = drafts.put_back(flow, key, now=clock.read())
    return f"{step.name} is back." if step else "It is back already."


def _discard(request: StoreRequest, flow: Flow, key: str) -> str:
    drafts.discard(flow)
    return "The changes are thrown away. They stand in the history, to be restored."


def _by(request: StoreRequest) -> dict[str, Any]:
    return {"by": staff_of(request), "now": clock.read()}


def staff_of(request: StoreRequest) -> User:
    """Return who is signed in; a store's pages let nobody else in."""
    assert isinstance(request.user, User)
    return request.user


_VERBS: dict[str, Callable[[StoreRequest, Flow, str], Step | str]] = {
    "add": _add, "move": _move, "duplicate": _duplicate, "instead": _instead, "off": _off, "on": _on, "remove": _remove,
    "put-back": _put_back, "discard": _discard, "undo": _undo, "redo": _redo,
}  # fmt: skip
#: How the change of a verb is called where it can be undone.
_SAYS = {
    "add": "a step is added", "move": "“{}” is moved", "duplicate": "“{}” is duplicated", "instead": "another goes instead of “{}”",
    "off": "“{}” is switched off", "on": "“{}” is switched on", "remove": "“{}” is taken out", "put-back": "“{}” is put back",
}  # fmt: skip
