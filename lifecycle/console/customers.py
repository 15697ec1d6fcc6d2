"""The list of customers: its filters and saved views. What is done with many of them at once is `bulk`."""

from collections.abc import Sequence
from dataclasses import replace

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from campaigns.models import StepRun
from campaigns.timing import CONTINGENT
from customers.models import Customer, Rfm, SavedView
from lifecycle.console import paging, people_filters, ranked, tabs
from lifecycle.console.account import person
from lifecycle.console.answer import see, shown
from orders.models import Order
from segments import bulk
from segments.models import Segment
from stores import clock
from stores.access import StoreRequest, may, page
from stores.models import Membership

SUPPORT, MARKETER = Membership.Role.SUPPORT, Membership.Role.MARKETER
#: What a list may be sorted by: the value in ?sort=, and the label.
SORTS = {"newest": "Newest", "name": "Name", "last_order": "Last order", "orders": "Orders", "spent": "Spent"}
_BY = {"newest": "-created_at", "name": "called"}
#: The figures among them, largest first, by the column of their index.
FIGURES = {"last_order": "last_order_at", "orders": "orders_count", "spent": "total_spent_minor"}
#: A store's tabs are for finding one's way, not for keeping things.
MOST_VIEWS = 12
#: More than this no menu shows in a way that helps.
MOST_LISTS = 200


@page()
def index(request: StoreRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:200]
    sort = request.GET.get("sort", "newest")
    sort = sort if sort in SORTS else "newest"
    found = people_filters.people(request.GET, request.store)
    set_now = people_filters.read(request.GET, request.store)
    listed = _listed(found, request, sort)
    count = paging.counted(found)
    here, views, now = people_filters.kept(request.GET), _views(request), clock.read()
    return shown(
        request,
        "console/customers.html",
        {
            "section": "customers", "now": now, "page": listed, "rows": _rows(listed.rows), "count": count,
            "heard": paging.heard(count, "customer"), "clear": tabs.without(request, "q", *people_filters.READERS),
            "query": query, "sort": sort, "sorts": SORTS.items(),
            "filters": [(one.words, tabs.without(request, one.name)) for one in set_now],
            "unseen": [(one.name, request.GET[one.name]) for one in set_now if one.name in ("r", "f", "was")],
            "acts": bulk.lately(request.store, now=now), "lists": _lists(request),
            "choices": _choices(request), "asked": request.GET, "here": here,
            "tabs": _tabs(request, views, here), "tabs_label": "Views",
            "view": next((view for view in views if view.query == here), None), "may_save": bool(here) and len(views) < MOST_VIEWS,
        },
        part="console/_customers.html",
    )  # fmt: skip


def _choices(request: StoreRequest) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """Return the filters that are a choice among few: name, label, the one chosen, the options."""
    offered: list[tuple[str, str, list[tuple[str, str]]]] = [
        ("group", "Group", [(value, str(label)) for value, label in Rfm.Group.choices]),
        ("stage", "Stage", [(value, str(label)) for value, label in Rfm.Stage.choices]),
        ("orders", "Orders", [(name, words) for name, (words, _) in people_filters.ORDERS.items()]),
        ("marketing", "Marketing", [(value, str(label)) for value, label in Customer.Marketing.choices]),
    ]
    return [(name, label, request.GET.get(name, ""), options) for name, label, options in offered]


def _lists(request: StoreRequest) -> QuerySet[Segment]:
    """Return the lists that one may put customers on."""
    return Segment.objects.filter(store=request.store, kind=Segment.Kind.LIST, archived_at=None)[:MOST_LISTS]


def _views(request: StoreRequest) -> list[SavedView]:
    mine = Q(owner=person(request)) | Q(owner__isnull=True)
    return list(SavedView.objects.filter(mine, store=request.store)[:MOST_VIEWS])


def _tabs(request: StoreRequest, views: Sequence[SavedView], here: str) -> list[tabs.Tab]:
    address = reverse("console:customers", args=[request.store.slug])
    every = [("", "All"), *((view.query, view.name) for view in views)]
    return [(f"{address}?{query}" if query else address, name, query == here) for query, name in every]


def _listed(found: QuerySet[Customer], request: StoreRequest, sort: str) -> paging.Page[Customer]:
    """Return a page of customers: who is on it is found along an index, then the fifty are read."""
    if sort in FIGURES:
        page = ranked.page(found, request, figure=FIGURES[sort])
    else:
        page = paging.page(found.annotate(called=Lower("name")).only("pk", "created_at"), request, by=_BY[sort])
    whole = Customer.objects.select_related("metrics", "rfm").in_bulk([row.pk for row in page.rows])
    return replace(page, rows=[whole[row.pk] for row in page.rows if row.pk in whole])


def _rows(people: Sequence[Customer]) -> list[dict[str, object]]:
    """Put each customer beside their last order and their next mail; two queries for the page."""
    ids = [person.pk for person in people]
    last = {
        o.customer_id: o for o in Order.objects.filter(customer_id__in=ids).order_by("customer_id", "-placed_at").distinct("customer_id")
    }
    open_runs = StepRun.objects.filter(customer_id__in=ids, state__in=StepRun.OPEN).select_related("step")
    sure = open_runs.exclude(step__anchor__in=CONTINGENT)
    coming = {run.customer_id: run for run in sure.order_by("customer_id", "due_at").distinct("customer_id")}
    return [{"customer": person, "order": last.get(person.pk), "next": coming.get(person.pk)} for person in people]


@require_POST
@page(SUPPORT)
def save_view(request: StoreRequest) -> HttpResponse:
    """Keep the filters under a name, for oneself, or for everybody in the store (marketers and owners)."""
    here = people_filters.kept(QueryDict(request.POST.get("here", "")))[:1000]
    name = request.POST.get("name", "").strip()[:60]
    is_for_all = request.POST.get("for_all") == "on" and may(request.membership, MARKETER)
    if not name or not here:
        messages.error(request, "A view wants a name and at least one filter; nothing was kept.")
    elif len(_views(request)) >= MOST_VIEWS:
        messages.error(request, f"There are {MOST_VIEWS} views already: remove one first.")
    else:
        try:
            with transaction.atomic():
                SavedView.objects.create(
                    store=request.store, owner=None if is_for_all else person(request), name=name, query=here, created_at=clock.read()
                )
            messages.success(request, f"Kept as “{name}”.")
        except IntegrityError:
            messages.error(request, f"A view named “{name}” is there already.")
    return see(f"{reverse('console:customers', args=[request.store.slug])}?{here}")


@require_POST
@page(SUPPORT)
def remove_view(request: StoreRequest, pk: int) -> HttpResponse:
    """Take one's own view away, or (marketers and owners) one that is everybody's."""
    view = get_object_or_404(SavedView, Q(owner=person(request)) | Q(owner__isnull=True), store=request.store, pk=pk)
    if view.owner_id is None and not may(request.membership, MARKETER):
        raise PermissionDenied
    view.delete()
    messages.success(request, f"View “{view.name}” removed; its filters still stand here.")
    return see(f"{reverse('console:customers', args=[request.store.slug])}?{view.query}")
