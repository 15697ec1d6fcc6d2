"""The logo's form, which stands in the set-up and in the settings: upload one, or take it off."""

from django.contrib import messages
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from lifecycle.console.answer import back
from stores import logos
from stores.access import StoreRequest, page
from stores.models import Membership


@require_POST
@page(Membership.Role.OWNER)
def change(request: StoreRequest) -> HttpResponse:
    """Put or remove the logo, and return to the page the form stood on."""
    upload = request.FILES.get("logo")
    if "remove" in request.POST:
        logos.remove(request.store)
        messages.success(request, "The logo is off: the shop’s name stands in its place. Mails already sent keep it.")
    elif upload is None:
        messages.error(request, "Choose a picture first, then upload it.")
    else:
        _put(request, upload.read(logos.LARGEST + 1))
    return back(request, "console:settings_brand", request.store.slug)


def _put(request: StoreRequest, content: bytes) -> None:
    try:
        logos.put(request.store, content)
    except logos.Unusable as refusal:
        messages.error(request, f"The logo was not changed. {refusal}")
    else:
        messages.success(request, "Saved. The logo stands on every mail and customer’s page from now on.")
