"""Reads what the permission rules need."""

from collections.abc import Iterable

from customers.models import Customer
from messaging.models import Suppression
from messaging.permission import Standing
from stores.models import Store


def standings(customers: Iterable[Customer], store: Store) -> dict[int, Standing]:
    """Return each customer's standing at their store, by id; one query however many they are."""
    people = list(customers)
    keys = [person.email_key for person in people if person.email_key]
    suppressed = set(Suppression.objects.filter(store=store, email_key__in=keys).values_list("email_key", flat=True))
    return {
        person.pk: Standing(
            has_address=bool(person.email_key),
            is_erased=person.erased_at is not None,
            is_suppressed=person.email_key in suppressed,
            marketing=person.marketing,
            objects_to_service=person.objected_to_service_at is not None,
            soft_opt_in=store.soft_opt_in,
            strict_service=store.strict_service,
        )
        for person in people
    }
