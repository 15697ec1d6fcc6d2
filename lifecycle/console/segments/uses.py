"""What uses a segment: flows that are for its people, and segments whose rules ask about it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.models import Flow
from segments import trees
from segments.models import Segment
from stores.models import Store


@dataclass(frozen=True)
class Uses:
    flows: Sequence[Flow]
    segments: Sequence[Segment]

    def __len__(self) -> int:
        return len(self.flows) + len(self.segments)


def of(segment: Segment) -> Uses:
    flows = Flow.objects.filter(store=segment.store_id, version__audience=segment).order_by("name")
    return Uses(list(flows), trees.asking(segment))


def of_all(store: Store, segments: Sequence[Segment]) -> dict[int, Uses]:
    """Return the uses of a store's segments, all of which are given; one query."""
    flows = defaultdict(list)
    for flow in Flow.objects.filter(store=store, version__audience__isnull=False).select_related("version").order_by("name"):
        assert flow.version and flow.version.audience_id
        flows[flow.version.audience_id].append(flow)
    asking = defaultdict(list)
    for segment in segments:
        for pk in trees.asked_by(segment) if segment.archived_at is None else ():
            asking[pk].append(segment)
    return {segment.pk: Uses(flows[segment.pk], asking[segment.pk]) for segment in segments}
