"""Who is at which step of a flow, by state and reason: what the numbers on the flow page stand for."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from campaigns.models import Flow, StepRun
from lifecycle.console import paging, tabs
from lifecycle.console.answer import shown
from lifecycle.console.flows import latest
from messaging.reasons import Reason
from stores import clock
from stores.access import StoreRequest, page

State = StepRun.State
WATCHED = "watched"
#: ?state=: the label, and the states of a run it stands for. The same groups are counted on the flow page.
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "": ("All", tuple(State.values)),
    "waiting": ("Waiting", (State.WAITING, State.PLANNED)),
    "held": ("On hold", (State.HELD,)),
    "sent": ("Sent", (State.HANDED_OVER,)),
    "skipped": ("Skipped", (State.SKIPPED, State.CANCELLED)),
    WATCHED: ("Would have gone", (State.SKIPPED,)),
}


def group_of(state: str, reason: str) -> str:
    """Return the group that counts a run in this state, skipped for this reason."""
    if reason == Reason.WATCH_ONLY:
        return WATCHED
    return next(name for name, (_, states) in GROUPS.items() if name and state in states)


@page()
def index(request: StoreRequest, key: str) -> HttpResponse:
    flow = get_object_or_404(Flow.objects.select_related("version"), store=request.store, key=key)
    state = request.GET.get("state", "")
    state = state if state in GROUPS else ""
    found = _found(flow, state, step=request.GET.get("step", ""), reason=request.GET.get("reason", ""))
    listed = found.select_related("customer", "order", "step", "message").defer("message__html", "message__text")
    count = paging.counted(found)
    context = {
        "section": "campaigns" if flow.is_one_off else "flows",
        "now": clock.read(),
        "flow": flow,
        "count": count,
        "heard": paging.heard(count, "mail"),
        "clear": tabs.without(request, "state", "step", "reason"),
        "page": paging.page(listed, request, by="-due_at"),
        "chips": tabs.of(request, "state", [(name, label) for name, (label, _) in GROUPS.items()], state, drop=("reason",)),
        "chips_label": "People by state",
        "state": state,
        "steps": latest(flow).steps.all(),
        "step": request.GET.get("step", ""),
        "reasons": Reason.choices,
        "reason": request.GET.get("reason", ""),
    }
    return shown(request, "console/flow_people.html", context, part="console/_flow_people.html")


def _found(flow: Flow, state: str, *, step: str, reason: str) -> QuerySet[StepRun]:
    found = StepRun.objects.filter(store=flow.store_id, step__version__flow=flow)
    if state:
        found = found.filter(state__in=GROUPS[state][1])
    if state == WATCHED:
        found = found.filter(reason=Reason.WATCH_ONLY)
    elif state == "skipped":
        found = found.exclude(reason=Reason.WATCH_ONLY)
    if step:
        found = found.filter(step__key=step[:60])
    if reason in Reason.values:
        found = found.filter(reason=reason)
    return found
