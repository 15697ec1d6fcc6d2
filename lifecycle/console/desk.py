"""The settings of the desk: when somebody is there, who hands over mail, how many codes may be given, and answers written once."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.forms import BoundField
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from enquiries import canned, doors, hours
from enquiries.models import CannedAnswer, Desk
from lifecycle.console import preferences
from lifecycle.console.answer import see
from stores import clock, languages
from stores.access import StoreRequest, may, page
from stores.models import Membership

MARKETER, OWNER = Membership.Role.MARKETER, Membership.Role.OWNER
_PLAIN = ("acknowledges", "answer_within_hours", "support_codes_a_month", "marketer_codes_a_month")


def _number(label: str, text: str, *, least: int = 0, most: int = 9999) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, help_text=text, min_value=least, max_value=most, widget=forms.NumberInput(attrs={"class": "w-10"})
    )


class DeskForm(forms.Form):
    """Seven days, each with two times or none, and what else holds for the desk."""

    acknowledges = forms.BooleanField(
        label="Answer at once that a message has arrived", required=False,
        help_text="With these hours, and a canned answer that fits. Never to strangers and machines.",
    )  # fmt: skip
    answer_within_hours = _number("An answer is due within (hours)", "Of the hours above. After that it is called late.", least=1, most=200)
    support_codes_a_month = _number("Codes that Support may give", "Each person, within 30 days, from a customer’s page. 0: none.")
    marketer_codes_a_month = _number("Codes that Marketers may give", "The same; owners may give any number.")

    def __init__(self, data: Mapping[str, Any] | None, *, desk: Desk) -> None:
        self.desk = desk
        held = {name: getattr(desk, name) for name in _PLAIN}
        for day, span in enumerate(hours.read(desk.hours), start=1):
            held |= {f"opens-{day}": span and span.opens, f"closes-{day}": span and span.closes}
        super().__init__(data, initial=held)
        for day in range(1, 8):
            for which in ("opens", "closes"):
                words = f"{hours.DAYS[day - 1]} {which}"
                clock_time = forms.TimeInput(attrs={"type": "time", "class": "w-8"}, format="%H:%M")
                self.fields[f"{which}-{day}"] = forms.TimeField(label=words, required=False, widget=clock_time)

    def days(self) -> list[tuple[str, BoundField, BoundField]]:
        return [(name, self[f"opens-{day}"], self[f"closes-{day}"]) for day, name in enumerate(hours.DAYS, start=1)]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for day, name in enumerate(hours.DAYS, start=1):
            opens, closes = cleaned.get(f"opens-{day}"), cleaned.get(f"closes-{day}")
            if (opens is None) != (closes is None) and not {f"opens-{day}", f"closes-{day}"} & set(self.errors):
                self.add_error(f"closes-{day}" if opens else f"opens-{day}", f"{name}: enter both times, or neither.")
            elif isinstance(opens, time) and isinstance(closes, time) and closes <= opens:
                self.add_error(f"closes-{day}", f"{name}: it closes before it opens.")
        return cleaned

    def save(self) -> None:
        spans = {str(day): [self.cleaned_data[f"{which}-{day}"] for which in ("opens", "closes")] for day in range(1, 8)}
        self.desk.hours = {day: [f"{each:%H:%M}" for each in span] for day, span in spans.items() if all(span)}
        for name in _PLAIN:
            setattr(self.desk, name, self.cleaned_data[name])
        self.desk.save()


class DoorForm(forms.Form):
    """Who hands over mail, where it takes it, and the secret where it has one of its own."""

    provider = forms.ChoiceField(label="Who takes your customers’ mail", required=False)
    address = forms.EmailField(
        label="Its address for incoming mail", required=False,
        help_text="Answers to every mail go there, if the sender names no other address for replies; from that one, forward to it.",
    )  # fmt: skip
    secret = forms.CharField(label="Mailgun’s HTTP webhook signing key", required=False, max_length=200, widget=forms.PasswordInput)

    def __init__(self, data: Mapping[str, Any] | None, *, desk: Desk) -> None:
        self.desk = desk
        super().__init__(data, initial={"provider": desk.provider, "address": desk.address})
        choices = [("", "Nobody: questions come by tracker and form"), *((key, each.label) for key, each in doors.PROVIDERS.items())]
        field = self.fields["provider"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        provider = cleaned.get("provider") or ""
        if provider and not cleaned.get("address") and "address" not in self.errors:
            self.add_error("address", "Enter the address: without it, answers go past this page.")
        keeps = provider == self.desk.provider and self.desk.sealed_secret
        if provider and doors.PROVIDERS[provider].pasted and not cleaned.get("secret") and not keeps:
            self.add_error("secret", "Paste the key: without it nobody can tell who delivers.")
        return cleaned

    def save(self) -> None:
        """Write it down; where the sender names no other reply address, the answers to every mail lead there from now on."""
        store, old = self.desk.store, self.desk.address
        doors.put(self.desk, provider=self.cleaned_data["provider"], secret=self.cleaned_data["secret"])
        self.desk.address = self.cleaned_data["address"] if self.desk.provider else ""
        self.desk.save()
        if store.reply_to in ("", old):
            store.reply_to = self.desk.address
            store.save(update_fields=["reply_to"])


class AnswerForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = CannedAnswer
        fields = ["title", "language", "body", "keywords", "is_offered"]
        labels = {
            "title": "What is asked",
            "language": "Language",
            "body": "The answer",
            "keywords": "Words that ask for it",
            "is_offered": "Mail it at once",
        }
        help_texts = {
            "language": "Mailed at once only to who reads this language. Colleagues can pick it for anybody.",
            "body": (
                "You may write {{ first_name }}, {{ order_number }}, {{ tracker_url }}, {{ return_days }}, {{ warranty_months }},"
                " {{ store_name }}."
            ),
            "keywords": "One word or phrase a line, other words for the same among them. Two words of the title do too.",
            "is_offered": "With the note that a message has arrived, as “it may be this”. Else only colleagues can pick it.",
        }  # fmt: skip
        widgets = {"body": forms.Textarea(attrs={"rows": 8}), "keywords": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, data: Mapping[str, Any] | None, *, instance: CannedAnswer) -> None:
        super().__init__(data, instance=instance)
        own, *others = languages.offered(instance.store)
        others += [instance.language] if instance.language not in ("", *others) else []
        choices = [("", languages.name(own)), *((code, languages.name(code)) for code in others)]
        self.fields["language"] = forms.ChoiceField(
            label=self.fields["language"].label, help_text=self.fields["language"].help_text, required=False, choices=choices,
        )  # fmt: skip
        if len(choices) == 1:
            del self.fields["language"]

    def clean_title(self) -> str:
        title: str = self.cleaned_data["title"].strip()
        if CannedAnswer.objects.filter(store=self.instance.store_id, title=title).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("There is an answer of this title already.")
        return title

    def clean_body(self) -> str:
        body: str = self.cleaned_data["body"]
        try:
            canned.check(body)
        except canned.NotSayable as error:
            raise forms.ValidationError(str(error)) from error
        return body


@page(MARKETER)
def show(request: StoreRequest) -> HttpResponse:
    desk = doors.of(request.store)
    form = DeskForm(request.POST if request.method == "POST" else None, desk=desk)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return see("console:settings_desk", request.store.slug)
    return _shown(request, desk, form, DoorForm(None, desk=desk))


@require_POST
@page(OWNER)
def door(request: StoreRequest) -> HttpResponse:
    """Say who hands over mail."""
    desk = doors.of(request.store)
    form = DoorForm(request.POST, desk=desk)
    if form.is_valid():
        form.save()
        messages.success(request, "Saved. Paste the address below where your provider asks for it.")
        return see("console:settings_desk", request.store.slug)
    return _shown(request, desk, DeskForm(None, desk=desk), form)


def _shown(request: StoreRequest, desk: Desk, form: DeskForm, door_form: DoorForm) -> HttpResponse:
    provider = doors.PROVIDERS.get(desk.provider)
    host = settings.PUBLIC_URL.partition("://")
    is_owner = may(request.membership, OWNER)
    login = "" if provider is None or provider.pasted else f"{doors.NAME}:{doors.password_of(desk)}@"
    context = {
        "section": "settings", "now": clock.read(), "form": form, "door": door_form, "desk": desk,
        "provider": provider, "hook": f"{host[0]}://{login}{host[2]}{desk.hook_path}" if provider and is_owner else "",
        "canned": CannedAnswer.objects.filter(store=request.store), "bad": form if form.errors else door_form if door_form.errors else None,
        "tabs": preferences.tabs_of(request, "settings_desk"), "tabs_label": "Settings",
    }  # fmt: skip
    return render(request, "console/desk.html", context, status=422 if form.errors or door_form.errors else 200)


@page(MARKETER)
def answer_new(request: StoreRequest) -> HttpResponse:
    return _edited(request, CannedAnswer(store=request.store))


@page(MARKETER)
def answer(request: StoreRequest, pk: int) -> HttpResponse:
    return _edited(request, get_object_or_404(CannedAnswer, store=request.store, pk=pk))


def _edited(request: StoreRequest, held: CannedAnswer) -> HttpResponse:
    form = AnswerForm(request.POST if request.method == "POST" else None, instance=held)
    if request.method == "POST" and form.is_valid():
        held.changed_at = clock.read()
        form.save()
        messages.success(request, f"Saved: {held.title}.")
        return see("console:settings_desk", request.store.slug)
    context = {
        "section": "settings", "now": clock.read(), "form": form, "answer": CannedAnswer.objects.filter(pk=held.pk).first(),
        "tabs": preferences.tabs_of(request, "settings_desk"), "tabs_label": "Settings",
    }  # fmt: skip
    return render(request, "console/canned.html", context, status=422 if form.errors else 200)


@require_POST
@page(MARKETER)
def remove_answer(request: StoreRequest, pk: int) -> HttpResponse:
    held = get_object_or_404(CannedAnswer, store=request.store, pk=pk)
    held.delete()
    messages.success(request, f"Removed: {held.title}. What was sent with it stays.")
    return see("console:settings_desk", request.store.slug)
