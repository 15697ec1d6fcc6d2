"""Which stores have a flow that waits for an occasion: for the others nothing is written."""

from django.db.models import QuerySet

from campaigns.models import Flow
from stores.models import Store


def stores(kind: str) -> QuerySet[Store]:
    """Return the stores with a flow, other than a draft, that this kind of event starts."""
    flows = Flow.objects.exclude(state=Flow.State.DRAFT).filter(version__trigger=kind)
    return Store.objects.filter(pk__in=flows.values("store")).order_by("pk")
