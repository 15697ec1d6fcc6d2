"""The mail of a draft, block by block: every change is kept at once and shown beside it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.clickjacking import xframe_options_sameorigin

from campaigns import preview as previews
from campaigns.models import Offer, Step
from campaigns.one_off import drafts, scheduling
from campaigns.one_off.models import Campaign
from campaigns.variables import VARIABLES
from lifecycle.console import tabs
from lifecycle.console.answer import see, shown
from lifecycle.console.flow import VIEWS
from lifecycle.console.frames import framed, framed_text
from lifecycle.console.start import mails
from messaging import rendering
from messaging.rendering import Rendered, RenderError
from stores import clock
from stores.access import StoreRequest, may, page
from stores.models import Membership

MARKETER = Membership.Role.MARKETER

#: The kinds of block that a mail about no order may have: what a person writes into each.
FIELDS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "heading": ("Heading", (("text", "Words"),)),
    "text": ("Text", (("text", "Words"),)),
    "button": ("Button", (("label", "Words on it"), ("url", "Where it leads"))),
    "offer": ("Offer", (("label", "Words on its button"),)),
    "divider": ("Line", ()),
    "signature": ("Signature", (("text", "Greeting"),)),
}
NEW: dict[str, dict[str, Any]] = {
    "heading": {"kind": "heading", "text": "A heading", "level": 2},
    "text": {"kind": "text", "text": "Some words."},
    "button": {"kind": "button", "label": "See it", "url": "{{ shop_url }}"},
    "offer": {"kind": "offer", "label": "Use it"},
    "divider": {"kind": "divider"},
    "signature": {"kind": "signature", "text": "All the best,"},
}
#: What a mail without an order can speak of.
SAID = (
    "first_name", "store_name", "sender_first", "shop_url", "last_item", "offer_value", "offer_code", "offer_until",
)  # fmt: skip
MOST, LONGEST = 40, 4000


@dataclass(frozen=True)
class Block:
    """One block of the form: its place, what it is called, its fields, and what else is kept of it."""

    number: int
    kind: str
    label: str
    fields: list[tuple[str, str, str, bool]]
    kept: str


@page()
def show(request: StoreRequest, pk: int) -> HttpResponse:
    """Show the mail to write it (or to read it, once it is scheduled); POST keeps the words, and moves, adds or removes a block."""
    now = clock.read()
    campaign = get_object_or_404(scheduling.of_store(request.store), pk=pk)
    step = _version(campaign, request)
    if request.method == "POST":
        return _kept(request, campaign, step)
    view, drawn = request.GET.get("view", "phone"), _drawn(step, now=now)
    context = {
        "section": "campaigns", "now": now, "campaign": campaign, "step": step, "is_b": step.key == drafts.B,
        "drawn": drawn if isinstance(drawn, Rendered) else None, "mails": campaign.mails,
        "blocks": _blocks(step.content), "kinds": [(kind, label) for kind, (label, _) in FIELDS.items()],
        "offers": Offer.objects.filter(store=request.store).order_by("name"), "problems": rendering.check(step.content, known=VARIABLES),
        "view": view if view in dict(VIEWS) else "phone", "views": tabs.of(request, "view", VIEWS, view),
        "said": [(name, VARIABLES[name].what) for name in SAID], "may_write": campaign.is_draft and may(request.membership, MARKETER),
    }  # fmt: skip
    return shown(request, "console/campaigns/mail.html", context, part="console/campaigns/_mail.html")


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
    """Return the version that ?version= names."""
    wanted = drafts.B if request.GET.get("version") == "b" else drafts.A
    step = next((step for step in campaign.mails if step.key == wanted), None)
    if step is None:
        raise Http404
    return Step.objects.select_related("offer__store", "version__flow__store").get(pk=step.pk)


def _kept(request: StoreRequest, campaign: Campaign, step: Step) -> HttpResponse:
    if not may(request.membership, MARKETER):
        raise PermissionDenied
    content = _done(_read(request.POST), request.POST.get("do", ""))
    offer = Offer.objects.filter(store=request.store, pk=request.POST["offer"]).first() if request.POST.get("offer", "").isdigit() else None
    if not drafts.write(campaign, step.key, content, offer=offer):
        messages.error(request, "It is scheduled, so nothing was changed. Take it back first.")
    elif request.POST.get("do") == "save":
        messages.success(request, "Saved.")
    query = request.GET.urlencode()
    address = see("console:campaign_mail", request.store.slug, campaign.pk)
    address["Location"] += f"?{query}" if query else ""
    return address


def _blocks(content: Mapping[str, Any]) -> list[Block]:
    found = []
    for number, block in enumerate(content.get("blocks", ())):
        label, fields = FIELDS.get(block["kind"], (block["kind"], ()))
        kept = {name: value for name, value in block.items() if name != "kind" and name not in dict(fields)}
        given = [(name, words, str(block.get(name, "")), block["kind"] == "text") for name, words in fields]
        found.append(Block(number, block["kind"], label, given, json.dumps(kept)))
    return found


def _read(said: Mapping[str, str]) -> dict[str, Any]:
    """Return the content that a form says; what is none of it is left out."""
    content: dict[str, Any] = {"subject": _line(said.get("subject", "")), "preheader": _line(said.get("preheader", "")), "blocks": []}
    for number in range(MOST):
        kind = said.get(f"{number}-kind", "")
        if kind in FIELDS:
            given = {name: said.get(f"{number}-{name}", "").replace("\x00", "").strip()[:LONGEST] for name, _ in FIELDS[kind][1]}
            content["blocks"].append({"kind": kind, **_else(said.get(f"{number}-kept", "")), **given})
    return content


def _line(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())[:300]


def _else(text: str) -> dict[str, Any]:
    """Return what else is kept of a block: its level, its tone."""
    try:
        kept = json.loads(text or "{}")
    except ValueError:
        return {}
    return {name: kept[name] for name in ("level", "tone") if isinstance(kept, dict) and name in kept}


def _done(content: dict[str, Any], act: str) -> dict[str, Any]:
    """Do what the pressed button says: "up-2", "down-2", "remove-2", "add-text"."""
    verb, _, what = act.partition("-")
    blocks: list[dict[str, Any]] = content["blocks"]
    place = int(what) if what.isdigit() and len(what) < 4 else -1
    if verb == "add" and what in NEW and len(blocks) < MOST:
        blocks.append(dict(NEW[what]))
    elif verb == "remove" and 0 <= place < len(blocks):
        del blocks[place]
    elif verb in ("up", "down") and 0 <= place < len(blocks):
        other = place + (-1 if verb == "up" else 1)
        if 0 <= other < len(blocks):
            blocks[place], blocks[other] = blocks[other], blocks[place]
    return content
