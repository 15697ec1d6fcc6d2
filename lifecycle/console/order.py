"""One order: where it is, its items, money and parcels, the mails about it, what is asked of staff, and what they say of it by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from campaigns.models import StepRun
from customers.models import Task
from enquiries.models import Enquiry
from lifecycle.console import where
from lifecycle.console.account import person
from lifecycle.console.answer import back, shown
from orders import by_hand, estimates, facts, sums
from orders.models import Order, Shipment
from stores import clock, walltime
from stores.access import StoreRequest, page
from stores.models import Membership

SUPPORT = Membership.Role.SUPPORT
_ADDRESS = (
    ("name",), ("company",), ("address1", "street", "line1"), ("address2", "line2"), ("zip", "postal_code", "postcode"), ("city",),
    ("region", "province", "state"), ("country", "country_code"), ("phone",),
)  # fmt: skip


@dataclass(frozen=True)
class Scan:
    """What a carrier noted of a parcel."""

    at: datetime
    words: str
    place: str


@dataclass(frozen=True)
class Parcel:
    """A parcel, whose word its day is ("carrier", "shop", ""), where it was seen, newest first, and since when nothing is heard of it."""

    row: Shipment
    source: str
    scans: list[Scan]
    silent_since: datetime | None


@page()
def show(request: StoreRequest, pk: int) -> HttpResponse:
    now = clock.read()
    shipments = Prefetch("shipments", Shipment.objects.order_by("id"))
    rows = Order.objects.filter(store=request.store).select_related("customer").prefetch_related(where.LINES, shipments, "refunds")
    order = get_object_or_404(rows, pk=pk)
    runs = StepRun.objects.filter(order=order).select_related("step", "message").defer("message__html", "message__text")
    zone = walltime.zone_for(customer=order.customer.timezone, country=order.customer.country, store=request.store.timezone)
    place = where.of(order, request.store, zone=zone, now=now)
    lines = [(line, line.quantity * line.unit_price_minor) for line in order.lines.all()]
    context = {
        "section": "orders", "now": now, "order": order, "zone": str(zone), "place": place, "milestones": place.milestones,
        "lines": lines, "made_of": _made_of(order, [amount for _, amount in lines]),
        "runs": runs.order_by("due_at", "id"), "parcels": [_parcel(row) for row in order.shipments.all()], "address": _address(order),
        "tasks": Task.objects.filter(customer=order.customer_id, order_number=str(order), state=Task.State.OPEN).select_related("enquiry"),
        "talks": Enquiry.objects.filter(order=order).order_by("-last_at", "-id")[:5],
        **_marks(order, is_there=place.milestones.received is not None),
    }  # fmt: skip
    return shown(request, "console/order.html", context, part="console/_order.html")


def _made_of(order: Order, prices: list[int]) -> list[tuple[str, int]]:
    """Return what else than the items makes the total, in words and minor units."""
    found = sums.of(order.total_minor, prices, discount=order.discount_minor, shipping=order.shipping_minor, tax=order.tax_minor)
    if found is None:
        return []
    tax = "Tax, in the total" if found.is_tax_included else "Tax"
    return [(words, part) for words, part in (("Discount", -found.discount), ("Shipping", found.shipping), (tax, found.tax)) if part]


def _parcel(row: Shipment) -> Parcel:
    scans = [
        Scan(datetime.fromisoformat(at), text or (Shipment.Status(status).label if status else "Seen"), spot)
        for at, status, text, spot in reversed(row.scans)
    ]
    return Parcel(row, estimates.source(row.said), scans, facts.silent_since(row))


def _address(order: Order) -> list[str]:
    """Return the lines of the address that the order goes to, under whichever names the shop has for them."""
    held = order.shipping_address
    return [str(found) for names in _ADDRESS if (found := next((held[name] for name in names if held.get(name)), ""))]


def _marks(order: Order, *, is_there: bool) -> dict[str, Any]:
    """Return what staff may say of an order now, and which parcel they may take back."""
    parcels = list(order.shipments.all())
    is_open = not is_there and order.cancelled_at is None
    is_physical = any(line.kind == "physical" for line in order.lines.all()) or not order.lines.all()
    return {
        "may_ship": is_open and is_physical and by_hand.may_be_shipped(order.fulfillment_status, parcels),
        "may_receive": is_open,
        "only_ours": next((parcel for parcel in parcels if by_hand.is_only_ours(parcel)), None),
    }


class ParcelForm(forms.Form):
    """What staff know of a parcel; both may be missing."""

    carrier = forms.CharField(max_length=80, required=False)
    tracking_number = forms.CharField(max_length=120, required=False)
    refusal = "A carrier has at most 80 letters, its number 120. Nothing was changed."


class MissingForm(forms.Form):
    """What is out of stock, and the day from which there is some again, if it is known."""

    title = forms.CharField(max_length=300)
    until = forms.DateField(required=False)
    refusal = "Say what is missing, and the day as a date or not at all. Nothing was said."


@require_POST
@page(SUPPORT)
def mark(request: StoreRequest, pk: int, verb: str) -> HttpResponse:
    """Say by hand that an order has left or arrived, or take that back."""
    if verb not in MARKS:
        raise Http404
    order = get_object_or_404(Order.objects.select_related("store"), store=request.store, pk=pk)
    act, said = MARKS[verb]
    form = FORMS[verb](request.POST) if verb in FORMS else None
    try:
        if form and not form.is_valid():
            raise by_hand.NotPossible(form.refusal)
        act(order, by=person(request), now=clock.read(), **(form.cleaned_data if form else {}))
        messages.success(request, f"Order {order} {said}.")
    except by_hand.NotPossible as refusal:
        messages.error(request, str(refusal))
    return back(request, "console:order", request.store.slug, pk)


FORMS: dict[str, type[ParcelForm | MissingForm]] = {"shipped": ParcelForm, "out-of-stock": MissingForm}
MARKS: dict[str, tuple[Callable[..., None], str]] = {
    "shipped": (by_hand.mark_shipped, "is marked as shipped"),
    "out-of-stock": (by_hand.mark_out_of_stock, "is marked as out of stock; an active “Out of stock” flow tells the customer"),
    "received": (by_hand.mark_received, "is marked as received"),
    "not-shipped": (by_hand.take_back_shipped, "is no longer marked as shipped"),
    "not-received": (by_hand.take_back_received, "is no longer marked as received"),
}
