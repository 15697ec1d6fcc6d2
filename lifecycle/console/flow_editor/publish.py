"""The publish sheet: what changes, what becomes of those inside, and the way back for ten minutes; and what the flow was before."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from campaigns import moving
from campaigns.models import Flow, FlowVersion
from campaigns.writing import coming_over, differences, drafts, publishing
from lifecycle.console.answer import see
from lifecycle.console.flow_editor.line import MARKETER, flow_of, staff_of
from stores import clock
from stores.access import StoreRequest, page


@page(MARKETER)
def show(request: StoreRequest, key: str) -> HttpResponse:
    """Show what publishing the draft does, and ask what becomes of those inside; POST publishes."""
    now, flow = clock.read(), flow_of(request, key)
    if request.method == "POST":
        try:
            return _published(request, flow, move=request.POST.get("people") == "move", inside=publishing.inside(flow))
        except publishing.CannotPublish:
            now = clock.read()
    context = {
        "section": "flows", "now": now, "flow": flow, "change": publishing.difference(flow), "inside": coming_over.of(flow),
        "problems": publishing.problems(flow.draft) if flow.draft else [],
    }  # fmt: skip
    return render(request, "console/flow_editor/publish.html", context, status=422 if request.method == "POST" else 200)


def _published(request: StoreRequest, flow: Flow, *, move: bool, inside: int) -> HttpResponse:
    """Publish, and move the first few hundred at once; the sweep goes on with the rest."""
    version = publishing.publish(flow, by=staff_of(request), now=clock.read(), move=move)
    if move:
        moving.move_some(version, now=clock.read())
    by_which = "it" if move else "the version they began with"
    who = f" {inside:,} {'person goes' if inside == 1 else 'people go'} on by {by_which}." if inside else ""
    messages.success(request, f"Version {version.number} is published.{who} You can undo this for ten minutes.")
    return see("console:flow", request.store.slug, flow.key)


@require_POST
@page(MARKETER)
def undo(request: StoreRequest, key: str) -> HttpResponse:
    flow = flow_of(request, key)
    try:
        taken_back = flow.version
        earlier = publishing.undo(flow, now=clock.read())
        assert taken_back is not None
        taken_back.refresh_from_db()
        moving.move_some(taken_back, now=clock.read())
        messages.success(request, f"Version {earlier.number} is live again, and your changes are a draft. What was sent stays sent.")
    except publishing.CannotUndo as refusal:
        messages.error(request, str(refusal))
    return see("console:flow", request.store.slug, key)


@page()
def history(request: StoreRequest, key: str) -> HttpResponse:
    """List the versions of a flow; ?number= shows what one changed, line by line."""
    flow = flow_of(request, key)
    versions = publishing.history(flow)
    chosen = next((version for version in versions if str(version.number) == request.GET.get("number", "")), None)
    context = {
        "section": "flows", "now": clock.read(), "flow": flow, "versions": versions, "chosen": chosen,
        "change": differences.between(_base(chosen, versions), chosen) if chosen else None, "draft": drafts.of(flow),
    }  # fmt: skip
    return render(request, "console/flow_editor/history.html", context)


def _base(version: FlowVersion, versions: list[FlowVersion]) -> FlowVersion | None:
    """Return what a version is compared with: what was live when it was published, or what it was copied from."""
    if version.published_at is None:
        return next((each for each in versions if each.pk == version.based_on_id), None)
    live = [each for each in versions if each.published_at and each.published_at < version.published_at and not each.undone_at]
    return max(live, key=lambda each: (each.published_at, each.number), default=None)


@require_POST
@page(MARKETER)
def restore(request: StoreRequest, key: str, number: int) -> HttpResponse:
    version = get_object_or_404(FlowVersion.objects.select_related("flow"), store=request.store, flow__key=key, number=number)
    drafts.restore(version, now=clock.read())
    messages.success(request, f"Version {number} is the draft now. What is live stays live until you publish it.")
    return see("console:flow_edit", request.store.slug, key)
