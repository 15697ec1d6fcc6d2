"""Counts in the cache, by which a flood is told from a few: single atomic steps, under keys that say neither who nor what."""

from django.core.cache import cache
from django.utils.crypto import salted_hmac


def count(purpose: str, about: str, *, seconds: int) -> int:
    """Return how often this was counted in so many seconds, this time included; the count expires by itself."""
    key = f"{purpose}:{salted_hmac(f'lifecycle.counts.{purpose}', about).hexdigest()}"
    cache.add(key, 0, timeout=seconds)
    try:
        return int(cache.incr(key))
    except ValueError:  # a cache that is full, or was emptied, let go of it in between
        cache.set(key, 1, timeout=seconds)
        return 1
