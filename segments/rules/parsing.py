"""Reads a rule from JSON: every row that cannot be understood is named, with what to do about it. Pure.

    {"all": [ROW or GROUP, …]}   {"any": […]}   {"not": […]} (none of these)   {"everyone": true}
    ROW: {"what": "orders_count", "op": "at_least", "value": 2}

Other fields of a row, as its family asks: `upper` (of "between"), `values`, `times`, `when` ("ever", "in_last", "between",
"since_segment"), `days`, `start`, `end` (days such as "2026-12-24"), `segment`, `month`, `draw`. Numbers may be given as texts, as forms
send them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, get_args

from segments.rules.catalogue import CATALOGUE, OPS, TIMED, WHEN, What, ops_of
from segments.rules.tree import EVERYONE_NODE, Group, Mode, Node, Row, When

DEEPEST, MOST_ROWS, MOST_VALUES, LONGEST_VALUE, MOST_DAYS = 4, 40, 200, 120, 3650
_LARGEST = Decimal(10) ** 12
_MODES = get_args(Mode)
_FIVE = frozenset({"rfm_recency", "rfm_frequency", "rfm_monetary", "answer"})


@dataclass(frozen=True)
class Problem:
    """What is wrong in one row (its place in the tree, and its number in reading order; 0: the whole rule) and field."""

    place: tuple[int, ...]
    number: int
    field: str
    words: str

    def __str__(self) -> str:
        return f"Row {self.number}: {self.words}" if self.number else self.words


class NotARule(ValueError):
    """A rule that cannot be understood, with a problem for each row that is the cause."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(" ".join(str(problem) for problem in problems))
        self.problems = problems


class _Wrong(Exception):
    """One field of the row that is being read is wrong."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(words)
        self.name = name


@dataclass
class _Reading:
    """How far one reading has got."""

    problems: list[Problem] = field(default_factory=list)
    count: int = 0


def parse(rule: object) -> Node:
    """Return the tree of a rule; raise NotARule with every problem found."""
    if rule == {"everyone": True}:
        return EVERYONE_NODE
    reading = _Reading()
    node = _node(rule, (), reading)
    if isinstance(node, Row):
        node = Group("all", (node,))
    if reading.problems:
        raise NotARule(reading.problems)
    assert node is not None
    return node


def _node(value: object, place: tuple[int, ...], reading: _Reading) -> Node | None:
    """Read a row or a group; None where a problem was noted."""
    if not isinstance(value, Mapping):
        _note(reading, place, 0, "", "A rule is made of rows and groups; this is neither.")
        return None
    modes = [mode for mode in _MODES if mode in value]
    if not modes:
        return _row(value, place, reading)
    children = value[modes[0]]
    if len(value) != 1 or not isinstance(children, list):
        _note(reading, place, 0, "", "A group is one of “all”, “any” and “not” with a list of rows.")
        return None
    if not children:
        _note(reading, place, 0, "mode", "A group is empty. Add a row to it, or remove it.")
        return None
    if len(place) >= DEEPEST:
        _note(reading, place, 0, "mode", f"Groups stand more than {DEEPEST} deep in each other. Put some of them side by side.")
        return None
    read = [_node(child, (*place, index), reading) for index, child in enumerate(children[: MOST_ROWS + 1])]
    return Group(modes[0], tuple(node for node in read if node is not None))


def _row(value: Mapping[Any, Any], place: tuple[int, ...], reading: _Reading) -> Row | None:
    reading.count += 1
    number = reading.count
    if number > MOST_ROWS:
        if number == MOST_ROWS + 1:
            _note(
                reading, place, number, "what", f"A rule may have {MOST_ROWS} rows. Make a segment of some, and ask whether they are in it."
            )
        return None
    try:
        what = CATALOGUE.get(_text(value.get("what")))
        if what is None:
            raise _Wrong("what", "Choose what this row is about.")
        op = _one_of(value.get("op", OPS[what.family][0][0]), ops_of(what), "op")
        read = _READERS[what.family](value, what, op)
        if what.family in TIMED:
            read = replace(read, times=_whole(value.get("times") or 1, "times", 1, 1000), when=_when(value))
        return replace(read, number=number)
    except _Wrong as wrong:
        _note(reading, place, number, wrong.name, str(wrong))
        return None


def _note(reading: _Reading, place: tuple[int, ...], number: int, name: str, words: str) -> None:
    reading.problems.append(Problem(place, number, name, words))


def _number(value: Mapping[Any, Any], what: What, op: str) -> Row:
    least, most = (Decimal(1), Decimal(5)) if what.key in _FIVE else (Decimal(0), Decimal(100) if what.family == "share" else _LARGEST)
    if op == "top_percent":
        least, most = Decimal("0.1"), Decimal(50)
    low = _decimal(value.get("value"), "value", least, most)
    if op != "between":
        return Row(what.key, op, low=low)
    high = _decimal(value.get("upper"), "upper", least, most)
    if high < low:
        raise _Wrong("upper", "The second number must be the larger one.")
    return Row(what.key, op, low=low, high=high)


def _moment(value: Mapping[Any, Any], what: What, op: str) -> Row:
    if op in ("known", "unknown"):
        return Row(what.key, op)
    if op == "between":
        return Row(what.key, op, when=_between(value))
    return Row(what.key, op, when=When("in_last", days=_whole(value.get("days"), "days", 1, MOST_DAYS)))


def _yearly(value: Mapping[Any, Any], what: What, op: str) -> Row:
    if op == "in_next":
        return Row(what.key, op, when=When("in_last", days=_whole(value.get("days"), "days", 0, 60)))
    return Row(what.key, op, month=_whole(value.get("month"), "month", 1, 12) if op == "in_month" else 0)


def _listed(value: Mapping[Any, Any], what: What, op: str) -> Row:
    return Row(what.key, op, values=_values(value, what))


def _products(value: Mapping[Any, Any], what: What, op: str) -> Row:
    values = _values(value, what)
    if not all(each.isascii() and each.isdigit() and len(each) <= 18 for each in values):
        raise _Wrong("values", "Choose products of this store.")
    if op == "did_together" and len(set(values)) < 2:
        raise _Wrong("values", "Choose at least two products that were bought together.")
    return Row(what.key, op, values=tuple(sorted(set(values), key=int)))


def _ordered(value: Mapping[Any, Any], what: What, op: str) -> Row:
    return Row(what.key, op)


def _answer(value: Mapping[Any, Any], what: What, op: str) -> Row:
    return Row(what.key, op) if op == "did_not" else _number(value, what, op)


def _segment(value: Mapping[Any, Any], what: What, op: str) -> Row:
    return Row(what.key, op, segment=_whole(value.get("segment"), "segment", 1, 2**62, "Choose a segment."))


def _sample(value: Mapping[Any, Any], what: What, op: str) -> Row:
    share = _decimal(value.get("value"), "value", Decimal("0.1"), Decimal(100))
    return Row(what.key, op, low=share, draw=_whole(value.get("draw") or 0, "draw", 0, 9999))


_READERS: dict[str, Callable[[Mapping[Any, Any], What, str], Row]] = {
    "number": _number, "money": _number, "share": _number, "moment": _moment, "yearly": _yearly, "choice": _listed, "text": _listed,
    "product": _products, "bought": _products, "category": _listed, "ordered": _ordered, "event": _listed, "action": _listed,
    "answer": _answer, "interest": _listed, "segment": _segment, "sample": _sample,
}  # fmt: skip


def _when(value: Mapping[Any, Any]) -> When:
    kind = _one_of(value.get("when") or "ever", WHEN, "when")
    if kind == "in_last":
        return When("in_last", days=_whole(value.get("days"), "days", 1, MOST_DAYS))
    if kind == "since_segment":
        return When("since_segment", segment=_whole(value.get("segment"), "segment", 1, 2**62, "Choose a segment."))
    return _between(value) if kind == "between" else When()


def _between(value: Mapping[Any, Any]) -> When:
    start, end = _day(value.get("start"), "start"), _day(value.get("end"), "end")
    if start is None and end is None:
        raise _Wrong("start", "Enter a first day, a last day, or both.")
    if start and end and end < start:
        raise _Wrong("end", "The last day must not be before the first.")
    return When("between", start=start, end=end)


def _values(value: Mapping[Any, Any], what: What) -> tuple[str, ...]:
    given = value.get("values")
    given = given if isinstance(given, list) else [given]
    if len(given) > MOST_VALUES:
        raise _Wrong("values", f"Choose at most {MOST_VALUES}.")
    values = tuple(dict.fromkeys(text for each in given if (text := _text(each))))
    if not values:
        raise _Wrong("values", "Choose at least one." if what.options else "Enter at least one.")
    if any(len(each) > LONGEST_VALUE for each in values):
        raise _Wrong("values", f"A value may have {LONGEST_VALUE} characters; one is longer.")
    if what.options and not set(values) <= {key for key, _ in what.options}:
        raise _Wrong("values", "Choose from the list.")
    return values


def _text(value: object) -> str:
    """Return a text without what no database keeps; numbers of products come as numbers from JSON."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**30 else ""
    return value.replace("\x00", "").encode("utf-8", "ignore").decode().strip() if isinstance(value, str) else ""


def _one_of(value: object, options: tuple[tuple[str, str], ...], name: str) -> str:
    if isinstance(value, str) and value in {key for key, _ in options}:
        return value
    raise _Wrong(name, "Choose from the list.")


def _decimal(value: object, name: str, least: Decimal, most: Decimal, missing: str = "Enter a number.") -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise _Wrong(name, missing)
    try:
        number = Decimal(str(value).strip().replace(",", "."))
    except (InvalidOperation, ValueError):
        raise _Wrong(name, missing) from None
    if not number.is_finite():
        raise _Wrong(name, missing)
    if not least <= number <= most:
        raise _Wrong(name, f"Enter a number from {least:f} to {most:,f}.")
    if -number.normalize().as_tuple().exponent > 6:  # type: ignore[operator]  # a finite number's is one
        raise _Wrong(name, "Enter a number with fewer decimals.")
    return number


def _whole(value: object, name: str, least: int, most: int, missing: str = "Enter a whole number.") -> int:
    number = _decimal(value, name, Decimal(least), Decimal(most), missing)
    if number != number.to_integral_value():
        raise _Wrong(name, missing)
    return int(number)


def _day(value: object, name: str) -> date | None:
    if value in (None, ""):
        return None
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        day = None
    if day is None or not 1990 <= day.year <= 2100:
        raise _Wrong(name, "Enter a day such as 2026-12-24.")
    return day
