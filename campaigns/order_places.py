"""Which order of a customer's a mail is about, their first or a later one; asked only where a block of the mail wants to know."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from campaigns.models import Step, StepRun
from orders.models import Order

_COUNTED = Order.objects.filter(is_test=False, cancelled_at=None)
_EARLIER = _COUNTED.filter(customer=OuterRef("customer"), placed_at__lt=OuterRef("placed_at")).order_by().values("customer")
#: The same, for a query of orders that are shown.
PLACE = Coalesce(Subquery(_EARLIER.values(earlier=Count("pk"))), 0) + 1


def of_runs(runs: Collection[StepRun]) -> dict[int, int]:
    """Return the place of each run's (id) order among its customer's, 1 the first; of no order, how many they have."""
    asking = [run for run in runs if _asks(run.step)]
    placed = _placed({run.customer_id for run in asking}) if asking else {}
    return {run.pk: _place(run.order, placed.get(run.customer_id, [])) for run in asking}


def of_sample(step: Step, customer: int, order: Order | None) -> int:
    """Return the place of a customer's (id) order for a step, without one how many they have; 0 where the step does not ask.

    An order whose query has read its PLACE is believed.
    """
    if not _asks(step):
        return 0
    known: int | None = getattr(order, "place", None)
    return known or _place(order, _placed({customer}).get(customer, []))


def _asks(step: Step) -> bool:
    """Say whether any block of a step's mail is for first or for later orders."""
    contents = [step.content, *(each.get("content", {}) for each in step.variants)]
    said = [one for content in contents for one in (content, *content.get("in", {}).values())]
    return any(block.get("order") for content in said for block in content.get("blocks", ()))


def _placed(people: Iterable[int]) -> dict[int, list[datetime]]:
    """Return when each of these customers placed the orders that count as theirs."""
    found: dict[int, list[datetime]] = {}
    for customer_id, at in _COUNTED.filter(customer__in=people).values_list("customer_id", "placed_at"):
        found.setdefault(customer_id, []).append(at)
    return found


def _place(order: Order | None, placed: Collection[datetime]) -> int:
    return len(placed) if order is None else 1 + sum(at < order.placed_at for at in placed)
