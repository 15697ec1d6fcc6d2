"""A new flow: recipes as cards, each with what it does, what it says first and what it needs. Choosing one makes a draft."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render

from campaigns import recipes
from campaigns.models import Flow
from campaigns.variables import VARIABLES
from campaigns.writing import blank
from lifecycle.console.answer import see
from lifecycle.console.flow_editor.line import staff_of
from messaging.rendering import environments
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership, Store

MARKETER = Membership.Role.MARKETER
SAMPLES = {name: variable.sample for name, variable in VARIABLES.items()}


@dataclass(frozen=True)
class Card:
    """One recipe: `subject` is that of its first mail, as a made-up customer gets it; `flow` is the store's own, if it has it already."""

    key: str
    name: str
    says: str
    needs: str
    subject: str
    flow: Flow | None


class BlankForm(forms.Form):
    """What a flow from nothing needs to begin with."""

    name = forms.CharField(
        label="Name", max_length=120, widget=forms.TextInput(attrs={"class": "w-20"}), error_messages={"required": "Give it a name."}
    )
    trigger = forms.ChoiceField(
        label="Starts when this happens", choices=lambda: [("Something happens", blank.starting_points()), ("Scores", blank.groups())]
    )


@page(MARKETER)
def show(request: StoreRequest) -> HttpResponse:
    """Show the recipes; POST brings the chosen one into the store, or makes a flow from nothing; an unknown one shows them again."""
    now, key = clock.read(), request.POST.get("recipe", "")
    form = BlankForm(request.POST if "blank" in request.POST else None)
    if form.is_valid():
        flow = blank.create(request.store, **form.cleaned_data, by=staff_of(request), now=now)
        messages.success(request, f"{flow.name} is here as a draft, with one mail to begin with.")
        return see("console:flow_edit", request.store.slug, flow.key)
    if key in recipes.RECIPES:
        flow = recipes.install(request.store, key, now=now)
        messages.success(request, f"{flow.name} is here as a draft. Read it, then activate it: nobody gets a mail before.")
        return see("console:flow", request.store.slug, key)
    context = {"section": "flows", "now": now, "cards": list(_cards(request.store)), "form": form}
    return render(request, "console/flow_new.html", context, status=422 if request.method == "POST" else 200)


def _cards(store: Store) -> Iterator[Card]:
    """Yield the recipes, those that the store does not have yet first."""
    held = {flow.key: flow for flow in Flow.objects.filter(store=store, key__in=recipes.RECIPES)}
    for key, recipe in sorted(recipes.RECIPES.items(), key=lambda pair: pair[0] in held):
        yield Card(key, recipe.NAME, recipe.SAYS, recipe.NEEDS, _first_subject(recipe), held.get(key))


def _first_subject(recipe: ModuleType) -> str:
    return environments.parse(recipe.STEPS[0]["content"]["subject"], escaped=False).render(**SAMPLES)
