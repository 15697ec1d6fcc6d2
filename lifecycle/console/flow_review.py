"""The review sheet: whom a flow reaches, what it would have done with the latest orders, what is missing; and the switch itself."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from campaigns import flows, step_words
from campaigns.models import Flow, Step, StepSwitch
from campaigns.recipes import post_purchase
from campaigns.rehearsal import quickly
from lifecycle.console import flow_results, reach
from lifecycle.console.answer import see, shown
from lifecycle.console.flows import latest
from lifecycle.console.start import mails, progress
from messaging.domains import sending_domains
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership

MARKETER = Membership.Role.MARKETER


@page(MARKETER)
def show(request: StoreRequest, key: str) -> HttpResponse:
    """Show what switching a flow on will do, and ask what only the merchant knows; POST activates it, or lets it watch."""
    flow = get_object_or_404(Flow.objects.select_related("version__audience"), store=request.store, key=key, is_one_off=False)
    version = latest(flow)
    steps = list(version.steps.select_related("offer__store"))
    if request.method == "POST" and _switched(request, flow, steps):
        return see("console:flow", request.store.slug, key)
    now = clock.read()
    reached = reach.of(request.store, now=now)
    switches = dict(StepSwitch.objects.filter(flow=flow).values_list("step_key", "choice"))
    context = {
        "section": "flows", "now": now, "flow": flow, "everyone": reached.everyone, "stage": "activate",
        "is_on": flow.state in (Flow.State.LIVE, Flow.State.WATCHING), "days": quickly.DAYS,
        "setup": progress.of(request, flow) if flow.key == post_purchase.KEY and flow.state == Flow.State.DRAFT else None,
        "steps": [(step, reached.by_purpose[step.purpose], switches.get(step.key, "")) for step in steps],
        "broken_domains": sending_domains.broken(request.store),
        "missing": mails.missing(request, steps, has_orders=reached.everyone > 0),
        "version": version, "starts": step_words.starts(version), "rules": step_words.rules(version),
        "holdouts": flow_results.HOLDOUTS.items() if flow_results.sells(steps) else None,
        "holdout": flow.holdout_percent if flow.activated_at else flow_results.USUAL_HOLDOUT,
        "without_offer": [step for step in steps if "has_code" in step.conditions and step.offer_id is None],
    }  # fmt: skip
    return render(request, "console/flow_activate.html", context, status=422 if request.method == "POST" else 200)


def _switched(request: StoreRequest, flow: Flow, steps: Sequence[Step]) -> bool:
    """Do what the pressed button says; say whether it was done. Only a missing sender's address stands in the way of real mails."""
    percent = flow_results.asked_holdout(request)
    shop_sends = frozenset(step.key for step in steps if step.may_be_the_shops and request.POST.get(f"shop-{step.key}") == "shop")
    try:
        if percent is not None:
            flows.hold_out(flow, percent=percent)
        if "watch" in request.POST:
            flows.watch(flow, now=clock.read(), shop_sends=shop_sends)
            messages.success(request, f"{flow.name} watches. {_whoever(flow)} enters it, and no mail is sent.")
        else:
            flows.activate(flow, now=clock.read(), shop_sends=shop_sends)
            messages.success(request, f"{flow.name} is active. {_whoever(flow)} gets its mails.")
    except flows.CannotActivate:
        return False
    return True


def _whoever(flow: Flow) -> str:
    return f"Whoever {step_words.starts(latest(flow))} from now on"


@page(MARKETER)
def rehearse(request: StoreRequest, key: str) -> HttpResponse:
    """Answer what the flow would have done with the latest orders: the part the review sheet asks for, or a page of its own."""
    flow = get_object_or_404(Flow.objects.select_related("version__audience"), store=request.store, key=key, is_one_off=False)
    flow.store, now = request.store, clock.read()
    context = {
        "section": "flows", "now": now, "flow": flow, "days": quickly.DAYS, "most": quickly.MOST,
        "rehearsal": quickly.rehearse(flow, latest(flow), now=now), "version": latest(flow),
    }  # fmt: skip
    return shown(request, "console/flow_rehearsal.html", context, part="console/_flow_rehearsal.html")
