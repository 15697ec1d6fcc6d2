"""The set-up at a glance: five steps with their states, and the wish to be reminded later."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from lifecycle.console.answer import see
from lifecycle.console.start import memory, progress
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership

MARKETER = Membership.Role.MARKETER


@page(MARKETER)
def show(request: StoreRequest) -> HttpResponse:
    setup = progress.of(request, progress.flow_of(request.store))
    return render(request, "console/start/checklist.html", {"section": "home", "now": clock.read(), "setup": setup})


@require_POST
@page(MARKETER)
def later(request: StoreRequest) -> HttpResponse:
    memory.put_off(request, now=clock.read())
    messages.success(request, "The set-up comes back tomorrow. Everything you entered is kept.")
    return see("console:home", request.store.slug)
