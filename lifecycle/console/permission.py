"""What a customer told staff about mails: taken back at a word, given only with what was said and how."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from customers import consent
from customers.allowances import Topic
from customers.models import Customer
from lifecycle.console.account import person
from lifecycle.console.answer import back
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership

SUPPORT = Membership.Role.SUPPORT
_TOPICS = (Topic.MARKETING, Topic.SERVICE)
#: How somebody can have said it, as the ledger names it.
WAYS = {"phone": "by phone", "writing": "in writing", "shop": "in the shop"}
_LONGEST = 1000


@require_POST
@page(SUPPORT)
def withdraw(request: StoreRequest, pk: int) -> HttpResponse:
    """Write down that the customer told staff to stop offers, or help mails."""
    customer, topic = _asked(request, pk)
    consent.withdraw(customer, topic=topic, source="staff", now=clock.read())
    messages.success(request, f"Written down: no more “{topic.label.lower()}” for {customer}. To allow it again takes their words.")
    return back(request, "console:customer", request.store.slug, pk)


@require_POST
@page(SUPPORT)
def grant(request: StoreRequest, pk: int) -> HttpResponse:
    """Write down that the customer allowed it; without their words it does not hold, and is not taken."""
    customer, topic = _asked(request, pk)
    way, words = WAYS.get(request.POST.get("way", "")), request.POST.get("words", "").strip()[:_LONGEST]
    if way and words:
        wording = f"“{words}” (written down by {person(request)})"
        consent.grant(customer, topic=topic, source=f"staff, {way}", wording=wording, now=clock.read())
        messages.success(request, f"Written down: {customer} allowed “{topic.label.lower()}” {way}.")
    else:
        messages.error(request, "Permission counts only with their words and how they said them. Nothing was changed.")
    return back(request, "console:customer", request.store.slug, pk)


def _asked(request: StoreRequest, pk: int) -> tuple[Customer, Topic]:
    customer = get_object_or_404(Customer, store=request.store, pk=pk, erased_at=None)
    topic = request.POST.get("topic", "")
    if topic not in _TOPICS:
        raise Http404
    return customer, Topic(topic)
