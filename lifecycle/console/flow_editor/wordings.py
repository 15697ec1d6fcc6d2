"""The wordings of a mail side by side: another one is tried on a part of the people, and the better one chosen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from campaigns import results
from campaigns.models import Flow, Step
from campaigns.writing import drafts, history, wordings
from lifecycle.console import flow_results
from lifecycle.console.answer import SeeOther
from lifecycle.console.flow_editor.line import MARKETER, edited, flow_of, staff_of
from stores import clock
from stores.access import StoreRequest, page


@dataclass(frozen=True)
class Row:
    """One wording on the page: its share of a hundred people, and what the live one brought so far, in words."""

    key: str
    name: str
    share: int
    subject: str
    said: str


def chosen(request: StoreRequest, step: Step) -> str:
    """Return the wording that a form or an address names; "" is the step's own."""
    given = request.POST.get("wording", request.GET.get("wording", ""))
    return given if any(each["key"] == given for each in step.variants) else ""


def changes(step: Step, wording: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what changes of a step when one of its wordings says this; languages of its own stay."""
    if wording:
        return {"variants": wordings.saying(step.variants, wording, content)}
    return {"content": {**{name: step.content[name] for name in ("language", "in") if name in step.content}, **content}}


def rows(flow: Flow, step: Step) -> Sequence[Row]:
    """Return a step's wordings with the figures of the live version's; none where it has only its own."""
    if not step.variants:
        return []
    live = _live(flow, step.key)
    figures = {each.key: flow_results.of_wording(each, flow.store) for each in results.of_wordings(flow, live)} if live else {}
    own = Row("", "Its own wording", 100 - sum(each["share"] for each in step.variants), step.content["subject"], figures.get("", ""))
    return [
        own,
        *(
            Row(each["key"], f"Wording {each['key'].upper()}", each["share"], each["content"]["subject"], figures.get(each["key"], ""))
            for each in step.variants
        ),
    ]


def _live(flow: Flow, key: str) -> Step | None:
    return flow.version.steps.filter(key=key).first() if flow.version and flow.version.published_at else None


@require_POST
@page(MARKETER)
def act(request: StoreRequest, key: str, step_key: str) -> HttpResponse:
    """Add a wording, share people out, remove one, or choose the one that stays; all of it in the draft."""
    flow = flow_of(request, key)
    step = edited(flow).steps.select_related("version").filter(key=step_key).first()
    verb, _, wording = request.POST.get("act", "").partition(":")
    if step is None or not step.is_mail or verb not in _VERBS or wording not in ("", *(each["key"] for each in step.variants)):
        raise Http404
    try:
        changed, here, words = _VERBS[verb](request, flow, step, wording)
        by, now = staff_of(request), clock.read()
        with history.kept(flow, f"the wordings of “{step.name}” are changed", by=by, now=now):
            drafts.edit(flow, step.key, revision=step.revision, changes=changed, by=by, now=now)
        messages.success(request, words)
    except wordings.Unshareable as refusal:
        messages.error(request, str(refusal))
        here = ""
    address = reverse("console:flow_edit_step", args=[request.store.slug, flow.key, step.key])
    return SeeOther(address + (f"?wording={here}" if here else ""))


#: What changes of the step, the wording to go on with, and what is said.
_Done = tuple[dict[str, Any], str, str]


def _add(request: StoreRequest, flow: Flow, step: Step, wording: str) -> _Done:
    if len(step.variants) >= wordings.MOST:
        raise wordings.Unshareable(f"{wordings.MOST + 1} wordings are enough: of more, each gets too few people.")
    live = _live(flow, step.key)
    more = wordings.added(step.variants, step.content, taken=[each["key"] for each in live.variants] if live else [])
    return {"variants": more}, more[-1]["key"], f"Wording {more[-1]['key'].upper()} begins as a copy. Change what you want to try."


def _share(request: StoreRequest, flow: Flow, step: Step, wording: str) -> _Done:
    typed = {each["key"]: request.POST.get(f"share_{each['key']}", "").strip() for each in step.variants}
    return {"variants": wordings.shared(step.variants, typed)}, "", "The shares are saved in the draft."


def _remove(request: StoreRequest, flow: Flow, step: Step, wording: str) -> _Done:
    return {"variants": wordings.without(step.variants, wording)}, "", f"Wording {wording.upper()} is taken out."


def _choose(request: StoreRequest, flow: Flow, step: Step, wording: str) -> _Done:
    """Let one wording be the only one: everybody gets it from the next version on."""
    kept = {**step.content, **next((each["content"] for each in step.variants if each["key"] == wording), {})}
    name = f"Wording {wording.upper()}" if wording else "Its own wording"
    return {"content": kept, "variants": []}, "", f"{name} is the only one now. Publish it, and everybody gets it."


_VERBS: dict[str, Callable[[StoreRequest, Flow, Step, str], _Done]] = {
    "add": _add, "share": _share, "remove": _remove, "choose": _choose,
}  # fmt: skip
