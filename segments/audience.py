"""The rule of a segment asked directly, by the facts as they stand: who is meant now. Kept members are `segments.membership`."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.db.models.expressions import RawSQL

from segments import compiling, cutoffs, setting, trees
from segments.columns import Piece
from segments.models import Segment
from stores.models import Store


def among(segment: Segment, people: Iterable[int], *, store: Store, now: datetime) -> set[int]:
    """Return those of a few customers whom a segment means."""
    piece = _ids(segment, store, now, people=people)
    with connection.cursor() as cursor:
        cursor.execute(piece.sql, list(piece.values))
        return {pk for (pk,) in cursor.fetchall()}


def everybody(segment: Segment, *, store: Store, now: datetime) -> RawSQL:
    """Return all whom a segment means as an expression for `pk__in` or `customer__in`."""
    piece = _ids(segment, store, now)
    return RawSQL(piece.sql, list(piece.values))


def _ids(segment: Segment, store: Store, now: datetime, *, people: Iterable[int] | None = None) -> Piece:
    node = trees.of(segment)
    cuts = cutoffs.of(store.pk, node, now=now)
    return compiling.ids(node, setting.of(store, now=now, cuts=cuts), people=people)
