"""Settings, Thank-you page: how a shop links or embeds it, and signs its orders."""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from lifecycle.console import preferences
from orders.models import Order
from stores import clock, tokens
from stores.access import StoreRequest, page
from stores.models import Membership


@page(Membership.Role.OWNER)
def show(request: StoreRequest) -> HttpResponse:
    store = request.store
    address = settings.PUBLIC_URL + reverse("public:thanks", args=[store.slug])
    latest = Order.objects.filter(store=store).order_by("-placed_at").first()
    example = address
    if latest and latest.number:
        example += "?" + urlencode({"order": latest.number, "key": tokens.signature(store.thanks_key, latest.number)})
    context = {
        "section": "settings", "now": clock.read(), "address": address, "example": example,
        "script": f'<script src="{address}kit.js" data-order="ORDER NUMBER" data-key="SIGNATURE" async></script>',
        "frame": f'<iframe src="{address}?framed=1&order=ORDER NUMBER&key=SIGNATURE" title="Thank you"></iframe>',
        "tabs": preferences.tabs_of(request, "settings_thanks"), "tabs_label": "Settings",
    }  # fmt: skip
    return render(request, "console/thanks.html", context)
