"""One campaign: the plan of a draft with whom it reaches, how a running one stands, what a past one came to; and what is done with it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from campaigns.one_off import drafts, figures, scheduling
from campaigns.one_off.models import Campaign
from campaigns.writing import trial
from lifecycle.console import read_as
from lifecycle.console.account import person
from lifecycle.console.answer import back, see, shown
from lifecycle.console.campaigns import reading
from lifecycle.console.campaigns.plan import PlanForm
from stores import clock
from stores.access import StoreRequest, may, page
from stores.models import Membership, User

MARKETER = Membership.Role.MARKETER


@page()
def show(request: StoreRequest, pk: int) -> HttpResponse:
    """Show a campaign; POST saves the plan of a draft."""
    now = clock.read()
    campaign = get_object_or_404(scheduling.of_store(request.store), pk=pk)
    if request.method == "POST":
        return _saved(request, campaign)
    if figures.is_stale(campaign, now=now) and (campaign.counted_at is None or (campaign.people or 0) <= figures.FEW):
        figures.count(campaign, now=now)
    return _shown(request, campaign, PlanForm(None, campaign=campaign))


def _saved(request: StoreRequest, campaign: Campaign) -> HttpResponse:
    if not may(request.membership, MARKETER):
        raise PermissionDenied
    form = PlanForm(request.POST, campaign=campaign)
    if not campaign.is_draft:
        messages.error(request, "It is scheduled, so nothing was changed. Take it back first.")
    elif not form.is_valid():
        return _shown(request, campaign, form)
    else:
        form.save()
        if "said" in request.POST:
            messages.success(request, "Saved.")
    return see("console:campaign", request.store.slug, campaign.pk)


def _shown(request: StoreRequest, campaign: Campaign, form: PlanForm) -> HttpResponse:
    now = clock.read()
    context: dict[str, Any] = {"section": "campaigns", "now": now, "campaign": campaign, "form": form, "zone": request.store.timezone}
    if campaign.state in (Campaign.State.DRAFT, Campaign.State.SCHEDULED):
        context.update(reading.ahead(campaign, now=now))
    else:
        context.update(reading.standing(campaign, now=now))
    answer = shown(request, "console/campaigns/one.html", context, part="console/campaigns/_one.html")
    answer.status_code = 422 if form.errors else 200
    return answer


@require_POST
@page(MARKETER)
def act(request: StoreRequest, pk: int, verb: str) -> HttpResponse:
    """Schedule, take back, pause, go on, stop, copy or throw away a campaign."""
    campaign = get_object_or_404(scheduling.of_store(request.store), pk=pk)
    if verb == "copy":
        made = drafts.copy(campaign, now=clock.read())
        messages.success(request, f"{made.name} is a draft with the same mail and people.")
        return see("console:campaign", request.store.slug, made.pk)
    if verb == "discard" and drafts.discard(campaign):
        messages.success(request, f"{campaign.name} is thrown away.")
        return see("console:campaigns", request.store.slug)
    if verb not in ACTS:
        raise Http404
    do, said = ACTS[verb]
    try:
        do(campaign, person(request))
        messages.success(request, f"{campaign.name} {said}.")
    except scheduling.CannotSchedule:
        messages.error(request, "It cannot be scheduled yet. What is missing stands beside the button.")
    except scheduling.TooLate:
        messages.error(request, f"{campaign.name} is {campaign.get_state_display().lower()} meanwhile, so nothing was changed.")
    return back(request, "console:campaign", request.store.slug, pk)


ACTS: dict[str, tuple[Callable[[Campaign, User], None], str]] = {
    "schedule": (lambda campaign, by: scheduling.schedule(campaign, by=by, now=clock.read()), "is scheduled, and can be taken back"),
    "take-back": (lambda campaign, _: scheduling.take_back(campaign), "is a draft again. Nobody got it"),
    "pause": (lambda campaign, _: scheduling.pause(campaign), "is paused. No more of its mails go out"),
    "resume": (lambda campaign, _: scheduling.resume(campaign, now=clock.read()), "goes on"),
    "stop": (lambda campaign, _: scheduling.stop(campaign, now=clock.read()), "is stopped. For ten minutes that can be undone"),
}


@require_POST
@page(MARKETER)
def test(request: StoreRequest, pk: int) -> HttpResponse:
    """Send the mail, or both versions, to who asks for it; nothing is counted."""
    campaign = get_object_or_404(scheduling.of_store(request.store), pk=pk)
    me, now = person(request), clock.read()
    if not request.store.sender_email:
        messages.error(request, "There is no address your mails come from yet. Enter it under Settings.")
    else:
        sample = read_as.of(request, campaign.mail.version, now=now, most=1).sample
        trials = trial.send(campaign.mails, sample, to=(me.email, me.name), now=now)
        failed = [each for each in trials if each.outcome != "accepted"]
        if failed:
            messages.error(request, f"The test was not sent: {failed[0].detail or failed[0].outcome}")
        else:
            messages.success(request, f"The test is on its way to {me.email}.")
    return back(request, "console:campaign", request.store.slug, pk)
