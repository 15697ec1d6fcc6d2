"""What is done with many customers at once, from their list: a tag, a list by hand, a file; and taking it back."""

from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from customers import export, tagging
from customers.models import Customer
from lifecycle.console import people_filters
from lifecycle.console.account import person
from lifecycle.console.answer import see
from segments import bulk, saving
from segments.models import BulkAct, Segment
from stores import clock
from stores.access import StoreRequest, may, page
from stores.models import Membership

SUPPORT, MARKETER = Membership.Role.SUPPORT, Membership.Role.MARKETER
_NOBODY = "Choose customers first; nothing was changed."


@require_POST
@page(SUPPORT)
def act(request: StoreRequest) -> HttpResponse:
    """Tag, untag, list or export the chosen customers, or all that the filters show."""
    verb, asked = request.POST.get("verb", ""), QueryDict(request.POST.get("here", ""))
    people = people_filters.people(asked, request.store)
    if request.POST.get("scope") != "all":
        chosen = [int(pk) for pk in request.POST.getlist("pk") if pk.isdecimal() and len(pk) < 19]
        people = Customer.objects.filter(store=request.store, pk__in=chosen)
    if verb not in ("tag", "untag", "list", "export"):
        raise Http404
    if verb in ("list", "export") and not may(request.membership, MARKETER):
        raise PermissionDenied
    if verb == "export":
        return _file(request, people)
    if not people.exists():
        messages.error(request, _NOBODY)
    elif verb == "list":
        _put_on_list(request, people)
    else:
        _tag(request, people, BulkAct.Verb(verb))
    return see(f"{reverse('console:customers', args=[request.store.slug])}?{asked.urlencode()}")


def _tag(request: StoreRequest, people: QuerySet[Customer], verb: BulkAct.Verb) -> None:
    tag = tagging.cleaned(request.POST.get("tag", ""))
    if not tag:
        messages.error(request, "Write the tag first; nothing was changed.")
        return
    changed = bulk.tag(request.store, people, verb, tag, by=person(request), now=clock.read())
    messages.success(request, f"“{tag}” {verb.label} {_customers(changed)}.")


def _put_on_list(request: StoreRequest, people: QuerySet[Customer]) -> None:
    """Put them on the list that was chosen, or on a new one of that name."""
    chosen, name = request.POST.get("list", ""), request.POST.get("list_name", "")
    try:
        if name.strip():
            segment = saving.create_list(request.store, name=name, now=clock.read())
        else:
            number = int(chosen) if chosen.isdecimal() and len(chosen) < 19 else 0
            segment = Segment.objects.get(store=request.store, pk=number, kind=Segment.Kind.LIST, archived_at=None)
    except Segment.DoesNotExist:
        messages.error(request, "Choose a list, or name a new one; nothing was changed.")
    except saving.Taken as error:
        messages.error(request, str(error))
    else:
        added = bulk.put_on(segment, people, by=person(request), now=clock.read())
        messages.success(request, f"“{segment}” has {_customers(added)} more.")


def _customers(number: int) -> str:
    return f"{number:,} customer{'' if number == 1 else 's'}"


def _file(request: StoreRequest, people: QuerySet[Customer]) -> HttpResponse:
    answer = StreamingHttpResponse(export.rows(people, request.store), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="customers-{request.store.slug}.csv"'
    return cast(HttpResponse, answer)  # the door hands it on as it is


@require_POST
@page(SUPPORT)
def undo(request: StoreRequest, pk: int) -> HttpResponse:
    """Take back what was done with many: a tag by whoever may tag, a list by whoever may write lists."""
    held = get_object_or_404(BulkAct.objects.select_related("segment"), store=request.store, pk=pk)
    if held.segment_id and not may(request.membership, MARKETER):
        raise PermissionDenied
    changed = bulk.undo(held, now=clock.read())
    if changed is None:
        messages.error(request, "This was taken back already; nothing was changed.")
    elif held.segment is not None:
        messages.success(request, f"Taken back: {_customers(changed)} taken off “{held.segment}”.")
    else:
        back = "taken from" if held.verb == BulkAct.Verb.TAG else "given to"
        messages.success(request, f"Taken back: “{held.tag}” {back} {_customers(changed)}.")
    return see(f"{reverse('console:customers', args=[request.store.slug])}?{request.POST.get('here', '')}")
