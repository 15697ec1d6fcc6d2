"""Who is at which step of a flow, by state and reason: what the numbers on the flow page stand for, and what is done with many at once."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from campaigns import bulk
from campaigns.models import Flow, RunAct, StepRun
from lifecycle.console import holds, paging, tabs
from lifecycle.console.account import person
from lifecycle.console.answer import see, shown
from lifecycle.console.flows import latest
from messaging.reasons import Reason
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership

SUPPORT = Membership.Role.SUPPORT
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
    now, found = clock.read(), _found(flow, request.GET)
    state = _state(request.GET)
    listed = found.select_related("customer", "order", "step", "message").defer("message__html", "message__text")
    count = paging.counted(found)
    context = {
        "section": "campaigns" if flow.is_one_off else "flows",
        "now": now,
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
        "here": "&".join(f"{name}={request.GET[name]}" for name in ("state", "step", "reason") if request.GET.get(name)),
        "may_act": state in ("", "waiting", "held"),
        "acts": bulk.lately(flow, now=now),
        "holds": holds.SPANS,
    }
    return shown(request, "console/flow_people.html", context, part="console/_flow_people.html")


def _state(asked: QueryDict) -> str:
    given = asked.get("state", "")
    return given if given in GROUPS else ""


def _found(flow: Flow, asked: QueryDict) -> QuerySet[StepRun]:
    state, step, reason = _state(asked), asked.get("step", ""), asked.get("reason", "")
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


@require_POST
@page(SUPPORT)
def act(request: StoreRequest, key: str) -> HttpResponse:
    """Hold, skip or send the ticked mails, or all that the filters show and that are still to come."""
    flow = get_object_or_404(Flow.objects.select_related("version"), store=request.store, key=key)
    verb, asked = request.POST.get("verb", ""), QueryDict(request.POST.get("here", ""))
    is_offered = verb == RunAct.Verb.SKIP or not (flow.is_one_off or (verb == RunAct.Verb.SEND_NOW and flow.state == Flow.State.WATCHING))
    if verb not in RunAct.Verb.values or not is_offered:
        raise Http404
    found = _found(flow, asked)
    if request.POST.get("scope") != "all":
        found = found.filter(pk__in=[int(pk) for pk in request.POST.getlist("pk") if pk.isdecimal() and len(pk) < 19])
    done = bulk.act(flow, found, RunAct.Verb(verb), days=holds.days(request), by=person(request), now=clock.read())
    if done is None:
        messages.error(request, "None of them is still to come; nothing was changed. Tick some first, or choose all.")
    else:
        later = f" They go in {int(bulk.REGRET.total_seconds() // 60)} minutes: until then you can undo it." if verb == "send-now" else ""
        rest = " That is as many as go at once: the rest is still in the list." if len(done.runs) == bulk.MOST else ""
        messages.success(request, f"{_mails(len(done.runs))} {done.get_verb_display()}.{later}{rest}")
    return _to_list(request, flow, asked)


@require_POST
@page(SUPPORT)
def undo(request: StoreRequest, key: str, pk: int) -> HttpResponse:
    """Take back what was done with many."""
    held = get_object_or_404(RunAct.objects.select_related("flow"), store=request.store, flow__key=key, pk=pk)
    changed = bulk.undo(held, by=person(request), now=clock.read())
    if changed is None:
        messages.error(request, "This was taken back already; nothing was changed.")
    else:
        messages.success(request, f"Taken back: {_mails(changed)} planned again.")
    return _to_list(request, held.flow, QueryDict(request.POST.get("here", "")))


def _to_list(request: StoreRequest, flow: Flow, asked: QueryDict) -> HttpResponse:
    return see(f"{reverse('console:flow_people', args=[request.store.slug, flow.key])}?{asked.urlencode()}")


def _mails(number: int) -> str:
    return f"{number:,} mail{'' if number == 1 else 's'}"
