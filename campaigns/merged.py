"""What two customers who become one mean for flows: nobody goes through the same passage twice."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from campaigns.models import Enrollment, StepRun
from customers import events
from messaging.reasons import Reason


def make_room(kept: int, gone: int, *, now: datetime) -> None:
    """End the passages of `gone` that `kept` has as well, and let their rows stand beside those of `kept`."""
    twin = Enrollment.objects.filter(customer=kept, flow=OuterRef("flow"), entry_key=OuterRef("entry_key"))
    both = list(Enrollment.objects.filter(Exists(twin), customer=gone))
    open_runs = StepRun.objects.filter(enrollment__in=both, state__in=StepRun.OPEN)
    open_runs.update(state=StepRun.State.CANCELLED, reason=Reason.MERGED, wake_at=None)
    for each in both:
        if each.state == Enrollment.State.ACTIVE:
            each.state, each.left_reason = Enrollment.State.LEFT, Reason.MERGED
            data = {"reason": Reason.MERGED, "words": Reason.MERGED.label, "order": each.order_id}
            left = events.NewEvent(each.store_id, gone, events.Kind.FLOW_LEFT, now, f"flow.left:{each.pk}", data)
            events.record_many([left], now=now)
        each.entry_key = f"{each.entry_key[:60]}:{each.pk}"
        each.save(update_fields=["state", "left_reason", "entry_key"])
