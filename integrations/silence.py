"""Feeds that have gone silent: parcels are on their way, and for days nobody has told of any."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from integrations.models import Connection
from orders import under_way
from stores.models import Store

#: A Sunday and a holiday may pass without a scan.
SILENT_AFTER = timedelta(days=3)


def feeds(store: Store, *, now: datetime) -> list[Connection]:
    """Return the store's carrier feeds of which something should have been heard."""
    silent = list(quiet(store, now=now).order_by("pk"))
    return silent if silent and under_way.parcels(store, now=now).exists() else []


def quiet(store: Store, *, now: datetime) -> QuerySet[Connection]:
    """Return the feeds that have told nothing for days, whether or not there was anything to tell."""
    long_ago = Q(last_event_at=None, created_at__lt=now - SILENT_AFTER) | Q(last_event_at__lt=now - SILENT_AFTER)
    return Connection.objects.filter(long_ago, store=store, platform__in=Connection.FEEDS, uninstalled_at=None)
