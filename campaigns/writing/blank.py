"""A flow from nothing: a name, what starts it, and one mail to begin with."""

from datetime import datetime

from django.db import transaction
from django.utils.text import slugify

from campaigns import triggers
from campaigns.models import Flow, FlowVersion
from campaigns.recipes.wanted import Wanted
from campaigns.writing import drafts
from customers import events
from customers.models import Rfm
from segments.models import Segment
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
    Kind.SHIPMENT_DELIVERED: "received", Kind.SHIPMENT_OUT_FOR_DELIVERY: "out_for_delivery", Kind.SHIPMENT_READY: "ready",
    Kind.SHIPMENT_FAILED: "problem", Kind.ORDER_REFUNDED: "refunded",
}  # fmt: skip
#: By what a form sends: the groups of the nightly scores that somebody may come into, each a segment of that rule.
_GROUPS = {
    f"group:{group.value}": Wanted(f"Group: {group.label}", {"what": "rfm_group", "op": "any", "values": [group.value]})
    for group in Rfm.Group
}
_TAKEN_WORDS = frozenset({"new"})  # addresses beside the flows' own


def starting_points() -> list[tuple[str, str]]:
    """Return what can start a flow: (kind, words)."""
    return [(kind.value, str(kind.label)) for kind in Kind if triggers.may_start(kind.value) and kind not in _INWARD]


def groups() -> list[tuple[str, str]]:
    """Return the groups into which somebody may come to start a flow: (key, words)."""
    return [(f"group:{group.value}", f"Comes into the group {group.label}") for group in Rfm.Group]


@transaction.atomic
def create(store: Store, *, name: str, trigger: str, by: User, now: datetime) -> Flow:
    """Return a new flow of one mail, as a draft that nobody enters; it is started by a kind of event, or by a group (`groups`)."""
    among: Segment | None = None
    if trigger in _GROUPS:
        among, trigger = _GROUPS[trigger].of(store, now=now), Kind.SEGMENT_ENTERED.value
    flow = Flow.objects.create(store=store, key=_free_key(store, name), name=name)
    version = FlowVersion(store=store, flow=flow, number=1, trigger=trigger, audience=among, created_at=now)
    if among is not None:
        version.only_where = [{"name": "segment", "test": "is", "value": among.pk}]
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
