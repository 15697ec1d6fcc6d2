"""Which events of a kind start a flow, end it or a wait: a few tests on an event's data, all of which must hold. Pure.

`[{"name": "score", "test": "at_least", "value": 4}]`. What is not there passes no test; a sum with a `currency` only sums of it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Test = Mapping[str, Any]

TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "is": lambda found, value: bool(found == value),
    "is_one_of": lambda found, value: found in value,
    "at_least": lambda found, value: _is_number(found) and found >= value,
    "at_most": lambda found, value: _is_number(found) and found <= value,
}


def holds(tests: Sequence[Test], data: Mapping[str, Any]) -> bool:
    """Say whether all tests hold of an event's data."""
    return all(_holds(test, data) for test in tests)


def is_meant(asked: Mapping[str, Any], kind: str, data: Mapping[str, Any], *, order: int | None) -> bool:
    """Say whether an event is one of those asked for ({"event": kind, "where": tests}) by a passage about an order (id), or about none.

    One that names an order is about this one; a purchase is another order's.
    """
    named = data.get("order")
    if kind != asked["event"] or (order and named and (named == order) == (kind == "order.placed")):
        return False
    return holds(asked.get("where", ()), data)


def _holds(test: Test, data: Mapping[str, Any]) -> bool:
    found = data.get(test["name"])
    is_comparable = found is not None and test.get("currency") in (None, data.get("currency"))
    return is_comparable and TESTS[test["test"]](found, test["value"])


def _is_number(found: Any) -> bool:
    return isinstance(found, int | float) and not isinstance(found, bool)
