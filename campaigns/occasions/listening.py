"""Which stores have a flow that an occasion concerns: for the others nothing is written."""

from django.db.models import Q, QuerySet

from campaigns.models import Flow, Step
from stores.models import Store


def stores(kind: str) -> QuerySet[Store]:
    """Return the stores with a flow, other than a draft, that this kind of event starts or ends, or a step of it waits for."""
    waiting = Step.objects.filter(kind=Step.Kind.WAIT, details__event=kind)
    concerned = Q(version__trigger=kind) | Q(version__exits__contains=[{"event": kind}]) | Q(version__in=waiting.values("version"))
    flows = Flow.objects.exclude(state=Flow.State.DRAFT).filter(concerned)
    return Store.objects.filter(pk__in=flows.values("store")).order_by("pk")
