"""The addresses that get no mail: who is on the list, why, and how they got there; added, lifted, taken in and out as a file."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from lifecycle.console import paging, tabs
from lifecycle.console.account import person
from lifecycle.console.answer import back, see, shown
from messaging.models import Suppression
from messaging.returning import suppressions
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership

SUPPORT = Membership.Role.SUPPORT
CAUSES = [("", "All"), *Suppression.Cause.choices]


@page()
def index(request: StoreRequest) -> HttpResponse:
    cause = request.GET.get("cause", "")
    query = request.GET.get("q", "").strip().lower()[:200]
    found = _found(request, cause, query)
    count = paging.counted(found)
    context = {
        "section": "messages", "now": clock.read(), "page": paging.page(found.select_related("message"), request, by="-at"),
        "count": count, "heard": f"{count} address{'' if count == '1' else 'es'}", "query": query, "cause": cause,
        "chips": tabs.of(request, "cause", CAUSES, cause if cause in Suppression.Cause.values else ""), "chips_label": "By cause",
        "clear": tabs.without(request, "q", "cause"),
    }  # fmt: skip
    return shown(request, "console/suppressions.html", context, part="console/_suppressions.html")


def _found(request: StoreRequest, cause: str, query: str) -> QuerySet[Suppression]:
    found = suppressions.active(request.store, now=clock.read())
    if cause in Suppression.Cause.values:
        found = found.filter(cause=cause)
    return found.filter(email_key__contains=query) if query else found


@require_POST
@page(SUPPORT)
def add(request: StoreRequest) -> HttpResponse:
    address = request.POST.get("address", "").strip()
    why = request.POST.get("why", "").strip()[:500]
    try:
        is_new = suppressions.add(request.store, address, why=why, by=person(request), now=clock.read())
    except ValueError as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, f"{address} gets no mail any more." if is_new else f"{address} was on the list already.")
    return see("console:suppressions", request.store.slug)


@require_POST
@page(SUPPORT)
def lift(request: StoreRequest, pk: int) -> HttpResponse:
    held = get_object_or_404(Suppression, store=request.store, pk=pk)
    why = request.POST.get("why", "").strip()[:500]
    if not why:
        messages.error(request, "Say why this address may get mail again: it stands in the customer’s history.")
    else:
        suppressions.lift(held, why=why, by=person(request), now=clock.read())
        messages.success(request, f"{held.email_key} may get mail again, as far as they allow it.")
    return back(request, "console:suppressions", request.store.slug)


@require_POST
@page(Membership.Role.MARKETER)
def take_in(request: StoreRequest) -> HttpResponse:
    """Take in a CSV of addresses, such as another provider's list."""
    file = request.FILES.get("file")
    if file is None or (file.size or 0) > suppressions.LARGEST_FILE:
        messages.error(request, "Choose a CSV file of at most 5 MB.")
        return see("console:suppressions", request.store.slug)
    took = suppressions.take_in(request.store, file.read().decode("utf-8", "replace"), by=person(request), now=clock.read())
    messages.success(request, f"{took.added} addresses added, {took.known} were on the list already.")
    if took.bad:
        lines = ", ".join(f"{number} ({text or 'empty'})" for number, text in took.bad[:5])
        rest = f" and {len(took.bad) - 5} more" if len(took.bad) > 5 else ""
        messages.error(request, f"No address stands in line {lines}{rest}.")
    return see("console:suppressions", request.store.slug)


@page(SUPPORT)
def export(request: StoreRequest) -> HttpResponse:
    held = suppressions.active(request.store, now=clock.read()).order_by("-at", "-pk")
    answer = HttpResponse("".join(suppressions.as_csv(held.iterator(chunk_size=2000))), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="suppressions-{request.store.slug}.csv"'
    return answer
