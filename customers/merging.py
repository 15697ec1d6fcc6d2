"""Makes two customers one, and parts them again for thirty days.

Everything that points at the one who goes is moved, whichever room it stands in: the tables are found by their keys to Customer, so that
rooms above need not be known here. What could not stand twice (their figures and scores, a place in a segment that both have) is taken out
and kept word for word; so is the customer's own row. A room that must do more says so in settings: MERGE_BEFORE are called with (kept,
gone, now=) before anything moves, MERGE_AFTER with the ids of whom it concerned, after a merge and after its undoing.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Q
from django.utils.module_loading import import_string

from customers import consent, duplicates, events, traits
from customers.models import Alias, Consent, Customer, Duplicate, Merge

UNDO_FOR = timedelta(days=30)
_TABLE = Customer._meta.db_table
#: Taken over from the one who goes where the one who stays has nothing.
_GAPS = (
    "name",
    "first_name",
    "phone",
    "language",
    "timezone",
    "country",
    "city",
    "region",
    "postal_code",
    "birth_year",
    "birth_month",
    "birth_day",
)
_STRICT = ("marketing", "marketing_changed_at", "objected_to_service_at")


class NotPossible(Exception):
    """These two cannot be merged, or not be parted any more; the text says to a person why."""


@dataclass(frozen=True)
class Tie:
    """A column that points at a customer. `unique`: other columns with which it may stand once only; None where rows never collide."""

    table: str
    column: str
    unique: tuple[str, ...] | None
    is_single: bool


def merge(kept: Customer, gone: Customer, *, by: str, now: datetime) -> Merge:
    """Make `gone` part of `kept`. Raises NotPossible."""
    with transaction.atomic():
        kept, gone = _locked(kept, gone)
        for hook in settings.MERGE_BEFORE:
            import_string(hook)(kept.pk, gone.pk, now=now)
        Duplicate.objects.filter(Q(first=gone) | Q(second=gone)).delete()
        moved: dict[str, list[int]] = {}
        taken: list[tuple[str, Any]] = []
        for tie in ties():
            taken += [(tie.table, row) for row in _take_out(tie, kept.pk, gone.pk)]
            moved[f"{tie.table}.{tie.column}"] = _move(tie, to=kept.pk, of=gone.pk)
        taken += [(_TABLE, row) for row in _rows_out(_TABLE, "id = %s", [gone.pk])]
        before = _take_over(kept, gone, now=now)
        done = Merge.objects.create(
            store_id=kept.store_id, customer=kept, gone_id=gone.pk, gone_name=str(gone), by=by, at=now, before=before,
            moved={name: ids for name, ids in moved.items() if ids}, taken_out=[[table, row] for table, row in taken],
        )  # fmt: skip
        _tell(kept, done, now=now, text=f"{gone} became part of {kept}", by=by)
        _after(kept.pk)
    return done


def undo(merge: Merge, *, by: str, now: datetime) -> Customer:
    """Part two customers again; return the one who comes back. Raises NotPossible."""
    try:
        with transaction.atomic():
            held = Merge.objects.select_for_update().get(pk=merge.pk)
            if held.undone_at is not None:
                raise NotPossible("They were parted already, so nothing was changed.")
            if now - held.at > UNDO_FOR:
                raise NotPossible(f"Two customers can be parted for {UNDO_FOR.days} days; this merge is older.")
            if Merge.objects.filter(customer_id=held.customer_id, undone_at__isnull=True, at__gte=held.at, pk__gt=held.pk).exists():
                raise NotPossible("Somebody else was merged into the same customer later: undo that merge first.")
            back = _part(held)
            duplicates.dismiss(back, held.customer)
            held.undone_at, held.moved, held.taken_out = now, {}, []
            held.save(update_fields=["undone_at", "moved", "taken_out"])
            for customer in (Customer.objects.get(pk=held.customer_id), back):
                _tell(customer, held, now=now, text=f"{back} is a customer of their own again", by=by)
            _after(held.customer_id, back.pk)
    except IntegrityError as error:
        raise NotPossible("What belonged to them is somebody else’s by now, so nothing was changed.") from error
    return back


def forget(*, now: datetime) -> int:
    """Let go what was kept of merges that can no longer be undone; return how many."""
    old = Merge.objects.filter(at__lt=now - UNDO_FOR).exclude(taken_out=[])
    return old.update(moved={}, taken_out=[], before={})


def ties() -> list[Tie]:
    """Return every column of every room that points at a customer."""
    return sorted(_ties(), key=lambda tie: (tie.table, tie.column))


def _ties() -> Iterator[Tie]:
    for model in apps.get_models():
        if model is Duplicate:  # who is like whom is looked for anew every night
            continue
        for field in model._meta.concrete_fields:
            if field.is_relation and field.related_model is Customer:
                yield Tie(model._meta.db_table, field.column, _unique(model, field), bool(field.one_to_one))
            elif field.column == "customer_id" and not field.is_relation:
                yield Tie(model._meta.db_table, field.column, None, False)  # a plain number, as of an unread event


def _unique(model: type[models.Model], field: Any) -> tuple[str, ...] | None:
    """Return the columns beside the customer's of the constraint that two rows could break."""
    for each in model._meta.constraints:
        if isinstance(each, models.UniqueConstraint) and field.name in each.fields and each.condition is None:
            others: list[Any] = [model._meta.get_field(name) for name in each.fields if name != field.name]
            return tuple(other.column for other in others)
    return None


def _locked(kept: Customer, gone: Customer) -> tuple[Customer, Customer]:
    if kept.pk == gone.pk or kept.store_id != gone.store_id:
        raise NotPossible("Choose two different customers of one store.")
    found = Customer.objects.select_for_update().filter(store_id=kept.store_id, pk__in=[kept.pk, gone.pk]).order_by("pk").in_bulk()
    if len(found) < 2:
        raise NotPossible("One of the two is gone already, so nothing was changed.")
    if any(each.erased_at for each in found.values()):
        raise NotPossible("One of the two was erased at their own wish, so nothing was changed.")
    return found[kept.pk], found[gone.pk]


def _take_out(tie: Tie, kept: int, gone: int) -> list[Any]:
    """Take out the rows that could not stand beside those of the one who stays."""
    if tie.is_single:
        return _rows_out(tie.table, f"{tie.column} = %s", [gone])
    if tie.unique is None:
        return []
    same = "".join(f" AND twin.{name} = held.{name}" for name in tie.unique)
    twin = f"EXISTS (SELECT 1 FROM {tie.table} twin WHERE twin.{tie.column} = %s{same})"
    return _rows_out(tie.table, f"{tie.column} = %s AND {twin}", [gone, kept])


def _rows_out(table: str, condition: str, values: list[int]) -> list[Any]:
    """Delete rows and return them as JSON."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} AS held WHERE {condition} RETURNING to_jsonb(held)", values)
        return [row if isinstance(row, dict) else json.loads(row) for (row,) in cursor.fetchall()]


def _row_in(table: str, row: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, %s::jsonb)", [json.dumps(row)])


def _move(tie: Tie, *, to: int, of: int, only: list[int] | None = None) -> list[int]:
    """Let rows point at another customer; return their ids (none where a one-to-one row has no id of its own)."""
    if tie.is_single:
        return []
    some, values = ("", []) if only is None else (" AND id = ANY(%s)", [only])
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {tie.table} SET {tie.column} = %s WHERE {tie.column} = %s{some} RETURNING id", [to, of, *values])
        return [pk for (pk,) in cursor.fetchall()]


def _take_over(kept: Customer, gone: Customer, *, now: datetime) -> dict[str, Any]:
    """Fill the gaps of the one who stays, and let the stricter word on mails hold; return what was changed, as [before, after]."""
    old = {name: getattr(kept, name) for name in (*_GAPS, *_STRICT, "tags", "email", "email_key", "created_at")}
    for name in _GAPS:
        if getattr(kept, name) in ("", None):
            setattr(kept, name, getattr(gone, name))
    kept.tags, kept.created_at = traits.tags([*kept.tags, *gone.tags]), min(kept.created_at, gone.created_at)
    if gone.email_key and kept.email_key is None:
        kept.email, kept.email_key = gone.email, gone.email_key
    elif gone.email_key:
        Alias.objects.create(store_id=kept.store_id, customer=kept, email_key=gone.email_key)
    _be_stricter(kept, gone, now=now)
    kept.save(update_fields=list(old))
    changed = {name: (value, getattr(kept, name)) for name, value in old.items() if getattr(kept, name) != value}
    return {name: [_plain(before), _plain(after)] for name, (before, after) in changed.items()}


def _be_stricter(kept: Customer, gone: Customer, *, now: datetime) -> None:
    """A no of either goes with the person; a yes was said for the address it was said of, and gives the other none."""
    no = consent.Marketing.UNSUBSCRIBED
    if gone.marketing == no and kept.marketing != no:
        kept.marketing, kept.marketing_changed_at = no, now
        _note(kept, Consent.Topic.MARKETING, now=now)
    if gone.objected_to_service_at and not kept.objected_to_service_at:
        kept.objected_to_service_at = gone.objected_to_service_at
        _note(kept, Consent.Topic.SERVICE, now=now)


def _note(kept: Customer, topic: str, *, now: datetime) -> None:
    Consent.objects.create(
        store_id=kept.store_id, customer=kept, topic=topic, is_granted=False, source="merge", wording="", at=now, recorded_at=now
    )


def _part(held: Merge) -> Customer:
    """Bring the one who went back, with all that was theirs."""
    kept = Customer.objects.select_for_update().get(pk=held.customer_id)
    for name, (before, after) in held.before.items():
        if _plain(getattr(kept, name)) == after:  # else it was changed since, and that stands
            setattr(kept, name, _field(name).to_python(before))
    kept.save(update_fields=list(held.before) or None)
    row = next(row for table, row in held.taken_out if table == _TABLE)
    Alias.objects.filter(customer=kept, email_key=row["email_key"]).delete()
    _row_in(_TABLE, row)
    for tie in ties():
        _move(tie, to=held.gone_id, of=kept.pk, only=held.moved.get(f"{tie.table}.{tie.column}", []))
    for table, each in held.taken_out:
        if table != _TABLE:
            _row_in(table, each)
    return Customer.objects.get(pk=held.gone_id)


def _tell(customer: Customer, merge: Merge, *, now: datetime, text: str, by: str) -> None:
    data = {"text": text, "by": by, "merge": merge.pk}
    events.record(
        customer, events.Kind.CUSTOMER_MERGED, at=now, key=f"customer.merged:{merge.pk}:{customer.pk}:{now.isoformat()}", now=now, data=data
    )


def _after(*customers: int) -> None:
    for hook in settings.MERGE_AFTER:
        import_string(hook)(customers)


def _field(name: str) -> Any:
    return Customer._meta.get_field(name)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
