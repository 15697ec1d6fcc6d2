"""API keys of a store, and the headers they travel in."""

from datetime import UTC, datetime

from stores.models import ApiKey


def bearer(store):
    """Return the headers of a fresh key."""
    key = ApiKey.issue(store, name="test", now=datetime(2026, 1, 1, tzinfo=UTC))
    return {"Authorization": f"Bearer {key}"}
