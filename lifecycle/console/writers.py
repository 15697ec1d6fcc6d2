"""The people whose mails come from them, under the shop's own sender in its settings: owners add and remove them."""

from django.contrib import messages
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from lifecycle.console import changes, read_as
from lifecycle.console.answer import back
from messaging import writers
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership


@require_POST
@page(Membership.Role.OWNER)
def act(request: StoreRequest) -> HttpResponse:
    """Add somebody, or with `remove` take them out: their mails come from the shop's sender again."""
    if "remove" in request.POST:
        _remove(request)
    else:
        _add(request)
    return back(request, "console:settings_sender", request.store.slug)


def _add(request: StoreRequest) -> None:
    said = {name: request.POST.get(name, "") for name in ("name", "email", "reply_to")}
    try:
        writer = writers.add(request.store, **said, now=clock.read())
    except writers.NotAdded as refusal:
        messages.error(request, f"Nobody was added. {refusal}")
    else:
        changes.note(request, "People who write", "", f"{writer}, {writer.email or 'with the address of the shop'}")
        messages.success(request, f"{writer} can be chosen in every flow and mail now.")


def _remove(request: StoreRequest) -> None:
    writer = writers.of(request.store).filter(pk=read_as.number(request.POST["remove"]) or 0).first()
    if writer:
        writer.delete()
        changes.note(request, "People who write", f"{writer}", "removed")
        messages.success(request, f"{writer} is removed. What they wrote comes from the shop’s sender from now on.")
