"""Taking back what a colleague did for a customer: from its row in the timeline, as far as it can still be taken back."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from campaigns import enrollment
from campaigns.models import Enrollment
from customers import events
from customers.models import Customer, Event
from lifecycle.console.account import person
from lifecycle.console.answer import back
from messaging.reasons import Reason
from offers import giving
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership

KIND = Event.Kind.STAFF_ACTED


@require_POST
@page(Membership.Role.SUPPORT)
def undo(request: StoreRequest, pk: int, event: int) -> HttpResponse:
    """Take back what an event of the staff tells; `data.undo` says what that was: [what, number]."""
    customer = get_object_or_404(Customer, store=request.store, pk=pk, erased_at=None)
    done = get_object_or_404(Event, store=request.store, customer=customer, kind=KIND, pk=event)
    what, number = done.data.get("undo") or ("", 0)
    if what not in UNDOES:
        raise Http404
    now = clock.read()
    with transaction.atomic():
        Customer.objects.select_for_update(no_key=True).get(pk=pk)
        refusal = UNDOES[what](customer, number, now)
        if not refusal:
            data = {"text": f"Taken back: {done.data.get('text', '')}", "by": str(person(request)), "undid": done.pk}
            data |= {"code_back_to": done.data["code_by"]} if "code_by" in done.data else {}
            events.record(customer, KIND, at=now, key=f"{KIND}:undid:{done.pk}", now=now, data=data)
    if refusal:
        messages.error(request, refusal)
    else:
        messages.success(request, f"Taken back: {done.data.get('text', '')}.")
    return back(request, "console:customer", request.store.slug, pk)


def _leave(customer: Customer, number: int, now: datetime) -> str:
    """Let somebody out of a flow again; return why not."""
    entered = Enrollment.objects.filter(store=customer.store_id, customer=customer, pk=number, state=Enrollment.State.ACTIVE).first()
    if entered is None:
        return "They are not in this flow any more, so nothing was changed."
    enrollment.leave([(entered, Reason.STAFF)], now=now)
    return ""


def _take_code(customer: Customer, number: int, now: datetime) -> str:
    """Take a code back that was not used; return why not."""
    if giving.take_back(number, customer_id=customer.pk):
        return ""
    return "The code was used already, or taken back, so nothing was changed."


#: What can be taken back, and the verb that does, which returns why not, or nothing.
UNDOES: dict[str, Callable[[Customer, int, datetime], str]] = {"flow": _leave, "code": _take_code}
