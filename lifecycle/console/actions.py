"""Settings, Actions: what each kind of action is worth to this shop, and the names it tracks beside the ones everybody knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Count
from django.forms import BoundField
from django.http import HttpResponse
from django.shortcuts import render

from engagement import kinds, recount
from engagement.models import Action, ActionKind
from engagement.scoring import Kind
from lifecycle.console import preferences
from lifecycle.console.answer import see
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership, Store

_SEEN = timedelta(days=7)
_FIELDS = ("value", "impact", "half_life_days")


def _worth(label: str) -> forms.FloatField:
    return forms.FloatField(
        label=label, min_value=-100, max_value=100, widget=forms.NumberInput(attrs={"class": "w-5", "step": "any"}),
        error_messages={"required": "Enter a number.", "min_value": "Enter −100 or more.", "max_value": "Enter 100 or less."},
    )  # fmt: skip


def _days(label: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=1, max_value=3650, widget=forms.NumberInput(attrs={"class": "w-5"}),
        error_messages={"required": "Enter a number.", "min_value": "Enter 1 or more.", "max_value": "Enter 3650 or less."},
    )  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One kind and its fields; `is_own` marks what this store has added, `is_changed` what it has changed."""

    kind: Kind
    value: BoundField
    impact: BoundField
    half_life_days: BoundField
    is_own: bool
    is_changed: bool


class KindsForm(forms.Form):
    """Every kind of a store with its figures, and room for one more."""

    new_name = forms.CharField(
        label="Name", required=False, max_length=80, help_text="As your shop tracks it, such as “Demo Watched”.",
        widget=forms.TextInput(attrs={"class": "w-20"}),
    )  # fmt: skip
    new_value = forms.FloatField(label="Value", required=False, min_value=-100, max_value=100, initial=1)
    new_impact = forms.FloatField(label="Impact", required=False, min_value=-100, max_value=100, initial=0)
    new_half_life_days = forms.IntegerField(label="Half-life in days", required=False, min_value=1, max_value=3650, initial=30)

    def __init__(self, data: Mapping[str, Any] | None, *, store: Store, suggested: str = "") -> None:
        self.store, self.table = store, kinds.of(store.pk)
        held = {f"{key}-{name}": f"{getattr(kind, name):g}" for key, kind in self.table.items() for name in _FIELDS}
        super().__init__(data, initial={**held, "new_name": suggested})
        for key, kind in self.table.items():
            self.fields[f"{key}-value"] = _worth(f"Value of “{kind.name}”")
            self.fields[f"{key}-impact"] = _worth(f"Impact of “{kind.name}”")
            self.fields[f"{key}-half_life_days"] = _days(f"Half-life of “{kind.name}” in days")
        for name in ("new_value", "new_impact", "new_half_life_days"):
            self.fields[name].widget.attrs["class"] = "w-10"

    def rows(self) -> list[Row]:
        """Return the kinds, the store's own last."""
        found = [
            Row(
                kind, self[f"{key}-value"], self[f"{key}-impact"], self[f"{key}-half_life_days"], is_own=key not in kinds.DEFAULTS,
                is_changed=key in kinds.DEFAULTS and kind != kinds.DEFAULTS[key],
            )
            for key, kind in self.table.items()
        ]  # fmt: skip
        return sorted(found, key=lambda row: row.is_own)

    def new_fields(self) -> list[BoundField]:
        return [self[name] for name in ("new_name", "new_value", "new_impact", "new_half_life_days")]

    def clean_new_name(self) -> str:
        name: str = self.cleaned_data["new_name"].strip()
        key = kinds.key_of(name)
        if name and not key:
            raise forms.ValidationError("Write the name with letters or digits.")
        if name and key in self.table:
            raise forms.ValidationError(f"It is in the table already, as “{self.table[key].name}”. Change its figures there.")
        return name

    @transaction.atomic
    def save(self) -> None:
        """Keep what differs from the defaults, and have all scores made with it."""
        wanted = [Kind(key, kind.name, *(self.cleaned_data[f"{key}-{name}"] for name in _FIELDS)) for key, kind in self.table.items()]
        if name := self.cleaned_data["new_name"]:
            figures = (self.cleaned_data[f"new_{each}"] for each in _FIELDS)
            value, impact, days = figures
            wanted.append(Kind(kinds.key_of(name), name, value or 0, impact or 0, days or 30))
        kept = [kind for kind in wanted if kind != kinds.DEFAULTS.get(kind.key)]
        ActionKind.objects.filter(store=self.store).delete()
        ActionKind.objects.bulk_create(
            ActionKind(
                store=self.store, key=kind.key, name=kind.name, value=kind.value, impact=kind.impact, half_life_days=kind.half_life_days
            )
            for kind in kept
        )
        recount.ask_for_refresh(self.store.pk)


@page(Membership.Role.MARKETER)
def show(request: StoreRequest) -> HttpResponse:
    """Show the table, and save it; `remove` takes one of the store's own kinds out, `restore` gives one its figures back."""
    now = clock.read()
    if request.method == "POST" and (key := request.POST.get("restore", "")):
        gone, _ = ActionKind.objects.filter(store=request.store, key=key).delete()
        recount.ask_for_refresh(request.store.pk)
        if gone:
            messages.success(request, "It has the usual figures again." if key in kinds.DEFAULTS else "It is no longer worth anything.")
        return see("console:settings_actions", request.store.slug)
    form = KindsForm(request.POST if request.method == "POST" else None, store=request.store, suggested=request.GET.get("name", "")[:80])
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved. All scores are made with it within minutes.")
        return see("console:settings_actions", request.store.slug)
    context = {
        "section": "settings", "now": now, "form": form, "rows": form.rows(), "unvalued": _unvalued(request.store, form.table, now=now),
        "tabs": preferences.tabs_of(request, "settings_actions"), "tabs_label": "Settings",
    }  # fmt: skip
    return render(request, "console/actions.html", context, status=422 if form.errors else 200)


def _unvalued(store: Store, table: Mapping[str, Kind], *, now: datetime) -> list[tuple[str, int]]:
    """Return the names that were tracked lately and that the table does not know, the most frequent first."""
    found = Action.objects.filter(store=store, at__gte=now - _SEEN).exclude(kind__in=table).values("kind").annotate(number=Count("*"))
    return [(row["kind"], row["number"]) for row in found.order_by("-number", "kind")[:20]]
