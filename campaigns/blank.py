"""A flow from nothing: a name, what starts it, and one mail to begin with."""

from datetime import datetime

from django.db import transaction
from django.utils.text import slugify

from campaigns import drafts, triggers
from campaigns.models import Flow, FlowVersion
from customers import events
from stores.models import Store, User

Kind = events.Kind
#: News for the house, from which nobody would start a mail.
_INWARD = frozenset(
    {
        Kind.ORDER_CHANGED, Kind.SHIPMENT_MOVED, Kind.TASK_OPENED, Kind.TASK_CLOSED, Kind.CUSTOMER_MERGED, Kind.CUSTOMER_ERASED,
        Kind.STAFF_ACTED, Kind.REPLY_RECEIVED, Kind.REVIEW_ANSWERED, Kind.CONSENT_WITHDRAWN, Kind.FLOW_WAITED,
    }
)  # fmt: skip
#: Where the first mail hangs from by what starts the flow; elsewhere it follows the entering itself.
_ANCHORS = {
    Kind.ORDER_PLACED: "placed", Kind.ORDER_PAID: "placed", Kind.SHIPMENT_SHIPPED: "shipped", Kind.ORDER_RECEIVED: "received",
    Kind.SHIPMENT_DELIVERED: "received", Kind.SHIPMENT_OUT_FOR_DELIVERY: "out_for_delivery", Kind.SHIPMENT_FAILED: "problem",
    Kind.ORDER_REFUNDED: "refunded",
}  # fmt: skip
_TAKEN_WORDS = frozenset({"new"})  # addresses beside the flows' own


def starting_points() -> list[tuple[str, str]]:
    """Return what can start a flow: (kind, words)."""
    return [(kind.value, str(kind.label)) for kind in Kind if triggers.may_start(kind.value) and kind not in _INWARD]


@transaction.atomic
def create(store: Store, *, name: str, trigger: str, by: User, now: datetime) -> Flow:
    """Return a new flow of one mail, as a draft that nobody enters."""
    flow = Flow.objects.create(store=store, key=_free_key(store, name), name=name)
    version = FlowVersion(store=store, flow=flow, number=1, trigger=trigger, created_at=now)
    if not version.is_about_order:
        version.reentry, version.reentry_days = FlowVersion.Reentry.AFTER_DAYS, 30
    version.save()
    flow.version = version
    flow.save(update_fields=["version"])
    drafts.add(flow, anchor=_ANCHORS.get(Kind(trigger), "entered") if version.is_about_order else "entered", by=by, now=now)
    return flow


def _free_key(store: Store, name: str) -> str:
    stem = slugify(name)[:50] or "flow"
    taken = set(Flow.objects.filter(store=store, key__startswith=stem).values_list("key", flat=True)) | _TAKEN_WORDS
    number, key = 1, stem
    while key in taken:
        number += 1
        key = f"{stem}-{number}"
    return key
