"""How many customers a store may write to, by purpose: the permission table (contracts) as one query."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from customers.models import Customer
from messaging.models import Purpose, Suppression
from stores.models import Store


@dataclass(frozen=True)
class Reach:
    """Customers of a store, and how many of them each purpose reaches."""

    everyone: int
    by_purpose: dict[str, int]


def of(store: Store) -> Reach:
    suppressed = Suppression.objects.filter(store=store, email_key=OuterRef("email_key"))
    may_be_written_to = Q(email_key__isnull=False, erased_at=None, is_suppressed=False)
    marketing = Q(marketing=Customer.Marketing.SUBSCRIBED)
    service = Q(objected_to_service_at=None) & (marketing if store.strict_service else Q())
    if store.soft_opt_in:
        marketing |= Q(marketing=Customer.Marketing.NEVER)
    counts = Customer.objects.filter(store=store).annotate(is_suppressed=Exists(suppressed)).aggregate(
        everyone=Count("pk"),
        transactional=Count("pk", filter=may_be_written_to),
        service=Count("pk", filter=may_be_written_to & service),
        marketing=Count("pk", filter=may_be_written_to & marketing),
    )  # fmt: skip
    return Reach(counts.pop("everyone"), {str(purpose): counts[purpose] for purpose in Purpose.values})
