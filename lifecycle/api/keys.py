"""Who calls: a bearer key, kept only as its digest, opens exactly one store."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from ninja.security import HttpBearer

from stores import clock, tokens
from stores.models import ApiKey, Store

_NOTED_EVERY = timedelta(minutes=1)


class ApiRequest(HttpRequest):
    """A request by a key; `auth` is the store it opens."""

    auth: Store


class Key(HttpBearer):
    """Let a valid key in and hand its store on; an unknown or revoked one is answered 401."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        key = ApiKey.objects.select_related("store").filter(digest=tokens.digest(token), revoked_at=None).first()
        if key is None:
            return None
        now = clock.read()
        if key.last_used_at is None or key.last_used_at < now - _NOTED_EVERY:
            stale = Q(last_used_at=None) | Q(last_used_at__lt=now - _NOTED_EVERY)
            ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
        return key.store
