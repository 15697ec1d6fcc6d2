"""The list of orders: by words, and by what has become of them."""

from django.db.models import Count, OuterRef, Prefetch, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse

from lifecycle.console import paging, search, tabs
from lifecycle.console.answer import shown
from orders import states
from orders.models import OrderLine, Shipment
from stores import clock
from stores.access import StoreRequest, page

#: How many lines an order has, counted for the rows of a page only: a join would count those of every order first.
_LINES = OrderLine.objects.filter(order=OuterRef("pk")).order_by().values("order").annotate(number=Count("*"))


@page()
def index(request: StoreRequest) -> HttpResponse:
    query, state = request.GET.get("q", "").strip()[:200], request.GET.get("state", "")
    state, now = state if state in states.STATES else "", clock.read()
    found = states.found(search.orders_like(request.store, query), state, store=request.store, now=now)
    listed = (
        found.select_related("customer")
        .prefetch_related(Prefetch("shipments", Shipment.objects.order_by("id")))
        .annotate(items=Coalesce(Subquery(_LINES.values("number")), 0))
    )
    count = paging.counted(found)
    context = {
        "section": "orders",
        "now": now,
        "page": paging.page(listed, request, by="-placed_at"),
        "count": count,
        "heard": paging.heard(count, "order"),
        "clear": tabs.without(request, "q"),
        "tabs": tabs.of(request, "state", [(key, each.label) for key, each in states.STATES.items()], state),
        "tabs_label": "Orders by state",
        "state": state,
        "query": query,
    }
    return shown(request, "console/orders.html", context, part="console/_orders.html")
