"""What came to the door: kept first, then read once."""

import hashlib
import logging
from datetime import datetime, timedelta

from django.db import transaction

from enquiries import conversations, doors
from enquiries.models import Arrival, Desk

KEPT_RAW = timedelta(days=30)
log = logging.getLogger(__name__)


def keep(desk: Desk, body: bytes, *, content_type: str, now: datetime) -> None:
    """Keep a delivery; one that is repeated is kept already."""
    digest = hashlib.sha256(body).hexdigest()
    fresh = Arrival(
        store_id=desk.store_id, digest=digest, content_type=content_type[:300], raw=body, provider=desk.provider, received_at=now
    )
    Arrival.objects.bulk_create([fresh], ignore_conflicts=True)
    Desk.objects.filter(pk=desk.pk).update(last_mail_at=now)


def drain(*, now: datetime, limit: int = 20) -> int:
    """Read what was kept; return how many deliveries were looked at. One that cannot be read is set aside with its error."""
    waiting = Arrival.objects.filter(read_at__isnull=True, error="")
    if not waiting.exists():
        return 0
    with transaction.atomic():
        batch = list(waiting.select_for_update(skip_locked=True, of=("self",)).select_related("store").order_by("id")[:limit])
        for arrival in batch:
            _read(arrival, now=now)
    return len(batch)


def _read(arrival: Arrival, *, now: datetime) -> None:
    try:
        with transaction.atomic():
            for letter in doors.read(arrival):
                conversations.receive(arrival.store, letter, arrival=arrival, now=now)
    except conversations.NotTaken as refusal:
        Arrival.objects.filter(pk=arrival.pk).update(read_at=now, error=str(refusal)[:500])
    except doors.Unreadable as error:
        Arrival.objects.filter(pk=arrival.pk).update(error=str(error)[:500])
    except Exception as error:
        log.exception("Could not take in arrival %s", arrival.pk)
        Arrival.objects.filter(pk=arrival.pk).update(error=f"{type(error).__name__}: {error}"[:500])
    else:
        Arrival.objects.filter(pk=arrival.pk).update(read_at=now)


def forget_raw(*, now: datetime, limit: int = 200) -> int:
    """Empty deliveries of more than 30 days ago: they name people. What they said stands in the conversations."""
    old = Arrival.objects.filter(raw__isnull=False, received_at__lt=now - KEPT_RAW).order_by("received_at").values("pk")[:limit]
    return Arrival.objects.filter(pk__in=list(old.values_list("pk", flat=True))).update(raw=None)
