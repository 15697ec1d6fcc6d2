"""Rehearsing a flow: over how many days, alone or beside the others; how far it is, and what came of it, each under its own address."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from campaigns.models import Flow, RehearsalRun
from campaigns.rehearsal import running
from lifecycle.console import rehearsed
from lifecycle.console.account import person
from lifecycle.console.answer import see
from lifecycle.console.flows import latest
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership

MARKETER = Membership.Role.MARKETER
#: ?days=, with its words.
SPANS = {30: "30 days", 90: "90 days", 365: "A year"}


@page(MARKETER)
def index(request: StoreRequest, key: str) -> HttpResponse:
    """Ask what to rehearse, and list what was; POST starts it."""
    flow = get_object_or_404(Flow.objects.select_related("version", "draft"), store=request.store, key=key)
    version, now = flow.draft or latest(flow), clock.read()
    if request.method == "POST":
        days = _days(request.POST.get("days", ""))
        run = running.ask(flow, version, days=days, is_beside="beside" in request.POST, by=person(request), now=now)
        return see("console:flow_rehearsed", request.store.slug, key, run.pk)
    runs = RehearsalRun.objects.filter(store=request.store, flow=flow).select_related("asked_by", "version")
    context = {
        "section": "flows", "now": now, "flow": flow, "version": version, "spans": SPANS.items(),
        "days": _days(request.GET.get("days", "")), "runs": runs.order_by("-pk"),
    }  # fmt: skip
    return render(request, "console/flow_rehearse.html", context)


def _days(asked: str) -> int:
    return int(asked) if asked in map(str, SPANS) else min(SPANS)


@page(MARKETER)
def show(request: StoreRequest, key: str, pk: int) -> HttpResponse:
    """Show how far a rehearsal is, or what came of it; POST cancels it."""
    runs = RehearsalRun.objects.select_related("flow", "version", "asked_by")
    run = get_object_or_404(runs, store=request.store, flow__key=key, pk=pk)
    if request.method == "POST":
        if running.cancel(run, now=clock.read()):
            messages.success(request, "Cancelled. Nothing was sent, and nothing is kept of it.")
        else:
            messages.error(request, "It had ended already.")
        return see("console:flow_rehearsed", request.store.slug, key, pk)
    run.flow.store = request.store
    context = {
        "section": "flows", "now": clock.read(), "flow": run.flow, "run": run, "span": SPANS.get(run.days, f"{run.days} days"),
        "is_draft": run.version_id == run.flow.draft_id,
        "found": rehearsed.of(run) if run.state == RehearsalRun.State.DONE else None,
    }  # fmt: skip
    return render(request, "console/flow_rehearsed.html", context)
