"""What is done with many customers at once, kept for a while so that it can be taken back: of just those whom it changed."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Func, IntegerField, QuerySet

from customers import tagging, touching
from customers.models import Customer, Touched
from segments import saving
from segments.models import BulkAct, Segment
from stores.models import Store, User

KEPT_FOR = timedelta(days=30)
#: So many are looked at one by one; for more, the segments that ask about tags are found anew.
FEW = 1000
Verb = BulkAct.Verb
_TAGGING: dict[str, Callable[[QuerySet[Customer], str], list[int]]] = {Verb.TAG: tagging.add, Verb.UNTAG: tagging.remove}
_BACK = {Verb.TAG: Verb.UNTAG, Verb.UNTAG: Verb.TAG}


@transaction.atomic
def tag(store: Store, people: QuerySet[Customer], verb: Verb, name: str, *, by: User, now: datetime) -> int:
    """Give these customers a tag or take it from them; return of how many that changed something."""
    changed = _tag(store.pk, people, verb, name)
    if changed:
        BulkAct.objects.create(store=store, verb=verb, tag=name, people=changed, by=by, at=now)
    return len(changed)


@transaction.atomic
def put_on(segment: Segment, people: QuerySet[Customer], *, by: User, now: datetime) -> int:
    """Put these customers on a list; return how many were not on it."""
    added = saving.add_to_list(segment, people, now=now)
    if added:
        BulkAct.objects.create(store_id=segment.store_id, verb=Verb.LIST, segment=segment, people=added, by=by, at=now)
    return len(added)


@transaction.atomic
def undo(act: BulkAct, *, now: datetime) -> int | None:
    """Take an act back; return of how many that changed something, None if that was done already."""
    held = BulkAct.objects.select_for_update(of=("self",)).select_related("segment").filter(pk=act.pk, undone_at=None).first()
    if held is None:
        return None
    BulkAct.objects.filter(pk=held.pk).update(undone_at=now)
    if held.segment is not None:
        return len(saving.take_from_list(held.segment, held.people, now=now))
    people = Customer.objects.filter(store=held.store_id, pk__in=held.people, erased_at=None)
    return len(_tag(held.store_id, people, _BACK[Verb(held.verb)], held.tag))


def lately(store: Store, *, now: datetime, most: int = 5) -> QuerySet[BulkAct]:
    """Return what was done last and can still be taken back."""
    acts = BulkAct.objects.filter(store=store, undone_at=None, at__gte=now - KEPT_FOR).select_related("by", "segment").defer("people")
    number = Func(F("people"), function="cardinality", output_field=IntegerField())
    return acts.annotate(number=number).order_by("-at", "-pk")[:most]


def forget(*, now: datetime) -> None:
    """Delete acts that are too old to be taken back."""
    BulkAct.objects.filter(at__lt=now - KEPT_FOR).delete()


def _tag(store_id: int, people: QuerySet[Customer], verb: Verb, name: str) -> list[int]:
    changed = _TAGGING[verb](people, name)
    if len(changed) > FEW:
        touching.touch_all(store_id, Touched.What.TAGS)
    else:
        touching.touch(store_id, changed)
    return changed
