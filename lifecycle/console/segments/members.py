"""Who is in a segment: a list by keyset, as a file, and of a list by hand who is put on it and taken off."""

import csv
import io
from collections.abc import Iterator
from typing import cast

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from customers.models import Customer
from lifecycle.console import paging, search
from lifecycle.console.answer import see, shown
from segments import saving
from segments.models import Membership, Segment
from stores import clock, money, spreadsheets
from stores.access import StoreRequest, page
from stores.models import Membership as Member

_CHUNK = 2000
_HEAD = ("email", "name", "country", "language", "marketing", "orders", "spent", "currency", "last_order", "entered")


@page()
def index(request: StoreRequest, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment, store=request.store, pk=pk)
    held = segment.memberships.select_related("customer__metrics")
    context = {
        "section": "segments", "now": clock.read(), "segment": segment, "page": paging.page(held, request, by="-customer_id"),
        "count": paging.in_words(segment.people),
    }  # fmt: skip
    return shown(request, "console/segment_members.html", context, part="console/_segment_members.html")


@page(Member.Role.SUPPORT)
def export(request: StoreRequest, pk: int) -> HttpResponse:
    """Give the members as CSV, each cell such that no spreadsheet takes it for a formula."""
    segment = get_object_or_404(Segment, store=request.store, pk=pk)
    lines = _csv(segment, request.store.currency)
    named = {"Content-Disposition": f'attachment; filename="segment-{segment.pk}.csv"'}
    return cast(HttpResponse, StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=named))


def _csv(segment: Segment, currency: str) -> Iterator[str]:
    """Yield the file in pieces of some thousand lines, each found by where the last one ended."""
    yield "\ufeff" + _line(_HEAD)
    last = 0
    while True:
        held = segment.memberships.filter(customer_id__gt=last).select_related("customer__metrics").order_by("customer_id")[:_CHUNK]
        lines = [_line(_cells(each, currency)) for each in held]
        if not lines:
            return
        yield "".join(lines)
        last = held[len(lines) - 1].customer_id


def _cells(member: Membership, currency: str) -> tuple[str, ...]:
    person = member.customer
    figures = getattr(person, "metrics", None)
    return (
        person.email, person.name, person.country, person.language, person.marketing,
        str(figures.orders_count if figures else 0), money.to_wire(figures.total_spent_minor if figures else 0, currency), currency,
        figures.last_order_at.isoformat(timespec="seconds") if figures and figures.last_order_at else "",
        member.entered_at.isoformat(timespec="seconds"),
    )  # fmt: skip


def _line(cells: tuple[str, ...]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow([spreadsheets.plain(cell) for cell in cells])
    return written.getvalue()


@require_POST
@page(Member.Role.MARKETER)
def edit(request: StoreRequest, pk: int) -> HttpResponse:
    """Put somebody on a list, by address, name or order number, or take a member off."""
    segment = get_object_or_404(Segment, store=request.store, pk=pk)
    leaving, words = request.POST.get("remove", ""), request.POST.get("who", "").strip()[:200]
    if segment.kind == Segment.Kind.RULE:
        messages.error(request, "Its members are found by its rule; nobody is put into it by hand.")
    elif leaving.isdigit():
        saving.take_from_list(segment, [int(leaving[:18])], now=clock.read())
        messages.success(request, "Taken off the list.")
    else:
        found = list(search.customers_like(request.store, words).order_by("-created_at", "-id")[:2]) if words else []
        if len(found) == 1:
            saving.add_to_list(segment, Customer.objects.filter(pk=found[0].pk), now=clock.read())
            messages.success(request, f"{found[0]} is on the list.")
        else:
            messages.error(
                request, "Several customers are called so: enter the whole address." if found else "No customer has this address."
            )
    return see("console:segment_members", request.store.slug, segment.pk)
