"""The night's work on what is known of customers: their scores worked out, their figures checked, likely duplicates found;
and how long parcels take to them."""

import logging
from time import monotonic

from celery import shared_task

from customers import duplicates, merging, rfm_refresh
from orders import figures_check, ingest_parked, learning
from stores import clock

log = logging.getLogger(__name__)

#: A turn ends after so many seconds, with the store it is at; the next one goes on.
TURN_SECONDS = 60


@shared_task(name="orders.tasks.know_customers")
def know_customers() -> None:
    """Go through the stores whose night has come."""
    end = monotonic() + TURN_SECONDS
    now = clock.read()
    merging.forget(now=now)
    ingest_parked.let_go(now=now)
    for store in rfm_refresh.due(now=now):
        if monotonic() > end:
            return
        try:
            if rfm_refresh.refresh(store, now=now):
                figures_check.look(store, now=now)
                learning.learn(store, now=now)
                duplicates.find(store)
        except Exception:
            log.exception("The night's work on the customers of store %s failed; the next turn tries again.", store.slug)
