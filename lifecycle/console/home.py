"""A store's first page: what needs a person, what goes out next, what went out, what customers answered."""

from typing import Any

from django.db.models import Count, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import render

from campaigns.models import Flow, StepRun
from customers.models import Task
from integrations.models import InboxItem
from lifecycle.console import check_ins, offers
from lifecycle.console.start import progress
from messaging import guard_rails, sending_domains
from messaging.models import Message
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Store


@page()
def show(request: StoreRequest) -> HttpResponse:
    store = request.store
    coming = StepRun.objects.filter(store=store, state=StepRun.State.PLANNED).exclude(enrollment__flow__state=Flow.State.WATCHING)
    coming = coming.select_related("step", "customer", "order")
    sent = Message.objects.filter(store=store, state=Message.State.SENT).select_related("customer").defer("html", "text")
    now, flows = clock.read(), list(Flow.objects.filter(store=store).order_by("id")[:5])
    return render(
        request,
        "console/home.html",
        {
            "section": "home",
            "now": now,
            "setup": progress.card(request, flows, now=now),
            "needs": _needs(request),
            "broken_domains": sending_domains.broken(store),
            "alarm": guard_rails.alarm(store, now=now),
            "coming": coming.order_by("due_at", "id")[:10],
            "sent": sent.order_by("-id")[:10],
            "answers": check_ins.latest(store, 5),
            "flows": flows,
        },
    )


def _needs(request: StoreRequest) -> dict[str, int]:
    """Return how many there are of what waits for a person; what only needs counting is counted in one query."""
    store = request.store
    counted = Store.objects.filter(pk=store.pk).values(
        tasks=_number(Task.objects.filter(store=store, state=Task.State.OPEN)),
        inputs=_number(InboxItem.objects.filter(store=store, state=InboxItem.State.FAILED)),
        unknown=_number(Message.objects.filter(store=store, state=Message.State.UNKNOWN)),
    )
    row = counted.get()
    offers_without = offers.without_code(store).count()
    return {"tasks": row["tasks"], "inputs": row["inputs"], "offers": offers_without, "unknown": row["unknown"]}


def _number(rows: QuerySet[Any]) -> Coalesce:
    return Coalesce(Subquery(rows.order_by().values("store").annotate(number=Count("pk")).values("number")), 0)
