"""The daily refit of every store, a few stores at a time; and what is bought together, counted as orders come.

The models are imported where they work: a web process never needs them.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from time import monotonic

from celery import shared_task
from django.db.models import Exists, OuterRef

from predictions.models import Fit
from stores import clock
from stores.models import Store

log = logging.getLogger(__name__)

EVERY = timedelta(days=1)
#: A task takes no new store after this many seconds; the largest one needs about as many again.
SECONDS = 60


#: The largest store takes minutes on a busy machine; the lease of `fitting` lasts longer, and so does the broker's patience.
@shared_task(name="predictions.tasks.refit_stores", soft_time_limit=1500, time_limit=1600)
def refit_stores() -> None:
    """Refit stores whose last fit is a day old, those never fitted first."""
    end = monotonic() + SECONDS
    while monotonic() < end and refit_next():
        pass


def refit_next() -> bool:
    """Refit one store that is due and that no other worker has; return whether there was one."""
    now = clock.read()
    fresh = Fit.objects.filter(store=OuterRef("pk"), kind=Fit.Kind.BGNBD, fitted_at__gt=now - EVERY)
    taken = Fit.objects.filter(store=OuterRef("pk"), kind=Fit.Kind.BGNBD, lease_until__gte=now)
    store = Store.objects.filter(~Exists(fresh), ~Exists(taken)).order_by("pk").first()
    if store is None:
        return False
    from predictions import baskets, fitting, replenishment, together

    if fitting.take(store, now=now):
        replenishment.learn(store, now=now)
        together.check(store, now=now)
        baskets.learn(store, now=now)
        fitting.refit(store, now=now)
    return True


@shared_task(name="predictions.tasks.count_baskets", soft_time_limit=1500, time_limit=1600)
def count_baskets() -> None:
    """Count what those bought whose orders changed, of each store for some seconds, and learn from it once an hour."""
    from predictions import baskets, together

    now, end = clock.read(), monotonic() + SECONDS

    def follow(store: Store) -> None:
        while together.follow(store, now=now) and monotonic() < end:
            pass

    _of_each(together.waiting(), follow)
    _of_each(baskets.due(now=now), lambda store: baskets.learn(store, now=now))


def _of_each(stores: Iterable[Store], act: Callable[[Store], None]) -> None:
    for store in stores:
        try:
            act(store)
        except Exception:
            log.exception("What is bought together in store %s could not be counted; the next turn tries again.", store.slug)
