"""The list of flows, and what pauses one, lets it watch, or switches a step."""

from datetime import datetime

from django.contrib import messages
from django.db.models import Case, OuterRef, QuerySet, Value, When
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from campaigns import flows
from campaigns.models import Enrollment, Flow, FlowVersion, StepRun, StepSwitch
from lifecycle.console import changes, deliverability, paging
from lifecycle.console.answer import back, see
from messaging.models import Message
from messaging.returning import deliverability as figures
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership, Store

MARKETER = Membership.Role.MARKETER
DAYS = 30


@page()
def index(request: StoreRequest) -> HttpResponse:
    now = clock.read()
    return render(request, "console/flows.html", {"section": "flows", "now": now, "flows": _with_figures(request.store, now), "days": DAYS})


def _with_figures(store: Store, now: datetime) -> QuerySet[Flow]:
    """Return a store's flows, those that run first, with who is in them now, and what they sent lately, wait to send and hold."""
    lately = figures.tried(store, deliverability.since(store, DAYS, now=now))
    runs = StepRun.objects.filter(step__version__flow=OuterRef("pk"))
    place = Case(*(When(state=state, then=Value(number)) for number, state in enumerate(_FIRST)), default=Value(len(_FIRST)))
    return Flow.objects.filter(store=store, is_one_off=False).annotate(
        inside=paging.number_of(Enrollment.objects.filter(flow=OuterRef("pk"), state=Enrollment.State.ACTIVE)),
        sent=paging.number_of(lately.filter(flow=OuterRef("key"), state=Message.State.SENT)),
        coming=paging.number_of(runs.filter(state__in=[StepRun.State.PLANNED, StepRun.State.WAITING])),
        held=paging.number_of(runs.filter(state=StepRun.State.HELD)),
    ).order_by(place, "priority", "id")  # fmt: skip


#: The states in the order of the list.
_FIRST = (Flow.State.LIVE, Flow.State.WATCHING, Flow.State.PAUSED, Flow.State.DRAFT)


def latest(flow: Flow) -> FlowVersion:
    """Return the version new people enter, or a draft's newest; raise Http404 for a flow without any."""
    version = flow.version or flow.versions.order_by("-number").first()
    if version is None:
        raise Http404
    return version


@require_POST
@page(MARKETER)
def watch(request: StoreRequest, key: str) -> HttpResponse:
    """Let a flow only watch from now on."""
    flow = get_object_or_404(Flow.objects.select_related("version"), store=request.store, key=key, is_one_off=False)
    try:
        before = flow.get_state_display()
        flows.watch(flow, now=clock.read())
        changes.note(request, f"Flow “{flow}”", before, flow.get_state_display())
        messages.success(request, f"{flow.name} only watches from now on: it decides as before and sends nothing.")
    except flows.CannotActivate as refusal:
        messages.error(request, str(refusal))
    return see("console:flow", request.store.slug, key)


@require_POST
@page(MARKETER)
def send_for_real(request: StoreRequest, key: str) -> HttpResponse:
    """Let a flow that only watched send; who sends which step stays as it was answered."""
    watching = Flow.objects.select_related("version").filter(is_one_off=False, state=Flow.State.WATCHING)
    flow = get_object_or_404(watching, store=request.store, key=key)
    try:
        before = flow.get_state_display()
        flows.activate(flow, now=clock.read())
        changes.note(request, f"Flow “{flow}”", before, flow.get_state_display())
        messages.success(request, f"{flow.name} sends for real. Whoever is in it goes on from their next step.")
    except flows.CannotActivate as refusal:
        messages.error(request, str(refusal))
    return see("console:flow", request.store.slug, key)


@require_POST
@page(MARKETER)
def pause(request: StoreRequest, key: str) -> HttpResponse:
    flow = get_object_or_404(Flow, store=request.store, key=key, is_one_off=False)
    before = flow.get_state_display()
    flows.pause(flow, now=clock.read())
    flow.refresh_from_db(fields=["state"])
    changes.note(request, f"Flow “{flow}”", before, flow.get_state_display())
    messages.success(request, f"{flow.name} is paused. Its mails wait until you activate it again.")
    return see("console:flow", request.store.slug, key)


@require_POST
@page(MARKETER)
def switch(request: StoreRequest, key: str, step_key: str) -> HttpResponse:
    flow = get_object_or_404(Flow.objects.select_related("version"), store=request.store, key=key, is_one_off=False)
    step = get_object_or_404(latest(flow).steps, key=step_key)
    choice = request.POST.get("choice", "")
    if choice not in StepSwitch.Choice.values or (choice == StepSwitch.Choice.SHOP and not step.may_be_the_shops):
        raise Http404
    held = StepSwitch.objects.filter(flow=flow, step_key=step_key).first()
    before = held.get_choice_display() if held else StepSwitch.Choice.OURS.label
    flows.switch_step(flow, step_key, choice, now=clock.read())
    changes.note(request, f"Who sends “{step.name}”", before, StepSwitch.Choice(choice).label)
    messages.success(request, f"{step.name}: {StepSwitch.Choice(choice).label.lower()}.")
    return back(request, "console:flow", request.store.slug, key)
