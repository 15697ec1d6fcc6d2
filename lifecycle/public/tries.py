"""How often a public form may be sent: ten times a quarter of an hour about one matter, and from one network.

Counted in the cache by single atomic steps, under keys that say neither who nor what; what is counted expires by itself.
"""

from datetime import UTC, datetime

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from lifecycle.networks import network_of

MOST = 10
SECONDS = 15 * 60


def refused_until(request: HttpRequest, about: str, *, now: datetime) -> datetime | None:
    """Count one try about a matter, and from the network it comes from; return when the next may be made if this one is too many."""
    turn = int(now.timestamp()) // SECONDS
    counts = [_count(f"{matter}:{turn}") for matter in (about, network_of(request))]
    return datetime.fromtimestamp((turn + 1) * SECONDS, UTC) if max(counts) > MOST else None


def _count(matter: str) -> int:
    key = "tries:" + salted_hmac("lifecycle.public.tries", matter).hexdigest()
    cache.add(key, 0, timeout=SECONDS)
    return int(cache.incr(key))
