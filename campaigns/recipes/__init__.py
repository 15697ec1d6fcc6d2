"""Ready-made flows: each recipe is data, installed into a store as a draft of its own."""

from datetime import datetime
from types import ModuleType
from typing import Any

from django.db import transaction

from campaigns.models import Flow, FlowVersion, Offer, Step
from campaigns.recipes import post_purchase
from stores.models import Store
from surveys.models import Survey

#: By key. A recipe says KEY, NAME, TRIGGER, PRIORITY (the lower goes first), STEPS, and what its steps need: OFFER with OFFER_VALUE,
#: SURVEY with QUESTION.
RECIPES: dict[str, ModuleType] = {post_purchase.KEY: post_purchase}


class UnknownRecipe(LookupError):
    """There is no recipe of that key."""


@transaction.atomic
def install(store: Store, key: str, *, now: datetime) -> Flow:
    """Return the store's flow of a recipe, made as a draft with version 1 unless it is there already; raise UnknownRecipe."""
    recipe = RECIPES.get(key)
    if recipe is None:
        raise UnknownRecipe(f"There is no recipe {key!r}; there are: {', '.join(RECIPES)}.")
    flow, is_new = Flow.objects.get_or_create(store=store, key=key, defaults={"name": recipe.NAME, "priority": recipe.PRIORITY})
    if is_new:
        _fill(flow, recipe, now=now)
    return flow


def _fill(flow: Flow, recipe: ModuleType, *, now: datetime) -> None:
    store = flow.store
    Survey.objects.get_or_create(store=store, key=recipe.SURVEY, defaults={"question": recipe.QUESTION})
    offer, _ = Offer.objects.get_or_create(store=store, name=recipe.OFFER, defaults={"value": recipe.OFFER_VALUE})
    version = FlowVersion.objects.create(store=store, flow=flow, number=1, trigger=recipe.TRIGGER, created_at=now)
    Step.objects.bulk_create(_step(data, version, offer, position) for position, data in enumerate(recipe.STEPS, start=1))
    flow.version = version
    flow.save(update_fields=["version"])


def _step(data: dict[str, Any], version: FlowVersion, offer: Offer, position: int) -> Step:
    fields = {**data, "offer": offer if "offer" in data else None}
    return Step(store_id=version.store_id, version=version, position=position, **fields)
