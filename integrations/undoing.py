"""Takes back what an import brought: what only it made and nobody has touched since; the rest stays, each with its reason.

Orders first, of all batches, then words on marketing and changed names, then people: whoever has no order left may go. Orders that were
here before and that the file changed stay as it left them.
"""

from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db import transaction

from customers import taking_back as people
from customers.models import Customer
from integrations.models import ImportJob, ImportTrace
from orders import taking_back as orders
from stores import clock
from stores.models import User

State = ImportJob.State
WITHIN = timedelta(days=30)
_LEASE = timedelta(seconds=60)
_EXAMPLES = 20
_FORGOTTEN_AT_ONCE = 200


def is_possible(job: ImportJob, *, now: datetime) -> bool:
    """Say whether an import can be undone: it ended within thirty days, and it made something."""
    is_ended = job.state in (State.DONE, State.CANCELLED) and job.finished_at is not None and job.finished_at > now - WITHIN
    return is_ended and job.traces.exists()


def start(job: ImportJob, *, by: User, now: datetime) -> bool:
    """Have an import undone; return whether it can be."""
    if not is_possible(job, now=now):
        return False
    started = ImportJob.objects.filter(pk=job.pk, state=job.state).update(state=State.UNDOING, undone={}, undone_at=now, undone_by=by)
    return bool(started)


def forget(*, now: datetime) -> None:
    """Forget how old imports could be undone."""
    old = ImportTrace.objects.filter(at__lt=now - WITHIN).exclude(job__state=State.UNDOING).order_by("id")
    ImportTrace.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:_FORGOTTEN_AT_ONCE])).delete()


def work(job: ImportJob, *, end: float) -> None:
    """Go on undoing until all is done or the time ends; a batch and its count are one commit."""
    while _step(job):
        if monotonic() > end:
            ImportJob.objects.filter(pk=job.pk, claim=job.claim).update(claim=None, lease_until=None)
            return
    ImportJob.objects.filter(pk=job.pk, claim=job.claim).update(state=State.UNDONE, claim=None, lease_until=None)


@transaction.atomic
def _step(job: ImportJob) -> bool:
    """Take back a part of one batch; return whether there was one, the job being ours."""
    if not ImportJob.objects.filter(pk=job.pk, claim=job.claim, state=State.UNDOING).update(lease_until=clock.read() + _LEASE):
        return False
    traces = ImportTrace.objects.filter(job=job).order_by("-id")
    with_orders = traces.filter(orders__len__gt=0).first()
    if with_orders is not None:
        _orders_of(job, with_orders)
        with_orders.orders = []
        with_orders.save(update_fields=["orders"])
    elif (trace := traces.first()) is not None:
        _people_of(job, trace)
        trace.delete()
    else:
        return False
    ImportJob.objects.filter(pk=job.pk).update(undone=job.undone)
    return True


def _orders_of(job: ImportJob, trace: ImportTrace) -> None:
    result = orders.take_back(job.store_id, trace.orders, since=trace.at, now=clock.read())
    _count(job, "orders", result.gone)
    for pk, (name, reason) in result.kept.items():
        _keep(job, "orders", reason, pk, name)


def _people_of(job: ImportJob, trace: ImportTrace) -> None:
    taken, spoken = people.unsay(job.store_id, trace.consents)
    _count(job, "consents", taken)
    if spoken:
        _keep(job, "consents", "their customers have spoken for themselves since", count=spoken)
    restored, partly = people.restore(job.store_id, {int(pk): changed for pk, changed in trace.before.items()})
    _count(job, "restored", restored)
    if partly:
        _keep(job, "restored", "they were changed once more since", count=partly)
    why = people.take_back(job.store_id, trace.customers, consents=trace.consents)
    there = len(trace.customers) - len(why)
    _count(job, "customers", there)
    named = Customer.objects.in_bulk(why)
    for pk, reason in why.items():
        _keep(job, "customers", reason, pk, str(named[pk]))


def _count(job: ImportJob, what: str, number: int) -> None:
    job.undone[what] = job.undone.get(what, 0) + number


def _keep(job: ImportJob, what: str, reason: str, pk: int = 0, name: str = "", *, count: int = 1) -> None:
    """Note what stays: how many for each reason, and the first of them by name."""
    kept: dict[str, int] = job.undone.setdefault("kept", {}).setdefault(what, {})
    kept[reason] = kept.get(reason, 0) + count
    examples: list[dict[str, Any]] = job.undone.setdefault("examples", [])
    if pk and len(examples) < _EXAMPLES:
        examples.append({"what": what, "id": pk, "name": name[:120], "why": reason})
