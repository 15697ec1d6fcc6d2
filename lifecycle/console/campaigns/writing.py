"""The mail of a draft, block by block: every change is kept at once and shown beside it."""

from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.clickjacking import xframe_options_sameorigin

from campaigns.models import Step
from campaigns.one_off import drafts, scheduling
from campaigns.one_off.models import Campaign
from campaigns.variables import VARIABLES
from campaigns.writing import following
from campaigns.writing import preview as previews
from lifecycle.console import reach, tabs
from lifecycle.console.answer import is_fragment, see
from lifecycle.console.flow import VIEWS
from lifecycle.console.flow_editor import checks, saved
from lifecycle.console.flow_editor import content as contents
from lifecycle.console.flow_editor import step as editing
from lifecycle.console.frames import framed, framed_text
from lifecycle.console.start import mails
from messaging import rendering
from messaging.rendering import Rendered, RenderError
from offers.models import Offer
from stores import clock
from stores.access import StoreRequest, may, page
from stores.models import Membership

MARKETER = Membership.Role.MARKETER
#: What a mail without an order can speak of.
SAID = ("first_name", "store_name", "sender_first", "shop_url", "last_item", "offer_value", "offer_code", "offer_until")


@page()
def show(request: StoreRequest, pk: int) -> HttpResponse:
    """Show the mail to write it (or to read it, once it is scheduled); POST keeps the words, and moves, adds or removes a block."""
    campaign = get_object_or_404(scheduling.of_store(request.store), pk=pk)
    step = _version(campaign, request)
    if request.method == "POST":
        return _kept(request, campaign, step)
    return render(request, "console/campaigns/mail.html", _context(request, campaign, step))


def _context(request: StoreRequest, campaign: Campaign, step: Step) -> dict[str, Any]:
    now, view = clock.read(), request.GET.get("view", "phone")
    problems, drawn = rendering.check(step.content, known=VARIABLES), _drawn(step, now=now)
    sample = mails.sample_of(request.store, None, now=now)
    mail = drawn if isinstance(drawn, Rendered) else None
    return {
        "section": "campaigns", "now": now, "campaign": campaign, "step": step, "is_b": step.key == drafts.B, "mails": campaign.mails,
        "content": step.content, "rows": contents.rows(step.content, problems), "kinds": contents.kinds_of(step), "problems": problems,
        "wrong": {problem.where: problem.what for problem in problems}, "mail": mail, "problem": "" if mail else str(drawn),
        "length": len(mail.subject) if mail else 0, "best": contents.SUBJECT_BEST,
        "offers": Offer.objects.filter(store=request.store).order_by("name"),
        "view": view if view in dict(VIEWS) else "phone", "views": tabs.of(request, "view", VIEWS, view),
        "bought_names": partial(contents.names_of, request.store), "shelf": saved.shelf_of(request.store),
        "checks": checks.of(
            step.content, step.purpose, mail, problems, reach.of(request.store, now=now),
            following.faults(request.store, step.content, now=now),
        ),
        "spam": checks.spam_of(request, step, sample, now=now),
        "values": [editing.value_of(name) for name in SAID],
        "may_write": campaign.is_draft and may(request.membership, MARKETER),
    }  # fmt: skip


@xframe_options_sameorigin
@page()
def preview(request: StoreRequest, pk: int) -> HttpResponse:
    """Answer the mail alone, as a customer gets it, for the sandboxed frame; nothing is counted or given away."""
    campaign = get_object_or_404(scheduling.of_store(request.store), pk=pk)
    drawn = _drawn(_version(campaign, request), now=clock.read())
    if isinstance(drawn, RenderError):
        return framed_text(f"This mail cannot be drawn yet: {drawn}")
    return framed_text(drawn.text) if request.GET.get("view") == "text" else framed(drawn.html)


def _drawn(step: Step, *, now: datetime) -> Rendered | RenderError:
    """Return the mail as the store's latest customer gets it, or why it cannot be drawn."""
    try:
        return previews.mail_for(step, mails.sample_of(step.version.flow.store, None, now=now), now=now)
    except RenderError as error:
        return error


def _version(campaign: Campaign, request: StoreRequest) -> Step:
    """Return the version that the form or ?version= names."""
    wanted = drafts.B if (request.POST.get("version") or request.GET.get("version")) == "b" else drafts.A
    step = next((step for step in campaign.mails if step.key == wanted), None)
    if step is None:
        raise Http404
    return Step.objects.select_related("offer__store", "version__flow__store").get(pk=step.pk)


def _kept(request: StoreRequest, campaign: Campaign, step: Step) -> HttpResponse:
    """Keep the words as they stand, and do what a button says; from the form itself (HX-Trigger) it is that somebody stopped typing."""
    if not may(request.membership, MARKETER):
        raise PermissionDenied
    content, number = contents.read(request.POST), request.POST.get("offer", "")
    act = "" if request.headers.get("HX-Trigger") == "step-form" else request.POST.get("act", "")
    if act not in ("", "save"):
        content, _ = editing.changed(request, content, act)
    offer = Offer.objects.filter(store=request.store, pk=number).first() if number.isdecimal() and len(number) < 18 else None
    is_written = drafts.write(campaign, step.key, content, offer=offer)
    if not is_written:
        messages.error(request, "It is scheduled, so nothing was changed. Take it back first.")
    elif act == "save":
        messages.success(request, "Saved.")
    if is_written:
        following.note(request.store, content, now=clock.read())
    if is_fragment(request):
        context = _context(request, campaign, _version(campaign, request))
        return render(request, "console/campaigns/_written.html", {**context, "is_changed": act != ""})
    query = request.GET.urlencode()
    answer = see("console:campaign_mail", request.store.slug, campaign.pk)
    answer["Location"] += f"?{query}" if query else ""
    return answer
