"""Customers as rows."""

from datetime import UTC, datetime

import factory

from customers import identity
from customers.models import Customer


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
