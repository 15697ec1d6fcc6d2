"""What customers were asked about their orders and what they said, for many orders at once: so that nobody is asked twice."""

from collections.abc import Collection
from dataclasses import dataclass

from campaigns.models import StepRun
from surveys import answers
from surveys.models import Response, Review

#: Conditions (`decisions.CONDITIONS`) that need this.
ASK = frozenset({"no_review_asked", "no_check_in", "not_unhappy"})
_MAY_STILL_ASK = (*StepRun.OPEN, StepRun.State.HANDED_OVER)


@dataclass(frozen=True)
class Heard:
    """Orders (ids) for which a review was asked for, about which a check-in asks or will, and whose buyer was unhappy."""

    asked_for_review: frozenset[int] = frozenset()
    with_check_in: frozenset[int] = frozenset()
    unhappy: frozenset[int] = frozenset()


def of_orders(ids: Collection[int]) -> Heard:
    """Return what was asked and said about these orders; no query where there are none."""
    if not ids:
        return Heard()
    asking = StepRun.objects.filter(order__in=ids, state__in=_MAY_STILL_ASK, step__content__contains={"blocks": [{"kind": "question"}]})
    low = Response.objects.filter(order__in=ids, score__lte=answers.LOW)
    return Heard(
        frozenset(Review.objects.filter(order__in=ids).values_list("order_id", flat=True)),
        frozenset(pk for pk in asking.values_list("order_id", flat=True) if pk),
        frozenset(pk for pk in low.values_list("order_id", flat=True) if pk),
    )
