"""Turns the tree of a rule into one SQL statement: of a whole store, or of a few people (then each part looks at these alone).

Facts are conditions on columns of tables with one row a customer; a table whose row must exist for the rule to hold is joined inwards. What
happened is a semi-join or an anti-join where it must or must not hold in any case; inside an "any" it is an outer join on the set. How
often somebody ordered, ever or of late, is asked of their figures; that they never did is a mark of their own row. An "any" over several
tables that must hold is a union of what each of them finds. Where no row asks about the customer's own row, the statement begins with a
table that must have one, or with what must have happened, and `customers_customer` is left out. NULL counts as no throughout.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from segments import behaviours, columns
from segments.columns import SIDES, Piece
from segments.rules.catalogue import CATALOGUE
from segments.rules.tree import Group, Node, Row, rows_of
from segments.setting import Setting

#: Verbs that turn a row's condition round.
_TURNED = frozenset({"none", "did_not", "unknown"})
#: A number of a customer that looks like chance, the same in SQL and in Python: two rounds of a 32-bit mixer.
_MASK, _FACTOR = 0xFFFFFFFF, 0x45D9F3B


@dataclass
class _Writing:
    """One statement as far as it is written. `first` is the row it begins with, if it begins with what happened."""

    setting: Setting
    people: Sequence[int] | None
    key: str
    first: Row | None = None
    has_figures: bool = False
    joins: list[Piece] = field(default_factory=list)


def ids(node: Node, setting: Setting, *, people: Iterable[int] | None = None) -> Piece:
    """Return the SELECT of the numbers of those a rule means; of `people` alone if they are given."""
    if people is not None:
        return _whole(node, setting, sorted(set(people)))
    parts = list(_parts(node))
    if len(parts) == 1 and (since := _not_since(parts[0])):
        parts = [since]
    apart = [part for part in parts if _is_apart(part)]
    rest = [part for part in parts if part not in apart]
    found = _whole(Group("all", tuple(rest)), setting) if rest or not apart else _united(apart.pop(0), setting)
    for part in apart:
        among = _united(part, setting)
        found = Piece(f"SELECT a.id FROM ({found.sql}) a WHERE a.id IN ({among.sql})", found.values + among.values)
    return found


def _parts(node: Node) -> Iterator[Node]:
    """Yield the parts of a rule that must all hold."""
    if isinstance(node, Row) or not (node.mode == "all" or (node.mode == "any" and len(node.children) == 1)):
        yield node
    else:
        for child in node.children:
            yield from _parts(child)


def _not_since(node: Node) -> Group | None:
    """Return "ordered nothing of late" as it is found by indexes where nothing else is asked: they never did, or their last is older."""
    if isinstance(node, Group) or (node.what, node.op, node.when.kind, node.times) != ("ordered", "did_not", "in_last", 1):
        return None
    return Group("any", (Row("ordered", "did_not"), Row("last_order", "before_last", when=node.when)))


def _is_apart(node: Node) -> bool:
    """Say whether a part is an "any" over several tables: each finds its own by its own index, faster than all joined outwards."""
    return isinstance(node, Group) and node.mode == "any" and len(_by_table(node)) > 1


def _by_table(node: Group) -> list[Group]:
    """Return the children of an "any" so that those which ask about the same tables stay together."""
    together: dict[Any, list[Node]] = {}
    for child in node.children:
        happened = any(row.what not in columns.COLUMNS for row in rows_of(child))
        together.setdefault(id(child) if happened else frozenset(_tables(child)), []).append(child)
    return [Group("any", tuple(children)) for children in together.values()]


def _united(node: Node, setting: Setting) -> Piece:
    assert isinstance(node, Group)
    return _together([ids(part, setting) for part in _by_table(node)], "UNION", wrap=False)


def _whole(node: Node, setting: Setting, few: Sequence[int] | None = None) -> Piece:
    """Return one SELECT over joined tables; of `few` people alone if they are given."""
    sides, first = _tables(node), _first(node)
    if first and _is_figure(first):
        sides.add("m")
    inner = [side for side in SIDES if side in sides and _without(node, side) is False]
    if inner or "c" in sides:
        first = None
    driver = "d" if first else "c" if "c" in sides or not inner else inner[0]
    writing = _Writing(setting, few, "c.id" if driver == "c" else f"{driver}.customer_id", first, "m" in sides)
    asked = _node(node, writing, is_turned=False, is_certain=True)
    begin = _begin(driver, writing)
    others = [_beside(side, writing, is_inner=side in inner) for side in SIDES if side in sides and side != driver]
    where = _together([_of_store(driver, writing), _not_erased(driver, writing), asked], "AND")
    tables = _together([begin, *others, *writing.joins], "", wrap=False)
    return Piece(f"SELECT {writing.key} AS id FROM {tables.sql} WHERE {where.sql}", tables.values + where.values)


def explained(node: Node, setting: Setting, people: Sequence[int]) -> Piece:
    """Return a SELECT with a line for each of `people`: their number, and for every row of the rule whether it holds, a value, a moment."""
    writing = _Writing(setting, list(people), "c.id")
    cells = [Piece("c.id")]
    for row in rows_of(node):
        cells += _cells(row, writing)
    tables = " ".join(f"LEFT JOIN {table} {side} ON {side}.customer_id = c.id" for side, table in SIDES.items())
    picked, joins = _together(cells, ",", wrap=False), _together(writing.joins, "", wrap=False)
    return Piece(
        f"SELECT {picked.sql} FROM customers_customer c {tables} {joins.sql} WHERE c.store_id = %s AND c.id = ANY(%s)",
        (*picked.values, *joins.values, setting.store_id, list(people)),
    )


def _cells(row: Row, writing: _Writing) -> list[Piece]:
    family = CATALOGUE[row.what].family
    if family in behaviours.FAMILIES:
        name = _join(behaviours.times(row, writing.setting, writing.people, counted=True), writing)
        reached = Piece(f"coalesce({name}.n, 0) >= %s", (row.times,))
        return [_turned(reached, row.op in _TURNED), Piece(f"{name}.n"), Piece(f"{name}.last")]
    holds = _fact(row, writing, is_turned=False)
    value = holds if family == "sample" else columns.shown(row, writing.setting)
    return [Piece(f"({holds.sql}) IS TRUE", holds.values), value, Piece("NULL")]


def _tables(node: Node) -> set[str]:
    """Return the tables in which the facts stand that a part asks about."""
    sides = {columns.COLUMNS[row.what].table for row in rows_of(node) if row.what in columns.COLUMNS and not _is_never(row)}
    return sides | {"c"} if any(map(_is_never, rows_of(node))) else sides


def _is_never(row: Row) -> bool:
    """Say whether a row asks for those who never ordered: a mark of their own, with an index, where figures would be everybody's."""
    if row.what == "ordered":
        return row.op == "did_not" and row.when.kind == "ever" and row.times == 1
    return row.what == "orders_count" and row.op != "at_least" and (row.low if row.high is None else row.high) == 0


def _is_figure(row: Row) -> bool:
    """Say whether a row about orders can be a condition on the customer's figures."""
    return behaviours.is_kept(row) and row.when.kind != "since_segment" and not _is_never(row)


def _first(node: Node) -> Row | None:
    """Return something that must have happened to begin with: best the membership of a segment, last what figures can answer."""
    found = [row for row in _certain(node) if CATALOGUE[row.what].family in behaviours.FAMILIES and row.op not in _TURNED]
    return min(found, key=lambda row: (row.what != "segment", _is_figure(row)), default=None)


def _certain(node: Node) -> Iterator[Row]:
    """Yield the rows that must hold whatever the others do."""
    if isinstance(node, Row):
        yield node
    elif node.mode == "all" or (node.mode == "any" and len(node.children) == 1):
        for child in node.children:
            yield from _certain(child)


def _begin(driver: str, writing: _Writing) -> Piece:
    """Return the table or set that the statement begins with."""
    if writing.first is None:
        return Piece("customers_customer c" if driver == "c" else f"{SIDES[driver]} {driver}")
    found = behaviours.times(writing.first, writing.setting, writing.people)
    if behaviours.is_once(writing.first):
        return Piece(f"({found.sql}) d", found.values)
    return Piece(f"(SELECT DISTINCT s.customer_id FROM ({found.sql}) s) d", found.values)


def _beside(side: str, writing: _Writing, *, is_inner: bool) -> Piece:
    on = f"{side}.customer_id = {writing.key} AND {side}.store_id = %s"
    return Piece(f"{'JOIN' if is_inner else 'LEFT JOIN'} {SIDES[side]} {side} ON {on}", (writing.setting.store_id,))


def _of_store(driver: str, writing: _Writing) -> Piece:
    if driver == "d":
        return Piece("")
    store = Piece(f"{driver}.store_id = %s", (writing.setting.store_id,))
    if writing.people is None:
        return store
    return _together([store, Piece(f"{writing.key} = ANY(%s)", (list(writing.people),))], "AND")


def _not_erased(driver: str, writing: _Writing) -> Piece:
    if driver == "c":
        return Piece("c.erased_at IS NULL")
    gone = f"gone.store_id = %s AND gone.erased_at IS NOT NULL AND gone.id = {writing.key}"
    return Piece(f"NOT EXISTS (SELECT 1 FROM customers_customer gone WHERE {gone})", (writing.setting.store_id,))


def _without(node: Node, side: str) -> bool | None:
    """Say whether a rule holds for who has no row in a table; None where that depends on other tables."""
    if isinstance(node, Row):
        if side == "m" and _is_figure(node):
            return node.op in _TURNED
        column = columns.COLUMNS.get(node.what)
        if column is None or column.table != side or _is_never(node):
            return None
        return columns.holds_without(node) != (node.op in _TURNED)
    found = [_without(child, side) for child in node.children]
    if node.mode == "all":
        return False if False in found else None if None in found else True
    any_holds = True if True in found else None if None in found else False
    return any_holds if node.mode == "any" or any_holds is None else not any_holds


def _node(node: Node, writing: _Writing, *, is_turned: bool, is_certain: bool) -> Piece:
    """Write a part of the tree. `is_turned`: its opposite is wanted; `is_certain`: it must hold whatever else does."""
    if isinstance(node, Row):
        return _row(node, writing, is_turned=is_turned, is_certain=is_certain)
    if not node.children:
        return Piece("")
    turns = is_turned != (node.mode == "not")
    joint = "AND" if (node.mode == "all") != turns else "OR"
    certain = is_certain and (joint == "AND" or len(node.children) == 1)
    return _together([_node(child, writing, is_turned=turns, is_certain=certain) for child in node.children], joint)


def _row(row: Row, writing: _Writing, *, is_turned: bool, is_certain: bool) -> Piece:
    if _is_never(row):
        return Piece("c.has_ordered" if is_turned else "NOT c.has_ordered")
    if CATALOGUE[row.what].family not in behaviours.FAMILIES:
        return _fact(row, writing, is_turned=is_turned)
    if row is writing.first:
        return Piece("")
    is_absent = is_turned != (row.op in _TURNED)
    if writing.has_figures and _is_figure(row):
        return _turned(columns.ordered(row, writing.setting), is_absent)
    if is_certain and writing.first and row.when.kind == "since_segment" and row.when.segment == writing.first.segment:
        one = behaviours.times(row, writing.setting, None, member="d")
        return Piece(f"{'NOT ' if is_absent else ''}EXISTS ({one.sql})", one.values)
    found = behaviours.times(row, writing.setting, writing.people)
    if not is_certain:
        each = found if behaviours.is_once(row) else Piece(f"SELECT DISTINCT s.customer_id FROM ({found.sql}) s", found.values)
        name = _join(each, writing)
        return Piece(f"{name}.customer_id IS {'' if is_absent else 'NOT '}NULL")
    if is_absent:
        return Piece(f"NOT EXISTS (SELECT 1 FROM ({found.sql}) s WHERE s.customer_id = {writing.key})", found.values)
    return Piece(f"{writing.key} IN (SELECT s.customer_id FROM ({found.sql}) s)", found.values)


def _join(found: Piece, writing: _Writing) -> str:
    """Join a set of customers outwards and return its name."""
    name = f"b{len(writing.joins)}"
    writing.joins.append(Piece(f"LEFT JOIN ({found.sql}) {name} ON {name}.customer_id = {writing.key}", found.values))
    return name


def _fact(row: Row, writing: _Writing, *, is_turned: bool) -> Piece:
    asked = _drawn(row, writing) if row.what == "sample" else columns.condition(row, writing.setting)
    return _turned(asked, is_turned != (row.op in _TURNED))


def _turned(piece: Piece, is_turned: bool) -> Piece:
    return Piece(f"({piece.sql}) IS NOT TRUE", piece.values) if is_turned else piece


def _drawn(row: Row, writing: _Writing) -> Piece:
    """Return the condition of a random sample: each customer has a number below ten thousand, the same in every run of one draw."""
    assert row.low is not None
    start = f"(({writing.key} # %s) & {_MASK})"
    once = f"(((({start} >> 16) # {start}) * {_FACTOR}) & {_MASK})"
    mixed = f"((({once} >> 16) # {once}) * {_FACTOR} & {_MASK})"
    return Piece(f"mod({mixed}, 10000) < %s", (*[_salt(row.draw)] * 4, int(row.low * 100)))


def chance(customer: int, draw: int) -> int:
    """Return the number, below ten thousand, by which a customer is in a sample or not."""
    mixed = (customer ^ _salt(draw)) & _MASK
    for _ in range(2):
        mixed = (((mixed >> 16) ^ mixed) * _FACTOR) & _MASK
    return mixed % 10_000


def _salt(draw: int) -> int:
    return (draw * 2_654_435_761) & _MASK


def _together(pieces: Sequence[Piece], joint: str, *, wrap: bool = True) -> Piece:
    """Join the parts that say something by a word, their parameters in the same order."""
    pieces = [piece for piece in pieces if piece.sql]
    texts = [f"({piece.sql})" if wrap and len(pieces) > 1 else piece.sql for piece in pieces]
    space = ", " if joint == "," else f" {joint} "
    return Piece(space.join(texts), tuple(value for piece in pieces for value in piece.values))
