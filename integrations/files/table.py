"""Rows of a text file, whatever separates its cells; a row that cannot be read has its line and its reason, and stops nothing.

Cells may be quoted (RFC 4180), lines end in any way, rows be shorter than the head. A quote mark that is opened and never closed costs
its own line only: reading goes on at the next.
"""

import csv
import io
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from integrations.files import decoding
from stores import spreadsheets

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
LONGEST_LINE = 1024 * 1024
#: Lines that one quoted cell may go over.
_LONGEST_CELL = 200
_LOOKED_AT = 50
_KEPT_OF_TORN = 4000
#: How Python's csv says that a record ends within a quoted cell.
_OPEN = "unexpected end of data"


class NotATable(ValueError):
    """A file that has no rows; its text says why."""


@dataclass(frozen=True)
class Row:
    """Cells with the line they begin on; with a problem, they are only what lies between separators."""

    line: int
    cells: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Format:
    """How a file is written."""

    encoding: str
    separator: str


def look(file: BinaryIO, *, encoding: str = "", separator: str = "") -> Format:
    """Return how a file is written, as far as that was not said; raise NotATable for an empty one."""
    sample = file.read(decoding.SAMPLE)
    encoding = encoding or decoding.detect(sample)
    text = sample.decode(encoding, errors="replace").removeprefix("\ufeff")
    if not text.replace("\0", "").strip():
        raise NotATable("The file is empty.")
    return Format(encoding, separator or _separator(text))


def rows(file: BinaryIO, written: Format) -> Iterator[Row]:
    """Yield the rows that say anything, the head line first."""
    text = decoding.text_of(file, written.encoding)
    try:
        yield from _rows(_lines(text), written.separator)
    finally:
        text.detach()


def _separator(text: str) -> str:
    """Return the sign that cuts the first rows most evenly, and into most cells."""
    first = text.split("\n", 1)[0].rstrip("\r").lower()
    if first.startswith("sep=") and len(first) == 5 and first[4] in SEPARATORS:  # what Excel writes above the head
        return first[4]
    sample = io.StringIO(text[:200_000], newline="")
    lines = [line for line, _ in zip(sample, range(_LOOKED_AT), strict=False)]
    return max(SEPARATORS, key=lambda sign: _evenness(lines, sign))


def _evenness(lines: Sequence[str], sign: str) -> tuple[float, int]:
    """Return how many rows are as wide as the first, and how wide that is; nothing for a single column."""
    widths = [len(row.cells) for row in _rows(enumerate(lines, start=1), sign, is_last_cut=True) if not row.problem]
    if not widths or widths[0] < 2:
        return 0.0, 0
    return sum(width == widths[0] for width in widths) / len(widths), widths[0]


def _lines(text: io.TextIOWrapper) -> Iterator[tuple[int, str]]:
    """Yield lines with their numbers; of one that is endless, its beginning, for `_rows` to refuse."""
    number, read = 0, text.readline
    while line := read(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE and line[-1] not in "\r\n":
            while (rest := read(LONGEST_LINE)) and len(rest) == LONGEST_LINE and rest[-1] not in "\r\n":
                pass
        yield number, line.replace("\0", "") if "\0" in line else line


def _rows(lines: Iterable[tuple[int, str]], sign: str, *, is_last_cut: bool = False) -> Iterator[Row]:
    source, again = iter(lines), deque[tuple[int, str]]()
    is_first = True
    while (found := again.popleft() if again else next(source, None)) is not None:
        number, record = found
        if is_first and record.rstrip("\r\n").lower() == f"sep={sign}":
            continue
        is_first = False
        if not record.strip(f" \r\n{sign}"):
            continue
        problem = ""
        if record.count('"') % 2 and _fault(record, sign) == _OPEN:
            more = _until_closed(record, source, again, sign)
            if more is None:
                if is_last_cut and not again:
                    return
                problem = 'a quotation mark (") is opened in this line and never closed'
            else:
                record += more
        yield _row(number, record, sign) if not problem else _torn(number, record, sign, problem)


def _until_closed(record: str, source: Iterator[tuple[int, str]], again: deque[tuple[int, str]], sign: str) -> str | None:
    """Return the lines that end an open cell; None, with the lines put back, if none does."""
    taken: list[tuple[int, str]] = []
    whole = record
    while (
        len(taken) < _LONGEST_CELL and len(whole) < LONGEST_LINE and (found := again.popleft() if again else next(source, None)) is not None
    ):
        taken.append(found)
        whole += found[1]
        if found[1].count('"') % 2 and (fault := _fault(whole, sign)) != _OPEN:
            if fault:
                break
            return "".join(line for _, line in taken)
    again.extendleft(reversed(taken))
    return None


def _fault(record: str, sign: str) -> str:
    """Say what is wrong with the quotation marks of a record: _OPEN if it ends within a cell; one in a bare cell (19" screen) is fine."""
    try:
        next(csv.reader(io.StringIO(record, newline=""), delimiter=sign, strict=True), None)
    except csv.Error as error:
        return str(error)
    return ""


def _row(number: int, record: str, sign: str) -> Row:
    if len(record) >= LONGEST_LINE:
        return _torn(number, record, sign, f"the line is longer than {LONGEST_LINE // 1024} kB; is this a text file of rows?")
    if not decoding.is_whole(record):
        problem = "a letter cannot be read in this encoding; choose another one, or save the file as UTF-8"
        return _torn(number, record, sign, problem)
    try:
        cells = next(csv.reader(io.StringIO(record, newline=""), delimiter=sign), [])
    except csv.Error as error:
        return _torn(number, record, sign, f"the line cannot be read: {error}")
    return Row(number, tuple(spreadsheets.meant(cell.strip()) for cell in cells))


def _torn(number: int, record: str, sign: str, problem: str) -> Row:
    text = record[:_KEPT_OF_TORN].encode(errors="replace").decode()
    return Row(number, tuple(cell.strip() for cell in text.split(sign)), problem)
