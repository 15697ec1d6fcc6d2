"""Campaigns to begin with: whom they are for, when they are best sent, and words that could go as they are."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from campaigns.one_off import drafts
from campaigns.one_off.models import Campaign
from campaigns.recipes import translated
from campaigns.recipes.wanted import Wanted
from segments import saving
from segments.models import Segment
from stores import languages
from stores.models import Store

_HELLO = "{% if first_name %}, {{ first_name }}{% endif %}"
_TEN = time(10)


@dataclass(frozen=True)
class Recipe:
    """One to begin with: `says` in a sentence what it is, `segment` makes whom it is for, `day` when it should go."""

    key: str
    name: str
    says: str
    content: dict[str, Any]
    segment: Wanted | None = None
    day: date | None = None


@transaction.atomic
def begin(store: Store, recipe: Recipe, *, now: datetime) -> Campaign:
    """Make a draft of a recipe, in the store's own language, and its segment unless the store has one of that name."""
    audience = _segment(store, recipe.segment, now=now) if recipe.segment else None
    content = translated.spoken(recipe.content, [languages.own(store)])
    campaign = drafts.create(store, name=recipe.name, content=content, now=now, audience=audience)
    campaign.timing, campaign.wall = Campaign.Timing.EACH if recipe.day else Campaign.Timing.NOW, _TEN
    campaign.day = recipe.day
    campaign.save(update_fields=["timing", "wall", "day"])
    return campaign


def _segment(store: Store, wanted: Wanted, *, now: datetime) -> Segment:
    held = Segment.objects.filter(store=store, name=wanted.name, archived_at=None).first()
    return held or saving.create(store, name=wanted.name, rule=wanted.rule, now=now)


def of(store: Store, *, now: datetime) -> dict[str, Recipe]:
    """Return the recipes by key, with the days of the season ahead."""
    today = now.astimezone(ZoneInfo(store.timezone)).date()
    found = [_vips(today), _gifters(today), _launch(), _news(), _blank()]
    return {recipe.key: recipe for recipe in found}


def _vips(today: date) -> Recipe:
    return Recipe(
        "holiday-vips", "Holiday note to VIPs",
        "A note of thanks to the top 1 % by what they spend, in the week before Christmas. Nothing is sold in it.",
        _VIPS, Wanted("VIP: top 1 %", {"all": [{"what": "spent", "op": "top_percent", "value": "1"}]}), _next(today, 12, 18),
    )  # fmt: skip


def _gifters(today: date) -> Recipe:
    """Return the campaign to those who bought much in the first week of December, for the last week of the next November."""
    day = _next(today, 11, 24)
    if date(today.year, 11, 24) <= today < date(today.year, 11, 30):
        day = today + timedelta(days=1)  # it is the week already
    season = {"when": "between", "start": f"{day.year - 1}-12-01", "end": f"{day.year - 1}-12-07"}
    rule = {
        "all": [
            {"what": "ordered", "op": "did", "times": 2, **season},
            {"what": "spent", "op": "top_percent", "value": "25"},
        ]
    }
    return Recipe(
        "holiday-gifters", f"Holiday gifters {day.year}",
        f"Whoever bought much and often in the first week of December {day.year - 1} hears from you in the last week of November, "
        "in time to choose in peace.",
        _GIFTERS, Wanted(f"Holiday gifters of {day.year - 1}", rule), day,
    )  # fmt: skip


def _next(today: date, month: int, day: int) -> date:
    """Return that day of the year, this year's if it still lies ahead."""
    this = date(today.year, month, day)
    return this if this > today + timedelta(days=1) else date(today.year + 1, month, day)


def _launch() -> Recipe:
    return Recipe("launch", "Something new in the shop", "One new thing, why you made or chose it, and one button to see it.", _LAUNCH)


def _news() -> Recipe:
    return Recipe("news", "News from the shop", "Three short pieces of news with a heading each, in your own words.", _NEWS)


def _blank() -> Recipe:
    content = {"subject": "A word from {{ store_name }}", "preheader": "", "blocks": [{"kind": "text", "text": f"Hello{_HELLO},"}]}
    return Recipe("blank", "Blank", "An empty sheet with a greeting.", content)


def _text(words: str) -> dict[str, str]:
    return {"kind": "text", "text": words}


_VIPS = {
    "subject": "Before the year ends: thank you",
    "preheader": "No code and nothing to click. A line from a person.",
    "blocks": [
        {"kind": "heading", "text": f"A quiet thank-you{_HELLO}"},
        _text("Few people keep a shop like ours going, and you are one of them. Before the year ends we wanted to say so."),
        _text(
            "If there is anything we should do better next year, reply to this mail: {% if sender_first %}{{ sender_first }} reads"
            "{% else %}we read{% endif %} every answer."
        ),
        {"kind": "signature", "text": "A good end of the year,"},
    ],
}

_GIFTERS = {
    "subject": "Your gifts, a week early this year",
    "preheader": "Choose now, in peace: all of it is in stock and arrives in time.",
    "blocks": [
        {"kind": "heading", "text": f"Early is easier{_HELLO}"},
        _text(
            "Last December you chose presents here for more than one person. This year we write first, while everything is in stock "
            "and the parcels are still quick."
        ),
        _text(
            "Not sure what fits whom? Reply with two words about the person, and {% if sender_first %}{{ sender_first }} writes{% else %}"
            "we write{% endif %} back with an idea."
        ),
        {"kind": "button", "label": "Look round in peace", "url": "{{ shop_url }}"},
        {"kind": "signature", "text": "Until soon,"},
    ],
}  # fmt: skip

_LAUNCH = {
    "subject": "New at {{ store_name | truncate: 30, '…' }}",
    "preheader": "You see it before it is in the window.",
    "blocks": [
        {"kind": "heading", "text": f"Something new{_HELLO}"},
        _text("Say in two sentences what it is and whom it helps. Facts are better than praise."),
        _text("Then say why you made or chose it: that is what people remember."),
        {"kind": "button", "label": "See it", "url": "{{ shop_url }}"},
        {"kind": "signature", "text": "All the best,"},
    ],
}

_NEWS = {
    "subject": "Three things from {{ store_name | truncate: 24, '…' }}",
    "preheader": "Two minutes to read, nothing you must do.",
    "blocks": [
        {"kind": "heading", "text": "What is new here"},
        {"kind": "heading", "text": "First", "level": 2},
        _text("One piece of news, in a sentence or two."),
        {"kind": "heading", "text": "Second", "level": 2},
        _text("Another one."),
        {"kind": "heading", "text": "Third", "level": 2},
        _text("And the last. Three are enough."),
        {"kind": "button", "label": "Read more in the shop", "url": "{{ shop_url }}"},
        {"kind": "signature", "text": "All the best,"},
    ],
}
