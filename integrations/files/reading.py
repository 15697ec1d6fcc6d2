"""The decision on one file: how it is written and what its columns mean. Guessed first, changed by a person, kept with its job."""

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from integrations.files import exports, table, targets, values
from integrations.files.targets import CUSTOMERS, ORDERS
from stores.models import Store

#: Rows that a guess rests on.
_LOOKED_AT = 2000
SAMPLES = 3
_MOST_COLUMNS = 300
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")
_MOSTLY = 0.6


@dataclass
class Reading:
    """How to read a file.

    `targets` and `samples` stand beside `heads`; `dates` and `decimal` may be values.UNCLEAR, or empty where nothing tells.
    """

    subject: str = ORDERS
    export: str = ""
    encoding: str = "utf-8-sig"
    separator: str = ","
    heads: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    samples: list[list[str]] = field(default_factory=list)
    dates: str = ""
    decimal: str = ""
    currency: str = ""
    timezone: str = ""

    @property
    def label(self) -> str:
        return exports.LABELS.get(self.export) or f"{targets.SUBJECTS[self.subject]}, columns by their names"

    @property
    def written(self) -> table.Format:
        return table.Format(self.encoding, self.separator)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def places(self) -> dict[str, int]:
        """Return where each target stands."""
        return {target: place for place, target in enumerate(self.targets) if target}

    @property
    def questions(self) -> list[str]:
        """Return what a person must say before anything can be read."""
        asked = [f"Which column is the {words.lower()}?" for words in targets.missing(self.targets, self.subject)]
        if self.dates == values.UNCLEAR:
            asked.append("In dates, does the day or the month come first?")
        if self.decimal == values.UNCLEAR:
            asked.append("In amounts, is the mark before the cents a point or a comma?")
        return asked

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def of_json(kept: dict[str, Any]) -> Reading:
    return Reading(**kept)


def guess(file: BinaryIO, store: Store, *, subject: str = "", encoding: str = "", separator: str = "") -> Reading:
    """Look at a file and guess how to read it; raise table.NotATable."""
    start = file.tell()
    written = table.look(file, encoding=encoding, separator=separator)
    file.seek(start)
    head, body = _first_rows(file, written)
    reading = Reading(subject or ORDERS, "", written.encoding, written.separator, head, currency=store.currency, timezone=store.timezone)
    reading.samples = [_samples(body, place) for place in range(len(head))]
    export = exports.recognised(head)
    if export is not None and subject in ("", export.subject):
        reading.subject, reading.export, reading.targets = export.subject, export.key, exports.targets_of(export, head)
    else:
        reading.subject = subject or _subject(head)
        reading.targets = _by_content(targets.by_name(head, reading.subject), body, reading.subject)
    settle(reading, body)
    return reading


def again(file: BinaryIO, reading: Reading) -> Reading:
    """Guess dates and decimals anew after a person has changed what columns mean."""
    settle(reading, _first_rows(file, reading.written)[1])
    return reading


def settle(reading: Reading, body: Sequence[Sequence[str]]) -> None:
    """Find out how dates and amounts are written."""
    of = targets.OF[reading.subject]
    dates = [cell for target, place in reading.places.items() if of[target].holds in ("date", "birthday") for cell in _column(body, place)]
    reading.dates = values.order_of(dates)
    amounts = [cell for target, place in reading.places.items() if of[target].holds == "amount" for cell in _column(body, place)]
    reading.decimal = values.decimal_of(amounts)


def _first_rows(file: BinaryIO, written: table.Format) -> tuple[list[str], list[tuple[str, ...]]]:
    rows = table.rows(file, written)
    head = next(rows, None)
    if head is None:
        raise table.NotATable("The file is empty.")
    if head.problem:
        raise table.NotATable(f"Line {head.line} should name the columns, but {head.problem}.")
    if len(head.cells) > _MOST_COLUMNS:
        raise table.NotATable(f"The file has {len(head.cells)} columns; more than {_MOST_COLUMNS} are not read.")
    body = [row.cells for row, _ in zip(rows, range(_LOOKED_AT), strict=False) if not row.problem]
    return [cell[:80] for cell in head.cells], body


def _samples(body: Sequence[Sequence[str]], place: int) -> list[str]:
    """Return the first different values of a column."""
    found: dict[str, None] = {}
    for cell in _column(body, place):
        found.setdefault(cell[:60])
        if len(found) == SAMPLES:
            break
    return list(found)


def _column(body: Sequence[Sequence[str]], place: int) -> list[str]:
    return [row[place] for row in body if len(row) > place and row[place]]


def _subject(heads: list[str]) -> str:
    """Say whether heads are of orders or of people: whoever has a date of order or a total has orders."""
    as_orders, as_people = targets.by_name(heads, ORDERS), targets.by_name(heads, CUSTOMERS)
    if {"placed_at", "total"} & {*as_orders} or "item_name" in as_orders:
        return ORDERS
    return CUSTOMERS if {"email", "first_name", "last_name", "birthday", "tags"} & {*as_people} else ORDERS


def _by_content(found: list[str], body: Sequence[Sequence[str]], subject: str) -> list[str]:
    """Suggest by what stands in columns whose heads said nothing: addresses, and one date of an order."""
    looks: dict[str, Callable[[str], object]] = {"email": _EMAIL.fullmatch}
    if subject == ORDERS:
        looks["placed_at"] = values.looks_like_date
    for target, is_like in looks.items():
        for place in range(len(found)):
            cells = [] if target in found or found[place] else _column(body, place)
            if cells and sum(bool(is_like(cell)) for cell in cells) >= _MOSTLY * len(cells):
                found[place] = target
    return found
