"""The list of campaigns, and new ones: recipes as cards."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render

from campaigns.one_off import recipes, scheduling
from campaigns.variables import VARIABLES
from lifecycle.console import paging
from lifecycle.console.answer import see
from messaging.rendering import environments
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership, Store

SAMPLES = {name: variable.sample for name, variable in VARIABLES.items()}


@dataclass(frozen=True)
class Card:
    """One recipe and how its subject reads to somebody."""

    recipe: recipes.Recipe
    subject: str


@page()
def index(request: StoreRequest) -> HttpResponse:
    now = clock.read()
    listed = paging.page(scheduling.of_store(request.store), request, by="-created_at")
    context = {"section": "campaigns", "now": now, "page": listed, "cards": [] if listed.rows else list(_cards(request.store, now))}
    return render(request, "console/campaigns/index.html", context)


@page(Membership.Role.MARKETER)
def new(request: StoreRequest) -> HttpResponse:
    """Show the recipes; POST makes a draft of the chosen one, an unknown one shows them again."""
    now = clock.read()
    recipe = recipes.of(request.store, now=now).get(request.POST.get("recipe", ""))
    if recipe is not None:
        campaign = recipes.begin(request.store, recipe, now=now)
        messages.success(request, f"{campaign.name} is here as a draft. Nobody gets it before you schedule it.")
        return see("console:campaign", request.store.slug, campaign.pk)
    context = {"section": "campaigns", "now": now, "cards": list(_cards(request.store, now))}
    return render(request, "console/campaigns/new.html", context, status=422 if request.method == "POST" else 200)


def _cards(store: Store, now: datetime) -> Iterator[Card]:
    for recipe in recipes.of(store, now=now).values():
        yield Card(recipe, environments.parse(recipe.content["subject"], escaped=False).render(**SAMPLES))
