"""Being named in a note: who can be, and saying that one has seen it."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from enquiries import mentions
from enquiries.models import Mention
from lifecycle.console.account import person
from lifecycle.console.answer import back
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership

SUPPORT = Membership.Role.SUPPORT


@page(SUPPORT)
def colleagues(request: StoreRequest) -> HttpResponse:
    """Answer the names that a note may call, as they are written after the sign."""
    people = mentions.colleagues(request.store.pk).exclude(pk=person(request).pk)
    return JsonResponse([each.name.strip() or each.email.partition("@")[0] for each in people], safe=False)


@require_POST
@page(SUPPORT)
def see(request: StoreRequest, pk: int) -> HttpResponse:
    """Say that one has seen it; of somebody else's nothing changes."""
    mention = get_object_or_404(Mention, store=request.store, pk=pk)
    mentions.see(mention, by=person(request), now=clock.read())
    return back(request, "console:tasks", request.store.slug)
