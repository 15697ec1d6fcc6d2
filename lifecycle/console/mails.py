"""What was sent: the log of messages, and the exact copy of each."""

from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.clickjacking import xframe_options_sameorigin

from customers.models import Customer, Event
from lifecycle.console import deliverability, miniature, paging, search, tabs
from lifecycle.console.answer import shown
from lifecycle.console.frames import framed
from messaging import attempts, links
from messaging.models import Message
from messaging.returning import coming_back
from messaging.returning import deliverability as figures
from stores import clock, walltime
from stores.access import StoreRequest, page

#: The parts of an address that a number of the deliverability page leads with.
_BEHIND_NUMBERS = ("flow", "step", "domain", "days", "outcome")


@page()
def index(request: StoreRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    query = request.GET.get("q", "").strip()[:200]
    found = _found(request, state, query)
    count = paging.counted(found)
    return shown(
        request,
        "console/messages.html",
        {
            "section": "messages",
            "now": clock.read(),
            "page": paging.page(_listed(found), request, by="-id"),
            "count": count,
            "heard": paging.heard(count, "mail"),
            "clear": tabs.without(request, "q", "state", *_BEHIND_NUMBERS),
            "states": Message.State.choices,
            "state": state if state in Message.State.values else "",
            "unknown_state": state if state not in Message.State.values else "",
            "query": query,
            "narrowed": deliverability.words_for(request),
            "kept": [(name, request.GET[name]) for name in _BEHIND_NUMBERS if request.GET.get(name)],
        },
        part="console/_messages.html",
    )


def _found(request: StoreRequest, state: str, query: str) -> QuerySet[Message]:
    found = search.mails_like(request.store, query)
    if state in Message.State.values:
        found = found.filter(state=state)
    for name in ("flow", "step"):
        if request.GET.get(name):
            found = found.filter(**{name: "" if request.GET[name] == deliverability.NONE else request.GET[name][:60]})
    return _behind_a_number(found, request)


def _behind_a_number(found: QuerySet[Message], request: StoreRequest) -> QuerySet[Message]:
    """Narrow the list to the mails behind one number of the deliverability page."""
    days, domain = deliverability.days_of(request.GET.get("days", "")), request.GET.get("domain", "")
    if days:
        start = deliverability.since(request.store, days, now=clock.read())
        found = found.filter(pk__in=figures.tried(request.store, start))
    if domain:
        found = figures.to_domain(found, domain.lower())
    outcome = figures.OUTCOMES.get(request.GET.get("outcome", ""))
    return found if outcome is None else found.filter(outcome)


def _listed(found: QuerySet[Message]) -> QuerySet[Message]:
    again = Prefetch("repeated_by", queryset=Message.objects.only("repeats_id"))
    return found.select_related("customer").prefetch_related(again).defer("html", "text")


@page()
def show(request: StoreRequest, pk: int, message: int) -> HttpResponse:
    """Show one mail as it was sent: headers, subject, both parts, and what became of it."""
    customer = get_object_or_404(Customer, store=request.store, pk=pk)
    mail = get_object_or_404(Message.objects.select_related("order", "run__step"), store=request.store, customer=customer, pk=message)
    zone = walltime.zone_for(customer=customer.timezone, country=customer.country, store=request.store.timezone)
    happened = Event.objects.filter(customer=customer, kind__startswith="mail.", data__message=mail.pk).order_by("occurred_at", "id")
    context = {"section": "customers", "now": clock.read(), "customer": customer, "mail": mail, "zone": str(zone), "happened": happened}
    context["said"], context["tries"] = coming_back.said_of(mail), attempts.of(mail)
    return render(request, "console/mail.html", context)


@xframe_options_sameorigin
@page()
def frame(request: StoreRequest, pk: int, message: int) -> HttpResponse:
    """Answer the HTML part alone, for the sandboxed frame."""
    mail = get_object_or_404(Message, store=request.store, customer_id=pk, pk=message)
    return framed(links.straight(mail))


@page()
def small(request: StoreRequest, pk: int, message: int) -> HttpResponse:
    """Answer a mail in miniature: it does not change, and says nothing."""
    mail = get_object_or_404(Message.objects.only("html"), store=request.store, customer_id=pk, pk=message)
    headers = {"Cache-Control": "private, max-age=86400", "Content-Security-Policy": "default-src 'none'"}
    return HttpResponse(miniature.drawn(miniature.pieces(mail.html)), content_type="image/svg+xml", headers=headers)
