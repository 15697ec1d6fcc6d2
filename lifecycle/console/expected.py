"""What the customer page says of tomorrow: what is expected, how engaged somebody is and why, what they care for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from engagement import advice, interests, kinds, scoring
from engagement.models import ActionKind, Engagement, Upkeep
from predictions.models import Fit, Prediction
from stores.models import Store

_MOST_TOPICS = 6
_KIND = ("key", "name", "value", "impact", "half_life_days")


@dataclass(frozen=True)
class Outlook:
    """A prediction in words, or what is missing for one; `needs` is "" before the first fit too."""

    prediction: Prediction | None
    needs: str
    is_fitted: bool
    orders: str
    chance: int | None


@dataclass(frozen=True)
class Standing:
    """Where somebody stands now, what it is made of, and what to do next; `place` is None before the first refresh of the store."""

    value: float
    impact: float
    parts: Sequence[scoring.Part]
    place: advice.Words | None
    next_action: str


def with_outlook(people: QuerySet[Any], store: Store, *, now: datetime) -> QuerySet[Any]:
    """Let the customer's own query bring what this module shows."""
    fit = Fit.objects.filter(store=store, kind=Fit.Kind.BGNBD, fitted_at__isnull=False)
    upkeep = Upkeep.objects.filter(store=OuterRef("store"))
    changed = ActionKind.objects.filter(store=OuterRef("store")).order_by()
    found: QuerySet[Any] = people.select_related("prediction", "engagement").annotate(
        fit_needs=Subquery(fit.values("needs")[:1]),
        value_split=Subquery(upkeep.values("value_split")[:1]),
        impact_split=Subquery(upkeep.values("impact_split")[:1]),
        topics=ArraySubquery(interests.alive(now=now).filter(customer=OuterRef("pk")).values("topic")[:_MOST_TOPICS]),
        kinds_changed=ArraySubquery(changed.values(row=JSONObject(**{name: name for name in _KIND}))),
    )
    return found


def outlook(customer: Any) -> Outlook:
    """Return what is expected of a customer of `with_outlook`."""
    found: Prediction | None = getattr(customer, "prediction", None)
    chance = None if found is None or found.p_alive is None else round(100 * found.p_alive)
    return Outlook(
        found, customer.fit_needs or "", customer.fit_needs is not None, _number(found.expected_orders_90) if found else "", chance
    )


def _number(orders: float) -> str:
    """Return an expected number of orders as one reads it."""
    if orders < 0.05:
        return "hardly any"
    return f"about {orders:.1f}" if orders < 9.5 else f"about {orders:.0f}"


def standing(customer: Any, *, now: datetime) -> Standing | None:
    """Return where a customer of `with_outlook` stands, None who has done nothing."""
    row: Engagement | None = getattr(customer, "engagement", None)
    if row is None:
        return None
    table = kinds.with_changes(customer.kinds_changed)
    parts = scoring.parts(row.parts, as_of=row.as_of, now=now, kinds=table)
    value, impact = sum(part.value for part in parts), sum(part.impact for part in parts)
    quadrant = advice.quadrant_of(value, impact, value_split=customer.value_split or 0, impact_split=customer.impact_split or 1)
    place = advice.WORDS[quadrant] if customer.value_split else None
    return Standing(value, impact, [part for part in parts if part.value or part.impact], place, advice.next_action(row.parts, quadrant))
