"""Settings, Topics: the kinds of mail that customers choose from, in the words they read."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render

from customers import topics
from customers.topics import Words
from lifecycle.console import preferences
from lifecycle.console.answer import see
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership

_MOST = {"name": 60, "sentence": 200, "example": 120}
_LABELS = {"name": "Name", "sentence": "What they get, in a sentence", "example": "Such as (a subject line)"}


class TopicsForm(forms.Form):
    """Name, sentence and example of each topic."""

    def __init__(self, data: Any, *, held: list[Words]) -> None:
        super().__init__(data)
        self.held = held
        for words in held:
            for part, longest in _MOST.items():
                self.fields[f"{words.key}_{part}"] = forms.CharField(
                    label=_LABELS[part], max_length=longest, required=part != "example", initial=getattr(words, part)
                )

    def groups(self) -> list[tuple[Words, list[forms.BoundField]]]:
        return [(words, [self[f"{words.key}_{part}"] for part in _MOST]) for words in self.held]

    def words(self) -> dict[str, tuple[str, str, str]]:
        said = self.cleaned_data
        return {each.key: (said[f"{each.key}_name"], said[f"{each.key}_sentence"], said[f"{each.key}_example"]) for each in self.held}


@page(Membership.Role.MARKETER)
def show(request: StoreRequest) -> HttpResponse:
    form = TopicsForm(request.POST if request.method == "POST" else None, held=topics.of(request.store))
    if request.method == "POST" and form.is_valid():
        topics.put(request.store, form.words())
        messages.success(request, "Saved. Your customers read it so from now on.")
        return see("console:settings_topics", request.store.slug)
    context = {
        "section": "settings", "now": clock.read(), "form": form,
        "tabs": preferences.tabs_of(request, "settings_topics"), "tabs_label": "Settings",
    }  # fmt: skip
    return render(request, "console/topics.html", context, status=422 if form.errors else 200)
