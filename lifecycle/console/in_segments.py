"""Which segments a customer is in, and what of them each one rests on."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from customers.models import Customer
from segments import asking
from segments.models import Membership, Segment
from segments.rules import parsing
from stores import clock
from stores.access import StoreRequest, page

_MOST = 20


@page()
def show(request: StoreRequest, pk: int) -> HttpResponse:
    customer, now = get_object_or_404(Customer, store=request.store, pk=pk), clock.read()
    held = Membership.objects.filter(customer=customer, segment__archived_at=None).select_related("segment").order_by("segment__name")
    rows = [(each, _why(request, each.segment, customer, now=now)) for each in held[:_MOST]]
    return render(request, "console/in_segments.html", {"section": "customers", "now": now, "customer": customer, "rows": rows})


def _why(request: StoreRequest, segment: Segment, customer: Customer, *, now: datetime) -> str:
    """Return what is known of them that puts them there; "" of a list by hand, and where asking took too long."""
    if segment.kind == Segment.Kind.LIST:
        return ""
    found = asking.about(request.store, parsing.parse(segment.rule), customer, now=now)
    return found.because if found and found.is_in else ""
