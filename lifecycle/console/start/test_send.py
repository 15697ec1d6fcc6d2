"""The five mails sent to oneself, by the road that customers' mails take."""

from dataclasses import asdict

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render

from campaigns.writing import preview, trial
from lifecycle import mail
from lifecycle.console.account import person
from lifecycle.console.answer import see
from lifecycle.console.start import mails, memory, progress
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership


@page(Membership.Role.MARKETER)
def show(request: StoreRequest) -> HttpResponse:
    """Offer the test and show what became of the last one; POST sends all mails to the signed-in person."""
    now, flow = clock.read(), progress.flow_of(request.store)
    if request.method == "POST" and flow is not None and request.store.sender_email:
        me = person(request)
        shown = mails.sample_of(request.store, mails.chosen(request.POST), now=now)
        trials = trial.send(mails.steps_of(flow), shown, to=(me.email, me.name), now=now)
        sent = sum(each.outcome == "accepted" for each in trials)
        kept = {"trials": [asdict(each) for each in trials], "to": me.email}
        memory.keep(request, **kept, **({"test_at": now.isoformat()} if sent else {}))
        if sent == len(trials):
            messages.success(request, f"All {sent} mails were accepted for {me.email}.")
        return see("console:start_test", request.store.slug)
    known = memory.recall(request)
    orders = preview.samples(request.store)
    context = {
        "section": "home", "now": now, "flow": flow, "trials": known.get("trials", []), "to": known.get("to", ""),
        "order": orders[0] if orders else None, "is_caught": mail.scheme(settings.EMAIL_URL) in mail.CAUGHT,
        "setup": progress.of(request, flow), "stage": "test",
    }  # fmt: skip
    refused = request.method == "POST"
    return render(request, "console/start/test_send.html", context, status=422 if refused else 200)
