"""One customer: every mail to come with its reason, above everything that was."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from campaigns import enrollment, runs, step_words
from campaigns.models import StepRun
from customers import notes
from customers.models import Customer, Task
from enquiries import mentions
from lifecycle.console import expected, holds, known, timeline, where
from lifecycle.console.account import person
from lifecycle.console.answer import back, see, shown
from messaging.returning import suppressions
from orders.models import Order, Shipment
from stores import clock, walltime
from stores.access import StoreRequest, page
from stores.models import Membership

SUPPORT = Membership.Role.SUPPORT
_RECENTLY = timedelta(days=14)
_MOST_ORDERS = 10
#: What the block of mails to come reads; of what they hang from a few columns only.
_READ = [
    *(field.name for field in StepRun._meta.concrete_fields), "step__name", "step__kind", "step__purpose", "step__anchor", "step__details",
    "order__number", "order__external_id", "message__state", "enrollment__flow__key", "enrollment__flow__state",
    "enrollment__flow__is_one_off",
]  # fmt: skip
_OVER = (StepRun.State.SKIPPED, StepRun.State.CANCELLED)


@dataclass(frozen=True)
class Coming:
    """One planned mail, why it stands as it does, and whether anything can still be done about it."""

    run: StepRun
    why: str
    is_open: bool
    may_return: bool
    only: str
    held_until: datetime | None


@page()
def show(request: StoreRequest, pk: int) -> HttpResponse:
    now = clock.read()
    suppressed = suppressions.active(request.store, now=now).filter(email_key=OuterRef("email_key"))
    people = Customer.objects.filter(store=request.store).select_related("metrics", "rfm").annotate(is_suppressed=Exists(suppressed))
    customer = get_object_or_404(expected.with_outlook(known.beside(people, now=now), request.store, now=now), pk=pk)
    zone = walltime.zone_for(customer=customer.timezone, country=customer.country, store=request.store.timezone)
    coming = future(customer, zone=zone, now=now)
    parcels = Prefetch("shipments", Shipment.objects.order_by("id"))
    orders = Order.objects.filter(customer=customer).prefetch_related(parcels, where.LINES).order_by("-placed_at")[:_MOST_ORDERS]
    return shown(
        request,
        "console/customer.html",
        {
            "section": "customers", "now": now, "customer": customer, "zone": str(zone), "coming": coming,
            "open_count": sum(item.is_open for item in coming),
            "held_count": sum(item.is_open and item.held_until is not None for item in coming),
            "past": timeline.past(customer, request, zone=zone), "holds": holds.SPANS,
            "places": [where.of(order, request.store, zone=zone, now=now) for order in orders],
            **known.of(customer),
            "tasks": customer.tasks.filter(state=Task.State.OPEN),
            "outlook": expected.outlook(customer), "standing": expected.standing(customer, now=now),
            "until": holds.read(request.GET.get("until"), zone=zone, now=now),
        },
        part="console/_customer.html",
    )  # fmt: skip


def future(customer: Customer, *, zone: ZoneInfo, now: datetime) -> list[Coming]:
    """Return every mail the customer is still to get, by time, and those recently skipped; one query."""
    rows = StepRun.objects.filter(customer=customer).select_related("step", "order", "enrollment__flow", "message").only(*_READ)
    rows = rows.filter(Q(state__in=StepRun.OPEN) | Q(state__in=_OVER, decided_at__gte=now - _RECENTLY))
    coming = [
        Coming(run, runs.why(run, zone=zone), run.state in StepRun.OPEN, runs.may_return(run), _only(run, now), enrollment.held_until(run))
        for run in rows
    ]
    return sorted(coming, key=lambda item: (not item.is_open, bool(item.only), item.run.due_at, item.run.pk))


def _only(run: StepRun, now: datetime) -> str:
    """Return the case in which a mail goes that may never be needed; empty once it is sure, or over."""
    has_come = run.state != StepRun.State.WAITING and run.due_at <= now
    return "" if run.state not in StepRun.OPEN or has_come else step_words.ONLY.get(run.step.anchor, "")


@require_POST
@page(SUPPORT)
def act(request: StoreRequest, pk: int, run: int, verb: str) -> HttpResponse:
    """Skip, hold, move, send or release one planned mail."""
    if verb not in ACTS:
        raise Http404
    found = get_object_or_404(StepRun.objects.select_related("step", "customer"), store=request.store, customer_id=pk, pk=run)
    now = clock.read()
    until = {"until": max(now, found.due_at) + timedelta(days=holds.days(request))} if verb == "hold" else {}
    if verb == "move":
        zone = walltime.zone_for(customer=found.customer.timezone, country=found.customer.country, store=request.store.timezone)
        moment, error = holds.read_moment(request.POST.get("at", ""), zone=zone, now=now)
        if moment is None:
            messages.error(request, error)
            return back(request, "console:customer", request.store.slug, pk)
        until = {"at": moment}
    verb_of_run, said = ACTS[verb]
    try:
        verb_of_run(found, by=person(request), now=now, **until)
        messages.success(request, f"“{found.step.name}” {said}.")
    except runs.NotOpen:
        messages.error(request, f"“{found.step.name}” was already sent or ended, so nothing was changed.")
    return back(request, "console:customer", request.store.slug, pk)


ACTS: dict[str, tuple[Callable[..., None], str]] = {
    "skip": (runs.skip, "is skipped"),
    "hold": (runs.hold, "is on hold"),
    "send-now": (runs.send_now, "goes out now, if it still may"),
    "move": (runs.move, "goes at the moment you chose, if it still may"),
    "release": (runs.release, "goes on as planned"),
}


@require_POST
@page(SUPPORT)
def act_on_all(request: StoreRequest, pk: int, verb: str) -> HttpResponse:
    """Hold, or release, all mails that one customer is still to get; a day that cannot be leads back to its field."""
    customer = get_object_or_404(Customer, store=request.store, pk=pk)
    if verb not in ("hold", "release"):
        raise Http404
    now = clock.read()
    zone = walltime.zone_for(customer=customer.timezone, country=customer.country, store=request.store.timezone)
    day = holds.read(request.POST.get("until"), zone=zone, now=now)
    if verb == "hold" and day.error:
        return see(f"{reverse('console:customer', args=[request.store.slug, pk])}?{urlencode({'until': day.text})}")
    until = {"until": day.moment or now + timedelta(days=holds.days(request))} if verb == "hold" else {}
    open_runs = StepRun.objects.filter(customer=customer, state__in=StepRun.OPEN)
    for run in open_runs.select_related("step") if verb == "hold" else open_runs.filter(facts__has_key="held_until").select_related("step"):
        with suppress(runs.NotOpen):
            ACTS[verb][0](run, by=person(request), now=now, **until)
    what = f"are on hold until {date_format(until['until'].astimezone(zone), 'l j F Y, H:i')} ({zone})" if until else "go on as planned"
    messages.success(request, f"All mails to {customer} {what}.")
    return back(request, "console:customer", request.store.slug, pk)


@require_POST
@page(SUPPORT)
def add_note(request: StoreRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer, store=request.store, pk=pk)
    text = request.POST.get("text", "").strip()
    if text:
        now, by = clock.read(), person(request)
        with transaction.atomic():
            notes.add(customer, text=text[:5000], by=by, now=now)
            mentions.tell(request.store.pk, text[:5000], customer=customer, by=by, now=now)
        messages.success(request, "Note kept.")
    else:
        messages.error(request, "The note was empty, so nothing was kept.")
    return back(request, "console:customer", request.store.slug, pk)
