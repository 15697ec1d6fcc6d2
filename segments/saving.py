"""Making segments and lists, changing their rules, putting them away."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from customers.models import Customer
from segments import cutoffs, trees
from segments.models import Segment
from segments.rules.parsing import parse
from segments.rules.tree import Node, rows_of
from stores.models import Store

LONGEST_NAME = 120


class Taken(ValueError):
    """A name that another segment of the store has."""


class InUse(ValueError):
    """A segment that others ask about cannot be put away."""


def create(store: Store, *, name: str, rule: dict[str, Any], now: datetime, is_watched: bool = False) -> Segment:
    """Make a segment; its members are found within seconds. Raise NotARule, Taken."""
    node = _checked(rule, store_id=store.pk, pk=None)
    cutoffs.of(store.pk, node, now=now)
    return _keep(Segment(store=store, name=name, rule=rule, asks=_asks(node), is_watched=is_watched, created_at=now, due_at=now))


def create_list(store: Store, *, name: str, now: datetime) -> Segment:
    """Make an empty list that people fill by hand. Raise Taken."""
    return _keep(Segment(store=store, name=name, kind=Segment.Kind.LIST, created_at=now, filled_at=now))


@transaction.atomic
def change(segment: Segment, *, name: str, rule: dict[str, Any], now: datetime) -> Segment:
    """Give a segment another name or rule. Whom a new rule finds did nothing: nobody is told. Raise NotARule, Taken."""
    held = Segment.objects.select_for_update().get(pk=segment.pk)
    held.name = name
    if held.kind == Segment.Kind.RULE and rule != held.rule:
        node = _checked(rule, store_id=held.store_id, pk=held.pk)
        cutoffs.of(held.store_id, node, now=now)
        held.asks = _asks(node)
        held.rule, held.filled_at, held.due_at, held.problem = rule, None, now, ""
    return _keep(held)


def watch(segment: Segment, *, is_watched: bool) -> None:
    """Tell the wire from now on who enters and leaves, or no longer."""
    Segment.objects.filter(pk=segment.pk).update(is_watched=is_watched)


@transaction.atomic
def archive(segment: Segment, *, now: datetime) -> None:
    """Put a segment away: it is no longer brought up to date. Raise InUse."""
    if asking := trees.asking(segment):
        raise InUse(f"“{segment}” cannot be archived: the rule of {', '.join(f'“{other}”' for other in asking)} asks about it.")
    Segment.objects.filter(pk=segment.pk, archived_at=None).update(archived_at=now, due_at=None)


def restore(segment: Segment, *, now: datetime) -> None:
    """Take a segment up again: its members are found anew, and nobody is told."""
    is_rule = segment.kind == Segment.Kind.RULE
    Segment.objects.filter(pk=segment.pk).exclude(archived_at=None).update(
        archived_at=None, due_at=now if is_rule else None, filled_at=None if is_rule else segment.filled_at
    )


@transaction.atomic
def add_to_list(segment: Segment, people: QuerySet[Customer], *, now: datetime) -> list[int]:
    """Put customers of the same store on a list; return those who were not on it."""
    held = Segment.objects.select_for_update(no_key=True).get(pk=segment.pk, kind=Segment.Kind.LIST)
    ours = people.filter(store=held.store_id, erased_at=None)
    statement, values = ours.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO segments_membership (store_id, segment_id, customer_id, entered_at)"
            f" SELECT %s, %s, found.id, %s FROM ({statement}) AS found(id)"
            " ON CONFLICT (segment_id, customer_id) DO NOTHING RETURNING customer_id",
            [held.store_id, held.pk, now, *values],
        )
        added = [pk for (pk,) in cursor.fetchall()]
    _recount(held, added, now=now)
    return added


@transaction.atomic
def take_from_list(segment: Segment, people: Iterable[int], *, now: datetime) -> list[int]:
    """Take customers off a list; return those who were on it."""
    held = Segment.objects.select_for_update(no_key=True).get(pk=segment.pk, kind=Segment.Kind.LIST)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM segments_membership WHERE segment_id = %s AND customer_id = ANY(%s) RETURNING customer_id", [held.pk, list(people)]
        )
        gone = [pk for (pk,) in cursor.fetchall()]
    _recount(held, gone, now=now)
    return gone


def _recount(segment: Segment, moved: list[int], *, now: datetime) -> None:
    """Note how many a list has, and have those segments looked through that ask about it."""
    if moved:
        segment.people = segment.memberships.count()
        segment.save(update_fields=["people"])
        trees.ask_again(segment, now=now)


def _asks(node: Node) -> list[str]:
    return sorted({row.what for row in rows_of(node)})


def _checked(rule: dict[str, Any], *, store_id: int, pk: int | None) -> Node:
    """Return the tree of a rule that may be this segment's."""
    node = parse(rule)
    trees.check(node, store_id=store_id, pk=pk)
    return node


def _keep(segment: Segment) -> Segment:
    """Write a segment whose name is nobody else's."""
    segment.name = " ".join(segment.name.replace("\x00", "").split())
    if not segment.name or len(segment.name) > LONGEST_NAME:
        raise Taken(f"Give it a name of at most {LONGEST_NAME} characters.")
    if Segment.objects.filter(store=segment.store_id, name=segment.name).exclude(pk=segment.pk).exists():
        raise Taken("There is a segment of that name already, perhaps archived. Give this one another name.")
    segment.save()
    return segment
