"""The plan of a draft as a form: its name, whom it is for, when it goes, and whether two versions are compared."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.db import transaction

from campaigns.one_off import drafts
from campaigns.one_off.models import Campaign
from segments.models import Segment

SHARES = ((10, "10 %"), (20, "20 %"), (30, "30 %"), (50, "50 %"))
HOURS = ((1, "1 hour"), (2, "2 hours"), (4, "4 hours"), (8, "8 hours"), (24, "a day"))


class PlanForm(forms.ModelForm):  # type: ignore[type-arg]
    """Whatever can be said of a draft beside its words; what is missing is said beside the button that schedules it."""

    is_compared = forms.BooleanField(label="Compare two versions, and send the better one to the rest", required=False)
    test_percent = forms.TypedChoiceField(label="Share of the people who get A or B first", choices=SHARES, coerce=int, initial=20)
    test_hours = forms.TypedChoiceField(label="Time after which the clicks are compared", choices=HOURS, coerce=int)

    class Meta:
        model = Campaign
        fields = ("name", "audience", "without", "timing", "day", "wall", "zone")
        labels = {
            "name": "Name (customers do not see it)", "audience": "Send it to", "without": "Leave out", "timing": "When", "day": "Day",
            "wall": "Time", "zone": "By the clock of",
        }  # fmt: skip
        help_texts: ClassVar[dict[str, str]] = {"audience": "", "without": ""}
        widgets = {
            "timing": forms.RadioSelect,
            "day": forms.DateInput(attrs={"type": "date", "class": "w-20"}, format="%Y-%m-%d"),
            "wall": forms.TimeInput(attrs={"type": "time", "class": "w-10"}, format="%H:%M"),
            "zone": forms.HiddenInput,
        }

    def __init__(self, data: Mapping[str, Any] | None, *, campaign: Campaign) -> None:
        held = {"is_compared": campaign.test_percent is not None, "test_percent": campaign.test_percent or 20}
        super().__init__(data, instance=campaign, initial={**held, "test_hours": campaign.test_hours})
        segments = Segment.objects.filter(store=campaign.store_id, archived_at=None)
        for name, words in (("audience", "Every customer"), ("without", "Nobody")):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset, field.empty_label, field.required = segments, words, False
        for name in ("day", "wall", "zone"):
            self.fields[name].required = False

    def clean_zone(self) -> str:
        return str(self.instance.store.timezone)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("is_compared") and cleaned.get("timing") == Campaign.Timing.EACH:
            self.add_error("is_compared", "Two versions can be compared when all get it at one moment, not each by their own clock.")
        return cleaned

    @transaction.atomic
    def save(self, commit: bool = True) -> Campaign:
        """Write the plan down, and make or drop version B."""
        campaign: Campaign = super().save(commit=commit)
        percent = self.cleaned_data["test_percent"] if self.cleaned_data["is_compared"] else None
        drafts.compare(campaign, percent=percent, hours=self.cleaned_data["test_hours"])
        type(campaign.flow).objects.filter(pk=campaign.flow_id).update(name=campaign.name)
        for step in campaign.mails:
            type(step).objects.filter(pk=step.pk).update(name=campaign.name)
        return campaign
