"""Stores, users and memberships as rows; API keys, and the headers they travel in."""

from datetime import UTC, datetime
from functools import cache

import factory
from django.contrib.auth.hashers import make_password

from stores.models import ApiKey, Membership, Store, User

NEW_YEAR = datetime(2025, 1, 1, tzinfo=UTC)


class StoreFactory(factory.django.DjangoModelFactory):
    """A German shop that could send: it has a sender and a postal address."""

    class Meta:
        model = Store

    slug = factory.Sequence(lambda n: f"shop-{n}")
    name = factory.LazyAttribute(lambda store: store.slug.title())
    timezone = "Europe/Berlin"
    currency = "EUR"
    country = "DE"
    sender_name = factory.LazyAttribute(lambda store: f"Jo at {store.name}")
    sender_email = factory.LazyAttribute(lambda store: f"hello@{store.slug}.example")
    postal_address = "Quay 1, 20457 Hamburg"
    created_at = NEW_YEAR


#: Hashing takes a third of a second, as it should; a thousand tests need not each wait for it.
_hashed = cache(make_password)


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    name = "Alice"
    email = factory.LazyAttribute(lambda user: f"{user.name.lower()}@example.com")
    password = factory.LazyFunction(lambda: _hashed("correct horse battery"))


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    role = Membership.Role.OWNER


def bearer(store):
    """Return the headers of a fresh key."""
    key = ApiKey.issue(store, name="test", now=datetime(2026, 1, 1, tzinfo=UTC))
    return {"Authorization": f"Bearer {key}"}
