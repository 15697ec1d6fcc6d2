"""What the builder shows of a rule while it is written: how many it means, who for example and why, and which row leaves nobody.

Everything is asked of the facts as they stand, within a few seconds for all of it: a rule that takes longer is said to be slow.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, connection

from customers.models import Customer
from segments import compiling, cutoffs, naming, patience, setting
from segments.columns import Piece
from segments.rules.tree import Group, Node, Row, rows_of
from segments.rules.wording import Names, Seen, fact, row
from segments.setting import Setting
from stores.models import Store

PATIENCE = timedelta(seconds=4)
SAMPLE = 8
_MAY_GET = Row("marketing", "any", values=("may_get",))


@dataclass(frozen=True)
class Why:
    """One row of a rule about one person: its words, whether it holds, and what is known."""

    number: int
    words: str
    holds: bool
    known: str


@dataclass(frozen=True)
class Person:
    """A customer, whether the rule means them, and why."""

    customer: Customer
    is_in: bool
    whys: Sequence[Why]

    @property
    def because(self) -> str:
        """Return what is known of them that decides: of those it means what holds, of others what does not."""
        return " · ".join(dict.fromkeys(why.known for why in self.whys if why.holds == self.is_in))


@dataclass(frozen=True)
class Answer:
    """How many people a rule means and may get marketing, some of them, and the row that leaves nobody; `is_slow`: it took too long."""

    count: int = 0
    reach: int = 0
    sample: Sequence[Person] = ()
    emptied_by: str = ""
    is_slow: bool = False


@dataclass(frozen=True)
class _Asking:
    """One rule asked of one store now."""

    node: Node
    at: Setting
    names: Names


def _asking(store: Store, node: Node, *, now: datetime) -> _Asking:
    cuts = cutoffs.of(store.pk, node, now=now)
    return _Asking(node, setting.of(store, now=now, cuts=cuts), naming.names_of(store, [node]))


def ask(store: Store, node: Node, *, now: datetime) -> Answer:
    """Return what a rule comes to."""
    try:
        with patience.at_most(PATIENCE):
            asking = _asking(store, node, now=now)
            count = _count(node, asking.at)
            if not count:
                return Answer(emptied_by=_emptied_by(asking))
            reach = _count(Group("all", (node, _MAY_GET)), asking.at)
            found = compiling.ids(node, asking.at)
            some = [pk for (pk,) in _rows(Piece(f"SELECT id FROM ({found.sql}) s LIMIT {SAMPLE}", found.values))]
            return Answer(count, reach, _people(asking, some))
    except DatabaseError as error:
        if patience.is_over(error):
            return Answer(is_slow=True)
        raise


def about(store: Store, node: Node, customer: Customer, *, now: datetime) -> Person | None:
    """Return whether a rule means a customer, and why; None where that took too long."""
    try:
        with patience.at_most(PATIENCE):
            [person] = _people(_asking(store, node, now=now), [customer.pk])
            return person
    except DatabaseError as error:
        if patience.is_over(error):
            return None
        raise


def _count(node: Node, at: Setting) -> int:
    found = compiling.ids(node, at)
    return int(_rows(Piece(f"SELECT count(*) FROM ({found.sql}) s", found.values))[0][0])


def _rows(piece: Piece) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(piece.sql, list(piece.values))
        return list(cursor.fetchall())


def _people(asking: _Asking, ids: Sequence[int]) -> list[Person]:
    """Return customers with their reasons, in the order of their names; two queries however many."""
    rows = list(rows_of(asking.node))
    lines = {line[0]: line[1:] for line in _rows(compiling.explained(asking.node, asking.at, ids))}
    people = []
    for customer in Customer.objects.filter(pk__in=ids).order_by("name", "pk"):
        cells = lines[customer.pk]
        seen = [Seen(*cells[start : start + 3]) for start in range(0, len(cells), 3)]
        whys = [
            Why(one.number, row(one, asking.names), known.holds, fact(one, known, asking.names, now=asking.at.now))
            for one, known in zip(rows, seen, strict=True)
        ]
        is_in = customer.erased_at is None and _holds(asking.node, {why.number: why.holds for why in whys})
        people.append(Person(customer, is_in, whys))
    return people


def _holds(node: Node, rows: dict[int, bool]) -> bool:
    if isinstance(node, Row):
        return rows[node.number]
    held = [_holds(child, rows) for child in node.children]
    return all(held) if node.mode == "all" else any(held) if node.mode == "any" else not any(held)


def _emptied_by(asking: _Asking) -> str:
    """Say which part of an "all" leaves nobody of those before it; empty where that is no single one."""
    node = asking.node
    if isinstance(node, Row) or node.mode != "all" or not node.children:
        return ""
    low, high = 0, len(node.children)
    while high - low > 1:  # nobody is left by the first `high` parts, somebody by the first `low`
        middle = (low + high) // 2
        low, high = (middle, high) if _is_somebody(replace(node, children=node.children[:middle]), asking.at) else (low, middle)
    return _part(node.children[low], asking.names, is_alone=low == 0)


def _is_somebody(node: Node, at: Setting) -> bool:
    found = compiling.ids(node, at)
    return bool(_rows(Piece(f"SELECT 1 FROM ({found.sql}) s LIMIT 1", found.values)))


def _part(node: Node, names: Names, *, is_alone: bool) -> str:
    numbers = [one.number for one in rows_of(node)]
    which = f"Row {numbers[0]}" if len(numbers) == 1 else f"The group of rows {numbers[0]} to {numbers[-1]}"
    words = f" ({row(next(rows_of(node)), names)})" if len(numbers) == 1 else ""
    return f"{which}{words} {'holds for nobody' if is_alone else 'leaves nobody of those before it'}."
