"""The list of customers."""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db.models import BigIntegerField, DateTimeField, IntegerField, QuerySet, Value
from django.db.models.functions import Coalesce, Lower
from django.http import HttpResponse

from campaigns.models import StepRun
from customers.models import Customer
from lifecycle.console import paging, search, tabs
from lifecycle.console.answer import shown
from orders.models import Order
from stores import clock
from stores.access import StoreRequest, page

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
#: What a list may be sorted by: the value in ?sort=, the label, the field and its direction.
SORTS = {
    "newest": ("Newest", "-created_at"),
    "name": ("Name", "sort_name"),
    "last_order": ("Last order", "-sort_last"),
    "orders": ("Orders", "-sort_orders"),
    "spent": ("Spent", "-sort_spent"),
}


@page()
def index(request: StoreRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:200]
    sort = request.GET.get("sort", "newest")
    sort = sort if sort in SORTS else "newest"
    found = search.customers_like(request.store, query)
    listed = paging.page(_with_sort(found), request, by=SORTS[sort][1])
    count = paging.counted(found)
    return shown(
        request,
        "console/customers.html",
        {
            "section": "customers",
            "now": clock.read(),
            "page": listed,
            "rows": _rows(listed.rows),
            "count": count,
            "heard": paging.heard(count, "customer"),
            "clear": tabs.without(request, "q"),
            "query": query,
            "sort": sort,
            "sorts": [(key, label) for key, (label, _) in SORTS.items()],
        },
        part="console/_customers.html",
    )


def _with_sort(found: QuerySet[Customer]) -> QuerySet[Customer]:
    return found.select_related("metrics").annotate(
        sort_name=Lower("name"),
        sort_last=Coalesce("metrics__last_order_at", Value(_NEVER), output_field=DateTimeField()),
        sort_orders=Coalesce("metrics__orders_count", Value(0), output_field=IntegerField()),
        sort_spent=Coalesce("metrics__total_spent_minor", Value(0), output_field=BigIntegerField()),
    )


def _rows(people: Sequence[Customer]) -> list[dict[str, object]]:
    """Put each customer beside their last order and their next mail; two queries for the page."""
    ids = [person.pk for person in people]
    last = {
        o.customer_id: o for o in Order.objects.filter(customer_id__in=ids).order_by("customer_id", "-placed_at").distinct("customer_id")
    }
    open_runs = StepRun.objects.filter(customer_id__in=ids, state__in=StepRun.OPEN).select_related("step")
    coming = {run.customer_id: run for run in open_runs.order_by("customer_id", "due_at").distinct("customer_id")}
    return [{"customer": person, "order": last.get(person.pk), "next": coming.get(person.pk)} for person in people]
