"""What staff must do for customers: low answers, wishes, questions, and what else opens a task."""

from collections.abc import Sequence

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from customers import tasks_for_staff
from customers.models import Task
from enquiries import desk_work, mentions
from enquiries.models import Enquiry
from lifecycle.console import paging, tabs
from lifecycle.console.account import person
from lifecycle.console.answer import back, shown
from messaging import unknown
from orders.models import Order
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership, Store, User

SUPPORT = Membership.Role.SUPPORT
#: What the chips call the kinds of tasks; a kind of a later release is called by its own name.
KINDS = {
    "low_score": "Low answers", "low_review": "Low reviews", "enquiry": "Questions", "privacy": "Privacy", "change": "Changes asked for",
    "return": "Returns", "refund": "Refunds", "unknown": "Unknown sends", "wish": "Wishes",
}  # fmt: skip


@page()
def index(request: StoreRequest) -> HttpResponse:
    state = Task.State.CLOSED if request.GET.get("state") == "closed" else Task.State.OPEN
    whose, kind = request.GET.get("whose", ""), request.GET.get("kind", "")
    held = Task.objects.filter(store=request.store, state=state)
    found = held.filter(assignee=person(request)) if whose == "mine" else held.filter(assignee=None) if whose == "nobody" else held
    found = found.filter(kind=kind[:30]) if kind else found
    listed = paging.page(found.select_related("customer", "closed_by", "assignee", "enquiry"), request, by=_order(state))
    count = paging.counted(found)
    kinds = sorted({*held.order_by().values_list("kind", flat=True).distinct()[:20], *([kind[:30]] if kind else [])})
    context = {
        "section": "tasks", "now": clock.read(), "page": listed, "rows": _with_orders(listed.rows, request.store),
        "count": count, "heard": paging.heard(count, "task"), "state": state.value,
        "tabs": tabs.of(request, "state", [("", "Open"), ("closed", "Closed")], "closed" if state == Task.State.CLOSED else ""),
        "tabs_label": "Tasks by state", "clear": tabs.without(request, "whose", "kind"),
        "chips": _chips(request, whose, kind, kinds), "chips_label": "Show only",
        "mentions": mentions.unseen(request.store, person(request))[:20],
    }  # fmt: skip
    return shown(request, "console/tasks.html", context, part="console/_tasks.html")


def _with_orders(found: Sequence[Task], store: Store) -> list[tuple[Task, Order | None, int | None]]:
    """Put each task beside the order it is about as it stands now, and the mail; two queries for the page."""
    numbers = [task.order_number for task in found if task.order_number]
    named = Order.objects.filter(
        Q(number__in=numbers) | Q(external_id__in=numbers), store=store, customer__in=[task.customer_id for task in found]
    )
    orders = {(order.customer_id, str(order)): order for order in named.prefetch_related("shipments").order_by("pk")} if numbers else {}
    return [(task, orders.get((task.customer_id, task.order_number)), unknown.mail_of(task)) for task in found]


def _order(state: str) -> str:
    return "due_at" if state == Task.State.OPEN else "-closed_at"


def _chips(request: StoreRequest, whose: str, kind: str, kinds: list[str]) -> list[tabs.Tab]:
    """Return the chips of whose tasks and of which kind; pressing the one that is on takes it off."""
    people = tabs.of(request, "whose", [("", "Everybody’s"), ("mine", "Mine"), ("nobody", "Nobody’s")], whose)
    named = [("", "Every kind"), *((each, KINDS.get(each, each.replace("_", " ").capitalize())) for each in kinds)]
    return people + tabs.of(request, "kind", named, kind)


@require_POST
@page(SUPPORT)
def close(request: StoreRequest, pk: int) -> HttpResponse:
    task = get_object_or_404(Task.objects.select_related("customer"), store=request.store, pk=pk)
    talk, now = _talk(task), clock.read()
    if talk:
        desk_work.close(talk, by=person(request), now=now)
    tasks_for_staff.close(task, by=person(request), now=now)
    undo = reverse("console:tasks", args=[request.store.slug]) + "?state=closed"
    words = 'Closed: {}. Selling mails that waited for it go on. <a href="{}">Open it again</a>'
    messages.success(request, format_html(words, task.title, undo))
    return back(request, "console:tasks", request.store.slug)


@require_POST
@page(SUPPORT)
def reopen(request: StoreRequest, pk: int) -> HttpResponse:
    task = get_object_or_404(Task.objects.select_related("customer"), store=request.store, pk=pk)
    talk = _talk(task)
    if talk:
        desk_work.reopen(talk, by=person(request), now=clock.read())
    else:
        tasks_for_staff.reopen(task, now=clock.read())
    messages.success(request, f"Open again: {task.title}.")
    return back(request, "console:tasks", request.store.slug)


@require_POST
@page(SUPPORT)
def assign(request: StoreRequest, pk: int) -> HttpResponse:
    """Give a task to oneself, or back to nobody."""
    task = get_object_or_404(Task, store=request.store, pk=pk)
    to: User | None = None if task.assignee_id == person(request).pk else person(request)
    talk = _talk(task)
    if talk:
        desk_work.assign(talk, to=to, by=person(request), now=clock.read())
    else:
        tasks_for_staff.put(task, due_at=task.due_at, assignee=to)
    messages.success(request, f"{task.title}: {f'given to {to}' if to else 'given to nobody'}.")
    return back(request, "console:tasks", request.store.slug)


def _talk(task: Task) -> Enquiry | None:
    """Return the conversation that a task is about; both are closed and opened together."""
    talks: QuerySet[Enquiry] = Enquiry.objects.filter(task=task, store=task.store_id)
    return talks.first()
