"""What uses a segment: flows that are for its people or take a step for them, and segments whose rules ask about it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

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
    used = Q(version__audience=segment) | Q(version__steps__only_if=segment)
    flows = Flow.objects.filter(used, store=segment.store_id).order_by("name").distinct()
    return Uses(list(flows), trees.asking(segment))


def of_all(store: Store, segments: Sequence[Segment]) -> dict[int, Uses]:
    """Return the uses of a store's segments, all of which are given; two queries."""
    flows = defaultdict(list)
    of_store = Flow.objects.filter(store=store)
    used = of_store.values_list("version__audience", "pk").union(of_store.values_list("version__steps__only_if", "pk"))
    by_id = of_store.in_bulk()
    for segment_pk, flow_pk in used:
        if segment_pk is not None:
            flows[segment_pk].append(by_id[flow_pk])
    asking = defaultdict(list)
    for segment in segments:
        for pk in trees.asked_by(segment) if segment.archived_at is None else ():
            asking[pk].append(segment)
    return {segment.pk: Uses(sorted(flows[segment.pk], key=str), asking[segment.pk]) for segment in segments}
