"""A flow's rules as sentences: who enters and how often, who leaves, and how many mails it may send to one person."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.forms import BoundField
from django.http import HttpResponse
from django.shortcuts import render

from campaigns import flows, leaving, step_words
from campaigns.models import Flow, FlowVersion
from campaigns.occasions import dates
from campaigns.writing import blank, drafts, history
from customers.models import Event
from lifecycle.console.answer import see
from lifecycle.console.flow_editor import audiences, event_tests
from lifecycle.console.flow_editor.line import MARKETER, edited, flow_of, staff_of
from messaging import writers
from messaging.models import Writer
from segments import saving
from segments.models import Segment
from stores import clock
from stores.access import StoreRequest, page
from stores.models import User

#: A segment is chosen by its name, and of a date a flow has to begin with it.
_NO_END = ("segment.", "customer.date")
#: What the fields of the tests on the event that ends it begin with.
_EXIT = "exit_"
_AT_ONCE = ("name", "cap_mails", "cap_days", "priority")


def _number(label: str, *, most: int, required: bool = False) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=required, min_value=1, max_value=most, widget=forms.NumberInput(attrs={"class": "w-5"}),
        error_messages={"required": "Enter a number.", "min_value": "Enter 1 or more.", "max_value": f"Enter {most} or less."},
    )  # fmt: skip


class RulesForm(forms.Form):
    """The rules of a flow's draft, and what holds for the flow at once: its name, its cap and its place."""

    name = forms.CharField(label="Name", max_length=120, widget=forms.TextInput(attrs={"class": "w-20"}))
    trigger = forms.ChoiceField(label="Starts when this happens")
    reentry = forms.ChoiceField(label="A customer enters", choices=FlowVersion.Reentry)
    reentry_days = _number("days", most=3650)
    exits = forms.MultipleChoiceField(label="They leave when they", required=False, widget=forms.CheckboxSelectMultiple)
    exit_event = forms.ChoiceField(label="They leave when this happens to them", required=False)
    cap_mails = _number("At most", most=50)
    cap_days = _number("within days", most=90, required=True)
    priority = _number("Its place", most=99, required=True)
    writer = forms.ModelChoiceField(label="Its mails come from", queryset=Writer.objects.none(), required=False)

    def __init__(self, data: Mapping[str, Any] | None, *, flow: Flow, version: FlowVersion, now: datetime) -> None:
        self.flow, self.version = flow, version
        held = {name: getattr(flow, name) for name in _AT_ONCE}
        held |= {name: getattr(version, name) for name in ("trigger", "reentry", "reentry_days")}
        among, ending = _ends_of(version)
        held |= {"exits": leaving.by_name(version), "exit_event": ending.get("event", ""), "exit_among": among and among.pk}
        held |= event_tests.held(_tests_of(version)) | event_tests.held(ending.get("where", ()), prefix=_EXIT)
        super().__init__(data, initial={**held, "writer": version.writer_id, "audience": version.audience_id})
        points = blank.starting_points()
        _choose(self.fields["trigger"], points + ([(version.trigger, version.trigger)] if version.trigger not in dict(points) else []))
        _choose(self.fields["exits"], [(name, words) for name, (words, _) in leaving.EXITS.items()])
        self.fields["audience"] = audiences.field("Only for", flow.store, held=version.audience, now=now)
        writer = self.fields["writer"]
        assert isinstance(writer, forms.ModelChoiceField)
        writer.queryset, writer.empty_label = writers.of(flow.store), f"the shop’s sender, {flow.store.sender_name or flow.store.name}"
        ends = [(kind, words) for kind, words in points if not kind.startswith(_NO_END)]
        _choose(self.fields["exit_event"], [("", "nothing else"), *ends])
        self.fields["exit_among"] = audiences.field(
            "They leave when they come to be among", flow.store, held=among, now=now, nobody="nobody"
        )
        self.fields |= event_tests.fields() | event_tests.fields(prefix=_EXIT)

    def tests(self) -> Sequence[tuple[BoundField, BoundField, BoundField]]:
        return event_tests.rows(self)

    def exit_tests(self) -> Sequence[tuple[BoundField, BoundField, BoundField]]:
        return event_tests.rows(self, prefix=_EXIT)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        trigger, reentry = said.get("trigger", ""), said.get("reentry")
        if reentry == FlowVersion.Reentry.AFTER_DAYS and not said.get("reentry_days") and "reentry_days" not in self.errors:
            self.add_error("reentry_days", "Say after how many days.")
        if reentry == FlowVersion.Reentry.PER_ORDER and trigger and not FlowVersion(trigger=trigger).is_about_order:
            self.add_error("reentry", "What starts it names no order: choose another.")
        if trigger.startswith("segment.") and not said.get("audience"):
            self.add_error("audience", "Choose the segment that is entered or left.")
        if "left_audience" in said.get("exits", ()) and not said.get("audience"):
            self.add_error("exits", "It is for everyone: nobody can stop being among them.")
        self.asked = event_tests.read(self, trigger, currency=self.flow.store.currency)
        if trigger == Event.Kind.CUSTOMER_DATE and dates.asked_for(self.asked) is None:
            self.add_error("what1", "Say which date it is, and how many days after it.")
        self.ends = event_tests.read(self, said.get("exit_event", ""), currency=self.flow.store.currency, prefix=_EXIT)
        return said

    @transaction.atomic
    def save(self, *, by: User) -> bool:
        """Write what holds at once; put what has changed of the rules into the draft, and say whether anything has."""
        said = self.cleaned_data
        for name in _AT_ONCE:
            setattr(self.flow, name, said[name])
        self.flow.save(update_fields=list(_AT_ONCE))
        if {"cap_mails", "cap_days"} & set(self.changed_data):
            flows.look_again(self.flow.store)
        now = clock.read()
        wanted = {name: said[name] for name in ("trigger", "reentry", "writer")}
        wanted["exits"] = [*said["exits"], *self._ends(now=now)]
        wanted["audience"] = audiences.chosen(said["audience"], self.flow.store, now=now)
        wanted["reentry_days"] = said["reentry_days"] if said["reentry"] == FlowVersion.Reentry.AFTER_DAYS else None
        wanted["only_where"] = self._only_where(wanted["audience"])
        if wanted["audience"] and (said["trigger"].startswith("segment.") or "left_audience" in said["exits"]):
            saving.watch(wanted["audience"], is_watched=True)
        changed = {name: value for name, value in wanted.items() if getattr(self.version, name) != value}
        if changed:
            with history.kept(self.flow, "the rules are changed", by=by, now=now):
                drafts.change_rules(self.flow, changed, now=now)
        return bool(changed)

    def _ends(self, *, now: datetime) -> list[dict[str, Any]]:
        """Return the events that end it: the one that is chosen, and coming to be among a segment, which is watched from now on."""
        kind = self.cleaned_data["exit_event"]
        among = audiences.chosen(self.cleaned_data["exit_among"], self.flow.store, now=now)
        if among is not None:
            saving.watch(among, is_watched=True)
        entering = [_among(among)] if among is not None else []
        return [*([{"event": kind, "where": self.ends}] if kind else []), *entering]

    def _only_where(self, audience: Segment | None) -> list[dict[str, Any]]:
        said = self.cleaned_data
        entered = _among(audience)["where"] if audience and said["trigger"].startswith("segment.") else []
        return [*entered, *self.asked]


def _choose(field: forms.Field, choices: list[tuple[str, str]]) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def _among(segment: Segment) -> dict[str, Any]:
    """Return the event of coming to be among a segment (campaigns.leaving)."""
    return {"event": Event.Kind.SEGMENT_ENTERED.value, "where": [{"name": "segment", "test": "is", "value": segment.pk}]}


def _ends_of(version: FlowVersion) -> tuple[Segment | None, dict[str, Any]]:
    """Return the segment that ends a flow for whoever comes to be among it, and the other event that ends it."""
    entering = [each for each in leaving.by_event(version) if each["event"] == Event.Kind.SEGMENT_ENTERED]
    other = next((each for each in leaving.by_event(version) if each not in entering), {})
    found = Segment.objects.filter(store=version.store_id, pk__in=[test["value"] for each in entering for test in each["where"]])
    return found.first() if entering else None, other


def _tests_of(version: FlowVersion) -> list[dict[str, Any]]:
    """Return the tests on the event's data; the segment that is entered stands under Only for."""
    return [test for test in version.only_where if test["name"] != "segment"]


@page(MARKETER)
def show(request: StoreRequest, key: str) -> HttpResponse:
    now, flow = clock.read(), flow_of(request, key)
    version = edited(flow)
    form = RulesForm(request.POST if request.method == "POST" else None, flow=flow, version=version, now=now)
    if request.method == "POST" and form.is_valid():
        in_draft = form.save(by=staff_of(request)) and flow.state != Flow.State.DRAFT
        messages.success(request, "Saved in the draft: publish it to make it so." if in_draft else "Saved.")
        return see("console:flow_edit" if in_draft else "console:flow_rules", request.store.slug, key)
    context = {
        "section": "flows", "now": now, "flow": flow, "version": version, "form": form, "rules": step_words.rules(version),
    }  # fmt: skip
    return render(request, "console/flow_editor/rules.html", context, status=422 if form.errors else 200)
