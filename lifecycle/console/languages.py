"""Settings, Languages: the store's own, those its mails are offered in beside it, and how far the flows' mails have words in each."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from campaigns.writing import taught
from lifecycle.console import changes, preferences
from lifecycle.console.answer import see
from lifecycle.console.flow_editor.line import staff_of
from stores import clock, languages
from stores.access import StoreRequest, page
from stores.models import Membership, Store

MARKETER = Membership.Role.MARKETER


class LanguagesForm(forms.Form):
    """The store's own language, and those beside it."""

    language = forms.ChoiceField(
        label="Your shop’s language", choices=languages.NAMES,
        help_text="Your mails go out in it, except where a customer’s language is offered below.",
    )  # fmt: skip
    languages = forms.MultipleChoiceField(
        label="Also offered", choices=languages.NAMES, required=False, widget=forms.CheckboxSelectMultiple,
        help_text="A customer who speaks one of these gets each mail that has words in it, and every other in your shop’s language.",
    )  # fmt: skip

    def __init__(self, data: Mapping[str, Any] | None, *, store: Store) -> None:
        own = languages.own(store)
        super().__init__(data, initial={"language": own, "languages": languages.offered(store)[1:]})
        self.own, offered = own, self.fields["languages"]
        assert isinstance(offered, forms.MultipleChoiceField)
        offered.choices = [each for each in languages.NAMES if each[0] != own]

    def clean(self) -> dict[str, Any]:
        """Go on offering the language that was the shop's own until now: its mails are written in it."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "languages" in cleaned and (new := cleaned.get("language", self.own)) != self.own:
            cleaned["languages"] = [self.own, *(code for code in cleaned["languages"] if code != new)]
        return cleaned

    def save(self, store: Store) -> None:
        store.language, store.languages = self.cleaned_data["language"], self.cleaned_data["languages"]
        store.save(update_fields=["language", "languages"])


@page(MARKETER)
def show(request: StoreRequest) -> HttpResponse:
    form = LanguagesForm(request.POST if request.method == "POST" else None, store=request.store)
    if request.method == "POST" and form.is_valid():
        changes.note_form(request, form)
        form.save(request.store)
        messages.success(request, "Saved.")
        return see("console:settings_languages", request.store.slug)
    context = {
        "section": "settings", "now": clock.read(), "form": form, "spoken": _spoken(request.store),
        "tabs": preferences.tabs_of(request, "settings_languages"), "tabs_label": "Settings",
    }  # fmt: skip
    return render(request, "console/languages.html", context, status=422 if form.errors else 200)


def _spoken(store: Store) -> list[dict[str, Any]]:
    """Return each offered language with its flows, how many mails lack words in it, and for how many of those we have some."""
    codes = languages.offered(store)[1:]
    flows = taught.of(store, codes) if codes else []
    found = []
    for code in codes:
        rows = [row for row in flows if row.language == code]
        lacking, ours = sum(row.mails - row.written for row in rows), sum(row.ours for row in rows)
        found.append({"code": code, "name": languages.name(code), "rows": rows, "lacking": lacking, "ours": ours})
    return found


@require_POST
@page(MARKETER)
def teach(request: StoreRequest) -> HttpResponse:
    """Put our words into the drafts of the mails that lack a language."""
    code = request.POST.get("language", "")
    if code not in languages.offered(request.store)[1:]:
        messages.error(request, "That language is not offered. Choose it first, and save.")
        return see("console:settings_languages", request.store.slug)
    steps = taught.teach(request.store, code, by=staff_of(request), now=clock.read())
    some = f"{len(steps)} mail{'' if len(steps) == 1 else 's'}"
    live = {step.version.flow for step in steps if step.version.based_on_id}
    publish = f" Publish the changes of {len(live)} flow{'' if len(live) == 1 else 's'}, and they go out so." if live else ""
    messages.success(request, f"{some} can be read in {languages.name(code)} now.{publish}")
    return see("console:settings_languages", request.store.slug)
