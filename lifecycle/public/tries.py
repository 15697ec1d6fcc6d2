"""How often a public form may be sent: ten times a quarter of an hour about one matter, and from one network."""

from datetime import UTC, datetime

from django.http import HttpRequest

from lifecycle.counts import count
from lifecycle.networks import network_of

MOST = 10
SECONDS = 15 * 60


def refused_until(request: HttpRequest, about: str, *, now: datetime) -> datetime | None:
    """Count one try about a matter, and from the network it comes from; return when the next may be made if this one is too many."""
    turn = int(now.timestamp()) // SECONDS
    counts = [count("tries", f"{matter}:{turn}", seconds=SECONDS) for matter in (about, network_of(request))]
    return datetime.fromtimestamp((turn + 1) * SECONDS, UTC) if max(counts) > MOST else None
