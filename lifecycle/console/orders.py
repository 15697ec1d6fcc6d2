"""The list of orders, and one order: items, parcels, refunds and the mails about it."""

from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from campaigns.models import StepRun
from lifecycle.console import paging, search, tabs
from lifecycle.console.answer import shown
from orders import facts, progress
from orders.models import Order, Shipment
from stores import clock, walltime
from stores.access import StoreRequest, page
from stores.models import Store

#: The tabs of the list: ?state=, the label, the condition.
STATES: dict[str, tuple[str, Q]] = {
    "": ("All", Q()),
    "to-ship": ("Not shipped", Q(fulfillment_status=Order.Fulfillment.UNFULFILLED, cancelled_at=None, is_test=False)),
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


@page()
def index(request: StoreRequest) -> HttpResponse:
    query, state = request.GET.get("q", "").strip()[:200], request.GET.get("state", "")
    state = state if state in STATES else ""
    found = _found(request.store, query, state)
    listed = (
        found.select_related("customer")
        .prefetch_related(Prefetch("shipments", Shipment.objects.order_by("id")))
        .annotate(items=Count("lines"))
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
    context = {
        "section": "orders",
        "now": clock.read(),
        "order": order,
        "zone": str(zone),
        "stage": STAGES[progress.stage(facts.facts_of(order))],
        "milestones": facts.milestones_of(order, request.store),
        "lines": [(line, line.quantity * line.unit_price_minor) for line in order.lines.all()],
        "runs": runs,
    }
    return render(request, "console/order.html", context)
