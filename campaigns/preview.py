"""What a step would say and when, for a real order, without sending or minting anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from campaigns import enrollment, letters, offers, situation
from campaigns.models import FlowVersion, Step
from catalog.models import Pairing
from messaging import rendering, standing
from orders.models import Order, OrderLine

_WORDS = {
    "placed": "when the order was placed",
    "shipped": "after it was shipped",
    "expected": "by the expected day",
    "delivered": "after it arrived",
    "usual": "no tracking: the usual delivery time",
    "promised": "ahead of the promised delivery",
    "answer": "soon after a happy answer",
    "forecast": "a forecast",
}


@dataclass(frozen=True)
class StepDate:
    """A step's date for one order; `note` says what it rests on."""

    step: Step
    due_at: datetime
    is_forecast: bool
    note: str


def dates_for(version: FlowVersion, order: Order, *, now: datetime) -> Sequence[StepDate]:
    """Return when each step of a version is due for an order."""
    around = enrollment.look_around([order])
    plans = [(step, enrollment.plan_step(step, order, around)) for step in version.steps.all()]
    return [StepDate(step, plan.due_at, not plan.is_known, _WORDS[plan.basis]) for step, plan in plans]


def mail_for(step: Step, order: Order, *, now: datetime) -> rendering.Rendered:
    """Return a step's mail for an order, with links that lead nowhere and a code that is none; raise rendering.RenderError."""
    pairings = Prefetch("product__pairings", queryset=Pairing.objects.select_related("suggested"))
    lines = OrderLine.objects.select_related("product__guide").prefetch_related(pairings)
    loaded = (
        Order.objects.select_related("store", "customer").prefetch_related(Prefetch("lines", queryset=lines), "shipments").get(pk=order.pk)
    )
    held = standing.standings([loaded.customer], loaded.store)[loaded.customer_id]
    return letters.draw(
        step,
        loaded,
        standing=held,
        pairings=situation.fitting(loaded, set()),
        offer=offers.promise(step.offer, code="YOUR-CODE", now=now) if step.offer else None,
        message_token="preview",
        check_in_token="preview",
        now=now,
    )
