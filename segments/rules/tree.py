"""The tree of a rule: groups of rows, each row one thing asked about a customer. Pure, immutable."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Mode = Literal["all", "any", "not"]


@dataclass(frozen=True)
class When:
    """When it happened: ever, in the last `days`, from `start` to the end of `end` (either may be open), since entering a segment."""

    kind: Literal["ever", "in_last", "between", "since_segment"] = "ever"
    days: int = 0
    start: date | None = None
    end: date | None = None
    segment: int = 0


@dataclass(frozen=True)
class Row:
    """One condition. `what` and `op` are of the catalogue; the rest is filled as far as the family asks for it.

    `low` and `high` bound a number (money as a decimal of the store's currency, shares in per cent), `values` are texts or numbers of
    products, `number` is the row's place in reading order.
    """

    what: str
    op: str
    low: Decimal | None = None
    high: Decimal | None = None
    values: tuple[str, ...] = ()
    times: int = 1
    when: When = When()
    segment: int = 0
    month: int = 0
    draw: int = 0
    number: int = 0


@dataclass(frozen=True)
class Group:
    """Rows and groups of which all, any or none must hold. Nothing in it at all stands for everyone."""

    mode: Mode
    children: tuple["Node", ...]


Node = Row | Group
EVERYONE_NODE = Group("all", ())


def rows_of(node: Node) -> Iterator[Row]:
    """Yield the rows of a tree in reading order."""
    if isinstance(node, Row):
        yield node
        return
    for child in node.children:
        yield from rows_of(child)


def segments_of(node: Node) -> set[int]:
    """Return the segments whose kept members a rule looks at."""
    return {number for row in rows_of(node) for number in (row.segment, row.when.segment) if number}


def products_of(node: Node) -> set[int]:
    """Return the products a rule names."""
    return {int(value) for row in rows_of(node) if row.what in ("bought", "first_product") for value in row.values}
