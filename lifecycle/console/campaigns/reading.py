"""What the page of a campaign shows: before it goes whom it reaches and what is missing, afterwards what became of each."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse

from campaigns.models import StepRun
from campaigns.one_off import counting, drafts, figures, moments, scheduling
from campaigns.one_off.models import Campaign
from lifecycle.console import flow_people
from messaging.reasons import Reason

State = StepRun.State


@dataclass(frozen=True)
class Figure:
    """A number, what it counts, and the list that has as many; no address: there is none."""

    number: int
    words: str
    address: str = ""


@dataclass(frozen=True)
class Version:
    """One of two versions that are compared."""

    letter: str
    subject: str
    sent: int
    clicked: int
    is_winner: bool

    @property
    def share(self) -> float:
        return 100 * self.clicked / self.sent if self.sent else 0.0


def ahead(campaign: Campaign, *, now: datetime) -> dict[str, Any]:
    """Return whom a campaign would reach and what stands against it."""
    wish = scheduling.wish_of(campaign)
    is_dated = campaign.timing == Campaign.Timing.NOW or (campaign.day is not None and campaign.wall is not None)
    starts_at = campaign.starts_at or (moments.starts(wish, pressed_at=now) if is_dated else now)
    problems = drafts.problems(campaign, now=now) if campaign.is_draft else []
    return {
        "reach": counting.reach(campaign.store, campaign.audience, campaign.without, around=starts_at, now=now),
        "many": counting.MANY, "starts_at": starts_at, "is_dated": is_dated, "problems": problems,
        "is_blocked": any(problem.is_grave for problem in problems), "mail": campaign.mail, "mails": campaign.mails,
        "minutes": int(moments.SECOND_THOUGHTS.total_seconds() // 60),
        "may_still": campaign.state == Campaign.State.SCHEDULED,
    }  # fmt: skip


def standing(campaign: Campaign, *, now: datetime) -> dict[str, Any]:
    """Return how far a campaign is and what it came to."""
    counts, groups, reasons = figures.standing(campaign), Counter[str](), Counter[str]()
    for (state, reason), number in counts.items():
        group = flow_people.group_of(state, reason)
        groups[group] += number
        if group in ("skipped", "held") and reason in Reason.values:
            reasons[f"{group}:{reason}"] += number
    people = reverse("console:flow_people", args=[campaign.store.slug, campaign.flow.key])
    decided = groups["sent"] + groups["skipped"]
    return {
        "groups": [Figure(groups[name], label, f"{people}?state={name}") for name, label in _GROUPS],
        "reasons": [
            Figure(number, Reason(reason).label, f"{people}?{urlencode({'state': group, 'reason': reason})}")
            for (group, reason), number in ((key.split(":"), number) for key, number in reasons.most_common())
        ],
        "decided": decided, "percent": round(100 * decided / campaign.people) if campaign.people else 100,
        "is_under_way": campaign.state in Campaign.UNDER_WAY, "may_go_on": scheduling.may_go_on(campaign, now=now),
        "undo_until": campaign.stopped_at + moments.SECOND_THOUGHTS if campaign.stopped_at else None,
        "versions": _versions(campaign), "credit_days": figures.CREDIT_DAYS, "mail": campaign.mail, "mails": campaign.mails,
        "last_use": campaign.frozen_at and _last_use(campaign),
    }  # fmt: skip


_GROUPS = (("sent", "Sent"), ("waiting", "Waiting"), ("held", "On hold"), ("skipped", "Skipped"))


def _last_use(campaign: Campaign) -> datetime | None:
    """Return until when what waits is still of use."""
    runs = StepRun.objects.filter(step__in=campaign.mails, state__in=StepRun.OPEN)
    last: datetime | None = runs.order_by("-use_by").values_list("use_by", flat=True).first()
    return last


def _versions(campaign: Campaign) -> list[Version]:
    """Return how each version does; once one is chosen, what the choice rests on."""
    if len(campaign.mails) == 1:
        return []
    verdict, tried = campaign.verdict, {} if campaign.verdict else figures.tried(campaign)
    found = []
    for letter, step in zip(("a", "b"), campaign.mails, strict=True):
        sent, clicked = verdict[letter] if verdict else (tried[step.key].sent, tried[step.key].clicked)
        found.append(Version(letter.upper(), step.content["subject"], sent, clicked, campaign.winner_id == step.pk))
    return found


def when_words(campaign: Campaign) -> str:
    """Say when a campaign goes, in words."""
    if campaign.timing == Campaign.Timing.NOW or campaign.day is None or campaign.wall is None:
        return "at once"
    moment = datetime.combine(campaign.day, campaign.wall, tzinfo=ZoneInfo(campaign.zone))
    whose = "by each customer’s clock" if campaign.timing == Campaign.Timing.EACH else campaign.zone
    return f"{moment:%a} {moment.day} {moment:%b}, {moment:%H:%M} {whose}"
