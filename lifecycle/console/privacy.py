"""What a person may ask of a shop about their data: a copy of all of it, and that it be forgotten."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from campaigns import forgetting
from customers import erasure, events
from customers.identity import email_key
from customers.models import Customer
from lifecycle.console import privacy_copy
from lifecycle.console.account import person
from lifecycle.console.answer import see
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership

OWNER = Membership.Role.OWNER
#: What is typed for somebody without an address.
WORD = "erase"


@page(OWNER)
def show(request: StoreRequest, pk: int) -> HttpResponse:
    """Offer a copy of all that is held of a customer; erase them once their address was typed."""
    customer = get_object_or_404(Customer, store=request.store, pk=pk, erased_at=None)
    problem = ""
    if request.method == "POST":
        problem = _problem(customer, request.POST.get("address", ""))
        if not problem:
            return _erase(request, customer, now=clock.read())
    context = {"section": "customers", "now": clock.read(), "customer": customer, "problem": problem, "word": WORD}
    return render(request, "console/customer_privacy.html", context, status=422 if problem else 200)


def _problem(customer: Customer, typed: str) -> str:
    if not customer.email:
        return "" if typed.strip().lower() == WORD else f"Type the word {WORD}, so that nobody is erased by a slip."
    is_theirs = bool(customer.email_key) and email_key(typed) == customer.email_key
    return "" if is_theirs or typed.strip() == customer.email else "That is not their address. Nobody was erased."


def _erase(request: StoreRequest, customer: Customer, *, now: datetime) -> HttpResponse:
    erasure.ask(customer, by=str(person(request)), now=now)
    forgetting.read(now=now)
    customer.refresh_from_db()
    if customer.email_key or customer.name:  # somebody is sending them a mail this very moment
        messages.success(request, f"{customer} gets no mail any more. Their data goes as soon as the mail that is just under way is out.")
    else:
        messages.success(request, "Erased. Orders and figures stay; nothing says whose they were.")
    return see("console:customer", request.store.slug, customer.pk)


@require_POST
@page(OWNER)
def export(request: StoreRequest, pk: int) -> HttpResponse:
    """Hand out everything that is held of a customer, and note who took it."""
    customer = get_object_or_404(Customer, store=request.store, pk=pk)
    now = clock.read()
    copy = privacy_copy.of(customer)
    data = {"text": "A copy of their data was taken", "by": str(person(request))}
    key = f"staff.acted:copied:{customer.pk}:{now.isoformat()}"
    events.record(customer, events.Kind.STAFF_ACTED, at=now, key=key, now=now, data=data)
    answer = JsonResponse(copy, json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="customer-{customer.pk}.json"'
    answer["Cache-Control"] = "no-store"
    return answer
