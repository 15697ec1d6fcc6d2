"""One flow as a line down the page, with the dates of a real order, and each step's mail as that customer gets it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.clickjacking import xframe_options_sameorigin

from campaigns.models import Flow, Step
from campaigns.writing import drafts, publishing
from campaigns.writing import preview as previews
from lifecycle.console import frames, read_as, reading_flow
from lifecycle.console.answer import see
from lifecycle.console.flows import latest
from messaging.rendering import RenderError
from stores import clock
from stores.access import StoreRequest, page

VIEWS = (("phone", "Phone"), ("desktop", "Desktop"), ("dark", "Dark"), ("text", "Text"))


@page()
def show(request: StoreRequest, key: str) -> HttpResponse:
    now = clock.read()
    flow = get_object_or_404(Flow.objects.select_related("version", "draft", "store"), store=request.store, key=key)
    if flow.is_one_off:
        return see("console:campaign", request.store.slug, flow.campaign.pk)
    version = latest(flow)
    shown = read_as.of(request, version, now=now)
    line = reading_flow.line(flow, version, shown, request.GET.get("step", ""), now=now)
    view = request.GET.get("view", "phone")
    context = {
        "section": "flows", "now": now, "flow": flow, "line": line, "shown_as": shown,
        "change": publishing.difference(flow), "inside": publishing.inside(flow) if flow.draft else 0,
        "undo_until": publishing.undo_until(flow, now=now),
        "views": VIEWS, "view": view if view in dict(VIEWS) else "phone", "drawn": line.drawn,
    }  # fmt: skip
    return render(request, "console/flow.html", context)


@xframe_options_sameorigin
@page()
def preview(request: StoreRequest, key: str, step_key: str) -> HttpResponse:
    """Answer one step's mail alone, for the sandboxed frame, as who is named gets it; with ?of=draft the one that is being edited."""
    if held := frames.kept(request):
        return held
    flow = get_object_or_404(Flow.objects.select_related("version", "draft"), store=request.store, key=key)
    version = (drafts.of(flow) if "of" in request.GET else None) or latest(flow)
    return drawn(request, get_object_or_404(version.steps.select_related("version__writer", "offer__store", "writer"), key=step_key))


def drawn(request: StoreRequest, step: Step) -> HttpResponse:
    """Answer a step's mail in the wording, the language and the view that the address names; nothing is counted or given away."""
    now, said = clock.read(), request.GET
    shown = read_as.of(request, step.version, now=now, most=1)
    try:
        mail = previews.mail_for(step, shown.sample, now=now, variant=said.get("wording", ""), language=said.get("in", ""))
    except RenderError as error:
        return frames.framed_text(f"This mail cannot be drawn: {error}")
    return frames.answered(request, mail.html, mail.text)
