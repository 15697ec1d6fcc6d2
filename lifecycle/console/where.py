"""Where an order stands, as staff read it: its stop, when it came or is to come, and until when it may go back."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.db.models import Prefetch

from catalog import promises
from orders import facts, progress
from orders.models import Order, OrderLine
from orders.progress import Milestones, Stage
from stores.models import Store

STAGES = {
    Stage.ORDERED: "Ordered", Stage.PACKED: "Packed", Stage.ON_ITS_WAY: "On its way", Stage.OUT_FOR_DELIVERY: "Out for delivery",
    Stage.DELIVERED: "Received",
}  # fmt: skip
#: What `of` reads of an order beside its parcels.
LINES = Prefetch("lines", OrderLine.objects.select_related("product__guide"))


@dataclass(frozen=True)
class Where:
    """An order's stop in words and its milestones; the last days to send it back and of its warranty, None where nothing can be."""

    order: Order
    stage: str
    milestones: Milestones
    is_late: bool
    returns_until: datetime | None = None
    warranty_until: datetime | None = None


def of(order: Order, store: Store, *, zone: tzinfo, now: datetime) -> Where:
    """Return it of an order with its `LINES` and its parcels in the hand; no query."""
    known = facts.milestones_of(order, store)
    stage = STAGES[progress.stage(facts.facts_of(order))]
    is_late = order.cancelled_at is None and known.received is None and known.late is not None and known.late <= now
    lines = [line for line in order.lines.all() if line.kind == "physical"]
    if known.received is None or not lines:
        return Where(order, stage, known, is_late)
    guides = (guide for line in lines if line.product and (guide := getattr(line.product, "guide", None)))
    last = promises.last_days(guides, store, since=known.received.astimezone(zone))
    return Where(order, stage, known, is_late, last.returns, last.warranty)
