"""What staff must do for customers."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from customers import tasks_for_staff
from customers.models import Task
from lifecycle.console import paging, tabs
from lifecycle.console.account import person
from lifecycle.console.answer import back, shown
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership


@page()
def index(request: StoreRequest) -> HttpResponse:
    state = Task.State.CLOSED if request.GET.get("state") == "closed" else Task.State.OPEN
    found = Task.objects.filter(store=request.store, state=state)
    by = "due_at" if state == Task.State.OPEN else "-closed_at"
    listed = paging.page(found.select_related("customer", "closed_by"), request, by=by)
    count = paging.counted(found)
    context = {
        "section": "tasks", "now": clock.read(), "page": listed, "count": count, "heard": paging.heard(count, "task"), "state": state.value,
        "tabs": tabs.of(request, "state", [("", "Open"), ("closed", "Closed")], "closed" if state == Task.State.CLOSED else ""),
        "tabs_label": "Tasks by state",
    }  # fmt: skip
    return shown(request, "console/tasks.html", context, part="console/_tasks.html")


@require_POST
@page(Membership.Role.SUPPORT)
def close(request: StoreRequest, pk: int) -> HttpResponse:
    task = get_object_or_404(Task.objects.select_related("customer"), store=request.store, pk=pk)
    tasks_for_staff.close(task, by=person(request), now=clock.read())
    messages.success(request, f"Closed: {task.title}. Selling mails that waited for it go on.")
    return back(request, "console:tasks", request.store.slug)


@require_POST
@page(Membership.Role.SUPPORT)
def reopen(request: StoreRequest, pk: int) -> HttpResponse:
    task = get_object_or_404(Task.objects.select_related("customer"), store=request.store, pk=pk)
    tasks_for_staff.reopen(task, now=clock.read())
    messages.success(request, f"Open again: {task.title}.")
    return back(request, "console:tasks", request.store.slug)
