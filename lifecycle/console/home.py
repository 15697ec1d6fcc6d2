"""A store's first page: what needs a person, what goes out next, what went out, what customers answered."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from campaigns.models import Flow, Step, StepRun
from campaigns.one_off.models import Campaign
from customers.models import Task
from enquiries import mentions
from integrations import silence
from integrations.models import InboxItem
from lifecycle.console import check_ins, offers, paging
from lifecycle.console.account import person
from lifecycle.console.start import progress
from messaging.domains import sending_domains
from messaging.models import Message
from messaging.returning import guard_rails
from orders import figures_check
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Store, User


@page()
def show(request: StoreRequest) -> HttpResponse:
    store, now = request.store, clock.read()
    coming = StepRun.objects.filter(store=store, state=StepRun.State.PLANNED).exclude(enrollment__flow__state=Flow.State.WATCHING)
    coming = coming.exclude(enrollment__flow__is_one_off=True)  # these stand there as one
    coming = coming.exclude(step__anchor=Step.Anchor.LATE, due_at__gt=now).select_related("step", "customer", "order")
    sent = Message.objects.filter(store=store, state=Message.State.SENT).select_related("customer").defer("html", "text")
    under_way = Q(campaign__wake_at__isnull=False) & ~Q(campaign__state=Campaign.State.STOPPED)
    first = Flow.objects.filter(Q(is_one_off=False) | under_way, store=store).select_related("campaign").order_by("-is_one_off", "id")[:10]
    flows = [flow for flow in first if not flow.is_one_off][:5]
    needs = _numbers(store, person(request), now=now)
    return render(
        request,
        "console/home.html",
        {
            "section": "home",
            "now": now,
            "setup": progress.card(request, flows, now=now),
            "needs": needs,
            "broken_domains": sending_domains.broken(store),
            "silent_feeds": silence.feeds(store, now=now) if needs["quiet"] else [],
            "mentions": mentions.unseen(store, person(request))[:5] if needs["mentions"] else [],
            "alarm": guard_rails.alarm(store, now=now),
            "drifted": figures_check.found([store.pk], now=now).wrong,
            "campaigns": [flow.campaign for flow in first if flow.is_one_off],
            "coming": coming.order_by("due_at", "id")[:10],
            "sent": sent.order_by("-id")[:10],
            "answers": check_ins.given(store).select_related("customer", "order").order_by("-answered_at", "-id")[:5],
            "flows": flows,
        },
    )


def _numbers(store: Store, user: User, *, now: datetime) -> dict[str, int]:
    """Count the lists that this page leads to, each as far as the list itself counts; one query."""
    lists: dict[str, QuerySet[Any]] = {
        "tasks": Task.objects.filter(store=store, state=Task.State.OPEN),
        "inputs": InboxItem.objects.filter(store=store, state=InboxItem.State.FAILED),
        "offers": offers.without_code(store),
        "low_offers": offers.running_low(store),
        "quiet": silence.quiet(store, now=now),
        "mentions": mentions.unseen(store, user),
        "unknown": Message.objects.filter(store=store, state=Message.State.UNKNOWN),
        **{f"{tab or 'all'}_answers": check_ins.given(store).filter(condition) for tab, (_, condition, *_) in check_ins.SCORES.items()},
    }
    counted = Store.objects.filter(pk=store.pk).values_list(*(paging.number_of(rows) for rows in lists.values()))
    return dict(zip(lists, counted.get(), strict=True))
