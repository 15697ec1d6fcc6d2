"""When a step goes and who gets it, as a form that reads like sentences."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms

from campaigns import decisions, fitness
from campaigns.models import Step
from campaigns.writing import blank
from lifecycle.console.flow_editor import audiences, event_tests
from lifecycle.console.flow_editor.offered import Offered
from messaging import writers
from messaging.models import Purpose, Writer
from offers.models import Offer
from stores.models import Store

UNITS = (("hours", "hours"), ("days", "days"))
_HOURS = {"hours": 1, "days": 24}
#: "… after it arrived": what a step may follow, as the end of a sentence.
ANCHORS = (
    ("placed", "the order"), ("shipped", "shipping"), ("expected", "the expected day"), ("received", "it arrived"),
    ("out_for_delivery", "it went out for delivery"), ("ready", "it became ready to be picked up"), ("late", "it became late"),
    ("problem", "the carrier could not hand it over"), ("refunded", "money was given back"), ("entered", "entering the flow"),
    ("waited", "the wait before it is over"),
)  # fmt: skip
AHEAD = (("", "nothing"), ("expected", "the expected day"), ("received", "it arrives"), ("shipped", "shipping"))


def _number(label: str, *, most: int, required: bool = True, least: int = 0) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=required, min_value=least, max_value=most,
        widget=forms.NumberInput(attrs={"class": "w-5", "inputmode": "numeric"}),
        error_messages={"required": "Enter a number.", "min_value": f"Enter {least} or more.", "max_value": f"Enter {most} or less."},
    )  # fmt: skip


def _unit(label: str) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=UNITS, widget=forms.Select(attrs={"aria-label": label}))


class StepForm(forms.Form):
    """A step's name, moment, purpose and conditions."""

    name = forms.CharField(
        label="Name", max_length=120, widget=forms.TextInput(attrs={"class": "w-20"}), error_messages={"required": "Give it a name."},
        help_text="Only you and your team see it.",
    )  # fmt: skip
    offset = _number("Goes", most=2000)
    offset_unit = _unit("Hours or days after")
    anchor = forms.ChoiceField(label="after", choices=ANCHORS)
    time_of_day = forms.TimeField(
        label="at", required=False, widget=forms.TimeInput(attrs={"type": "time", "class": "w-8"}, format="%H:%M"),
        error_messages={"invalid": "Write the time as 10:00."},
    )  # fmt: skip
    not_after_hours = _number("At the latest, hours", most=500, required=False)
    not_after_anchor = forms.ChoiceField(label="before", choices=AHEAD, required=False)
    early = _number("After a happy answer already, hours later", most=2000, required=False)
    use_by = _number("It may be late by", most=2000, least=1)
    use_by_unit = _unit("Hours or days late")
    purpose = forms.ChoiceField(label="What kind of mail is it?", choices=Purpose, widget=forms.RadioSelect)
    conditions = forms.MultipleChoiceField(label="Only if", required=False, widget=forms.CheckboxSelectMultiple)
    instead_of = forms.ChoiceField(label="instead of", required=False)
    offer = forms.ModelChoiceField(label="Offer", queryset=Offer.objects.none(), required=False, empty_label="none")
    writer = forms.ModelChoiceField(label="From", queryset=Writer.objects.none(), required=False)

    def __init__(
        self, data: Mapping[str, Any] | None, *, store: Store, step: Step, now: datetime, offered: Offered | None = None
    ) -> None:  # fmt: skip
        super().__init__(data, initial=_initial(step))
        conditions = self.fields["conditions"]
        assert isinstance(conditions, forms.MultipleChoiceField)
        conditions.choices = [(name, words[0]) for name, words in decisions.CONDITIONS.items()]
        self.fields["only_if"] = audiences.field(
            "Only for those in", store, held=step.only_if, now=now, there=offered.segments if offered else None
        )
        offer = self.fields["offer"]
        assert isinstance(offer, forms.ModelChoiceField)
        offer.queryset = Offer.objects.filter(store=store).order_by("name")
        if offered:
            offer.choices = [("", offer.empty_label), *((one.pk, one.name) for one in offered.offers)]
        writer = self.fields["writer"]
        assert isinstance(writer, forms.ModelChoiceField)
        writer.queryset = writers.of(store)
        self.step, self.store, self.now, self.offered = step, store, now, offered
        instead_of = self.fields["instead_of"]
        assert isinstance(instead_of, forms.ChoiceField)
        instead_of.choices = [("", "no other step"), *_firsts(step)]
        self.fields |= _deed_fields(step)
        if step.kind == Step.Kind.WAIT:
            self.fields |= event_tests.fields()
        if not step.version.is_about_order:
            self.fields["anchor"] = forms.ChoiceField(label="after", choices=ANCHORS[-2:])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("time_of_day") and cleaned.get("offset") and cleaned.get("offset_unit") == "hours":
            self.add_error("offset", "With a time of day, count in days.")
        if cleaned.get("not_after_hours") and not cleaned.get("not_after_anchor"):
            self.add_error("not_after_anchor", "Choose what it must stay ahead of.")
        if cleaned.get("instead_of") and not cleaned.get("only_if"):
            self.add_error("only_if", "Choose for whom it goes instead.")
        if self.step.kind == Step.Kind.WAIT:
            self.asked = event_tests.read(self, cleaned.get("deed_event", ""), currency=self.store.currency)
        return cleaned

    def deed(self) -> list[forms.BoundField]:
        """Return the fields of what a step that is no mail waits for or does, and of what a mail asks."""
        return [self[name] for name in _deed_fields(self.step)]

    def tests(self) -> Sequence[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]:
        """Return the rows of what must hold of what is waited for; none for other steps."""
        return event_tests.rows(self) if self.step.kind == Step.Kind.WAIT else []

    def _details(self) -> dict[str, Any]:
        """Return the step's details with what the fields say; what has no field here stays."""
        typed = {name.removeprefix("deed_"): self.cleaned_data[name] for name in _deed_fields(self.step)}
        if self.step.kind == Step.Kind.WAIT:
            typed["where"] = self.asked
        said = {name: value for name, value in typed.items() if value not in ("", []) or name in self.step.details}
        return {**self.step.details, **said}

    def changes(self) -> dict[str, Any]:
        """Return the step's fields as this form has them."""
        said = self.cleaned_data
        return {
            "name": said["name"], "anchor": said["anchor"], "time_of_day": said["time_of_day"],
            "offset_hours": said["offset"] * _HOURS[said["offset_unit"]], "use_by_hours": said["use_by"] * _HOURS[said["use_by_unit"]],
            "not_after_anchor": said["not_after_anchor"],
            "not_after_hours": (said["not_after_hours"] or 0) if said["not_after_anchor"] else 0,
            "early_after_answer_hours": said["early"], "purpose": said["purpose"], "conditions": said["conditions"],
            "only_if": audiences.chosen(said["only_if"], self.store, now=self.now), "instead_of": said["instead_of"],
            "offer": said["offer"], "writer": said["writer"], "details": self._details(),
        }  # fmt: skip


def _deed_fields(step: Step) -> dict[str, forms.Field]:
    """Return the fields of a step that is no mail, by its kind; none for a mail, and for a code, which is its offer."""
    held = step.details
    match step.kind:
        case Step.Kind.WAIT:
            events = [each for each in blank.starting_points() if not each[0].startswith("segment.")]
            most = _number("For at most (hours)", most=fitness.LONGEST, least=1)
            most.initial = held.get("hours")
            return {"deed_event": forms.ChoiceField(label="It waits for", choices=events, initial=held.get("event")), "deed_hours": most}
        case Step.Kind.TAG:
            taken = forms.BooleanField(label="Take the tag away instead", required=False, initial=held.get("remove", False))
            return {"deed_tag": _line("Tag", held.get("tag")), "deed_remove": taken}
        case Step.Kind.SURVEY:
            question = _line("The question", held.get("question"))
            question.help_text = "It stands above the answers on the page that a tap opens."
            return {"deed_question": question}
        case Step.Kind.WEBHOOK:
            return {"deed_url": _address(held.get("url"))}
        case Step.Kind.NOTE:
            return {"deed_text": _lines("The note", held.get("text"))}
        case Step.Kind.TASK:
            days = _number("Days until it is due", most=365, least=1)
            days.initial = held.get("days", 2)
            more = _lines("What else to know", held.get("text"))
            more.required = False
            return {"deed_title": _line("The task", held.get("title")), "deed_text": more, "deed_days": days}
    return {}


def _line(label: str, initial: str | None) -> forms.CharField:
    attributes = {"class": "w-20"}
    return forms.CharField(
        label=label, max_length=80, initial=initial, widget=forms.TextInput(attrs=attributes), error_messages={"required": "Write it down."}
    )


def _address(initial: str | None) -> forms.URLField:
    return forms.URLField(
        label="The address it is told to", max_length=500, initial=initial, assume_scheme="https",
        widget=forms.URLInput(attrs={"class": "w-20", "placeholder": "https://"}),
        error_messages={"required": "Write it down.", "invalid": "Write an address like https://example.com/hook."},
        help_text="It gets the customer’s name and address and the order, signed, as JSON.",
    )  # fmt: skip


def _lines(label: str, initial: str | None) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, max_length=2000, initial=initial, widget=area, error_messages={"required": "Write it down."})


def _initial(step: Step) -> dict[str, Any]:
    offset, offset_unit = _counted(step.offset_hours, is_days=step.time_of_day is not None)
    use_by, use_by_unit = _counted(step.use_by_hours)
    return {
        "name": step.name, "offset": offset, "offset_unit": offset_unit, "anchor": step.anchor, "time_of_day": step.time_of_day,
        "not_after_anchor": step.not_after_anchor, "not_after_hours": step.not_after_hours if step.not_after_anchor else None,
        "early": step.early_after_answer_hours, "use_by": use_by, "use_by_unit": use_by_unit, "purpose": step.purpose,
        "conditions": step.conditions, "only_if": step.only_if_id, "instead_of": step.instead_of, "offer": step.offer_id,
        "writer": step.writer_id,
        **event_tests.held(step.details.get("where", ())),
    }  # fmt: skip


def _firsts(step: Step) -> list[tuple[str, str]]:
    """Return the steps in whose place a step may go: those that have a rung of their own, and no other second."""
    steps = [each for each in step.version.steps.all() if each.key != step.key]
    taken = {each.instead_of for each in steps if each.instead_of}
    if step.key in taken:
        return []
    return [(each.key, each.name) for each in steps if not each.instead_of and each.key not in taken]


def _counted(hours: int, *, is_days: bool = False) -> tuple[int, str]:
    return (hours // 24, "days") if is_days or (hours and hours % 24 == 0) else (hours, "hours")
