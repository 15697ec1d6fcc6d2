"""CDNOW as its authors publish it: everyone who first bought in the first quarter of 1997, told until 30 September, in weeks."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

END = date(1997, 9, 30)


def sample():
    """Return x, t_x, T and the mean repeat purchase of 2,357 customers, a tenth; skip where the package that carries them is missing."""
    package = find_spec("lifetimes")
    if package is None or not package.submodule_search_locations:
        pytest.skip("the package lifetimes, which carries the CDNOW sample, is not installed")
    path = Path(package.submodule_search_locations[0]) / "datasets" / "CDNOW_sample.txt"
    lines = (line.split() for line in path.read_text().splitlines())
    return columns((number, date.fromisoformat(day), float(dollars)) for _, number, day, _, dollars in lines)


def columns(purchases: Iterable[tuple[str, date, float]]):
    """Return the customers of purchases (id, day, dollars); those of one day are one."""
    people: dict[str, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    for number, day, dollars in purchases:
        if day <= END:
            people[number][day] += dollars
    rows = []
    for spent in people.values():
        first, *others = sorted(spent)
        last, mean = (others[-1], sum(spent[day] for day in others) / len(others)) if others else (first, 0.0)
        rows.append((len(others), (last - first).days / 7, (END - first).days / 7, mean))
    return np.array(rows, dtype=float).T
