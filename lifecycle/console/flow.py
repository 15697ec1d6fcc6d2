"""One flow as a line down the page, with the dates of a real order, and each step's mail as that customer gets it."""

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.clickjacking import xframe_options_sameorigin

from campaigns import preview as previews
from campaigns.models import Flow
from lifecycle.console import reading_flow
from lifecycle.console.flows import latest
from lifecycle.console.frames import framed, framed_text
from messaging.rendering import Rendered, RenderError
from stores import clock
from stores.access import StoreRequest, page

VIEWS = (("phone", "Phone"), ("desktop", "Desktop"), ("dark", "Dark"), ("text", "Text"))


@dataclass(frozen=True)
class Drawn:
    """A mail to look at, or why there is none."""

    mail: Rendered | None
    problem: str


@page()
def show(request: StoreRequest, key: str) -> HttpResponse:
    now = clock.read()
    flow = get_object_or_404(Flow.objects.select_related("version"), store=request.store, key=key)
    line = reading_flow.line(flow, latest(flow), _chosen(request), request.GET.get("step", ""), now=now)
    view = request.GET.get("view", "phone")
    context = {
        "section": "flows", "now": now, "flow": flow, "line": line,
        "views": VIEWS, "view": view if view in dict(VIEWS) else "phone", "drawn": _drawn(line, now=now),
    }  # fmt: skip
    return render(request, "console/flow.html", context)


def _drawn(line: reading_flow.Line, *, now: datetime) -> Drawn:
    """Draw the selected step's mail, or say why it cannot be drawn."""
    if line.order is None or line.selected is None:
        return Drawn(None, "The first order shows here what its customer gets.")
    try:
        return Drawn(previews.mail_for(line.selected, line.order, now=now), "")
    except RenderError as error:
        return Drawn(None, f"This mail cannot be drawn: {error}")


@xframe_options_sameorigin
@page()
def preview(request: StoreRequest, key: str, step_key: str) -> HttpResponse:
    """Answer one step's mail for one order alone, for the sandboxed frame; nothing is counted or given away."""
    flow = get_object_or_404(Flow.objects.select_related("version"), store=request.store, key=key)
    step = get_object_or_404(latest(flow).steps.select_related("offer"), key=step_key)
    order = next(iter(reading_flow.orders_to_show(request.store, _chosen(request), most=1)), None)
    if order is None:
        raise Http404
    try:
        mail = previews.mail_for(step, order, now=clock.read())
    except RenderError as error:
        return framed_text(f"This mail cannot be drawn: {error}")
    return framed_text(mail.text) if request.GET.get("view") == "text" else framed(mail.html)


def _chosen(request: StoreRequest) -> int | None:
    chosen = request.GET.get("as", "")
    return int(chosen) if chosen.isdecimal() and len(chosen) < 19 else None
