"""The mail of a draft, block by block and language by language: every change is kept at once and shown beside it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from campaigns.models import Step
from campaigns.one_off import drafts, scheduling
from campaigns.one_off.models import Campaign
from campaigns.writing import following
from lifecycle.console import flow, frames, read_as
from lifecycle.console.answer import SeeOther, back, is_fragment, see, shown
from lifecycle.console.flow_editor import beside, languages, offered, tests_mail
from lifecycle.console.flow_editor import content as contents
from lifecycle.console.flow_editor import step as editing
from messaging import writers
from offers.models import Offer
from stores import clock
from stores.access import StoreRequest, may, page
from stores.models import Membership

MARKETER = Membership.Role.MARKETER


@page()
def show(request: StoreRequest, pk: int) -> HttpResponse:
    """Show the mail to write it (or to read it, once it is scheduled); POST keeps the words, and moves, adds or removes a block."""
    campaign = get_object_or_404(scheduling.of_store(request.store), pk=pk)
    step = _version(campaign, request)
    if request.method == "POST":
        return _kept(request, campaign, step)
    return shown(request, "console/campaigns/mail.html", _page(request, campaign, step), part="console/flow_editor/_preview.html")


def _page(request: StoreRequest, campaign: Campaign, step: Step) -> dict[str, Any]:
    language, may_write = languages.chosen(request, step), campaign.is_draft and may(request.membership, MARKETER)
    return {
        **beside.page(request, _mail(request, campaign, step), offered.of(request.store)),
        **languages.context(request, step, language), "section": "campaigns",
        "campaign": campaign, "is_b": step.key == drafts.B, "mails": campaign.mails, "may_write": may_write,
        "test_address": _address(campaign, "campaign_mail_test", step) if may_write else "",
        "languages_address": _address(campaign, "campaign_languages", step),
    }  # fmt: skip


def _mail(request: StoreRequest, campaign: Campaign, step: Step) -> beside.Mail:
    language = languages.chosen(request, step)
    frame = _address(campaign, "campaign_preview", step)
    return beside.Mail(step, languages.said(step, "", language), frame, clock.read(), language=languages.read_in(step, language))


def _address(campaign: Campaign, name: str, step: Step) -> str:
    """Return the address of a page about one version of a campaign's mail."""
    return reverse(f"console:{name}", args=[campaign.store.slug, campaign.pk]) + ("?version=b" if step.key == drafts.B else "")


@xframe_options_sameorigin
@page()
def preview(request: StoreRequest, pk: int) -> HttpResponse:
    """Answer the mail alone, as who is named gets it, for the sandboxed frame; nothing is counted or given away."""
    return frames.kept(request) or flow.drawn(request, _version(get_object_or_404(scheduling.of_store(request.store), pk=pk), request))


def _version(campaign: Campaign, request: StoreRequest) -> Step:
    """Return the version that the form or ?version= names."""
    wanted = drafts.B if read_as.said(request, "version") == "b" else drafts.A
    step = next((step for step in campaign.mails if step.key == wanted), None)
    if step is None:
        raise Http404
    return Step.objects.select_related("offer__store", "writer", "version__writer", "version__flow__store").get(pk=step.pk)


def _kept(request: StoreRequest, campaign: Campaign, step: Step) -> HttpResponse:
    """Keep the words as they stand, and do what a button says; from the form itself (HX-Trigger) it is that somebody stopped typing."""
    if not may(request.membership, MARKETER):
        raise PermissionDenied
    content, number, act = contents.read(request.POST), 0, editing.pressed(request, "auto")
    if act not in ("auto", "save"):
        content, number = editing.changed(request, content, act)
    language = languages.chosen(request, step)
    at = number or contents.first_change(languages.said(step, "", language), content)
    offer, writer = (read_as.number(request.POST.get(name, "")) for name in ("offer", "writer"))
    is_draft = _written(campaign, step, languages.changes(step, "", language, content), offer=offer, writer=writer)
    if is_fragment(request):
        drawn = beside.of(request, replace(_mail(request, campaign, _version(campaign, request)), at=at))
        said = {**drawn, **editing.put_in(content, act, number)}
        refusal = "" if is_draft else "Not saved: it is scheduled meanwhile."
        return render(request, "console/flow_editor/_saved.html", {**said, "is_saved": True, "refusal": refusal})
    if not is_draft:
        messages.error(request, "It is scheduled, so nothing was changed. Take it back first.")
    elif act == "save":
        messages.success(request, "Saved.")
    query = request.GET.urlencode()
    address = reverse("console:campaign_mail", args=[request.store.slug, campaign.pk])
    return SeeOther(address + (f"?{query}" if query else "") + (f"#block-{number}" if number else ""))


def _written(campaign: Campaign, step: Step, changes: Mapping[str, Any], *, offer: int | None, writer: int | None) -> bool:
    """Write a draft's words, what they promise and who says them; return whether it still was a draft."""
    promised = Offer.objects.filter(store=campaign.store_id, pk=offer).first() if offer else None
    whose = writers.of(campaign.store).filter(pk=writer).first() if writer else None
    content = changes.get("content", step.content)
    is_draft = drafts.write(campaign, step.key, content, offer=promised, writer=whose)
    if is_draft:
        following.note(campaign.store, content, now=clock.read())
    return is_draft


@require_POST
@page(MARKETER)
def test(request: StoreRequest, pk: int) -> HttpResponse:
    """Send a test of the version and the language that are open."""
    step = _version(get_object_or_404(scheduling.of_store(request.store), pk=pk), request)
    tests_mail.done(request, step, wording="", language=languages.read_in(step, languages.chosen(request, step)))
    return back(request, "console:campaign_mail", request.store.slug, pk)


@require_POST
@page(MARKETER)
def speak(request: StoreRequest, pk: int) -> HttpResponse:
    """Begin a language, say that it is still right, or take it out."""
    campaign = get_object_or_404(scheduling.of_store(request.store), pk=pk)
    step = _version(campaign, request)
    language = languages.chosen(request, step)
    content = languages.done(request, step, language)
    if content is not None and not _written(campaign, step, {"content": content}, offer=step.offer_id, writer=step.writer_id):
        messages.error(request, "It is scheduled, so nothing was changed. Take it back first.")
    here = _address(campaign, "campaign_mail", step)
    return see(f"{here}{'&' if '?' in here else '?'}in={language}")
