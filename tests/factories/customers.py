"""Customers as rows."""

from datetime import UTC, datetime

import factory

from customers import identity
from customers.models import Customer


class CustomerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Customer

    email = factory.Sequence(lambda n: f"buyer{n}@example.com")
    email_key = factory.LazyAttribute(lambda row: identity.email_key(row.email))
    name = "Ada Lovelace"
    created_at = datetime(2026, 1, 1, tzinfo=UTC)
