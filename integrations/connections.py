"""Connections to shops: made, found by their path, signed by their secrets, ended.

Each process keeps the doors it has found for some seconds: a delivery is then one statement. What fails by a kept door is looked at
again, so a new secret is good at once; an old one may be good for as long as a door is kept.
"""

from dataclasses import dataclass
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
    _kept.pop(connection.token, None)
    return secret


@dataclass(frozen=True)
class Door:
    """What a delivery needs of its connection; `secrets` are those that may have signed it: the current one, and the one before."""

    connection_id: int
    store_id: int
    platform: str
    secrets: tuple[str, ...]


def own_door(connection: Connection) -> Door:
    """Return the door for what is put into the inbox by ourselves: nobody signs it."""
    return Door(connection.pk, connection.store_id, connection.platform, ())


_KEPT_FOR = 5.0  # seconds
_MOST_KEPT = 10_000
_kept: dict[str, tuple[float, Door]] = {}


def kept_door(token: str, *, moment: float) -> Door | None:
    """Return the door of a path if this process found it a short while ago; `moment` is a monotonic time in seconds."""
    since, door = _kept.get(token, (moment - _KEPT_FOR, None))
    return door if moment - since < _KEPT_FOR else None


def find_door(token: str, *, moment: float) -> Door | None:
    """Look a path up, and keep what is found; of unknown paths nothing is kept."""
    _kept.pop(token, None)
    found = Connection.objects.filter(token=token).first()
    if found is None:
        return None
    if len(_kept) >= _MOST_KEPT:
        _kept.clear()
    sealed = [found.sealed_secret, found.sealed_old_secret]
    door = Door(found.pk, found.store_id, found.platform, tuple(tokens.unseal(each) for each in sealed if each))
    _kept[token] = (moment, door)
    return door


def live_since(store: Store) -> datetime:
    """Return from when on orders of the API count as live: as early as any generic connection of the store."""
    first = Connection.objects.filter(store=store, platform=Connection.Platform.GENERIC).order_by("live_since").first()
    return min(first.live_since, store.created_at) if first else store.created_at


def uninstall(connection: Connection, *, now: datetime) -> None:
    """Note that the shop removed the app: everything of the store stops at once."""
    Connection.objects.filter(pk=connection.pk).update(uninstalled_at=now)
    Store.objects.filter(pk=connection.store_id).update(is_paused=True)
