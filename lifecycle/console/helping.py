"""What support may do for one customer beyond their planned mails, and why somebody did not get a mail."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from campaigns import enrollment
from campaigns.models import Enrollment, Flow
from customers import correcting, events, tasks_for_staff
from customers.models import Customer, Event
from enquiries import desk_work, doors
from lifecycle.console import why_not
from lifecycle.console.account import person
from lifecycle.console.answer import see
from messaging import repeating
from messaging.models import Message
from offers import giving
from offers.allowance import Lack
from offers.models import Offer, OfferCode
from orders.models import Order
from stores import clock, walltime
from stores.access import StoreRequest, page
from stores.models import Membership

Role = Membership.Role
SUPPORT = Role.SUPPORT
_MONTH = timedelta(days=30)
_ANSWER_WITHIN = timedelta(days=1)
FLAGS = {"refund": "Give money back", "return": "Arrange a return"}


class Refused(Exception):
    """It is not done; the text says why to a person."""


@page(SUPPORT)
def show(request: StoreRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer, store=request.store, pk=pk, erased_at=None)
    now = clock.read()
    zone = walltime.zone_for(customer=customer.timezone, country=customer.country, store=request.store.timezone)
    running = list(Offer.objects.filter(store=request.store).order_by("name"))
    left = giving.left(running, now=now)
    allowed = _codes_left(request, now=now)
    context = {
        "section": "customers", "now": now, "customer": customer, "zone": str(zone),
        "orders": Order.objects.filter(customer=customer).order_by("-placed_at")[:20], "flags": FLAGS.items(),
        "offers": [(offer, left[offer.pk]) for offer in running if left.get(offer.pk, 0) != 0],
        "codes_left": allowed, "flows": Flow.objects.filter(store=request.store, state=Flow.State.LIVE, is_one_off=False).order_by("name"),
        "mails": Message.objects.filter(customer=customer).defer("html", "text").order_by("-created_at")[:10],
        "steps": why_not.steps(request.store), "asked": request.GET.get("why", ""),
        "because": why_not.because(customer, request.GET.get("why", ""), zone=zone, now=now),
    }  # fmt: skip
    return render(request, "console/help.html", context)


@require_POST
@page(SUPPORT)
def act(request: StoreRequest, pk: int, verb: str) -> HttpResponse:
    """Do one of these things; it stands in the timeline with its author."""
    if verb not in ACTS:
        raise Http404
    customer = get_object_or_404(Customer, store=request.store, pk=pk, erased_at=None)
    try:
        messages.success(request, ACTS[verb](request, customer))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return see("console:customer_help", request.store.slug, pk)
    return see("console:customer", request.store.slug, pk)


def _give_code(request: StoreRequest, customer: Customer) -> str:
    """Give a code by hand, within what the giver's role may give in 30 days."""
    now, by = clock.read(), person(request)
    offer = get_object_or_404(Offer, store=request.store, pk=_number(request, "offer"))
    with transaction.atomic():
        Membership.objects.select_for_update().get(pk=request.membership.pk)  # two at once must not both take the last one
        if _codes_left(request, now=now) == 0:
            raise Refused("You have given as many codes as your role may within 30 days. Ask an owner.")
        [given] = giving.issue([giving.Want(offer, customer.pk, by_hand=True)], now=now)
        if isinstance(given, Lack):
            raise Refused("The shop is making the code. Ask again in a minute." if given == Lack.MAKING else f"“{offer}” has no code left.")
        text = f"Gave the code {given.code} of “{offer}”, good until {given.ends_at.astimezone(_zone(request)):%-d %B %Y}"
        code = OfferCode.objects.get(offer=offer, customer=customer, is_current=True)
        _tell(customer, "code", text, by=by, now=now, code_by=by.pk, undo=["code", code.pk])
    return f"{text}. Tell it to {customer}: nothing is mailed by itself."


def _zone(request: StoreRequest) -> Any:
    return walltime.zone_for(customer="", country="", store=request.store.timezone)


def _codes_left(request: StoreRequest, *, now: datetime) -> int | None:
    """Return how many codes a member may still give; None is any number."""
    desk = doors.of(request.store)
    limits = {Role.SUPPORT: desk.support_codes_a_month, Role.MARKETER: desk.marketer_codes_a_month}
    limit = limits.get(Role(request.membership.role))
    if limit is None:
        return None
    lately = Event.objects.filter(store=request.store, kind=Event.Kind.STAFF_ACTED, occurred_at__gt=now - _MONTH)
    mine = person(request).pk
    return max(0, limit - lately.filter(data__code_by=mine).count() + lately.filter(data__code_back_to=mine).count())


def _flag(request: StoreRequest, customer: Customer) -> str:
    """Ask a colleague to give money back or to arrange a return: the shop itself does it."""
    what, now = request.POST.get("what", ""), clock.read()
    if what not in FLAGS:
        raise Http404
    order = get_object_or_404(Order, store=request.store, customer=customer, pk=_number(request, "order"))
    why = request.POST.get("text", "").strip()[:500]
    tasks_for_staff.open_task(
        customer, kind=what, key=f"{what}:{order.pk}:{now.isoformat()}", title=f"{FLAGS[what]}: order {order}", detail=why,
        due_at=now + _ANSWER_WITHIN, now=now, order_number=str(order),
    )  # fmt: skip
    return f"Task opened: {FLAGS[what].lower()} for order {order}. Nothing is sold to {customer} until it is closed."


def _correct_address(request: StoreRequest, customer: Customer) -> str:
    try:
        correcting.email(customer, request.POST.get("email", "")[:320], by=person(request), now=clock.read())
    except correcting.NotPossible as refusal:
        raise Refused(str(refusal)) from refusal
    return "Address corrected. Mails that were written to the old one can be sent again."


def _start_flow(request: StoreRequest, customer: Customer) -> str:
    """Let a customer into a flow, by its own rules of who may enter."""
    now = clock.read()
    flow = get_object_or_404(Flow, store=request.store, pk=_number(request, "flow"), state=Flow.State.LIVE, is_one_off=False)
    number = _number(request, "order")
    about = Order.objects.filter(store=request.store, customer=customer).select_related("store", "customer")
    order = get_object_or_404(about.prefetch_related("lines", "shipments"), pk=number) if number else None
    with transaction.atomic():
        entered = enrollment.let_in(flow, [enrollment.Entrant(customer, order, now, event=-int(now.timestamp()))], now=now)
        if not entered:
            raise Refused(f"“{flow}” lets them in no more, or not with this order: they were in it, the order has ended, or it wants one.")
        begun = Enrollment.objects.filter(customer=customer, flow=flow).latest("pk")
        text = f"Started “{flow}”{f' for order {order}' if order else ''}"
        _tell(customer, "flow", text, by=person(request), now=now, undo=["flow", begun.pk])
    return f"“{flow}” has begun; its mails stand under Next."


def _send_again(request: StoreRequest, customer: Customer) -> str:
    """Send a mail once more, exactly as it was."""
    mail = get_object_or_404(Message, store=request.store, customer=customer, pk=_number(request, "mail"))
    now = clock.read()
    try:
        with transaction.atomic():
            repeating.send_again(mail, to_email=customer.email, now=now)
            _tell(customer, "again", f"Sent again: {mail.subject}", by=person(request), now=now)
    except repeating.NotPossible as refusal:
        raise Refused(str(refusal)) from refusal
    return f"“{mail.subject}” goes out once more to {customer.email}, if it still may."


def _write(request: StoreRequest, customer: Customer) -> str:
    subject, text = (request.POST.get(name, "").strip() for name in ("subject", "text"))
    if not subject or not text:
        raise Refused("A mail needs a subject and words, so nothing was sent.")
    try:
        desk_work.write_first(customer, subject=subject[:150], text=text[:20_000], by=person(request), now=clock.read())
    except desk_work.Refused as refusal:
        raise Refused(str(refusal)) from refusal
    return (
        f"The mail leaves in {desk_work.UNDO_SECONDS} seconds; it stands in the inbox under Waiting, where it can be taken back until then."
    )


def _tell(customer: Customer, what: str, text: str, *, by: Any, now: datetime, **more: object) -> None:
    kind = Event.Kind.STAFF_ACTED
    data = {"text": text, "by": str(by), **more}
    events.record(customer, kind, at=now, key=f"{kind}:{what}:{customer.pk}:{now.isoformat()}", now=now, data=data)


def _number(request: StoreRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else 0


ACTS: dict[str, Callable[[StoreRequest, Customer], str]] = {
    "give-code": _give_code, "flag": _flag, "correct-address": _correct_address, "start-flow": _start_flow, "send-again": _send_again,
    "write": _write,
}  # fmt: skip
