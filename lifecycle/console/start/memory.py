"""What one person did in the set-up that leaves no trace in the store: looked at the mails, had a test sent, put the reminder off."""

from datetime import datetime, timedelta
from typing import Any

from stores.access import StoreRequest

_KEY = "start"
_LATER = timedelta(days=1)


def recall(request: StoreRequest) -> dict[str, Any]:
    """Return what this session knows of the store's set-up."""
    kept: dict[str, Any] = request.session.get(_KEY, {}).get(request.store.slug, {})
    return kept


def keep(request: StoreRequest, **words: Any) -> None:
    """Remember JSON values for this store until the session ends."""
    every = request.session.get(_KEY, {})
    request.session[_KEY] = {**every, request.store.slug: {**every.get(request.store.slug, {}), **words}}


def put_off(request: StoreRequest, *, now: datetime) -> None:
    """Leave the person alone until tomorrow."""
    keep(request, later=(now + _LATER).isoformat())


def is_put_off(request: StoreRequest, *, now: datetime) -> bool:
    later = recall(request).get("later", "")
    return bool(later) and datetime.fromisoformat(later) > now
