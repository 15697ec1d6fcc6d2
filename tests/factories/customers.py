"""Customers as rows."""

from datetime import UTC, datetime

from customers import identity
from customers.models import Customer


def customer(store, email="ada@example.com", **fields) -> Customer:
    key = identity.email_key(email)
    return Customer.objects.create(store=store, email=email, email_key=key, created_at=datetime(2026, 1, 1, tzinfo=UTC), **fields)
