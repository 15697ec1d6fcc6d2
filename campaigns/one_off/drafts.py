"""Drafts of campaigns: made, written, compared in two versions, checked, thrown away."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns import translating
from campaigns.models import Flow, FlowVersion, Step
from campaigns.one_off import moments
from campaigns.one_off.models import Campaign
from campaigns.variables import VARIABLES
from messaging import imprint, rendering
from messaging.models import Purpose, Writer
from offers import giving
from offers.models import Offer
from segments.models import Segment
from stores import languages, tokens
from stores.models import Store

A, B = "mail", "mail-b"
#: News that is three days late is no news.
USE_BY_HOURS = 72
#: Behind every flow: where a customer may get one mail only, what follows their order goes first.
PRIORITY = 90


@dataclass(frozen=True)
class Problem:
    """Something to put right before sending; `is_grave`: without it, it cannot be scheduled. `part` is where: mail, people, time, shop."""

    part: str
    words: str
    is_grave: bool = True


@transaction.atomic
def create(store: Store, *, name: str, content: Mapping[str, Any], now: datetime, audience: Segment | None = None) -> Campaign:
    """Make a draft."""
    flow = Flow.objects.create(store=store, key=tokens.public_token()[:60], name=name[:120], is_one_off=True, priority=PRIORITY)
    flow.version = FlowVersion.objects.create(
        store=store, flow=flow, number=1, trigger="", reentry=FlowVersion.Reentry.ONCE, created_at=now
    )
    campaign = Campaign.objects.create(store=store, flow=flow, name=name[:120], audience=audience, zone=store.timezone, created_at=now)
    flow.key = f"campaign-{campaign.pk}"
    flow.save(update_fields=["version", "key"])
    _write(campaign, A, content, None, None)
    return campaign


@transaction.atomic
def write(campaign: Campaign, key: str, content: Mapping[str, Any], *, offer: Offer | None, writer: Writer | None = None) -> bool:
    """Give a draft's mail, or its version B, other words; return whether it still was a draft.

    In one language alone they are in the store's own.
    """
    held = _draft(campaign)
    if held is not None:
        said = content if "in" in content else translating.written_in(content, languages.own(held.store))
        _write(held, key, said, offer, writer)
    return held is not None


@transaction.atomic
def compare(campaign: Campaign, *, percent: int | None, hours: int) -> None:
    """Try a second version, at first the same as A, on a share of the people; None: only one version."""
    held = _draft(campaign)
    if held is None:
        return
    first = held.mail
    if percent is None:
        Step.objects.filter(version=held.flow.version, key=B).delete()
    elif len(held.mails) == 1:
        _write(held, B, first.content, first.offer, first.writer)
    Campaign.objects.filter(pk=held.pk).update(test_percent=percent, test_hours=hours)
    campaign.test_percent, campaign.test_hours = percent, hours


@transaction.atomic
def copy(campaign: Campaign, *, now: datetime) -> Campaign:
    """Return a new draft that says the same to the same people, at no time yet."""
    made = create(campaign.store, name=f"{campaign.name[:113]} (copy)", content=campaign.mail.content, now=now, audience=campaign.audience)
    _write(made, A, campaign.mail.content, campaign.mail.offer, campaign.mail.writer)
    made.without, made.timing, made.wall = campaign.without, campaign.timing, campaign.wall
    made.save(update_fields=["without", "timing", "wall"])
    return made


@transaction.atomic
def discard(campaign: Campaign) -> bool:
    """Throw a draft away; return whether it still was one."""
    held = _draft(campaign)
    if held is not None:
        Flow.objects.filter(pk=held.flow_id).delete()
    return held is not None


def problems(campaign: Campaign, *, now: datetime) -> list[Problem]:
    """Return what stands against sending it, the grave first."""
    found = [*_of_shop(campaign.store), *_of_people(campaign), *_of_time(campaign, now=now)]
    for step in campaign.mails:
        found += _of_mail(campaign, step, now=now)
    return sorted(found, key=lambda problem: not problem.is_grave)


def _of_shop(store: Store) -> list[Problem]:
    found = []
    if not store.sender_email:
        found.append(Problem("shop", "There is no address your mails come from. Enter it under Settings."))
    if lacks := imprint.lacking(store):
        found.append(Problem("shop", f"The law wants {' and '.join(lacks)} in mails that sell. Enter it under Settings."))
    if store.is_paused:
        found.append(Problem("shop", "Everything is paused (Settings, Sending rules): it would wait until that ends.", is_grave=False))
    return found


def _of_people(campaign: Campaign) -> list[Problem]:
    found = [
        Problem("people", f"The segment “{segment}” is archived. Choose another.")
        for segment in (campaign.audience, campaign.without)
        if segment and segment.archived_at
    ]
    if campaign.audience_id and campaign.audience_id == campaign.without_id:
        found.append(Problem("people", "The same segment is chosen and left out: nobody would be left."))
    return found


def _of_time(campaign: Campaign, *, now: datetime) -> list[Problem]:
    if campaign.timing == Campaign.Timing.NOW:
        return []
    if campaign.day is None or campaign.wall is None:
        return [Problem("time", "Choose the day and the time.")]
    wish = moments.Wish(campaign.timing, campaign.zone, campaign.day, campaign.wall)
    if moments.last(wish, now=now) <= now:
        return [Problem("time", "This moment has passed. Choose a later one.")]
    if moments.first(wish, now=now) <= now:
        words = "Where this time has passed already, the mail goes at once."
        return [Problem("time", words, is_grave=False)]
    return []


def _of_mail(campaign: Campaign, step: Step, *, now: datetime) -> list[Problem]:
    which = f"Version {'B' if step.key == B else 'A'}, " if campaign.test_percent else ""
    found = [
        Problem("mail", f"{which}{problem.where}: {problem.what}") for problem in rendering.check(step.content, known=VARIABLES.keys())
    ]
    if step.offer and not giving.with_code([step.offer], now=now):
        found.append(Problem("mail", f"The offer “{step.offer}” has no code to give."))
    if step.shows("offer") and not step.offer:
        found.append(Problem("mail", f"{which}it has a block for an offer, and no offer is chosen."))
    if not campaign.store.website and any("shop_url" in str(block.get("url", "")) for block in step.content.get("blocks", ())):
        words = f"{which}a button leads to your shop, whose address is not entered under Settings: it is left out."
        found.append(Problem("mail", words, is_grave=False))
    if not step.content.get("preheader"):
        found.append(Problem("mail", f"{which}it has no preheader: inboxes show the first words of the mail instead.", is_grave=False))
    return found


def _draft(campaign: Campaign) -> Campaign | None:
    """Return the campaign, locked, if it is a draft."""
    drafts = Campaign.objects.select_for_update(of=("self",), no_key=True).filter(pk=campaign.pk, state=Campaign.State.DRAFT)
    return drafts.select_related("flow__version", "store").first()


def _write(campaign: Campaign, key: str, content: Mapping[str, Any], offer: Offer | None, writer: Writer | None) -> None:
    """Put a mail's words into a new row: compiled mails are known by their row (`letters.draw`)."""
    version = campaign.flow.version
    assert version is not None
    Step.objects.filter(version=version, key=key).delete()
    Step.objects.create(
        store_id=campaign.store_id, version=version, key=key, name=campaign.name, position=1 if key == A else 2, anchor=Step.Anchor.ENTERED,
        use_by_hours=USE_BY_HOURS, purpose=Purpose.MARKETING, conditions=["has_code"] if offer else [], content=dict(content), offer=offer,
        writer=writer,
    )  # fmt: skip
