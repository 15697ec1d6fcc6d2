"""What a mail may promise: codes of a pool, each given once, or one shared code; with a real deadline."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time

from django.db import transaction
from django.db.models import Count

from campaigns.models import Offer, OfferCode, StepRun
from stores import walltime


@dataclass(frozen=True)
class Promise:
    """An offer as one person gets it: what, with which code, until when, where to use it."""

    value: str
    code: str
    ends_at: datetime
    url: str


def with_code(offers: Iterable[Offer], *, now: datetime) -> frozenset[int]:
    """Return the offers (ids) that have a code to give."""
    running = [offer for offer in offers if offer.ends_at is None or offer.ends_at > now]
    pools = [offer.pk for offer in running if offer.kind == Offer.Kind.POOL]
    filled = set(OfferCode.objects.filter(offer__in=pools, issued_at__isnull=True).values_list("offer_id", flat=True)) if pools else set()
    return frozenset(offer.pk for offer in running if offer.pk in filled or (offer.kind == Offer.Kind.SHARED and offer.code))


def left(offers: Iterable[Offer], *, now: datetime) -> dict[int, int | None]:
    """Return how many codes each offer (id) still has to give; None is no limit."""
    running = [offer for offer in offers if offer.ends_at is None or offer.ends_at > now]
    free = OfferCode.objects.filter(offer__in=[offer for offer in running if offer.kind == Offer.Kind.POOL], issued_at__isnull=True)
    numbers = dict(free.values("offer_id").annotate(number=Count("pk")).values_list("offer_id", "number"))
    return {offer.pk: None if offer.kind == Offer.Kind.SHARED and offer.code else numbers.get(offer.pk, 0) for offer in running}


def promise(offer: Offer, *, code: str, now: datetime) -> Promise:
    """Return an offer with this code: it ends with the last valid day by the store's clock, or with the shop's own end."""
    zone = walltime.zone_for(customer="", country="", store=offer.store.timezone)
    ends_at = walltime.at_wall_time(now, days=offer.days_valid, wall=time(23, 59), zone=zone)
    return Promise(offer.value, code, min(ends_at, offer.ends_at) if offer.ends_at else ends_at, offer.url or offer.store.website)


@transaction.atomic
def issue(offer: Offer, run: StepRun, *, now: datetime) -> Promise | None:
    """Give a run its code: the shared one, the one it already has, or the next of the pool; None if the pool is empty."""
    if offer.kind == Offer.Kind.SHARED:
        return promise(offer, code=offer.code, now=now)
    held = OfferCode.objects.filter(offer=offer, run=run).first()
    if held is not None:
        return promise(offer, code=held.code, now=now)
    free = OfferCode.objects.select_for_update(skip_locked=True).filter(offer=offer, issued_at__isnull=True).order_by("id").first()
    if free is None:
        return None
    given = promise(offer, code=free.code, now=now)
    free.run, free.issued_at, free.expires_at = run, now, given.ends_at
    free.save(update_fields=["run", "issued_at", "expires_at"])
    return given


@transaction.atomic
def give(offer: Offer, *, now: datetime) -> Promise | None:
    """Give a code by hand, to no mail: the shared one, or the next of the pool; None if there is none or the offer has ended."""
    if offer.ends_at is not None and offer.ends_at <= now:
        return None
    if offer.kind == Offer.Kind.SHARED:
        return promise(offer, code=offer.code, now=now) if offer.code else None
    free = OfferCode.objects.select_for_update(skip_locked=True).filter(offer=offer, issued_at__isnull=True).order_by("id").first()
    if free is None:
        return None
    given = promise(offer, code=free.code, now=now)
    free.issued_at, free.expires_at = now, given.ends_at
    free.save(update_fields=["issued_at", "expires_at"])
    return given
