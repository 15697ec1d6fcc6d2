"""Orders that left the shop without a parcel to tell of it, so that what waits for their leaving goes on.

Judged by what is held a while later, not as the news comes in: the parcel may come after the word that the order is fulfilled.
"""

from datetime import datetime

from django.db.models import Exists, OuterRef

from campaigns.models import Step, StepRun
from customers import events
from orders.models import Order, Shipment

KIND = events.Kind.ORDER_FULFILLED
_AT_ONCE = 500


def note(*, now: datetime) -> int:
    """Record that such orders have left, each once; return how many were new."""
    waiting = StepRun.objects.filter(state=StepRun.State.WAITING, step__anchor=Step.Anchor.SHIPPED, order__fulfilled_at__isnull=False)
    orders = Order.objects.filter(~Exists(Shipment.objects.filter(order=OuterRef("pk"))), pk__in=waiting.values("order"))
    return events.record_many(
        [
            events.NewEvent(
                order.store_id, order.customer_id, KIND, order.fulfilled_at or now, f"{KIND}:{order.pk}",
                {"order": order.pk, "number": str(order)},
            )
            for order in orders.order_by("pk")[:_AT_ONCE]
        ],
        now=now,
    )  # fmt: skip
