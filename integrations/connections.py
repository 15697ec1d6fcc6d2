"""Connections to shops: made, found by their path, signed by their secrets, ended."""

from datetime import datetime

from integrations.models import Connection
from stores import tokens
from stores.models import Store


def create(
    store: Store, *, platform: str, now: datetime, secret: str | None = None, live_since: datetime | None = None
) -> tuple[Connection, str]:
    """Make a connection; return it with its secret, which cannot be read again. Orders placed before `live_since` (now) are history."""
    secret = secret or tokens.secret()
    connection = Connection.objects.create(
        store=store, platform=platform, sealed_secret=tokens.seal(secret), live_since=live_since or now, created_at=now
    )
    return connection, secret


def rotate(connection: Connection, *, secret: str | None = None) -> str:
    """Give a connection a new secret and return it; the one before stays good until the next rotation."""
    secret = secret or tokens.secret()
    connection.sealed_old_secret, connection.sealed_secret = connection.sealed_secret, tokens.seal(secret)
    connection.save(update_fields=["sealed_secret", "sealed_old_secret"])
    return secret


def by_token(token: str) -> Connection | None:
    return Connection.objects.filter(token=token).first()


def secrets_of(connection: Connection) -> list[str]:
    """Return the secrets that may have signed a delivery: the current one and the one that is being rotated out."""
    return [tokens.unseal(sealed) for sealed in (connection.sealed_secret, connection.sealed_old_secret) if sealed]


def live_since(store: Store) -> datetime:
    """Return from when on orders of the API count as live: as early as any generic connection of the store."""
    first = Connection.objects.filter(store=store, platform=Connection.Platform.GENERIC).order_by("live_since").first()
    return min(first.live_since, store.created_at) if first else store.created_at


def uninstall(connection: Connection, *, now: datetime) -> None:
    """Note that the shop removed the app: everything of the store stops at once."""
    Connection.objects.filter(pk=connection.pk).update(uninstalled_at=now)
    Store.objects.filter(pk=connection.store_id).update(is_paused=True)
