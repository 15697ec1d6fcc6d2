"""One flow as a line down the page, with the dates of a real order, and each step's mail as that customer gets it."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.clickjacking import xframe_options_sameorigin

from campaigns.models import Flow
from campaigns.writing import drafts, example, hard_cases, publishing
from campaigns.writing import preview as previews
from lifecycle.console import reading_flow
from lifecycle.console.answer import see
from lifecycle.console.flows import latest
from lifecycle.console.frames import framed, framed_text
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
    line = reading_flow.line(flow, latest(flow), chosen(request), request.GET.get("step", ""), now=now)
    view = request.GET.get("view", "phone")
    context = {
        "section": "flows", "now": now, "flow": flow, "line": line,
        "change": publishing.difference(flow), "inside": publishing.inside(flow) if flow.draft else 0,
        "undo_until": publishing.undo_until(flow, now=now),
        "views": VIEWS, "view": view if view in dict(VIEWS) else "phone", "drawn": line.drawn,
    }  # fmt: skip
    return render(request, "console/flow.html", context)


@xframe_options_sameorigin
@page()
def preview(request: StoreRequest, key: str, step_key: str) -> HttpResponse:
    """Answer one step's mail for one order (made hard by ?case=) alone, for the sandboxed frame; nothing is counted or given away.

    With ?of=draft it is the mail that is being edited, where there is no order yet about a made-up one.
    """
    flow, is_draft = get_object_or_404(Flow.objects.select_related("version", "draft"), store=request.store, key=key), "of" in request.GET
    version = (is_draft and drafts.of(flow)) or latest(flow)
    step = get_object_or_404(version.steps.select_related("offer__store"), key=step_key)
    orders = previews.samples(request.store, first=chosen(request))
    if not orders and not is_draft:
        raise Http404
    try:
        as_read = previews.sample(orders[0]) if orders else example.sample(request.store, now=clock.read())
        shown = hard_cases.made_hard(as_read, request.GET.get("case", ""))
        mail = previews.mail_for(step, shown, now=clock.read(), variant=request.GET.get("wording", ""), language=request.GET.get("in", ""))
    except RenderError as error:
        return framed_text(f"This mail cannot be drawn: {error}")
    return framed_text(mail.text) if request.GET.get("view") == "text" else framed(mail.html)


def chosen(request: StoreRequest) -> int | None:
    """Return the order that ?as= names."""
    given = request.GET.get("as", "")
    return int(given) if given.isdecimal() and len(given) < 19 else None
