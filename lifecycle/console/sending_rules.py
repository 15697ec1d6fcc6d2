"""The rules of a store's sending: at which hours and days, how many mails to a customer, whom they may reach, whether any go at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.forms import BoundField
from django.http import HttpResponse
from django.shortcuts import render

from campaigns import flows
from campaigns.models import Flow
from lifecycle.console import changes, preferences
from lifecycle.console.answer import see
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership, Store

WEEKDAYS = (("1", "Mon"), ("2", "Tue"), ("3", "Wed"), ("4", "Thu"), ("5", "Fri"), ("6", "Sat"), ("7", "Sun"))
_HOLDING = ("cap_mails", "cap_days", "quiet_from", "quiet_until", "marketing_days")
_PLAIN = (
    "soft_opt_in", "strict_service", "asks_for_reviews", "cart_quiet_hours", "consent_months", "track_clicks",
    "resend_unknown_confirmations_after_hours", "is_paused",
)  # fmt: skip


def _number(label: str, *, most: int, required: bool = False) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=required, min_value=1, max_value=most, widget=forms.NumberInput(attrs={"class": "w-5"}),
        error_messages={
            "min_value": f"Enter 1 or more{'' if required else ', or nothing for no limit'}.", "max_value": f"Enter {most} or less.",
            "required": "Enter a number.",
        },
    )  # fmt: skip


def _clock_time(label: str) -> forms.TimeField:
    return forms.TimeField(label=label, required=False, widget=forms.TimeInput(attrs={"type": "time", "class": "w-8"}, format="%H:%M"))


@dataclass(frozen=True)
class FlowFields:
    """One flow's fields of the form."""

    flow: Flow
    cap_mails: BoundField
    cap_days: BoundField
    priority: BoundField


class RulesForm(forms.Form):
    """A store's rules, and of each of its flows its own cap and its place. An empty number means no limit, and 0 is refused."""

    quiet_from = _clock_time("Quiet from")
    quiet_until = _clock_time("Quiet until")
    marketing_days = forms.MultipleChoiceField(
        label="Offers go out on", choices=WEEKDAYS, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one day. To stop all offers, pause their flow."},
    )  # fmt: skip
    cap_mails = _number("Mails at most", most=50)
    cap_days = _number("Within days", most=90, required=True)
    soft_opt_in = forms.BooleanField(
        label="Write offers to buyers who were never asked", required=False, help_text="Only where the law allows it to those who bought."
    )
    strict_service = forms.BooleanField(
        label="Help mails to subscribers only",
        required=False,
        help_text="Tips and check-ins then need the same yes as offers, as in Germany.",
    )
    asks_for_reviews = forms.BooleanField(
        label="Lead happy check-ins to a review",
        required=False,
        help_text="The page that thanks for a 4 or 5 asks for stars.",
    )
    cart_quiet_hours = forms.IntegerField(
        label="Hours until a cart counts as left behind", min_value=1, max_value=72, widget=forms.NumberInput(attrs={"class": "w-10"})
    )
    consent_months = forms.IntegerField(
        label="Months after which permission is asked for again", required=False, min_value=6, max_value=120,
        help_text="Of who has not ordered, clicked or answered since, once “Permission renewal” is active. Empty: never.",
        widget=forms.NumberInput(attrs={"class": "w-10"}),
    )  # fmt: skip
    track_clicks = forms.ChoiceField(
        label="Count clicks on links to the shop", choices=Store.TrackClicks.choices,
        help_text="Such a link leads by way of this site, which then knows that somebody followed it. Opens are never measured.",
    )  # fmt: skip
    resend_unknown_confirmations_after_hours = forms.IntegerField(
        label="Send order mails with an unknown outcome again after (hours)", required=False, min_value=1, max_value=168,
        help_text="Once, and marked as a possible duplicate here. Empty: never. Other mails are never sent again by themselves.",
        widget=forms.NumberInput(attrs={"class": "w-10"}),
    )  # fmt: skip
    is_paused = forms.BooleanField(
        label="Pause everything", required=False,
        help_text="Nothing is sent while this is on, order mails neither. Mails wait and are sent later if they are still of use.",
    )  # fmt: skip

    def __init__(self, data: Mapping[str, Any] | None, *, store: Store, flows: Sequence[Flow]) -> None:
        held: dict[str, Any] = {name: getattr(store, name) for name in (*_HOLDING, *_PLAIN)}
        self.store, self.flows = store, flows
        for flow in flows:
            held.update({f"flow-{flow.pk}-{name}": getattr(flow, name) for name in ("cap_mails", "cap_days", "priority")})
        super().__init__(data, initial={**held, "marketing_days": list(store.marketing_days)})
        for flow in flows:
            self.fields[f"flow-{flow.pk}-cap_mails"] = _number(f"{flow}, mails at most", most=50)
            self.fields[f"flow-{flow.pk}-cap_days"] = _number(f"{flow}, within days", most=90, required=True)
            self.fields[f"flow-{flow.pk}-priority"] = _number(f"{flow}, its place", most=99, required=True)

    def of_flows(self) -> list[FlowFields]:
        return [
            FlowFields(flow, *(self[f"flow-{flow.pk}-{name}"] for name in ("cap_mails", "cap_days", "priority"))) for flow in self.flows
        ]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = cleaned.get("quiet_from"), cleaned.get("quiet_until")
        if (start is None) != (end is None) and not {"quiet_from", "quiet_until"} & set(self.errors):
            missing = "quiet_until" if start else "quiet_from"
            self.add_error(missing, "Enter both ends of the quiet hours, or neither.")
        elif start and end and _open_for(start, end) < timedelta(hours=1):
            self.add_error("quiet_until", "This leaves less than an hour a day for mails. Let the quiet hours end earlier, or start later.")
        return cleaned

    @transaction.atomic
    def save(self) -> None:
        """Write the rules down, and look again at what the old ones hold."""
        store, was_paused = self.store, self.store.is_paused
        for name in (*_HOLDING, *_PLAIN):
            setattr(store, name, self.cleaned_data[name])
        store.marketing_days = "".join(sorted(self.cleaned_data["marketing_days"]))
        store.save(update_fields=[*_HOLDING, *_PLAIN])
        for flow in self.flows:
            for name in ("cap_mails", "cap_days", "priority"):
                setattr(flow, name, self.cleaned_data[f"flow-{flow.pk}-{name}"])
            flow.save(update_fields=["cap_mails", "cap_days", "priority"])
        if set(self.changed_data) - set(_PLAIN):
            flows.look_again(store)
        if store.is_paused != was_paused:
            (flows.pause_store if store.is_paused else flows.resume_store)(store)


def _open_for(start: time, end: time) -> timedelta:
    """Return how long of a day lies outside the quiet hours."""
    day = datetime(2026, 1, 1)  # any day will do: only its wall clock counts
    return (datetime.combine(day, start) - datetime.combine(day, end)) % timedelta(days=1)


@page(Membership.Role.MARKETER)
def show(request: StoreRequest) -> HttpResponse:
    held = list(Flow.objects.filter(store=request.store, is_one_off=False).order_by("priority", "id"))
    form = RulesForm(request.POST if request.method == "POST" else None, store=request.store, flows=held)
    if request.method == "POST" and form.is_valid():
        changes.note_form(request, form)
        form.save()
        messages.success(request, "Saved. The rules hold from now on, for what waits too.")
        return see("console:settings_sending", request.store.slug)
    context = {
        "section": "settings", "now": clock.read(), "form": form, "of_flows": form.of_flows(),
        "tabs": preferences.tabs_of(request, "settings_sending"), "tabs_label": "Settings",
        "plain": [form[name] for name in _PLAIN if name != "is_paused"],
    }  # fmt: skip
    return render(request, "console/sending_rules.html", context, status=422 if form.errors else 200)
