"""The list of orders, and one order: items, parcels, refunds, the mails about it, and what staff say of it by hand."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from campaigns.models import StepRun
from lifecycle.console import paging, search, tabs
from lifecycle.console.account import person
from lifecycle.console.answer import back, shown
from orders import by_hand, facts, progress
from orders.models import Order, OrderLine, Shipment
from stores import clock, walltime
from stores.access import StoreRequest, page
from stores.models import Membership, Store

SUPPORT = Membership.Role.SUPPORT

#: The tabs of the list: ?state=, the label, the condition.
STATES: dict[str, tuple[str, Q]] = {
    "": ("All", Q()),
    "to-ship": (
        "Not shipped",
        Q(fulfillment_status=Order.Fulfillment.UNFULFILLED, cancelled_at=None, received_at=None, is_test=False)
        & ~Q(shipments__shipped_at__isnull=False),
    ),
    "under-way": ("On the way", Q(shipments__status__in=["in_transit", "out_for_delivery"], cancelled_at=None)),
    "trouble": ("Parcel in trouble", Q(shipments__status__in=["failure", "returned"])),
    "cancelled": ("Cancelled", Q(cancelled_at__isnull=False)),
}
STAGES = {
    progress.Stage.ORDERED: "Ordered",
    progress.Stage.PACKED: "Packed",
    progress.Stage.ON_ITS_WAY: "On its way",
    progress.Stage.OUT_FOR_DELIVERY: "Out for delivery",
    progress.Stage.DELIVERED: "Received",
}
#: How many lines an order has, counted for the rows of a page only: a join would count those of every order first.
_LINES = OrderLine.objects.filter(order=OuterRef("pk")).order_by().values("order").annotate(number=Count("*"))


@page()
def index(request: StoreRequest) -> HttpResponse:
    query, state = request.GET.get("q", "").strip()[:200], request.GET.get("state", "")
    state = state if state in STATES else ""
    found = _found(request.store, query, state)
    listed = (
        found.select_related("customer")
        .prefetch_related(Prefetch("shipments", Shipment.objects.order_by("id")))
        .annotate(items=Coalesce(Subquery(_LINES.values("number")), 0))
    )
    count = paging.counted(found)
    context = {
        "section": "orders",
        "now": clock.read(),
        "page": paging.page(listed, request, by="-placed_at"),
        "count": count,
        "heard": paging.heard(count, "order"),
        "clear": tabs.without(request, "q"),
        "tabs": tabs.of(request, "state", [(key, label) for key, (label, _) in STATES.items()], state),
        "tabs_label": "Orders by state",
        "state": state,
        "query": query,
    }
    return shown(request, "console/orders.html", context, part="console/_orders.html")


def _found(store: Store, query: str, state: str) -> QuerySet[Order]:
    """Return a store's orders by words and tab; a tab about parcels matches an order once, however many parcels it has."""
    matching = Order.objects.filter(STATES[state][1], store=store).values("pk") if "shipments" in str(STATES[state][1]) else None
    found = search.orders_like(store, query)
    return found.filter(pk__in=matching) if matching is not None else found.filter(STATES[state][1])


@page()
def show(request: StoreRequest, pk: int) -> HttpResponse:
    rows = Order.objects.filter(store=request.store).select_related("customer").prefetch_related("lines__product", "shipments", "refunds")
    order = get_object_or_404(rows, pk=pk)
    runs = (
        StepRun.objects.filter(order=order)
        .select_related("step", "message")
        .defer("message__html", "message__text")
        .order_by("due_at", "id")
    )
    zone = walltime.zone_for(customer=order.customer.timezone, country=order.customer.country, store=request.store.timezone)
    return shown(
        request,
        "console/order.html",
        {
            "section": "orders",
            "now": clock.read(),
            "order": order,
            "zone": str(zone),
            "stage": STAGES[progress.stage(facts.facts_of(order))],
            "milestones": (known := facts.milestones_of(order, request.store)),
            "lines": [(line, line.quantity * line.unit_price_minor) for line in order.lines.all()],
            "runs": runs,
            **_marks(order, is_there=known.received is not None),
        },
        part="console/_order.html",
    )


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
