"""One measured figure beside its reference, and how a table of them is printed."""

import os
from dataclasses import dataclass

_ROW = "{:<44} {:>16} {:>16} {:>8}  {}"


@dataclass(frozen=True)
class Figure:
    """`ours` and `plain` are in the same unit, measured in the same run; `beside` says what the plain way is."""

    name: str
    unit: str
    ours: float
    plain: float
    beside: str


def print_head(*, postgresql: str) -> None:
    """Print what machine this is, and how busy with other things, before the columns' names."""
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"{os.cpu_count()} cores, load {load} (of 1, 5 and 15 minutes), PostgreSQL {postgresql}\n")
    print(_ROW.format("", "ours", "reference", "ratio", "the reference"), flush=True)


def show(figure: Figure) -> None:
    ratio = f"{figure.ours / figure.plain:.2f} x" if figure.plain else ""
    print(_ROW.format(figure.name, _number(figure.ours, figure.unit), _number(figure.plain, figure.unit), ratio, figure.beside), flush=True)


def _number(value: float, unit: str) -> str:
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:,.2f} {unit}"
