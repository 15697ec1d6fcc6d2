"""The living style guide: every component in every state, drawn by the very templates that the pages use."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Choices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from campaigns.models import Flow, StepRun
from customers.models import Customer, Event, Rfm
from integrations.models import InboxItem
from lifecycle.console import tabs, timeline
from messaging.models import Message, Purpose
from orders.models import Order, Shipment

_AT = datetime(2026, 11, 3, 14, 2, tzinfo=UTC)
TONES = ("", "success", "info", "warning", "critical", "special")
TOKENS = (
    "canvas", "surface", "sunken", "hover", "selected", "line", "line-strong", "ink", "ink-2", "ink-3", "accent", "success",
    "success-soft", "warning", "warning-soft", "critical", "critical-soft", "info", "info-soft", "special-soft", "neutral-soft",
    "lamp",
)  # fmt: skip


class Sample(forms.Form):
    name = forms.CharField(help_text="As colleagues see it beside your notes.")
    website = forms.URLField(required=False, assume_scheme="https")
    size = forms.ChoiceField(choices=[("s", "Small"), ("l", "Large")])
    tips = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), help_text="Three or four short steps, one a line.")
    agreed = forms.BooleanField(
        required=False, label="Write offers to buyers who were never asked", help_text="Only where the law allows it."
    )


@dataclass(frozen=True)
class Row:
    """A list's page with more on both sides."""

    newer: str = "newer"
    older: str = "older"
    rows: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Said:
    """A word of feedback, as after a form."""

    tags: str
    words: str

    def __str__(self) -> str:
        return self.words


def show(request: HttpRequest) -> HttpResponse:
    theme = "dark" if request.GET.get("theme") == "dark" else "light"
    told = [Said("success", "Saved."), Said("error", "“Usage tips” was already sent, so nothing was changed.")]
    context = {
        "theme": theme, "themes": tabs.of(request, "theme", [("", "Light"), ("dark", "Dark")], theme if theme == "dark" else ""),
        "tones": TONES, "tokens": TOKENS, "told": told, "now": _AT, "paged": Row(),
        "plain": Sample(prefix="plain", initial={"name": "Jo Marlow"}),
        "wrong": Sample({"wrong-website": "x y", "wrong-size": "s"}, prefix="wrong"),
        "tabs": [("#tabs", "All", True), ("#tabs", "Not shipped", False), ("#tabs", "On the way", False)],
        "secrets": [("Address", "https://shop.example/hooks/x/"), ("Secret", "0123456789abcdef")],
        "orders": [*_each(Order, "financial_status", Order.Financial), Order(cancelled_at=_AT)],
        "parcels": [*_each(Shipment, "status", Shipment.Status), Shipment(is_cancelled=True)],
        "mails": _each(Message, "state", Message.State), "flows": _each(Flow, "state", Flow.State),
        "runs": [run for run in _each(StepRun, "state", StepRun.State) if run.state != StepRun.State.HANDED_OVER],
        "customers": _each(Customer, "marketing", Customer.Marketing), "groups": _each(Rfm, "group", Rfm.Group),
        "items": _each(InboxItem, "state", InboxItem.State),
        "purposes": Purpose.values, "scores": range(1, 6), "rows": list(_happened()),
    }  # fmt: skip
    return render(request, "console/styleguide.html", context)


def _each(model: Any, name: str, choices: type[Choices]) -> list[Any]:
    """Return one unsaved row for each value that a field may have."""
    return [model(**{name: value}) for value in choices.values]


def _happened() -> Iterable[tuple[Event, timeline.Data, str]]:
    """Yield an event of every kind, without the links that only a store's pages have."""
    data = {"amount": 7900, "currency": "EUR", "number": "1042", "name": "Usage tips", "carrier": "DHL", "source": "shop", "score": 4}
    for hours, kind in enumerate(Event.Kind.values):
        yield Event(kind=kind, occurred_at=_AT + timedelta(hours=hours), customer_id=1), timeline.Data(data), timeline.template_of(kind)
