"""Connections to shops, and what came in but could not be understood."""

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from integrations import connections, inbox, reconciling, silence
from integrations.asking import CannotAsk
from integrations.models import Connection, InboxItem
from lifecycle.console import paging, tabs
from lifecycle.console.answer import back, see, shown
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership

OWNER = Membership.Role.OWNER
State = InboxItem.State
_AT_ONCE = 500


@page(OWNER)
def index(request: StoreRequest) -> HttpResponse:
    """List connections; a new one's secret stands on the answer to its form, and never again."""
    now, made, secret, problem = clock.read(), None, "", ""
    if request.method == "POST":
        platform = request.POST.get("platform", "")
        if platform in Connection.Platform.values:
            given = request.POST.get("secret", "").strip() or None
            made, secret = connections.create(request.store, platform=platform, now=now, secret=given)
        else:
            problem = "Choose what the shop runs on."
    counts = {state.value: Count("items", filter=Q(items__state=state)) for state in (State.DONE, State.FAILED, State.RECEIVED)}
    rows = Connection.objects.filter(store=request.store).select_related("asking").annotate(**counts).order_by("id")
    context = {
        "section": "connections", "now": now, "connections": rows, "made": made, "secret": secret, "problem": problem,
        "platforms": Connection.Platform.choices, "silent_feeds": silence.feeds(request.store, now=now),
        "secrets": [("Address", settings.PUBLIC_URL + made.path), ("Secret", secret)] if made else [], "public_url": settings.PUBLIC_URL,
        "asked": reconciling.PLATFORMS,
    }  # fmt: skip
    return render(request, "console/connections.html", context, status=422 if problem else 200)


@require_POST
@page(OWNER)
def ask(request: StoreRequest, pk: int) -> HttpResponse:
    """Have a shop asked itself for what its deliveries leave out, or no longer."""
    connection = get_object_or_404(Connection, store=request.store, pk=pk, platform__in=reconciling.PLATFORMS)
    if request.POST.get("verb") == "stop":
        reconciling.stop(connection)
        messages.success(request, "The shop is asked no longer, and its token is forgotten.")
        return see("console:connections", request.store.slug)
    try:
        reconciling.put(connection, shop=request.POST.get("shop", ""), token=request.POST.get("token", "").strip(), now=clock.read())
        messages.success(request, "The shop is asked within a minute, then every quarter of an hour.")
    except CannotAsk as problem:
        messages.error(request, str(problem))
    return see("console:connections", request.store.slug)


@page(OWNER)
def inputs(request: StoreRequest) -> HttpResponse:
    """List what came in, failed ones unless ?state= says otherwise."""
    state = request.GET.get("state", State.FAILED)
    state = state if state in State.values else State.FAILED.value
    found = InboxItem.objects.filter(store=request.store, state=state)
    if request.GET.get("connection", "").isdecimal():
        found = found.filter(connection_id=int(request.GET["connection"][:18]))
    listed = paging.page(found.select_related("connection"), request, by="-id")
    count = paging.counted(found)
    context = {
        "section": "connections",
        "now": clock.read(),
        "page": listed,
        "count": count,
        "heard": paging.heard(count, "input"),
        "state": state,
        "tabs": tabs.of(request, "state", State.choices, state),
        "tabs_label": "Inputs by state",
    }
    return shown(request, "console/inputs.html", context, part="console/_inputs.html")


@page(OWNER)
def show_input(request: StoreRequest, pk: int) -> HttpResponse:
    item = get_object_or_404(InboxItem.objects.select_related("connection"), store=request.store, pk=pk)
    context = {"section": "connections", "now": clock.read(), "item": item, "body": inbox.body_of(item)}
    return render(request, "console/input.html", context)


@require_POST
@page(OWNER)
def retry(request: StoreRequest, pk: int) -> HttpResponse:
    item = get_object_or_404(InboxItem, store=request.store, pk=pk)
    if inbox.retry(InboxItem.objects.filter(pk=item.pk)):
        messages.success(request, "It is tried again within seconds.")
    else:
        messages.error(request, "It cannot be tried again: what it said is no longer kept, or it has not failed.")
    return back(request, "console:inputs", request.store.slug)


@require_POST
@page(OWNER)
def retry_all(request: StoreRequest) -> HttpResponse:
    failed = InboxItem.objects.filter(store=request.store, state=State.FAILED).order_by("-id")[:_AT_ONCE]
    number = inbox.retry(InboxItem.objects.filter(pk__in=failed.values("pk")))
    messages.success(request, f"{number:,} inputs are tried again.")
    return back(request, "console:inputs", request.store.slug)
