"""How many customers a store may write to, by purpose: the permission table (contracts) as counts."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from customers.models import Customer
from messaging.models import Purpose
from messaging.returning import suppressions
from stores.models import Store


@dataclass(frozen=True)
class Reach:
    """Customers of a store, and how many of them each purpose reaches."""

    everyone: int
    by_purpose: dict[str, int]


def of(store: Store, *, now: datetime) -> Reach:
    """Count them in one statement; the list of suppressed addresses is hashed once, not searched for each customer."""
    suppressed = suppressions.active(store, now=now).values("email_key")
    writable = Q(email_key__isnull=False, erased_at=None) & ~Q(email_key__in=suppressed)
    marketing = Q(marketing=Customer.Marketing.SUBSCRIBED)
    service = Q(objected_to_service_at=None) & (marketing if store.strict_service else Q())
    if store.soft_opt_in:
        marketing |= Q(marketing=Customer.Marketing.NEVER)
    counts = Customer.objects.filter(store=store).aggregate(
        everyone=Count("pk"), transactional=Count("pk", filter=writable), service=Count("pk", filter=writable & service),
        marketing=Count("pk", filter=writable & marketing),
    )  # fmt: skip
    return Reach(counts.pop("everyone"), {str(purpose): counts[purpose] for purpose in Purpose.values})
