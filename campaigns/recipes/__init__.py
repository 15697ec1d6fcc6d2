"""Ready-made flows: each recipe is data, installed into a store as a draft of its own."""

from collections.abc import Sequence
from datetime import datetime
from types import ModuleType
from typing import Any

from django.db import transaction

from campaigns.models import Flow, FlowVersion, Step
from campaigns.recipes import (
    abandoned_cart,
    abandoned_checkout,
    account_invitation,
    back_in_stock,
    birthday,
    holiday_gifters,
    lessons,
    onboarding_call,
    order_status,
    out_of_stock,
    permission_renewal,
    post_purchase,
    price_drop,
    replenishment,
    review_request,
    translated,
    vip_thanks,
    welcome,
    win_back,
)
from offers.models import Offer
from stores import languages
from stores.models import Store
from surveys.models import Survey

#: By key, in the order in which they are offered. A recipe says KEY, NAME, SAYS (what it does, in a sentence), NEEDS (what it needs, may be
#: empty), TRIGGER, PRIORITY (the lower goes first) and STEPS. It may say ONLY_WHERE, REENTRY, REENTRY_DAYS and EXITS as a FlowVersion does,
#: a SEGMENT (`wanted.Wanted`) whose people alone it is for, an OFFER with OFFER_VALUE, and a SURVEY with QUESTION.
RECIPES: dict[str, ModuleType] = {
    recipe.KEY: recipe
    for recipe in (
        post_purchase, order_status, out_of_stock, review_request, lessons, onboarding_call, abandoned_checkout, abandoned_cart,
        back_in_stock, price_drop, replenishment, welcome, win_back, birthday, holiday_gifters, vip_thanks, account_invitation,
        permission_renewal,
    )
}  # fmt: skip


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


def _fill(flow: Flow, recipe: Any, *, now: datetime) -> None:
    store, offer = flow.store, None
    if hasattr(recipe, "SURVEY"):
        Survey.objects.get_or_create(store=store, key=recipe.SURVEY, defaults={"question": recipe.QUESTION})
    if hasattr(recipe, "OFFER"):
        offer, _ = Offer.objects.get_or_create(store=store, name=recipe.OFFER, defaults={"value": recipe.OFFER_VALUE})
    only_where, audience = getattr(recipe, "ONLY_WHERE", []), None
    if hasattr(recipe, "SEGMENT"):
        audience = recipe.SEGMENT.of(store, now=now)
        only_where = [*only_where, {"name": "segment", "test": "is", "value": audience.pk}]
    version = FlowVersion.objects.create(
        store=store, flow=flow, number=1, trigger=recipe.TRIGGER, audience=audience, created_at=now,
        reentry=getattr(recipe, "REENTRY", FlowVersion.Reentry.PER_ORDER), reentry_days=getattr(recipe, "REENTRY_DAYS", None),
        only_where=only_where, exits=getattr(recipe, "EXITS", []),
    )  # fmt: skip
    spoken = languages.offered(store)
    Step.objects.bulk_create(_step(data, version, offer, position, spoken) for position, data in enumerate(recipe.STEPS, start=1))
    flow.version = version
    flow.save(update_fields=["version"])


def _step(data: dict[str, Any], version: FlowVersion, offer: Offer | None, position: int, spoken: Sequence[str]) -> Step:
    fields = {**data, "offer": offer if "offer" in data else None, "content": translated.spoken(data["content"], spoken)}
    return Step(store_id=version.store_id, version=version, position=position, **fields)
