"""The page that shows who changed which setting of a store's sending, and when (`changes` writes it down)."""

from django.http import HttpResponse
from django.shortcuts import render

from lifecycle.console import paging, preferences
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership, SettingChange


@page(Membership.Role.MARKETER)
def show(request: StoreRequest) -> HttpResponse:
    """List the changes, the newest first."""
    context = {
        "section": "settings", "now": clock.read(), "tabs": preferences.tabs_of(request, "settings_log"), "tabs_label": "Settings",
        "page": paging.page(SettingChange.objects.filter(store=request.store), request, by="-id"),
    }  # fmt: skip
    return render(request, "console/settings_log.html", context)
