"""Customers as rows."""

from datetime import UTC, datetime

import factory

from customers import identity
from customers.models import Customer, Metrics


class CustomerFactory(factory.django.DjangoModelFactory):
    """Somebody with an address, never asked about marketing."""

    class Meta:
        model = Customer

    email = factory.Sequence(lambda n: f"ada.{n}@example.com")
    email_key = factory.LazyAttribute(lambda person: identity.email_key(person.email))
    created_at = datetime(2026, 1, 1, tzinfo=UTC)


def customer(store, email="ada@example.com", **fields) -> Customer:
    person: Customer = CustomerFactory(store=store, email=email, **fields)
    return person


def bought(person: Customer, **figures) -> None:
    """Give somebody the figures of orders that are not there, and the mark of those who ever ordered."""
    Metrics.objects.create(store=person.store, customer=person, **figures)
    person.has_ordered = True
    person.save(update_fields=["has_ordered"])
